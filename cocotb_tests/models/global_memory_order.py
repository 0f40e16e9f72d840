"""RVWMO by the letter: every permutation of a test's operations is judged by the axioms.

Slow, and without any of the shortcuts of `sim.litmus.rvwmo`, whose operations and static rules it
shares. It returns the outcomes of tests of up to seven operations.
"""

from __future__ import annotations

from itertools import combinations, permutations

from sim.litmus.definition import Litmus, Outcome
from sim.litmus.instruction import Op
from sim.litmus.operations import Operation, Unfolding, unfoldings
from sim.litmus.preserved_order import static_rules


def allowed(test: Litmus) -> frozenset[Outcome]:
    return frozenset(
        _Execution(test, unfolding, order).outcome()
        for unfolding in unfoldings(test)
        for order in permutations(unfolding.operations)
        if _Execution(test, unfolding, order).is_legal()
    )


class _Execution:
    """One global memory order."""

    def __init__(self, test: Litmus, unfolding: Unfolding, order: tuple[Operation, ...]):
        self.test = test
        self.unfolding = unfolding
        self.order = order
        self.time = {op.number: time for time, op in enumerate(order)}

    def reads_from(self, load: Operation, cell: tuple[str, int]) -> Operation | None:
        """Load value axiom."""
        visible = [
            op
            for op in self.order
            if op.stores
            and cell in op.cells
            and op is not load
            and (self.time[op.number] < self.time[load.number] or self.precedes(op, load))
        ]
        return visible[-1] if visible else None

    def precedes(self, a: Operation, b: Operation) -> bool:
        """In program order."""
        return a.thread == b.thread and a.number < b.number

    def is_legal(self) -> bool:
        ordered = all(
            self.time[a.number] < self.time[b.number]
            for a, b in combinations(self.unfolding.operations, 2)
            if self.precedes(a, b) and self.preserved(a, b)
        )
        return ordered and all(self.is_atomic(op) for op in self.order if op.pair is not None)

    def preserved(self, a: Operation, b: Operation) -> bool:
        return bool(
            static_rules(self.test, self.unfolding, a, b)
            or self.rule_2(a, b)
            or self.rule_3(a, b)
            or self.rule_12(a, b)
        )

    def between(self, a: Operation, b: Operation) -> list[Operation]:
        return [op for op in self.order if self.precedes(a, op) and self.precedes(op, b)]

    def rule_2(self, a: Operation, b: Operation) -> bool:
        return (a.loads and b.loads) and any(
            self.reads_from(a, cell) is not self.reads_from(b, cell)
            for cell in set(a.cells) & set(b.cells)
            if not any(op.stores and cell in op.cells for op in self.between(a, b))
        )

    def rule_3(self, a: Operation, b: Operation) -> bool:
        return (
            a.insn.op in (Op.AMO, Op.SC)
            and b.loads
            and any(self.reads_from(b, cell) is a for cell in b.cells)
        )

    def rule_12(self, a: Operation, b: Operation) -> bool:
        return b.loads and any(
            m.stores
            and a.number in m.address | m.data
            and any(self.reads_from(b, cell) is m for cell in b.cells)
            for m in self.between(a, b)
        )

    def is_atomic(self, w: Operation) -> bool:
        r = next(op for op in self.order if op.number == w.pair)
        for cell in r.cells:
            s = self.reads_from(r, cell)
            since = -1 if s is None else self.time[s.number]
            if since > self.time[w.number]:
                return False
            if any(
                op.stores
                and cell in op.cells
                and op.thread != w.thread
                and since < self.time[op.number] < self.time[w.number]
                for op in self.order
            ):
                return False
        return True

    def outcome(self) -> Outcome:
        values = {}
        for thread, name in self.test.observed:
            if thread < 0:
                words = [self.word((name, half), self.last((name, half))) for half in range(2)]
                values[thread, name] = words[0] | words[1] << 32
            else:
                values[thread, name] = self.register(thread, len(self.test.threads[thread]), name)
        return tuple(values[part] for part in self.test.observed)

    def last(self, cell: tuple[str, int]) -> Operation | None:
        stores = [op for op in self.order if op.stores and cell in op.cells]
        return stores[-1] if stores else None

    def register(self, thread: int, place: int, name: str) -> int:
        """What a register holds before the instruction at this place."""
        for earlier in reversed(range(place)):
            insn = self.test.threads[thread][earlier]
            if insn.rd == name:
                if insn.op == Op.SC:
                    return int((thread, earlier) in self.unfolding.failed)
                return self.loaded(
                    next(op for op in self.order if (op.thread, op.place) == (thread, earlier))
                )
        return 0

    def loaded(self, op: Operation) -> int:
        words = [self.word(cell, self.reads_from(op, cell)) for cell in op.cells]
        return words[0] | (words[1] << 32 if len(words) == 2 else 0)

    def word(self, cell: tuple[str, int], store: Operation | None) -> int:
        location, half = cell
        if store is None:
            value = self.test.initial_value(location)
        else:
            data = store.insn.data
            value = (
                data if isinstance(data, int) else self.register(store.thread, store.place, data)
            )
            if store.insn.amo == "add":
                value += self.loaded(store)
            elif store.insn.amo == "or":
                value |= self.loaded(store)
            if store.insn.size == 4:
                return value & 0xFFFF_FFFF
        return value >> 32 * half & 0xFFFF_FFFF
