"""The pipeline of a window, against the retire port of the same window and of the fast run."""

from __future__ import annotations

import argparse
import re
import sys
from pathlib import Path

import numpy as np
import pytest

from cocotb_tests.konata.reader import Shown, read
from cocotb_tests.waveforms.dump import Dump
from rtl.presets import preset
from sim import cli, firmware, trace
from sim.display import Display
from sim.konata.diagram import diagram
from sim.konata.stages import Passage, passages
from sim.measure import Run
from sim.waveforms.capture import Search
from sim.waveforms.windows import parse_place
from sim.waves import small_workload

ORDER = ("F0", "F1", "FQ", "ID", "EX", "MEM", "WB")
MARGIN = 100


ACCESS = re.compile(r": (l[bhwd]u?|s[bhwd]|amo\S+|lr\S+|sc\S+) .*\(\w+\)$")


class Drawn:
    """The first time that P4 maps, with what surrounds it."""

    def __init__(self, directory: Path):
        image = firmware.build_kernel("P4")
        run = Run("P4", "small", small_workload(), image, preset("tiny"))
        with Display(2) as display:
            search = Search(run, directory, display)
            self.interval = search.passages.at(parse_place("phase:map:0"))
            window = search.dump("map", self.interval, MARGIN, ".vcd")
        self.dump = Dump(window.file)
        self.records = self.dump.records()
        self.rows = read(diagram(window.file, 0, image, search.symbols))

    @property
    def complete(self) -> list[Shown]:
        """Rows of which everything was seen."""
        return [row for row in self.rows if row.stages[0][0] == "F0" and row.end is not None]


class Later(Dump):
    """A dump without its first cycles."""

    def __init__(self, dump: Dump, cycles: int):
        self._dump, self._cycles = dump, cycles
        self.first, self.last = dump.first + cycles, dump.last

    def values(self, name: str) -> np.ndarray:
        return self._dump.values(name)[self._cycles :]


def shown_from(passage: Passage, cycle: int) -> tuple:
    """What a window that begins in this cycle is to show of an instruction."""
    begins = [begin for begin, _ in passage.stages[1:]] + [passage.end or sys.maxsize]
    stages = [
        (max(begin - cycle, 0), name)
        for (begin, name), next_begin in zip(passage.stages, begins, strict=True)
        if next_begin > cycle
    ]
    return passage.pc, stages, passage.end and passage.end - cycle


@pytest.fixture(scope="module")
def drawn(tmp_path_factory):
    return Drawn(tmp_path_factory.mktemp("diagram"))


def test_every_record_is_a_row_that_ends_in_its_cycle(drawn):
    # What was shown in the first cycle of the window had left the pipeline before.
    expected = [(r.cycle, not r.trap) for r in drawn.records if r.cycle > drawn.dump.first]
    assert len(expected) > 100
    left = [(row.end, row.retired) for row in drawn.rows if row.end and "cycle" in row.details]
    assert left == expected


def test_rows_tell_pc_instruction_and_symbol(drawn):
    text = [row.text for row in drawn.rows if row.retired]
    assert any(t.startswith("policy_map: ") for t in text)
    fences = [t for t in text if "sfence.vma" in t]
    assert len(fences) == sum(record.is_sfence_vma for record in drawn.records)
    assert not any(t.endswith("?") for t in text)


def test_stages_come_in_order_and_hold_one_instruction_each(drawn):
    taken: set[tuple[str, int]] = set()
    for row in drawn.rows:
        names = [name for name, _, _ in row.stages]
        assert names == sorted(names, key=ORDER.index)
        assert len(set(names)) == len(names)
        for name, first, end in row.stages:
            assert end > first or row.end is None
            if name in ("ID", "EX", "MEM", "WB"):
                cycles = {(name, cycle) for cycle in range(first, end)}
                assert not taken & cycles
                taken |= cycles


def test_stages_hold_what_their_valid_bits_say(drawn):
    """As many instruction cycles in each stage as its valid bit has."""
    inside = "testbench.soc.hart0.pipeline"
    for stage, valid in (("EX", "execute.ex_valid"), ("MEM", "memory.mem_valid")):
        held = np.zeros(drawn.dump.last - drawn.dump.first + 1, int)
        for row in drawn.rows:
            for name, first, end in row.stages:
                if name == stage:
                    last = end if row.end is not None or end > first else drawn.dump.last + 1
                    held[first - drawn.dump.first : last - drawn.dump.first] += 1
        assert held.tolist() == drawn.dump.values(f"{inside}.{valid}").tolist(), stage


def test_an_instruction_takes_its_time_from_fetch_to_write_back(drawn):
    """None is faster than the pipeline is long; one that nothing holds takes just that."""
    retired = [row for row in drawn.complete if row.retired]
    assert len(retired) > 50
    spans = [row.end - row["F0"][0] for row in retired if row.end is not None]
    assert min(spans) == len(ORDER) - 1  # the queue is passed through
    assert all(row["WB"][1] - row["WB"][0] == 1 for row in retired)


def test_a_window_that_begins_later_shows_the_same_from_there_on(drawn):
    """Whatever is in the pipeline and in the queue when it begins."""
    whole = passages(drawn.dump, 0)
    for cycle in range(1, 300):
        later = passages(Later(drawn.dump, cycle), 0)
        left = [p for p in whole if p.end is None or p.end > cycle]
        shown = [(p.pc, p.stages, p.end) for p in later]
        assert shown == [shown_from(p, cycle) for p in left], cycle


def test_what_was_fetched_in_vain_is_killed(drawn):
    killed = [row for row in drawn.rows if row.details.endswith("killed")]
    assert killed
    assert not any(row.retired for row in killed)
    # Only what the D$ sends back gets to WB in vain, and goes on after it: what it is is not known
    # where it retires after the window.
    in_vain = [row for row in killed if row.stages[-1][0] == "WB"]
    known = [row for row in in_vain if not row.text.endswith(": ?")]
    assert len(known) >= len(in_vain) - 1
    for row in known:
        assert ACCESS.search(row.text), row.text


def test_the_command_writes_the_window_that_is_asked_for(tmp_path, monkeypatch, capsys):
    asked = []

    def write_diagram(run, place, margin, out, _display):
        asked.append((run.variant, place.name, margin))
        out.write_text("")

    monkeypatch.setenv("DYNSTACK_TRACES_DIR", str(tmp_path))
    monkeypatch.setattr(trace.model, "build", lambda *_: tmp_path)
    monkeypatch.setattr(trace, "write_diagram", write_diagram)
    arguments = ["trace", "--policy", "P4", "--format", "konata"]
    assert cli.main(arguments) == 0
    assert cli.main([*arguments, "--at", "trap:3", "--margin", "5"]) == 0
    assert asked == [("P4", "map-0", 60), ("P4", "trap-3", 5)]
    assert (tmp_path / "P4" / "small-trap-3.kanata").exists()
    assert "small-map-0.kanata: open it in Konata" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--at", "trap:3"], "--at and --margin choose a window for --format konata"),
        (["--format", "konata", "--at", "trap"], "does not name one place"),
        (["--format", "konata", "--margin", "-1"], "--margin is -1"),
    ],
)
def test_a_window_that_cannot_be_is_refused(arguments, sentence, capsys):
    assert cli.main(["trace", "--policy", "P4", *arguments]) == 2
    assert sentence in capsys.readouterr().err


def test_formats_are_listed(capsys):
    parser = argparse.ArgumentParser()
    trace.add_arguments(parser)
    with pytest.raises(SystemExit):
        parser.parse_args(["--policy", "P4", "--format", "svg"])
    assert "perfetto" in capsys.readouterr().err
