"""`dynstack protocol`: are stack pages safe under each policy, for every schedule of a small model.

See docs/protocol.md.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from ..errors import UserError
from ..results import require_writable, write_file, write_json
from ..workload.format import encode
from . import program
from .directed import directed
from .program import Sizes
from .table import as_dict, print_table
from .verdict import Verdict, decide, variants


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "variants", metavar="VARIANT", nargs="*", help="ids of policies (default: all)"
    )
    default = Sizes()
    for name in ("harts", "threads", "pages"):
        parser.add_argument(
            f"--{name}",
            type=int,
            default=getattr(default, name),
            metavar="N",
            help=f"{name} in the model (default: %(default)s)",
        )
    parser.add_argument(
        "--schedules", action="store_true", help="print the schedules that break a policy, too"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the table to this file")
    parser.add_argument(
        "--workload",
        type=Path,
        metavar="FILE",
        help="write the schedule of the first break of one VARIANT as a workload for `measure`",
    )


def main(args: argparse.Namespace) -> int:
    """Print the verdicts. What breaks is a finding, and no failure: the exit status is 0."""
    sizes = Sizes(args.harts, args.threads, args.pages)
    program.require()
    names = list(dict.fromkeys(args.variants)) or list(variants())
    if args.workload and len(names) != 1:
        raise UserError("--workload is for the schedule of one policy: name one VARIANT")
    for file in filter(None, (args.json, args.workload)):
        require_writable(file)
    verdicts = [_decide(name, sizes) for name in names]
    if args.json:
        write_json(args.json, {"protocols": [as_dict(verdict) for verdict in verdicts]})
    if args.workload:
        _write_workload(verdicts[0], args.workload)
    print_table(verdicts, args.schedules)
    return 0


def _decide(name: str, sizes: Sizes) -> Verdict:
    verdict = decide(name, sizes)
    found = "safe" if verdict.always_safe else f"{len(verdict.breaks)} ways to break it"
    print(f"protocol: {name}: {found}", file=sys.stderr, flush=True)
    return verdict


def _write_workload(verdict: Verdict, file: Path) -> None:
    if verdict.always_safe:
        raise UserError(f"no schedule breaks {verdict.variant}: there is none to write")
    workload = directed(verdict.breaks[0].schedule, verdict.sizes.harts)
    write_file(file, encode(workload))
