"""Workloads that lead up to one event: few threads, every step in its place."""

from __future__ import annotations

from .threads import Op, OpKind, Thread, Workload

DEEP = 15 << 10
LIVE_FRAMES = 14 << 10
IN_THE_SECOND_PAGE = 6 << 10
TO_THE_SECOND_PAGE = 5 << 10
SHALLOW = 1 << 10
"""Depths, in bytes. Who comes to the second page writes to its upper quarter; there everybody has
frames that are checked, and nobody what it returns by."""


def sleep(depth: int, asleep: int, ticks: int, harts: int = 0, after: int = 0) -> Op:
    """A call that goes so deep, sleeps so deep, and goes on so many harts further."""
    return Op(
        OpKind.SLEEP,
        depth=depth,
        sleep_depth=asleep,
        sleep_ticks=ticks,
        harts=harts,
        depth_after=after,
    )


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

    wanderer = Thread(
        0,
        (
            sleep(DEEP, SHALLOW, 300, harts=1),
            sleep(DEEP, SHALLOW, 2000, harts=1, after=TO_THE_SECOND_PAGE),
            Op(OpKind.EXIT),
        ),
        home=0,
    )
    resident = Thread(
        0, (sleep(DEEP, LIVE_FRAMES, 3000), Op(OpKind.EXIT)), start_delay=1000, home=0
    )
    return Workload(
        (wanderer, *(resident,) * 3), ("sleep",), pinned=True, counts_damage=True, harts=2
    )


def shared_object(wakers: tuple[int, int] = (1, 0)) -> Workload:
    """The schedule of claim H4, on two harts: a waker reads an object on another thread's stack.

    The object is the entry that `T` leaves in a wait queue, in the second page of its stack. `V`
    and `W` are those that wake it, from harts 1 and 0; `U` is one of the others. Under P4 with
    origin return:

    1. T enters on hart 0, maps A, and waits. V reads the entry on hart 1 and wakes T there.
    2. T returns to user mode on hart 1: A goes back to the cache of hart 0, whose TLB holds it.
    3. U enters on hart 0, gets A, leaves frames in all of it, and sleeps.
    4. T enters on hart 1, maps B, and waits again, its entry in B.
    5. W reads the entry on hart 0: through the stale translation, which finds a frame of U.

    Policies that unmap at a switch do so where T sleeps at one page, between 2 and 4, and keep A on
    hart 1: there a neighbour takes it. Three threads stand for U: see `stale_stack`. The others are
    there from the start: to create a thread takes translations, too, and evicts that of A.

    `wakers` are the harts of V and W. With both on a third one, that hart has the translation from
    nothing but reading.
    """

    def wait(harts: int) -> Op:
        return Op(OpKind.WAIT, depth=DEEP, sleep_depth=IN_THE_SECOND_PAGE, harts=harts)

    def waker(delay: int, home: int) -> Thread:
        wake = Op(OpKind.WAKE, depth=SHALLOW, thread=0)
        return Thread(0, (sleep(SHALLOW, SHALLOW, delay), wake, Op(OpKind.EXIT)), home=home)

    owner = Thread(
        0,
        (wait(harts=1), sleep(SHALLOW, SHALLOW, 1500), wait(harts=0), Op(OpKind.EXIT)),
        home=0,
    )
    resident = Thread(
        0, (sleep(DEEP, LIVE_FRAMES, 3000), Op(OpKind.EXIT)), start_delay=1000, home=0
    )
    neighbour = Thread(
        0,
        (sleep(SHALLOW, SHALLOW, 1000), sleep(DEEP, LIVE_FRAMES, 2500), Op(OpKind.EXIT)),
        home=1,
    )
    return Workload(
        (owner, waker(300, wakers[0]), waker(2500, wakers[1]), neighbour, *(resident,) * 3),
        ("wait",),
        pinned=True,
        counts_damage=True,
        harts=max(1, *wakers) + 1,
    )


def shared_after_an_epoch() -> Workload:
    """A schedule of claim H4 for two harts in which who reads is on a hart that `T` has left.

    Under P4 with origin return:

    1. T enters on hart 1, maps A, goes deep, so that the TLB of hart 1 holds A, and sleeps.
    2. It wakes on hart 0 and returns to user mode: A goes back to the cache of hart 1.
    3. U enters on hart 1, gets A, leaves frames in all of it, and sleeps.
    4. T enters on hart 0, maps B, and waits, an entry in the second page of its stack.
    5. V reads the entry on hart 1: through the stale translation, which finds a frame of U.

    P11-epoch sets A aside in 2, until hart 0 has enough pages for one fence. L, M and N bring it
    there: threads of hart 1 that leave the kernel on hart 0, before T does. Two threads stand for
    U: one takes what the cache of hart 1 has left.
    """
    wait = Op(OpKind.WAIT, depth=DEEP, sleep_depth=IN_THE_SECOND_PAGE)
    owner = Thread(
        0,
        (sleep(DEEP, SHALLOW, 600, harts=1), wait, Op(OpKind.EXIT)),
        start_delay=100,
        home=1,
    )
    leaver = Thread(0, (sleep(SHALLOW, SHALLOW, 300, harts=1), Op(OpKind.EXIT)), home=1)
    wake = Op(OpKind.WAKE, depth=SHALLOW, thread=0)
    waker = Thread(0, (sleep(SHALLOW, SHALLOW, 2000), wake, Op(OpKind.EXIT)), home=1)
    resident = Thread(
        0, (sleep(DEEP, LIVE_FRAMES, 2000), Op(OpKind.EXIT)), start_delay=1200, home=1
    )
    return Workload(
        (owner, *(leaver,) * 3, waker, *(resident,) * 2),
        ("wait",),
        pinned=True,
        counts_damage=True,
        harts=2,
    )
