"""The window of a stale access, with a finding put in the place of one of the oracle's.

It is about a real store, one of those that map pages: the waveform has to show that one.
"""

from __future__ import annotations

import argparse
from dataclasses import replace

import pytest

from cocotb_tests.waveforms.dump import Dump, Record, save_file_signals
from rtl.presets import preset
from sim import elf, firmware, machine, waves
from sim.display import Display
from sim.job import Finding, JobResult
from sim.measure import Run
from sim.waveforms import layout
from sim.waveforms.capture import Search
from sim.waveforms.windows import parse_place

SUFFIX = ".vcd"
AGE = 30
_PAGE = 4096


def a_store(run: Run, directory) -> Record:
    """A store to a page-table entry of a stack."""
    table = elf.symbol(run.image, "kstack_pt")
    with Display(2) as display:
        search = Search(run, directory, display)
        interval = search.passages.at(parse_place("phase:map:1"))
        dump = Dump(search.dump("map", interval, 0, SUFFIX).file)
    return next(
        r for r in dump.records() if r.mem_write and 0 <= r.mem_paddr - table.address < table.size
    )


class Shown:
    """What the command writes where the oracle reports this store, in a run that then failed."""

    def __init__(self, directory, capsys):
        image = firmware.build_kernel("P4")
        run = Run("P4", "small", waves.small_workload(), image, preset("tiny"))
        self.store = a_store(run, directory)
        finding = Finding(
            "harmful", False, 0, self.store.cycle, self.store.pc, "store", 0x1234,
            self.store.mem_paddr, None, AGE, 0,
        )  # fmt: skip
        simulate = machine.run

        def with_a_finding(job, *arguments, **options) -> JobResult:
            result = simulate(job, *arguments, **options)
            return replace(result, findings=(finding,), status="fail", code=1)

        parser = argparse.ArgumentParser()
        waves.add_arguments(parser)
        place = ["--policy", "P4", "--preset", "tiny", "--at", "stale:0"]
        with pytest.MonkeyPatch.context() as monkeypatch:
            monkeypatch.setenv("DYNSTACK_WAVES_DIR", str(directory))
            monkeypatch.setattr(waves.model, "trace_suffix", lambda: SUFFIX)
            monkeypatch.setattr(machine, "run", with_a_finding)
            assert waves.main(parser.parse_args(place)) == 0
        self.output = capsys.readouterr().out
        self.save_file = directory / "P4" / "stale-0.gtkw"
        self.dump = Dump(directory / "P4" / f"stale-0{SUFFIX}")


def test_the_window_shows_the_access_and_the_layout_points_at_it(tmp_path, capsys):
    shown = Shown(tmp_path, capsys)
    store, dump = shown.store, shown.dump
    assert store in dump.records()
    at = store.cycle - dump.first
    # The page that the hart went to is that of the PTE that it used.
    used = int(dump.port("retire", "mem_pte")[at])
    level = int(dump.port("retire", "mem_level")[at])
    size = _PAGE << 9 * level
    assert (used >> 10) * _PAGE // size == store.mem_paddr // size
    assert f"P4: stale 0 in cycle {store.cycle}" in shown.output
    assert f"met {store.mem_paddr:#x} where memory gives none" in shown.output

    signals = save_file_signals(shown.save_file)
    widths = dump.widths()
    assert {name: widths.get(name) for name in signals} == signals
    for name in ("pc", "mem_vaddr", "mem_paddr", "mem_pte", "fetch_paddr", "fetch_pte"):
        assert layout.port(0, "retire", name) in signals
    text = shown.save_file.read_text()
    begin, change = store.cycle * layout.CYCLE, (store.cycle - AGE) * layout.CYCLE
    assert f" -1 {begin} {begin + layout.CYCLE} {change} " in text
    assert [line for line in text.splitlines() if "markername" in line][:3] == [
        "[markername] Astale 0 begins",
        "[markername] Bstale 0 ends",
        "[markername] Cmemory changes",
    ]
