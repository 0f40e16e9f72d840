"""`dynstack run`: run a bare-metal ELF and report its verdict."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

from rtl.presets import PRESETS, preset

from . import machine, model
from .errors import UserError
from .job import Job, JobResult, WaveWindow
from .results import require_writable, write_json

_DEFAULT_MAX_CYCLES = 100_000_000
_EXIT = {"pass": 0, "fail": 1, "timeout": 3}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("elf", metavar="ELF", type=Path, help="RV64 executable that starts DRAM")
    parser.add_argument("--harts", type=int, default=1, help="harts of the machine")
    parser.add_argument("--preset", default="rocket", help=f"one of {', '.join(PRESETS)}")
    parser.add_argument(
        "--max-cycles",
        type=int,
        default=_DEFAULT_MAX_CYCLES,
        metavar="N",
        help="give up after so many cycles, with exit status 3 (default: %(default)s)",
    )
    parser.add_argument(
        "--waves", type=Path, metavar="FILE", help="dump every cycle to this .fst or .vcd file"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the outcome to this file")


def main(args: argparse.Namespace) -> int:
    """Run the program; what it prints goes to stdout, everything else to stderr."""
    job = _job(args)
    for path in filter(None, (args.json, args.waves)):
        require_writable(path)
    model.build(job.soc, _say, waves=args.waves.suffix if args.waves else None)
    sys.stdout.flush()
    # A descriptor of its own: in the simulator 1 is its log.
    console = os.dup(sys.stdout.fileno())
    try:
        with tempfile.TemporaryDirectory(prefix="dynstack-") as directory:
            result = machine.run(job, Path(directory), console=console)
    finally:
        os.close(console)
    _say(_verdict(result))
    if args.json:
        write_json(args.json, outcome(result))
    return _EXIT[result.status]


def _job(args: argparse.Namespace) -> Job:
    chosen = preset(args.preset)
    if args.max_cycles < 1:
        raise UserError(f"--max-cycles is {args.max_cycles}: use at least 1")
    if args.waves and args.waves.suffix == ".fst" and model.trace_suffix() != ".fst":
        raise UserError(
            "FST waves need the headers of lz4 and zlib (apt-get install liblz4-dev zlib1g-dev); "
            "or name a .vcd file"
        )
    return Job(
        image=args.elf,
        soc=replace(chosen.soc, harts=args.harts),
        straps=chosen.straps,
        max_cycles=args.max_cycles,
        waves=WaveWindow(args.waves, 0, args.max_cycles) if args.waves else None,
    )


def outcome(result: JobResult) -> dict:
    """What `--json` holds: stable keys that scripts rely on."""
    return {
        "status": result.status,
        "code": result.code,
        "reason": result.reason,
        "harts": [
            {"cycles": hart.cycles, "instructions": hart.instructions} for hart in result.harts
        ],
        "cycles_per_second": result.cycles_per_second,
    }


def _verdict(result: JobResult) -> str:
    cycles = result.harts[0].cycles
    if result.status == "pass":
        return f"passed after {cycles:,} cycles ({result.reason})"
    if result.status == "timeout":
        return f"still running after {cycles:,} cycles: raise --max-cycles to let it go on"
    return f"failed with code {result.code} after {cycles:,} cycles ({result.reason})"


def _say(sentence: str) -> None:
    print(f"dynstack: {sentence}", file=sys.stderr, flush=True)
