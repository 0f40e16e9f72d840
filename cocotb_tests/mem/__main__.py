"""`make coherence`: random accesses of 2, 4 and 8 harts, as many runs as are asked for.

    python -m cocotb_tests.mem [--harts N ...] [--runs N] [--seed S]

Exit status 1 if one fails; its output says what was read and what memory held.
"""

from __future__ import annotations

import argparse
import itertools
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

from sim.errors import UserError


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="make coherence", description=(__doc__ or "").partition("\n")[0]
    )
    parser.add_argument("--harts", nargs="+", type=int, default=[2, 4, 8], metavar="N")
    parser.add_argument("--runs", type=int, default=20, metavar="N", help="for each, default: 20")
    parser.add_argument("--seed", type=int, default=1, metavar="S", help="of the first run")
    options = parser.parse_args(arguments)
    if not all(1 <= harts <= 8 for harts in options.harts):
        raise UserError(f"--harts {options.harts}: use 1 to 8")
    if options.runs < 1:
        raise UserError(f"--runs is {options.runs}: use 1 or more")
    seeds = range(options.seed, options.seed + options.runs)
    harts, seeds = zip(*itertools.product(options.harts, seeds), strict=True)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        try:
            return 0 if all(pool.map(_passes, harts, seeds)) else 1
        finally:
            pool.shutdown(cancel_futures=True)


def _passes(harts: int, seed: int) -> bool:
    code = f"from cocotb_tests.mem.test_systems import run_random; run_random({harts}, {seed})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    if done.returncode:
        print(done.stdout, done.stderr)
        print(f"coherence: {harts} harts, seed {seed}: failed", file=sys.stderr)
        return False
    print(f"coherence: {harts} harts, seed {seed}: passed", flush=True)
    return True


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except UserError as error:
        print(f"coherence: {error}", file=sys.stderr)
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        print("coherence: interrupted", file=sys.stderr)
        sys.exit(130)
