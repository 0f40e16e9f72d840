"""Preserved program order: the 13 rules of RVWMO, by the numbers of the specification.

Ten of them follow from the program. Rules 2, 3 and 12 also ask which stores the loads read from,
and are judged by `rvwmo` while it places operations in the global memory order.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from itertools import combinations

from .definition import Litmus
from .instruction import Instruction, Op
from .operations import Operation, Unfolding

RULES = frozenset(range(1, 14))


def pairs(unfolding: Unfolding) -> Iterator[tuple[Operation, Operation]]:
    """All pairs of operations of one thread, in program order."""
    for a, b in combinations(unfolding.operations, 2):
        if a.thread == b.thread:
            yield a, b


def static_rules(test: Litmus, unfolding: Unfolding, a: Operation, b: Operation) -> set[int]:
    """The rules, but 2, 3 and 12, that put `a` before `b`, which follows it in program order."""
    between = [
        op
        for op in unfolding.operations
        if op.thread == a.thread and a.number < op.number < b.number
    ]
    fences = [insn for insn in test.threads[a.thread][a.place + 1 : b.place] if insn.op == Op.FENCE]
    holds = {
        1: b.stores and bool(set(a.cells) & set(b.cells)),
        4: any(_orders(fence, a, b) for fence in fences),
        5: a.acquires,
        6: b.releases,
        7: (a.acquires or a.releases) and (b.acquires or b.releases),
        8: b.pair == a.number,
        9: a.number in b.address,
        10: b.stores and a.number in b.data,
        11: b.stores and a.number in b.control,
        13: b.stores and any(a.number in m.address for m in between),
    }
    return {rule for rule, does in holds.items() if does}


def _orders(fence: Instruction, a: Operation, b: Operation) -> bool:
    if fence.tso:
        return a.loads or (a.stores and b.stores)
    before = (a.loads and "r" in fence.before) or (a.stores and "w" in fence.before)
    after = (b.loads and "r" in fence.after) or (b.stores and "w" in fence.after)
    return before and after


def predecessors(test: Litmus, unfolding: Unfolding, rules: Collection[int]) -> list[int]:
    """For each operation the set, as a bit mask, of those that rules but 2, 3, 12 put before it."""
    masks = [0] * len(unfolding.operations)
    for a, b in pairs(unfolding):
        if static_rules(test, unfolding, a, b) & set(rules):
            masks[b.number] |= 1 << a.number
    return masks
