"""Threads that use objects on each other's stacks, at random: as wait queues do (claim H4)."""

from __future__ import annotations

from .draws import Draws
from .threads import Op, OpKind, Thread, Workload

_PROCESSES = 3
_DEPTHS_ASLEEP = (640, 2000, 5008, 9008)
_ABOVE_THE_OBJECT = 1600
_DEEPER_AFTERWARDS = 12000
_MOST_WORK = 100
_TICKS_OF_A_WAITER, _TICKS_OF_A_WAKER = 20, 200


def sharing(seed: int, threads: int, rounds: int, harts: int = 1) -> Workload:
    """Pairs of threads of which one waits at some depth, and the other wakes it as often.

    The object that both use is on the stack of who waits. That one goes on on another hart in two
    rounds of three, and dives or sleeps in between. Who wakes sleeps for longer, so that most wakes
    find the other waiting; some come before.
    """
    draws = Draws(seed)
    ops: list[tuple[Op, ...]] = []
    for index in range(threads):
        mine: list[Op] = []
        for number in range(rounds):
            work = draws.below(_MOST_WORK)
            if index % 2:
                wake = Op(OpKind.WAKE, user_work=work, depth=2000, thread=index - 1)
                mine += [wake, _sleep(_TICKS_OF_A_WAKER)]
            else:
                mine += [_wait(draws, work, number), _between(draws)]
        ops.append((*mine, Op(OpKind.EXIT)))
    return Workload(
        tuple(Thread(index % _PROCESSES, mine) for index, mine in enumerate(ops)),
        ("wait",),
        seed=seed,
        tick_interval=100,
        harts=harts,
    )


def _wait(draws: Draws, work: int, number: int) -> Op:
    asleep = _DEPTHS_ASLEEP[draws.below(len(_DEPTHS_ASLEEP))]
    return Op(
        OpKind.WAIT,
        user_work=work,
        depth=asleep + _ABOVE_THE_OBJECT,
        sleep_depth=asleep,
        harts=number % 3,
        depth_after=_DEEPER_AFTERWARDS * draws.below(2),
    )


def _between(draws: Draws) -> Op:
    if draws.chance(1, 2):
        return Op(OpKind.CALL, depth=15008)
    return _sleep(_TICKS_OF_A_WAITER)


def _sleep(ticks: int) -> Op:
    return Op(OpKind.SLEEP, depth=1024, sleep_depth=640, sleep_ticks=ticks)
