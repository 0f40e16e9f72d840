"""Workloads that lead up to one event: few threads, every step in its place."""

from __future__ import annotations

from .format import Op, OpKind, Thread, Workload

_DEEP = 15 << 10
_SHALLOW = 1 << 10
_TO_THE_FIRST_UNMAPPED_PAGE = 5 << 10
_LIVE_FRAMES = 14 << 10


def stale_stack() -> Workload:
    """The schedule of claim H31, on two harts: a thread meets a stale translation of its own stack.

    Under P4 with origin return, `T` being the first thread and `U` one of the others:

    1. T enters on hart 0, maps A, goes deep, so that the TLB of hart 0 holds A, and sleeps.
    2. It wakes on hart 1 and returns to user mode: A goes back to the cache of hart 0.
    3. U enters on hart 0, gets A, leaves frames in all of it, and sleeps.
    4. T enters on hart 1, maps B, goes deep, and sleeps.
    5. It wakes on hart 0 and goes deep once more: through the stale translation, into frames of U.

    Three threads stand for U: one takes what the cache of hart 0 holds, one what comes from the
    pool beside the pages that were returned, one those. T writes to the upper quarter of a page
    only; there all of them have frames that are checked, and none has what it returns by.
    """

    def sleep(depth: int, asleep: int, ticks: int, harts: int = 0, after: int = 0) -> Op:
        return Op(
            OpKind.SLEEP,
            depth=depth,
            sleep_depth=asleep,
            sleep_ticks=ticks,
            harts=harts,
            depth_after=after,
        )

    wanderer = Thread(
        0,
        (
            sleep(_DEEP, _SHALLOW, 300, harts=1),
            sleep(_DEEP, _SHALLOW, 2000, harts=1, after=_TO_THE_FIRST_UNMAPPED_PAGE),
            Op(OpKind.EXIT),
        ),
        home=0,
    )
    resident = Thread(
        0, (sleep(_DEEP, _LIVE_FRAMES, 3000), Op(OpKind.EXIT)), start_delay=1000, home=0
    )
    return Workload(
        (wanderer, *(resident,) * 3), ("sleep",), pinned=True, counts_damage=True, harts=2
    )
