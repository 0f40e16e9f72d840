"""`dynstack answer`: every policy on every measured application, by sleepers and harts.

Says which policies are worth their price where, as a table and, with `--page`, in words and charts.
"""

from __future__ import annotations

import argparse
import tempfile
from dataclasses import replace
from pathlib import Path

from sim import firmware
from sim.claims import registry
from sim.claims.lab import Lab
from sim.display import Display
from sim.errors import UserError
from sim.report import console, print_whole
from sim.results import require_directory, require_writable, results_root, write_file
from sim.sweep.finish import finish
from sim.workload.format import MAX_BYTES, OP
from sim.workload.threads import MAX_HARTS

from .cells import BASELINE, HARTS, SLEEPERS, applications, cells, points
from .charts import write_charts
from .figures import Figures, from_rows, read_figures, write_figures
from .page import page
from .tables import fronts_table, policies_table

CALLS = 400
_MOST_CALLS = MAX_BYTES // OP.size
_CLAIMS = ("H7", "H29")
"""These ask for break-even points."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--policy", default="all", help="ids with commas between (default: all)")
    parser.add_argument(
        "--application",
        default="all",
        help="names with commas between, of those whose switches were measured (default: all)",
    )
    parser.add_argument(
        "--harts",
        default=",".join(map(str, HARTS)),
        help="numbers with commas between (default: %(default)s)",
    )
    parser.add_argument(
        "--calls", type=int, default=CALLS, help="system calls of a run (default: %(default)s)"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures to this file")
    parser.add_argument(
        "--from",
        dest="figures",
        type=Path,
        metavar="FILE",
        help="run nothing, and take the figures from a file that --json wrote",
    )
    parser.add_argument(
        "--page",
        type=Path,
        metavar="FILE",
        help="write the answer in words, with charts in a directory of the same name beside it",
    )


def main(args: argparse.Namespace) -> int:
    if args.json:
        require_writable(args.json, args.page)
    if args.page:
        require_writable(args.page, args.figures)
    if args.page and not args.page.suffix:
        raise UserError(
            f"--page is {args.page}: give it a suffix, as in {args.page}.md; its charts go into a "
            "directory of that name without it"
        )
    figures = _read(args.figures, args.page is not None) if args.figures else _measured(args)
    if args.json:
        write_figures(figures, args.json)
    if args.page:
        _write_page(figures, args.page, args.figures)
    output = console()
    print_whole(output, policies_table(figures))
    output.print()
    print_whole(output, fronts_table(figures, SLEEPERS[-1]))
    if args.page:
        output.print(f"\npage: {args.page}", soft_wrap=True)
    return 0


def _write_page(figures: Figures, file: Path, read_from: Path | None) -> None:
    """Write page and charts when all of them are made, which strange figures do not let them be."""
    charts = file.with_suffix("")
    with tempfile.TemporaryDirectory(prefix="dynstack-") as scratch:
        try:
            drawn = write_charts(figures, Path(scratch))
            text = page(figures, charts.name)
        except (ValueError, LookupError, TypeError, AttributeError, ArithmeticError):
            if read_from is None:
                raise
            raise _strange(read_from) from None
        for chart in drawn:
            write_file(charts / chart.name, chart.read_bytes())
    write_file(file, text.encode())


def _strange(file: Path) -> UserError:
    return UserError(f"{file} is no file that `dynstack answer --json` wrote")


def _read(file: Path, for_page: bool) -> Figures:
    try:
        figures = read_figures(file)
        usable = bool(figures.names) and all(BASELINE in own for own in figures.points.values())
    except OSError as error:
        raise UserError(f"cannot read {file}: {error.strerror}") from None
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise _strange(file) from None
    if not usable or (for_page and not figures.break_even.keys() >= set(_CLAIMS)):
        raise _strange(file)
    return figures


def _measured(args: argparse.Namespace) -> Figures:
    policies = list(dict.fromkeys([BASELINE, *firmware.chosen(args.policy)]))
    names = _applications(args.application)
    counts = _harts(args.harts)
    if not 1 <= args.calls <= _MOST_CALLS:
        raise UserError(f"--calls is {args.calls}: use 1 to {_MOST_CALLS:,}")
    chosen = cells(names, counts)
    directory = results_root() / "answer"
    require_directory(directory / "parts")
    with Display(0) as display:
        todo = points(chosen, policies, args.calls, display.step)
    rows = finish(todo, directory, again="and running it again runs these")
    figures = from_rows(rows, chosen, args.calls)
    if not (args.json or args.page):
        return figures
    lab = Lab()
    require_directory(lab.root)
    even = {name: registry.claim(name).measure(lab) for name in _CLAIMS}
    return replace(figures, break_even=even)


def _applications(text: str) -> list[str]:
    known = applications()
    names = known if text == "all" else text.split(",")
    for name in names:
        if name not in known:
            raise UserError(f"no application '{name}': use all, or some of {', '.join(known)}")
    return list(dict.fromkeys(names))


def _harts(text: str) -> list[int]:
    words = text.split(",")
    known = {str(count): count for count in range(1, MAX_HARTS + 1)}
    if not known.keys() >= set(words):
        raise UserError(f"--harts is '{text}': use some of 1 to {MAX_HARTS}, with commas between")
    return sorted({known[word] for word in words})
