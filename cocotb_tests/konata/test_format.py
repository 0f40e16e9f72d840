"""Kanata logs, read back."""

from cocotb_tests.konata.reader import read
from sim.konata.kanata import Row, kanata_lines


def test_rows_stages_and_fates_come_back():
    rows = [
        Row("a: nop", [(100, "ID"), (101, "EX")], 105, retired=True, details="retired", thread=1),
        Row("b: nop", [(100, "F0"), (101, "F1"), (103, "ID")], 104),
        Row("c: nop", [(104, "ID")]),
    ]
    lines = list(kanata_lines(rows, 98))
    assert lines[:4] == ["Kanata\t0004", "C=\t98", "C\t2", "I\t0\t0\t1"]
    first, killed, running = read("\n".join(lines))
    assert (first.text, first.details, first.thread) == ("a: nop", "retired", 1)
    assert first.stages == [("ID", 100, 101), ("EX", 101, 105)]
    assert (first.end, first.retired) == (105, True)
    assert killed.stages == [("F0", 100, 101), ("F1", 101, 103), ("ID", 103, 104)]
    assert (killed.end, killed.retired) == (104, False)
    assert running.end is None
