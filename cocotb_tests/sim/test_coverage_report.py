"""Counters of many simulations become one figure for each class."""

from __future__ import annotations

import json

import pytest

from sim import coverage_report
from sim.errors import UserError

VERILOG = """module \\top.a ;
  if (x) begin y = 1; end
  if (\\$auto$verilog_backend.cc:1$2 ) begin end
  y = z ? 1 : 2;
endmodule
"""


def point(line: int, column: int, kind: str, what: str, *, hits: int, module: str) -> str:
    fields = {"f": "top.v", "l": line, "n": column, "t": kind, "page": f"v_{kind}/{module}"}
    fields |= {"o": what, "h": module}
    return "C '" + "".join(f"\x01{k}\x02{v}" for k, v in fields.items()) + f"' {hits}\n"


def write_model(directory, name, hits, *, kind="rtl.a.A", module="top.a", reference=False):
    """A model whose only module has an if, both ways, and a conditional expression."""
    verilog = directory / f"{name}.v"
    verilog.write_text(VERILOG)
    description = {"reference": reference, "verilog": str(verilog)}
    description["modules"] = {"top.a": kind}
    (directory / f"{name}.modules.json").write_text(json.dumps(description))
    text = "# SystemC::Coverage-3\n"
    text += point(2, 3, "branch", "if", hits=hits[0], module=module)
    text += point(2, 4, "branch", "else", hits=hits[1], module=module)
    text += point(3, 3, "branch", "if", hits=0, module=module)  # Yosys' own
    text += point(4, 7, "line", "block", hits=hits[2], module=module)
    (directory / f"{name}-1.dat").write_text(text)


def test_hits_add_up_over_models_and_yosys_artefacts_do_not_count(tmp_path):
    write_model(tmp_path, "machine", (1, 0, 5), reference=True)
    write_model(tmp_path, "bench", (0, 0, 1), module="top.a$17")
    (row,) = coverage_report.rows(coverage_report.collect(tmp_path))
    assert (row.name, row.lines, row.lines_hit, row.branches, row.branches_hit) == (
        "rtl.a.A",
        1,
        1,
        2,
        1,
    )
    assert row.missed == ("branch else: if (x) begin y = 1; end",)
    write_model(tmp_path, "other", (0, 9, 0), module="top.a$2")
    (row,) = coverage_report.rows(coverage_report.collect(tmp_path))
    assert row.missed == ()


def test_classes_of_other_packages_are_left_out(tmp_path):
    write_model(tmp_path, "machine", (1, 1, 1), kind="amaranth.lib.fifo.SyncFIFO")
    with pytest.raises(UserError, match="no counters"):
        coverage_report.collect(tmp_path)


def test_a_directory_without_counters_is_refused(tmp_path):
    with pytest.raises(UserError, match="no counters"):
        coverage_report.collect(tmp_path)
