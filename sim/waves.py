"""`dynstack waves`: windows of a run as waveforms, with save files that make them readable."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

from rtl.presets import PRESETS, preset

from . import firmware, model, simulator
from .display import Display
from .errors import UserError
from .measure import MAIN_POLICIES, Run
from .results import require_directory, waves_root
from .waveforms.capture import PATHS, Window, number_of_runs, write_windows
from .waveforms.windows import parse_place
from .workload.applications import application
from .workload.builtin import BUILTIN, DEFAULT_SEED, load, require_seed
from .workload.generate import Plan, deepen, generate
from .workload.threads import Workload

DEFAULT_MARGIN = 60
SMALL = "small"
"""Name of the workload that has every path and runs in a moment."""

_NO_FST = (
    "writing VCD instead of FST, which needs headers that are not installed: "
    "apt-get install liblz4-dev zlib1g-dev"
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--policy",
        default=",".join(MAIN_POLICIES),
        help=f"ids with commas between, or all: {', '.join(firmware.policies())}; the default is "
        f"{', '.join(MAIN_POLICIES)}",
    )
    parser.add_argument(
        "--at",
        metavar="PLACE",
        help="one window, for one policy: phase:NAME:N, stale:N, trap:N or cycle:N, N counted "
        f"from 0; without it a typical passage of each of {', '.join(PATHS)}",
    )
    parser.add_argument(
        "--margin",
        type=int,
        default=DEFAULT_MARGIN,
        metavar="CYCLES",
        help="cycles before and after what the window is about",
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


def small_workload(seed: int = DEFAULT_SEED) -> Workload:
    """A few threads with a large share of deep calls: each path many times in few cycles."""
    plan = Plan(calls=32, workers=4)
    base = generate(application("nginx-no-keepalive"), plan, seed)
    return deepen(base, (1, 3), 5 << 10, 15 << 10, seed)


def main(args: argparse.Namespace) -> int:
    place = parse_place(args.at) if args.at else None
    policies = firmware.chosen(args.policy)
    if place and len(policies) != 1:
        raise UserError(
            f"--at {args.at} is a place in the run of one policy: name it, as in --policy P4"
        )
    if args.margin < 0:
        raise UserError(f"--margin is {args.margin}: use a number of cycles that is not negative")
    root = waves_root()
    for policy in policies:
        require_directory(root / policy)
    chosen = preset(args.preset).with_harts(args.harts)
    workload = load_workload(args.workload, args.seed, args.harts)
    suffix = model.trace_suffix()
    with Display(0) as display:
        if suffix == ".vcd":
            display.step(_NO_FST)
        images = {
            policy: firmware.build_kernel(policy, display.step, waits=workload.waits)
            for policy in policies
        }
        for waves in (None, suffix):
            model.build(chosen.soc, display.step, waves)
    name = Path(args.workload).stem
    runs = [Run(policy, name, workload, image, chosen) for policy, image in images.items()]
    with Display(sum(number_of_runs(image, place) for image in images.values())) as display:
        written = _write_all(
            runs,
            lambda run: write_windows(
                run, place, margin=args.margin, root=root, suffix=suffix, display=display
            ),
        )
    for policy, windows in written.items():
        for window in windows:
            print(_line(policy, window, args.harts))
        if not windows:
            print(f"{policy}: performs none of {', '.join(PATHS)}")
    return 0


def _write_all(runs: list[Run], write: Callable[[Run], list[Window]]) -> dict[str, list[Window]]:
    """Write the windows of all policies, as many at a time as there are processors."""
    pool = ThreadPoolExecutor(max_workers=min(len(runs), os.cpu_count() or 1))
    futures: dict[str, Future[list[Window]]] = {}
    try:
        for run in runs:
            futures[run.variant] = pool.submit(write, run)
        return {variant: future.result() for variant, future in futures.items()}
    finally:
        simulator.stop_all(list(futures.values()))
        pool.shutdown()


def load_workload(name: str, seed: int, harts: int) -> Workload:
    """Return `small`, a built-in workload, or one of a file, for so many harts."""
    require_seed(seed)
    workload = small_workload(seed) if name == SMALL else load(name, seed, harts)
    return replace(workload, harts=harts)


def _line(policy: str, window: Window, harts: int) -> str:
    interval, path = window.interval, window.save_file
    cycles = interval.end - interval.begin
    where = f" in cycles {interval.begin + 1} to {interval.end} ({cycles})" if cycles > 1 else ""
    if interval.note:
        where = f" in cycle {interval.end}"
    if harts > 1:
        where += f" on hart {interval.hart}"
    shown = path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path
    note = f" ({interval.note})" if interval.note else ""
    return f"{policy}: {interval.name}{where}{note}; gtkwave {shown}"
