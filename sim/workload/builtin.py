"""The workloads that have names: two measured applications, a synthetic one, and directed ones.

`docs/workloads.md` says why these, and what in them is assumed rather than measured.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from ..errors import UserError
from .applications import application
from .directed import shared_after_an_epoch, shared_object, stale_stack
from .format import decode
from .generate import Plan, deepen, generate
from .threads import Workload

DEFAULT_SEED = 1

_SLEEPERS = ("epoll_wait", "futex", "poll", "wait4")
_KERNEL_THREADS = ("kworker", "rcu_sched")

OFTEN = Plan(
    calls=2000,
    workers=10,
    sleepers=_SLEEPERS,
    kernel_threads=_KERNEL_THREADS,
    idle_ticks=30_000,
)
"""Many threads that wait often: most of them are asleep at any time."""
RARELY = Plan(
    calls=2000,
    workers=4,
    sleepers=(*_SLEEPERS, "pselect6", "clock_nanosleep", *_SLEEPERS),
    kernel_threads=_KERNEL_THREADS,
    idle_ticks=18_000,
)
"""Few threads that compute, among many that sleep all the time."""


def _for_harts(workload: Workload, harts: int) -> Workload:
    """Several harts are done so much sooner, and stay as busy as one if all sleep so much less."""
    threads = tuple(
        replace(
            thread,
            ops=tuple(replace(op, sleep_ticks=op.sleep_ticks // harts) for op in thread.ops),
        )
        for thread in workload.threads
    )
    return replace(workload, threads=threads, harts=harts)


def _sqlite(seed: int) -> Workload:
    return generate(application("sqlite-insert-select"), OFTEN, seed)


def _find_grep(seed: int) -> Workload:
    return generate(application("find-grep"), RARELY, seed)


def _deep_calls(seed: int) -> Workload:
    base = generate(application("tar-gzip"), OFTEN, seed)
    return deepen(base, (1, 20), 5 << 10, 15 << 10, seed)


BUILTIN: dict[str, Callable[[int], Workload]] = {
    "sqlite-insert-select": _sqlite,
    "find-grep": _find_grep,
    "deep-calls": _deep_calls,
}


DIRECTED: dict[str, Callable[[], Workload]] = {
    "h4": shared_object,
    "h4-epoch": shared_after_an_epoch,
    "h31": stale_stack,
}
"""Schedules that need so many harts, and are the same for every seed."""


def require_seed(seed: int) -> None:
    """Raise UserError for what the header of a workload has no room for."""
    if not 0 <= seed < 1 << 64:
        raise UserError(f"--seed is {seed}: use 0 to 2**64 - 1")


def load(name_or_file: str, seed: int = DEFAULT_SEED, harts: int = 1) -> Workload:
    """Return a built-in workload made with `seed` for so many harts, or the one in a file, with the
    seed that it has."""
    require_seed(seed)
    if name_or_file in BUILTIN:
        return _for_harts(BUILTIN[name_or_file](seed), harts)
    if name_or_file in DIRECTED:
        return DIRECTED[name_or_file]()
    path = Path(name_or_file)
    try:
        if not path.is_file():
            raise UserError(
                f"no workload '{name_or_file}': it is neither a file nor one of "
                f"{', '.join((*BUILTIN, *DIRECTED))}"
            )
        return decode(path.read_bytes(), str(path))
    except OSError as error:
        raise UserError(f"cannot read the workload {path}: {error.strerror}") from None
