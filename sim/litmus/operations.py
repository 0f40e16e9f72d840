"""Memory operations of a litmus test, and the syntactic dependencies between them.

Terms are those of the unprivileged specification, chapter "RVWMO Memory Consistency Model".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product

from .definition import Litmus
from .instruction import Instruction, Op

Cell = tuple[str, int]
"""A word of memory: location and half."""

_NONE: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Operation:
    """What one memory instruction does; an AMO is a load and a store at once.

    `number` is unique in the test and grows in program order, `place` is that of its instruction
    in the thread. `address`, `data` and `control` are the numbers of the operations that it
    depends on in this way; `pair` is that of the LR that an SC is paired with.
    """

    number: int
    thread: int
    place: int
    insn: Instruction
    address: frozenset[int] = frozenset()
    data: frozenset[int] = frozenset()
    control: frozenset[int] = frozenset()
    pair: int | None = None

    @property
    def loads(self) -> bool:
        return self.insn.loads

    @property
    def stores(self) -> bool:
        return self.insn.stores

    @property
    def cells(self) -> tuple[Cell, ...]:
        return self.insn.cells

    @property
    def acquires(self) -> bool:
        """AMO and LR with aq; aq of an SC counts only beside rl."""
        insn = self.insn
        return insn.aq and (insn.op != Op.SC or insn.rl)

    @property
    def releases(self) -> bool:
        """AMO and SC with rl; rl of an LR counts only beside aq."""
        insn = self.insn
        return insn.rl and (insn.op != Op.LR or insn.aq)


@dataclass(frozen=True)
class Unfolding:
    """The operations of one choice of which SCs succeed: an SC that fails has none.

    `operations` are in the order of their numbers. `failed` holds (thread, place) of failed SCs.
    """

    operations: tuple[Operation, ...]
    failed: frozenset[tuple[int, int]]


def unfoldings(test: Litmus) -> Iterator[Unfolding]:
    """All choices of which SCs succeed; one without an LR before it never does."""
    conditionals = [
        (t, place)
        for t, thread in enumerate(test.threads)
        for place, insn in enumerate(thread)
        if insn.op == Op.SC
    ]
    for fails in product((False, True), repeat=len(conditionals)):
        failed = frozenset(sc for sc, fail in zip(conditionals, fails, strict=True) if fail)
        operations = _unfold(test, failed)
        if all(op.pair is not None for op in operations if op.insn.op == Op.SC):
            yield Unfolding(operations, failed)


def _unfold(test: Litmus, failed: frozenset[tuple[int, int]]) -> tuple[Operation, ...]:
    operations: list[Operation] = []
    for t, thread in enumerate(test.threads):
        sources: dict[str, frozenset[int]] = {}
        """Register to the operations that its value depends on."""
        control: frozenset[int] = frozenset()
        reserved: int | None = None
        for place, insn in enumerate(thread):
            if insn.op == Op.FENCE:
                continue
            if insn.op == Op.BRANCH:
                control |= _of(sources, insn.condition)
                continue
            if (t, place) in failed:
                # It carries no dependency, and is no memory operation that one could begin at.
                sources[insn.rd or ""] = _NONE
                reserved = None
                continue
            number = len(operations)
            address = _of(sources, insn.address)
            data = _of(sources, insn.data) | _of(sources, insn.data_depends)
            pair = reserved if insn.op == Op.SC else None
            operations.append(Operation(number, t, place, insn, address, data, control, pair))
            if insn.rd:
                carried = address | data if insn.op == Op.SC else _NONE
                sources[insn.rd] = frozenset({number}) | carried
            if insn.op in (Op.LR, Op.SC):
                reserved = number if insn.op == Op.LR else None
    return tuple(operations)


def _of(sources: Mapping[str, frozenset[int]], register: int | str | None) -> frozenset[int]:
    """What a register depends on; nothing, where the operand is a number or there is none."""
    return sources.get(register, _NONE) if isinstance(register, str) else _NONE
