"""`dynstack trace`: a run as a timeline of its harts and threads."""

from __future__ import annotations

import argparse
import tempfile
from dataclasses import replace
from pathlib import Path

from rtl.presets import PRESETS, preset

from . import elf, firmware, machine, model
from .display import Display
from .measure import Run, check_status, job
from .probes import kernel_probes
from .results import new_file, require_writable, traces_root
from .timeline.events import read_events, with_timeline
from .timeline.threads import ThreadNames
from .timeline.tracks import Tracks
from .waves import SMALL, load_workload
from .workload.builtin import BUILTIN, DEFAULT_SEED
from .workload.format import encode

_SUFFIX = ".pftrace"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--policy", required=True, help=f"one of {', '.join(firmware.policies())}")
    parser.add_argument("--harts", type=int, default=1, help="harts of the machine")
    parser.add_argument("--preset", default="rocket", help=f"one of {', '.join(PRESETS)}")
    parser.add_argument(
        "--workload",
        default=SMALL,
        metavar="NAME|FILE",
        help=f"{SMALL}, {', '.join(BUILTIN)}, or a file",
    )
    parser.add_argument("--seed", type=int, default=DEFAULT_SEED, help="seed of the workload")
    parser.add_argument(
        "--out", type=Path, help="file to write (default: in traces/, named for the run)"
    )


def main(args: argparse.Namespace) -> int:
    chosen = preset(args.preset)
    chosen = replace(chosen, soc=replace(chosen.soc, harts=args.harts).validate())
    workload = load_workload(args.workload, args.seed)
    name = Path(args.workload).stem
    harts = f"-{args.harts}-harts" if args.harts > 1 else ""
    out = args.out or traces_root() / args.policy / f"{name}{harts}{_SUFFIX}"
    require_writable(out)
    with Display(1) as display:
        image = firmware.build_kernel(args.policy, display.step)
        model.build(chosen.soc, display.step)
        write_timeline(Run(args.policy, name, workload, image, chosen), out, display)
    shown = out.relative_to(Path.cwd()) if out.is_relative_to(Path.cwd()) else out
    print(f"{shown}: open it in https://ui.perfetto.dev (1 ns is 1 cycle)")
    return 0


def write_timeline(run: Run, out: Path, display: Display) -> None:
    """Simulate a run and write its timeline to `out`, in Perfetto's format."""
    symbols = elf.symbols(run.image)
    with tempfile.TemporaryDirectory(prefix="dynstack-") as scratch:
        directory = Path(scratch)
        blob = directory / "workload.bin"
        blob.write_bytes(encode(run.workload))
        probes = kernel_probes(symbols, run.image.name)
        whole, sources = with_timeline(job(run, probes, blob), symbols, directory / "events.bin")
        display.started(run.label)
        result = machine.run(whole, directory, lambda cycles: display.advanced(run.label, cycles))
        check_status(run.label, result)
        events = read_events(directory / "events.bin")
        tracks = Tracks(events, sources, result, probes.phase_names, ThreadNames(symbols))
        with new_file(out) as file:
            tracks.write(file)
        display.finished(run.label, f"{len(events):,} events in {result.harts[0].cycles:,} cycles")
