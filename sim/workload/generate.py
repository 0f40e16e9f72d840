"""From a mix and a plan to threads with ops: seeded, and the same everywhere."""

from __future__ import annotations

from dataclasses import dataclass, replace

from .applications import Mix
from .depths import YIELD_SCENARIO, CallModel, model_of, scenario_depth, sleep_depth
from .draws import Draws, apportion, rounded
from .threads import DEPTH_STEP, Op, OpKind, Thread, ThreadKind, Workload

_FAULT = "page_fault"
_YIELD = "sched_yield"
_MULTIPLE_OF_1_TO_8 = 840


@dataclass(frozen=True)
class Plan:
    """The shape of a run; what the measurements do not say. Ranges hold both ends.

    Attributes
    ----------
    calls : system calls of all workers together, sleeping ones included.
    workers : threads that make them.
    processes : address spaces that workers and sleepers are dealt to.
    sleepers : system calls that further threads are blocked in for most of the run.
    kernel_threads : rows of the sleep table that kernel threads are idle in.
    idle_ticks : how long sleepers and kernel threads sleep, once, from the start.
    user_work : iterations of the U-mode loop before each op.
    sleep_ticks : length of a worker's sleep.
    tick_interval : time between timer interrupts.
    choose_anew : share (numerator, denominator) of a worker's wake-ups that choose a hart anew, any
        hart alike; the others stay where the worker slept. With one hart there is no choice.

    Times are in ticks of mtime, 100 cycles each.
    """

    calls: int
    workers: int
    processes: int = 4
    sleepers: tuple[str, ...] = ()
    kernel_threads: tuple[str, ...] = ()
    idle_ticks: int = 0
    user_work: tuple[int, int] = (10, 30)
    sleep_ticks: tuple[int, int] = (100, 400)
    tick_interval: int = 10_000
    choose_anew: tuple[int, int] = (1, 4)

    def expected(self, count: int, mix: Mix) -> int:
        """Scale a count of the measured run to the calls of this plan."""
        return rounded(count * self.calls, mix.system_calls)


def generate(mix: Mix, plan: Plan, seed: int) -> Workload:
    """Build the workload of a mix.

    The number of each call, of sleeps, faults and yields follows the mix as closely as whole
    numbers can; order, depths and times are drawn from `seed`.
    """
    draws = Draws(seed)
    names = tuple(model.name for model, _ in mix.calls)
    ops = draws.shuffled(_calls(mix, plan, draws) + _entries(mix, plan, draws, len(names)))
    calls = (*names, _FAULT, _YIELD, *_extra_names(plan, names))
    threads = [*_idle_threads(plan, calls), *_workers(ops, plan)]
    return scatter(
        Workload(tuple(threads), calls, seed, plan.tick_interval), plan.choose_anew, seed
    )


def _calls(mix: Mix, plan: Plan, draws: Draws) -> list[Op]:
    """System calls of the workers; those that sleep are chosen by rank."""
    counts = apportion(plan.calls, [count for _, count in mix.calls])
    made = [
        (index, model)
        for index, ((model, _), count) in enumerate(zip(mix.calls, counts, strict=True))
        for _ in range(count)
    ]
    # A stable sort keeps the random order within a rank; calls that never sleep come last.
    made = sorted(draws.shuffled(made), key=lambda item: item[1].sleep_rank or 3)
    sleeps = plan.expected(mix.voluntary_switches, mix)
    return [
        _sleep(index, model, plan, draws)
        if position < sleeps and model.sleep_rank
        else Op(
            OpKind.CALL,
            index,
            draws.between(*plan.user_work),
            model.depth.draw(draws),
        )
        for position, (index, model) in enumerate(made)
    ]


def _sleep(index: int, model: CallModel, plan: Plan, draws: Draws) -> Op:
    assert model.sleep is not None
    assert model.depth_asleep is not None
    asleep = model.sleep.draw(draws)
    return Op(
        OpKind.SLEEP,
        index,
        draws.between(*plan.user_work),
        max(asleep, model.depth_asleep.draw(draws)),
        asleep,
        draws.between(*plan.sleep_ticks),
    )


def _entries(mix: Mix, plan: Plan, draws: Draws, first_name: int) -> list[Op]:
    """Page faults and involuntary switches of the workers."""
    give_way = scenario_depth(YIELD_SCENARIO, "core")
    faults = [
        Op(OpKind.FAULT, first_name, draws.between(*plan.user_work), mix.fault_depth.draw(draws))
        for _ in range(plan.expected(mix.page_faults, mix))
    ]
    yields = [
        Op(OpKind.YIELD, first_name + 1, draws.between(*plan.user_work), give_way.draw(draws))
        for _ in range(plan.expected(mix.involuntary_switches, mix))
    ]
    return faults + yields


def _workers(ops: list[Op], plan: Plan) -> list[Thread]:
    sizes = apportion(len(ops), [1] * plan.workers)
    threads, first = [], 0
    for number, size in enumerate(sizes, start=len(plan.sleepers)):
        part = ops[first : first + size]
        threads.append(Thread(number % plan.processes, (*part, Op(OpKind.EXIT))))
        first += size
    return threads


def _extra_names(plan: Plan, names: tuple[str, ...]) -> list[str]:
    """Calls of sleepers that the mix does not have, and the kernel threads."""
    wanted = dict.fromkeys((*plan.sleepers, *plan.kernel_threads))
    return [name for name in wanted if name not in names]


def _idle_threads(plan: Plan, calls: tuple[str, ...]) -> list[Thread]:
    """Kernel threads and sleepers; first in the table, so that they block before work begins."""

    def ops(name: str, depth: int, asleep: int) -> tuple[Op, Op]:
        sleep = Op(OpKind.SLEEP, calls.index(name), 0, max(depth, asleep), asleep, plan.idle_ticks)
        return sleep, Op(OpKind.EXIT)

    threads = []
    for name in plan.kernel_threads:
        asleep = sleep_depth(name).minimum
        threads.append(Thread(0, ops(name, asleep, asleep), ThreadKind.KERNEL))
    for number, name in enumerate(plan.sleepers):
        model = model_of(name)
        assert model.sleep is not None
        threads.append(
            Thread(number % plan.processes, ops(name, model.depth.minimum, model.sleep.minimum))
        )
    return threads


def scatter(workload: Workload, share: tuple[int, int], seed: int) -> Workload:
    """Let a share (numerator, denominator) of the user threads' wake-ups choose a hart anew.

    The draw is uniform modulo each number of harts from 1 to 8.
    """
    draws = Draws(seed ^ 0x5CA7)

    def moved(op: Op) -> Op:
        if op.kind is not OpKind.SLEEP or not draws.chance(*share):
            return op
        return replace(op, harts=draws.below(_MULTIPLE_OF_1_TO_8))

    return replace(
        workload,
        threads=tuple(
            replace(thread, ops=tuple(map(moved, thread.ops)))
            if thread.kind is ThreadKind.USER
            else thread
            for thread in workload.threads
        ),
    )


def deepen(workload: Workload, share: tuple[int, int], low: int, high: int, seed: int) -> Workload:
    """Make a share (numerator, denominator) of the calls go `low` to `high` bytes deep.

    Synthetic: no measured call goes that deep. Sleeping calls keep their depth.
    """
    draws = Draws(seed ^ 0xDEE9)
    places = [
        (t, o)
        for t, thread in enumerate(workload.threads)
        for o, op in enumerate(thread.ops)
        if op.kind is OpKind.CALL
    ]
    chosen = draws.shuffled(places)[: rounded(len(places) * share[0], share[1])]
    threads = [list(thread.ops) for thread in workload.threads]
    for t, o in sorted(chosen):
        threads[t][o] = replace(threads[t][o], depth=draws.between(low, high, DEPTH_STEP))
    return replace(
        workload,
        threads=tuple(
            replace(thread, ops=tuple(ops))
            for thread, ops in zip(workload.threads, threads, strict=True)
        ),
    )
