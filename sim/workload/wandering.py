"""Threads that change harts as often as they sleep, and use their stacks deeply before and after.

What a hart remembers of a stack is old when the thread comes back to it: few threads, so that it
still does.
"""

from __future__ import annotations

from .draws import Draws
from .threads import Op, OpKind, Thread, Workload

_PROCESSES = 2
_DEPTHS = (1200, 5008, 9008, 15008)
_DEPTHS_ASLEEP = (640, 640, 5008, 9008)
_MOST_TICKS = 20


def wandering(seed: int, threads: int, rounds: int, harts: int) -> Workload:
    """Each round of each thread is a call that dives, sleeps at little depth, and goes on, three
    times in four on the next hart, where it may dive again."""
    draws = Draws(seed)
    return Workload(
        tuple(
            Thread(
                index % _PROCESSES,
                (*(_sleep(draws) for _ in range(rounds)), Op(OpKind.EXIT)),
                home=index % harts,
            )
            for index in range(threads)
        ),
        ("sleep",),
        seed=seed,
        tick_interval=100,
        pinned=True,
        harts=harts,
    )


def _sleep(draws: Draws) -> Op:
    depth = _DEPTHS[draws.below(len(_DEPTHS))]
    asleep = min(depth, _DEPTHS_ASLEEP[draws.below(len(_DEPTHS_ASLEEP))])
    return Op(
        OpKind.SLEEP,
        user_work=draws.below(50),
        depth=depth,
        sleep_depth=asleep,
        sleep_ticks=1 + draws.below(_MOST_TICKS),
        harts=draws.chance(3, 4),
        depth_after=_DEPTHS[draws.below(len(_DEPTHS))] * draws.below(2),
    )
