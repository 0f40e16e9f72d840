"""`dynstack measure`: run policies on workloads, and print what each one costs."""

from __future__ import annotations

import argparse
import hashlib
import os
import tempfile
from collections.abc import Callable
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from pathlib import Path

from rtl.presets import PRESETS, Preset, preset

from . import elf, firmware, machine, model, simulator
from .display import Display
from .errors import UserError
from .job import Job, JobResult
from .probes import Probes, kernel_probes
from .report import print_measurements
from .results import require_directory, require_writable, results_root, write_json, write_run
from .summary import summarise
from .toolchain import versions
from .workload.builtin import BUILTIN, DEFAULT_SEED, DIRECTED, load
from .workload.format import encode
from .workload.threads import RemoteFence, Workload

WORKLOAD_ADDRESS = 0x8600_0000
CYCLES_PER_OP_LIMIT = 40_000
"""A run that needs more is stuck: the dearest op, a call 15 KiB deep, takes less than 10,000."""

MOST_UNRETURNED_TRAPS = 1_000
"""A kernel that takes more in a row traps in its own entry, for ever. Each thread that the
scheduler can switch to without an sret may add one, and no workload has so many."""

MAIN_POLICIES = ("P0", "P1", "P4", "P8", "P12")
"""One of each idea: what is measured where no policy is named, in less than a minute."""
MAIN_OF_SEVERAL = ("P4-migfence",)
"""What P4 as mailed needs, to be correct on more than one hart."""

BOOT_CYCLES_LIMIT = 5_000_000
"""Before the first op: most for page tables, and for harts that are started one after the other."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--policy",
        help=f"ids with commas between, or all: {', '.join(firmware.policies())}; the default is "
        f"{', '.join(MAIN_POLICIES)}, with several harts {', '.join(MAIN_OF_SEVERAL)} too",
    )
    parser.add_argument("--harts", type=int, default=1, help="harts of the machine")
    parser.add_argument("--preset", default="rocket", help=f"one of {', '.join(PRESETS)}")
    parser.add_argument(
        "--workload",
        nargs="+",
        default=list(BUILTIN),
        metavar="NAME|FILE",
        help=f"files, or of {', '.join(BUILTIN)}, which are the default; or "
        f"{', '.join(DIRECTED)}, which lead up to one event",
    )
    parser.add_argument(
        "--seed",
        type=int,
        default=DEFAULT_SEED,
        help="seed of the built-in workloads; a file keeps the seed it was made with",
    )
    parser.add_argument(
        "--zero", action="store_true", help="zero the pages that move between threads"
    )
    parser.add_argument(
        "--remote-fence",
        choices=[form.name.lower() for form in RemoteFence],
        default="sbi",
        help="how harts make others fence: by a call of the SBI, an interrupt in S-mode, or an "
        "ideal machine that carries each fence to all harts",
    )
    parser.add_argument("--json", type=Path, help="write the figures to this file")


@dataclass(frozen=True)
class Run:
    """One policy on one workload."""

    variant: str
    workload_name: str
    workload: Workload
    image: Path
    preset: Preset

    @property
    def label(self) -> str:
        return f"{self.variant} on {self.workload_name}"

    @property
    def stack_bytes(self) -> int:
        """Depths of all ops together: what most of the time of a run goes into."""
        return sum(op.depth for thread in self.workload.threads for op in thread.ops)

    @property
    def identity(self) -> dict[str, object]:
        """The keys that tell one run of `measure --json` from another."""
        return {
            "policy": self.variant.split("-")[0],
            "variant": self.variant,
            "harts": self.preset.soc.harts,
            "preset": self.preset.name,
            "workload": self.workload_name,
            "seed": self.workload.seed,
            "threads": len(self.workload.threads),
            "zero": self.workload.zero_pages,
            "remote_fence": self.workload.remote_fence.name.lower(),
        }

    def config(self, blob: bytes) -> dict[str, object]:
        """Everything that decides the figures; no path and no time."""
        return {
            **self.identity,
            "image_sha256": hashlib.sha256(self.image.read_bytes()).hexdigest(),
            "workload_sha256": hashlib.sha256(blob).hexdigest(),
            "soc": self.preset.soc.as_dict(),
            "straps": self.preset.straps.as_dict(),
            "versions": versions(),
        }


def main(args: argparse.Namespace) -> int:
    chosen = _machine(args.preset, args.harts)
    policies = _policies(args.policy, args.harts)
    form = RemoteFence[args.remote_fence.upper()]
    ideal = int(form is RemoteFence.BROADCAST)
    chosen = replace(chosen, straps=replace(chosen.straps, broadcast_fence=ideal))
    workloads = {
        name: replace(workload, zero_pages=args.zero, harts=args.harts, remote_fence=form)
        for name, workload in _workloads(args.workload, args.seed, args.harts).items()
    }
    require_directory(results_root())
    if args.json:
        require_writable(args.json, *map(Path, args.workload))
    with Display(len(policies) * len(workloads)) as display:
        images = {
            (name, waits): firmware.build_kernel(name, display.step, waits=waits)
            for waits in sorted({workload.waits for workload in workloads.values()})
            for name in policies
        }
        model.build(chosen.soc, display.step)
        runs = [
            Run(policy, name, workload, images[policy, workload.waits], chosen)
            for name, workload in workloads.items()
            for policy in policies
        ]
        summaries = run_all(runs, display)
    if args.json:
        write_json(args.json, {"runs": summaries})
    print_measurements(summaries)
    return 0


def _machine(name: str, harts: int) -> Preset:
    chosen = preset(name)
    return replace(chosen, soc=replace(chosen.soc, harts=harts).validate())


def _policies(text: str | None, harts: int) -> list[str]:
    if text is None:
        return [*MAIN_POLICIES, *(MAIN_OF_SEVERAL if harts > 1 else ())]
    return firmware.chosen(text)


def _workloads(names: list[str], seed: int, harts: int) -> dict[str, Workload]:
    """Load workloads by the name that the results give them: a file's is its stem."""
    loaded: dict[str, Workload] = {}
    for text in dict.fromkeys(names):
        name = text if text in BUILTIN or text in DIRECTED else Path(text).stem
        if name in loaded:
            raise UserError(f"two workloads are named '{name}': rename one of the files")
        loaded[name] = load(text, seed, harts)
    return loaded


def run_all(runs: list[Run], display: Display) -> list[dict]:
    """Run everything, as many at a time as there are processors; summaries in the order of runs."""
    pool = ThreadPoolExecutor(max_workers=min(len(runs), os.cpu_count() or 1))
    futures: dict[str, Future[dict]] = {}
    try:
        # Long runs first: then no processor is left alone with one in the end.
        order = sorted(runs, key=lambda run: -run.stack_bytes)
        for run in order:
            futures[run.label] = pool.submit(measure, run, display)
        for future in wait(futures.values(), return_when=FIRST_EXCEPTION).done:
            future.result()
        return [futures[run.label].result() for run in runs]
    finally:
        simulator.stop_all(list(futures.values()))
        pool.shutdown()


def measure(run: Run, display: Display) -> dict:
    """Simulate one run, store its directory, and return its summary."""
    blob = encode(run.workload)
    display.started(run.label)
    probes, result = simulate(run, blob, lambda cycles: display.advanced(run.label, cycles))
    summary = summarise(run.identity, probes, result)
    write_run(results_root(), run.config(blob), probes.phase_names, result, summary)
    display.finished(
        run.label, f"{summary['syscalls']:,} system calls in {result.harts[0].cycles:,} cycles"
    )
    return summary


def simulate(
    run: Run, blob: bytes, progress: Callable[[int], None] | None = None
) -> tuple[Probes, JobResult]:
    """Simulate one run, `blob` being its encoded workload; raise UserError where it fails."""
    probes = kernel_probes(elf.symbols(run.image), run.image.name)
    with tempfile.TemporaryDirectory(prefix="dynstack-") as name:
        directory = Path(name)
        blob_file = directory / "workload.bin"
        blob_file.write_bytes(blob)
        result = machine.run(job(run, probes, blob_file), directory, progress)
    check_status(run.label, result)
    return probes, result


def job(run: Run, probes: Probes, blob_file: Path) -> Job:
    """Return the simulation of a run with everything that measuring watches."""
    nr_ops = sum(len(thread.ops) for thread in run.workload.threads)
    sleep_ticks = max(
        sum(op.sleep_ticks for op in thread.ops) + thread.start_delay
        for thread in run.workload.threads
    )
    return Job(
        image=run.image,
        soc=run.preset.soc,
        straps=run.preset.straps,
        max_cycles=BOOT_CYCLES_LIMIT
        + nr_ops * CYCLES_PER_OP_LIMIT
        + sleep_ticks * run.preset.soc.cycles_per_timebase_tick,
        most_unreturned_traps=MOST_UNRETURNED_TRAPS,
        blobs=((WORKLOAD_ADDRESS, blob_file),),
        phases=probes.phases,
        counters=probes.counters,
        watches=probes.watches,
        page_lists=probes.page_lists,
        window=probes.window,
    )


def check_status(label: str, result: JobResult) -> None:
    """Raise UserError unless the kernel reported success after the measured window."""
    if result.status == "pass" and result.window is not None:
        return
    console = "\n".join(result.console.splitlines()[-10:])
    raise UserError(
        f"{label} did not complete: {result.status}, code {result.code}, {result.reason}. "
        f"Its console ended with:\n{console}",
        exit_code=3 if result.status == "timeout" else 1,
    )
