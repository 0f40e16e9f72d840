"""Where FST cannot be written: a dump as VCD of the smallest machine, and the sentence about it."""

import argparse
from pathlib import Path

from cocotb_tests.waveforms.dump import Dump
from rtl.presets import preset
from sim import firmware, machine, waves
from sim.job import Job, WaveWindow
from sim.waveforms import layout
from sim.waveforms.windows import Interval

FIRST, LAST = 250, 400


def test_a_vcd_dump_has_the_cycles_and_the_signals_of_the_save_file(tmp_path):
    tiny = preset("tiny")
    job = Job(
        image=firmware.build_kernel("P4"),
        soc=tiny.soc,
        straps=tiny.straps,
        max_cycles=LAST + 1,
        waves=WaveWindow(tmp_path / "boot.vcd", FIRST, LAST),
    )
    result = machine.run(job, tmp_path)
    assert (result.status, result.harts[0].cycles) == ("timeout", LAST + 1)
    dump = Dump(tmp_path / "boot.vcd")
    assert (dump.first, dump.last) == (FIRST, LAST)
    widths = dump.widths()
    for group in layout.groups(0):
        for row in group.rows:
            assert widths.get(row.signal) == row.width, row.signal
    # M-mode boot: everything retires from the image, and cycles are charged once each.
    assert all(record.pc >> 31 == 1 for record in dump.records())
    assert sum(dump.stalls(FIRST, LAST)) == LAST - FIRST
    assert dump.stalls(FIRST - 1, LAST)[0] == len(dump.records())


def test_the_command_says_that_it_writes_vcd_and_why(tmp_path, monkeypatch, capsys):
    asked = []

    def write_windows(run, place, *, suffix, **_):
        asked.append((run.variant, suffix))
        dump = Path(tmp_path / f"map{suffix}")
        return [waves.Window(Interval("map", 0, 9, 29), 0, 40, dump, dump.with_suffix(".gtkw"))]

    monkeypatch.setenv("DYNSTACK_WAVES_DIR", str(tmp_path))
    monkeypatch.setattr(waves.model, "trace_suffix", lambda: ".vcd")
    monkeypatch.setattr(waves.model, "build", lambda *_: tmp_path)
    monkeypatch.setattr(waves.firmware, "build_kernel", lambda *_, **__: tmp_path / "kernel.elf")
    monkeypatch.setattr(waves, "number_of_runs", lambda *_: 3)
    monkeypatch.setattr(waves, "write_windows", write_windows)
    parser = argparse.ArgumentParser()
    waves.add_arguments(parser)
    assert waves.main(parser.parse_args([])) == 0
    assert asked == [(variant, ".vcd") for variant in waves.MAIN_POLICIES]
    output = capsys.readouterr()
    assert "apt-get install liblz4-dev zlib1g-dev" in output.err
    assert f"P4: map in cycles 10 to 29 (20); gtkwave {tmp_path / 'map.gtkw'}" in output.out
