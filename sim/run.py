"""`dynstack run`: run a bare-metal ELF and report its verdict."""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import asdict, fields, replace
from pathlib import Path

from rtl.presets import PRESETS, Straps, preset

from . import golden, machine, model
from .errors import UserError
from .job import Job, JobResult, Mismatch, WaveWindow
from .results import new_path, require_writable, waves_root, write_json
from .summary import translations

_DEFAULT_MAX_CYCLES = 100_000_000
_EXIT = {"pass": 0, "fail": 1, "timeout": 3, "mismatch": 4}
_WINDOW_CYCLES = 200
"""How far the waves of a mismatch reach back."""


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
        "--strap",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="set a strap of the preset; may be given several times. "
        f"Names: {', '.join(field.name for field in fields(Straps))}",
    )
    parser.add_argument(
        "--lockstep",
        action="store_true",
        help="compare every instruction with Spike; at the first difference stop, with exit "
        "status 4",
    )
    parser.add_argument(
        "--waves",
        type=Path,
        metavar="FILE",
        help="dump every cycle to this .fst or .vcd file; with --lockstep the "
        f"{_WINDOW_CYCLES} cycles before a difference",
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the outcome to this file")


def main(args: argparse.Namespace) -> int:
    """Run the program; what it prints goes to stdout, everything else to stderr."""
    job = _job(args)
    if args.json:
        require_writable(args.json, args.elf, args.waves)
    if args.waves:
        require_writable(args.waves, args.elf)
    _require_readable(job.image)
    if job.lockstep:
        golden.require(job)
        golden.library(_say)
    model.build(job.soc, _say, waves=job.waves.file.suffix if job.waves else None)
    sys.stdout.flush()
    # A descriptor of its own: in the simulator 1 is its log.
    console = os.dup(sys.stdout.fileno())
    try:
        with tempfile.TemporaryDirectory(prefix="dynstack-") as directory, _dumped(job) as work:
            result = machine.run(work, Path(directory), console=console)
    finally:
        os.close(console)
    _say(_verdict(result))
    if result.findings:
        _say(_first_finding(result))
    window = None
    try:
        if result.mismatch:
            window = _dump(job, result.mismatch, args.waves)
    finally:
        # The verdict stands, also where the waves cannot be written.
        if args.json:
            write_json(args.json, outcome(result, window))
    return _EXIT[result.status]


def _job(args: argparse.Namespace) -> Job:
    chosen = preset(args.preset)
    if not 1 <= args.max_cycles < 1 << 64:
        raise UserError(f"--max-cycles is {args.max_cycles}: use 1 to 2**64 - 1")
    if args.waves:
        model.require_trace_suffix(args.waves.suffix)
    soc = replace(chosen.soc, harts=args.harts)
    whole_run = args.waves and not args.lockstep
    return Job(
        image=args.elf,
        soc=soc,
        straps=with_straps(chosen.straps, args.strap).validate(soc),
        max_cycles=args.max_cycles,
        waves=WaveWindow(args.waves, 0, args.max_cycles) if whole_run else None,
        lockstep=args.lockstep,
    )


def _require_readable(path: Path) -> None:
    """Raise UserError before anything is built; what is in the file is the simulator's to judge."""
    if path.exists() and not path.is_file():
        raise UserError(f"{path} is no plain file")  # a pipe or a device may never end
    try:
        with path.open("rb"):
            pass
    except OSError as error:
        raise UserError(f"{path} cannot be read: {error.strerror}") from None


def with_straps(straps: Straps, settings: Sequence[str]) -> Straps:
    """Return straps with settings NAME=VALUE; raise UserError for one that names none."""
    names = [field.name for field in fields(Straps)]
    values = {}
    for setting in settings:
        name, _, text = setting.partition("=")
        if name not in names:
            raise UserError(f"--strap {setting}: use NAME=VALUE with one of {', '.join(names)}")
        try:
            values[name] = int(text, 0)
        except ValueError:
            raise UserError(f"--strap {setting}: '{text}' is not a number") from None
    return replace(straps, **values)


def _dump(job: Job, mismatch: Mismatch, file: Path | None) -> WaveWindow:
    """Run again, which goes the same way, and dump what led to the mismatch."""
    file = file or waves_root() / f"mismatch-{job.image.stem}{model.trace_suffix()}"
    require_writable(file)
    first = max(0, mismatch.cycle - _WINDOW_CYCLES)
    window = WaveWindow(file, first, mismatch.cycle)
    model.build(job.soc, _say, waves=file.suffix)
    whole = replace(job, waves=window)
    with tempfile.TemporaryDirectory(prefix="dynstack-") as directory, _dumped(whole) as work:
        machine.run(work, Path(directory))
    _say(f"cycles {first:,} to {mismatch.cycle:,} are in {file}")
    return window


@contextlib.contextmanager
def _dumped(job: Job) -> Iterator[Job]:
    """The same job, whose waves take their place when they are complete."""
    if job.waves is None:
        yield job
        return
    with new_path(job.waves.file) as part:
        yield replace(job, waves=replace(job.waves, file=part))


def outcome(result: JobResult, waves: WaveWindow | None = None) -> dict:
    """What `--json` holds: stable keys that scripts rely on.

    `mismatch` is there after a mismatch, `exceptions` after any run in lockstep, `translations`
    and `findings` where the program used translations.
    """
    text: dict = {
        "status": result.status,
        "code": result.code,
        "reason": result.reason,
        "harts": [
            {"cycles": hart.cycles, "instructions": hart.instructions} for hart in result.harts
        ],
        "cycles_per_second": result.cycles_per_second,
    }
    if result.translations.checked:
        text["translations"] = translations(result.translations)
        text["findings"] = [asdict(finding) for finding in result.findings]
    if result.exceptions:
        text["exceptions"] = result.exceptions
    if result.mismatch:
        text["mismatch"] = asdict(result.mismatch)
    if waves:
        text["waves"] = {"file": str(waves.file), "first": waves.first, "last": waves.last}
    return text


def _verdict(result: JobResult) -> str:
    cycles = result.harts[0].cycles
    if result.mismatch:
        return f"mismatch in cycle {result.mismatch.cycle:,}: {result.mismatch.report}"
    if result.status == "pass":
        compared = ", equal to Spike" if result.exceptions else ""
        return f"passed after {cycles:,} cycles ({result.reason}){compared}"
    if result.status == "timeout":
        return f"still running after {cycles:,} cycles: raise --max-cycles to let it go on"
    return f"failed with code {result.code} after {cycles:,} cycles ({result.reason})"


def _first_finding(result: JobResult) -> str:
    first, counts = result.findings[0], result.translations
    count = counts.stale_accesses + counts.spurious[1]
    many = "one translation was wrong:" if count == 1 else f"{count:,} translations were wrong;"
    return (
        f"{many} {'' if count == 1 else 'first '}a {first.kind} {first.access} of "
        f"{first.vaddr:#x} in cycle {first.cycle:,} on hart {first.hart}, pc {first.pc:#x}"
    )


def _say(sentence: str) -> None:
    print(f"dynstack: {sentence}", file=sys.stderr, flush=True)
