"""`dynstack trace`: a run as a timeline, or a window of it as a pipeline diagram."""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from rtl.presets import PRESETS, preset

from . import elf, firmware, machine, model
from .display import Display
from .errors import UserError
from .konata.diagram import diagram
from .measure import Run, check_status, job
from .probes import kernel_probes
from .results import new_file, require_writable, traces_root, write_file
from .timeline.events import read_events, with_timeline
from .timeline.threads import ThreadNames
from .timeline.tracks import Tracks
from .waveforms.capture import Search
from .waveforms.windows import Place, parse_place
from .waves import DEFAULT_MARGIN, SMALL, load_workload
from .workload.builtin import BUILTIN, DEFAULT_SEED
from .workload.format import encode

PERFETTO, KONATA = "perfetto", "konata"
_SUFFIXES = {PERFETTO: ".pftrace", KONATA: ".kanata"}
_DEFAULT_PLACE = "phase:map:0"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--policy", required=True, help=f"one of {', '.join(firmware.policies())}")
    parser.add_argument(
        "--format",
        choices=_SUFFIXES,
        default=PERFETTO,
        help="a timeline of harts and threads for ui.perfetto.dev, or the pipeline of one hart for "
        "the viewer Konata (default: %(default)s)",
    )
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
        "--at",
        metavar="PLACE",
        help=f"what the pipeline diagram is about, as of `dynstack waves` ({_DEFAULT_PLACE})",
    )
    parser.add_argument(
        "--margin",
        type=int,
        metavar="CYCLES",
        help=f"cycles before and after it ({DEFAULT_MARGIN})",
    )
    parser.add_argument(
        "--out", type=Path, help="file to write (default: in traces/, named for the run)"
    )


def main(args: argparse.Namespace) -> int:
    if args.format == PERFETTO and (args.at or args.margin is not None):
        raise UserError(
            "--at and --margin choose a window for --format konata; a timeline has the whole run"
        )
    place = parse_place(args.at or _DEFAULT_PLACE)
    margin = DEFAULT_MARGIN if args.margin is None else args.margin
    if margin < 0:
        raise UserError(f"--margin is {margin}: use a number of cycles that is not negative")
    chosen = preset(args.preset).with_harts(args.harts)
    workload = load_workload(args.workload, args.seed, args.harts)
    words = [Path(args.workload).stem]
    words += [f"{args.harts}-harts"] if args.harts > 1 else []
    words += [place.name] if args.format == KONATA else []
    file_name = "-".join(words) + _SUFFIXES[args.format]
    firmware.require(args.policy)
    out = args.out or traces_root() / args.policy / file_name
    require_writable(out)
    with Display(0) as display:
        image = firmware.build_kernel(args.policy, display.step, waits=workload.waits)
        run = Run(args.policy, words[0], workload, image, chosen)
        model.build(chosen.soc, display.step)
        if args.format == KONATA:
            model.build(chosen.soc, display.step, model.trace_suffix())
    if args.format == KONATA:
        with Display(2) as display:
            write_diagram(run, place, margin, out, display)
        hint = "open it in Konata"
    else:
        with Display(1) as display:
            write_timeline(run, out, display)
        hint = "open it in https://ui.perfetto.dev, where 1 ns is 1 cycle"
    shown = out.relative_to(Path.cwd()) if out.is_relative_to(Path.cwd()) else out
    print(f"{shown}: {hint}")
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


def write_diagram(run: Run, place: Place, margin: int, out: Path, display: Display) -> None:
    """Simulate a run up to a place, and write the pipeline around it to `out`, as a Kanata log."""
    with tempfile.TemporaryDirectory(prefix="dynstack-") as scratch:
        search = Search(run, Path(scratch), display, place)
        interval = search.passages.at(place)
        window = search.dump(place.name, interval, margin, model.trace_suffix())
        text = diagram(window.file, interval.hart, run.image, search.symbols)
    write_file(out, text.encode())
