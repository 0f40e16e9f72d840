"""`make coverage`: the default suite with Verilator's counters on, and a table by module.

    python -m cocotb_tests.coverage [--json FILE] [TEST ...]

The suite runs on builds of its own. Its verdict is the exit status; the table comes either way.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
from pathlib import Path

from sim import coverage
from sim.cache import PROJECT_ROOT, build_root
from sim.coverage_report import Row, collect, rows
from sim.errors import UserError
from sim.report import console, number, plain_table, print_whole
from sim.results import require_writable, write_json

_WORKERS = "2"


def _run_suite(tests: list[str], place: Path) -> int:
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)
    command = [sys.executable, "-m", "pytest", "-q", "-n", _WORKERS, "--dist", "worksteal", *tests]
    environment = {**os.environ, coverage.VARIABLE: str(place)}
    return subprocess.run(command, cwd=PROJECT_ROOT, env=environment, check=False).returncode


def _percent(hit: int, total: int) -> str:
    return f"{100 * hit / total:.1f}" if total else "-"


def _print(found: list[Row]) -> None:
    lines = plain_table(
        "Coverage of the RTL by class, default machine",
        ["class"],
        ["lines", "reached", "%", "branches", "reached", "%"],
    )
    everything = Row(
        "all",
        *(
            sum(getattr(row, name) for row in found)
            for name in ("lines", "lines_hit", "branches", "branches_hit")
        ),
        missed=(),
    )
    for row in (*found, everything):
        lines.add_row(
            row.name.removeprefix("rtl."),
            number(row.lines),
            number(row.lines_hit),
            _percent(row.lines_hit, row.lines),
            number(row.branches),
            number(row.branches_hit),
            _percent(row.branches_hit, row.branches),
        )
    print_whole(console(), lines)


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="make coverage", description=(__doc__ or "").partition("\n")[0]
    )
    parser.add_argument("tests", nargs="*", metavar="TEST", help="pytest nodes (default: all)")
    parser.add_argument(
        "--json", type=Path, metavar="FILE", help="write the table, with what was not reached"
    )
    options = parser.parse_args(arguments)
    if options.json:
        require_writable(options.json)
    place = build_root() / "coverage"
    status = _run_suite(options.tests, place)
    found = rows(collect(place))
    _print(found)
    if options.json:
        write_json(options.json, {"classes": [vars(row) for row in found]})
    return status


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except UserError as error:
        print(f"coverage: {error}", file=sys.stderr)
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        print("coverage: interrupted", file=sys.stderr)
        sys.exit(130)
