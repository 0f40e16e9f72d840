"""Our speed beside Rocket's: the same program on both, in loops of the same kind.

What counts is processor time, not the clock on the wall, and runs of both sides alternate: so what
else the host does falls on both. Ours runs with its collector attached, as in every measurement.
"""

from __future__ import annotations

import resource
import statistics
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from rtl.presets import Straps
from sim import bench, elf, model
from sim.display import Display
from sim.errors import UserError
from sim.firmware import SOURCES, build_program
from sim.job import Job, PhaseEnd, PhaseProbe

from . import rocket

_CYCLES_OF_ALL_HARTS = 1_600_000
"""A second of ours and more, beside which what starting costs, and what disturbs it, is little."""
_LATENCY = 20
_DIRECTORY = SOURCES / "peers"


@dataclass(frozen=True)
class Row:
    """Medians of one comparison, in cycles per second of processor time."""

    configuration: str
    harts: int
    cycles_per_second: float
    peer_cycles_per_second: float
    ratio: float
    demanded: float


def measure(repeats: int) -> list[Row]:
    """Build and run every configuration; raises UserError where one cannot be."""
    runs = len(rocket.CONFIGURATIONS) * repeats
    with tempfile.TemporaryDirectory(prefix="dynstack-") as name, Display(runs) as display:
        program = _program(display.step)
        flat = Path(name) / "program.bin"
        flat.write_bytes(elf.flat(program))
        sides = []
        for configuration in rocket.CONFIGURATIONS:
            job = _job(configuration, program)
            ours = model.build_bare(configuration.soc, display.step)
            peer = rocket.build(configuration.name, display.step)
            sides.append((configuration, job, ours, peer))
        seconds: dict[str, list[tuple[float, float]]] = {}
        for repeat in range(repeats):
            for configuration, job, ours, peer in sides:
                label = f"{configuration.name}, repeat {repeat + 1} of {repeats}"
                display.started(label)
                theirs = partial(rocket.run, peer, flat, _LATENCY, _cycles(configuration))
                pair = (
                    _timed(configuration, partial(_run_ours, ours, job, Path(name))),
                    _timed(configuration, theirs),
                )
                seconds.setdefault(configuration.name, []).append(pair)
                display.finished(label, f"{pair[1] / pair[0]:.2f} times Rocket")
    return [_row(configuration, seconds[configuration.name]) for configuration, *_ in sides]


def table(rows: list[Row]) -> str:
    """Text for the terminal."""
    lines = [
        "Thousand cycles per second of processor time, medians",
        f"{'configuration':20} {'harts':>5} {'dynstack':>9} {'Rocket':>9} {'ratio':>6} "
        f"{'demanded':>9}",
    ]
    for row in rows:
        lines.append(
            f"{row.configuration:20} {row.harts:5} {row.cycles_per_second / 1e3:9.1f} "
            f"{row.peer_cycles_per_second / 1e3:9.1f} {row.ratio:6.2f} {row.demanded:9.1f}"
        )
    return "\n".join(lines)


def _program(progress: Callable[[str], None]) -> Path:
    sources = [_DIRECTORY / "start.S", _DIRECTORY / "work.c"]
    headers = [_DIRECTORY / "layout.h", SOURCES / "kernel" / "riscv.h"]
    return build_program(sources, progress, headers=headers)


def _cycles(configuration: rocket.Configuration) -> int:
    return _CYCLES_OF_ALL_HARTS // configuration.harts


def straps(configuration: rocket.Configuration) -> Straps:
    """Rocket's switches, with all of the structure in use."""
    hart = configuration.hart
    return Straps(
        hart.itlb.sectors,
        hart.dtlb.sectors,
        walk_cache_in_use=hart.walk_cache_entries,
        cache_invalid_ptes=1,
        honour_asid=0,
        dram_latency=_LATENCY,
    )


def _job(configuration: rocket.Configuration, program: Path) -> Job:
    """A run in which rounds are timed like the phases of a policy."""
    work = elf.symbol(program, "work").address
    return Job(
        image=program,
        soc=configuration.soc,
        straps=straps(configuration),
        max_cycles=_cycles(configuration),
        phases=(PhaseProbe("work", work, work, PhaseEnd.RETURN),),
    )


def _run_ours(executable: Path, job: Job, directory: Path) -> str:
    return bench.run_bare(executable, job, directory / "ours").console


def _timed(configuration: rocket.Configuration, run: Callable[[], str]) -> float:
    """Processor seconds of a run in which every hart has shown that it lives."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    console = run()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    missing = [hart for hart in range(configuration.harts) if str(hart) not in console]
    if missing:
        raise UserError(
            f"{configuration.name}: hart {missing[0]} printed nothing in {_cycles(configuration)} "
            "cycles, so that its speed says nothing",
            exit_code=1,
        )
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


def _row(configuration: rocket.Configuration, seconds: list[tuple[float, float]]) -> Row:
    ours, peer = (
        _cycles(configuration) / statistics.median(side) for side in zip(*seconds, strict=True)
    )
    return Row(
        configuration.name,
        configuration.harts,
        round(ours),
        round(peer),
        round(statistics.median(them / us for us, them in seconds), 2),
        configuration.demanded,
    )
