"""`make bench-peers`: our speed beside Rocket's."""

from __future__ import annotations

import argparse
import sys
from dataclasses import asdict
from pathlib import Path

from sim.errors import UserError
from sim.results import require_writable, write_json

from . import compare

_REPEATS = 5


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m sim.peers", description=__doc__)
    parser.add_argument(
        "--repeats", type=int, default=_REPEATS, help="runs of each side (default: %(default)s)"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures to this file")
    args = parser.parse_args()
    try:
        if args.repeats < 1:
            raise UserError(f"--repeats is {args.repeats}: use at least 1")
        if args.json:
            require_writable(args.json)
        rows = compare.measure(args.repeats)
        print(compare.table(rows))
        if args.json:
            write_json(args.json, {"rows": [asdict(row) for row in rows]})
    except UserError as error:
        print(f"bench-peers: {error}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        print("bench-peers: interrupted", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
