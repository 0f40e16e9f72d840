"""`dynstack answer`: every policy on every measured application, by sleepers and harts.

Says which policies are worth their price where, as a table and, with `--page`, in words and charts.
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

from sim import firmware
from sim.claims import registry
from sim.claims.lab import Lab
from sim.display import Display
from sim.errors import UserError
from sim.report import console, print_whole
from sim.results import require_directory, require_writable, results_root
from sim.sweep.finish import finish

from .cells import BASELINE, HARTS, SLEEPERS, applications, cells, points
from .charts import write_charts
from .figures import Figures, from_rows, read_figures, write_figures
from .page import write_page
from .tables import fronts_table, policies_table

CALLS = 400
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
    for file in (args.json, args.page):
        if file:
            require_writable(file)
    figures = _read(args.figures) if args.figures else _measured(args)
    output = console()
    print_whole(output, policies_table(figures))
    output.print()
    print_whole(output, fronts_table(figures, SLEEPERS[-1]))
    if args.json:
        write_figures(figures, args.json)
    if args.page:
        write_charts(figures, args.page.with_suffix(""))
        write_page(figures, args.page)
        output.print(f"\npage: {args.page}", soft_wrap=True)
    return 0


def _read(file: Path) -> Figures:
    try:
        return read_figures(file)
    except OSError as error:
        raise UserError(f"cannot read {file}: {error.strerror}") from None
    except (ValueError, KeyError, TypeError):
        raise UserError(f"{file} is no file that `dynstack answer --json` wrote") from None


def _measured(args: argparse.Namespace) -> Figures:
    policies = _chosen("policy", args.policy, firmware.policies())
    names = _chosen("application", args.application, applications())
    if BASELINE not in policies:
        policies = [BASELINE, *policies]
    counts = _harts(args.harts)
    if args.calls < 1:
        raise UserError(f"--calls is {args.calls}: use 1 or more")
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


def _chosen(what: str, text: str, known: list[str]) -> list[str]:
    names = known if text == "all" else text.split(",")
    for name in names:
        if name not in known:
            raise UserError(f"no {what} '{name}': use all, or some of {', '.join(known)}")
    return list(dict.fromkeys(names))


def _harts(text: str) -> list[int]:
    try:
        return sorted({int(word) for word in text.split(",")})
    except ValueError:
        raise UserError(f"--harts is '{text}': use numbers with commas between") from None
