"""What our machine may do with a litmus test: every interleaving of an operational model.

Without a store buffer harts perform one instruction after the other, all that counts is their
order: sequential consistency. With one (docs/hart.md, "Store buffer") stores wait in order; the
hart's loads look there first; fences, LR, SC and AMOs wait until it is empty. That is TSO with
fences that all order everything. Both are stronger than RVWMO, whose checker knows nothing of
this file.

An SC may fail without a reason; it fails where another hart has written what was reserved.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from .definition import Litmus, Outcome
from .instruction import Instruction, Op

_WORD = (1 << 32) - 1


@dataclass(frozen=True)
class _Hart:
    place: int = 0
    registers: tuple[tuple[str, int], ...] = ()
    buffer: tuple[tuple[str, int, int, int], ...] = ()
    """Stores that wait: location, offset, size, value."""
    reserved: str | None = None

    def register(self, name: int | str) -> int:
        return name if isinstance(name, int) else dict(self.registers).get(name, 0)

    def wrote(self, name: str | None, value: int) -> _Hart:
        registers = dict(self.registers) | ({name: value} if name else {})
        return replace(self, place=self.place + 1, registers=tuple(registers.items()))


_State = tuple[tuple[_Hart, ...], tuple[int, ...]]
"""Harts, and the values of the test's locations."""


def possible(test: Litmus, *, buffered: bool) -> frozenset[Outcome]:
    """Return all outcomes of the machine with a store buffer of any length, or without one."""
    start = (
        tuple(_Hart() for _ in test.threads),
        tuple(test.initial_value(name) for name in test.locations),
    )
    seen = {start}
    pending = [start]
    outcomes = set()
    while pending:
        state = pending.pop()
        following = _steps(test, state, buffered)
        if not following:
            outcomes.add(_outcome(test, state))
        for successor in following:
            if successor not in seen:
                seen.add(successor)
                pending.append(successor)
    return frozenset(outcomes)


def _outcome(test: Litmus, state: _State) -> Outcome:
    harts, memory = state
    return tuple(
        memory[test.locations.index(name)] if thread < 0 else harts[thread].register(name)
        for thread, name in test.observed
    )


def _steps(test: Litmus, state: _State, buffered: bool) -> list[_State]:
    harts, memory = state
    following = []
    for number, hart in enumerate(harts):
        if hart.buffer:
            oldest, rest = hart.buffer[0], hart.buffer[1:]
            drained = _with(harts, number, replace(hart, buffer=rest))
            following.append(_performed(test, drained, memory, number, oldest))
        if hart.place < len(test.threads[number]):
            insn = test.threads[number][hart.place]
            following += _execute(test, state, number, insn, buffered)
    return following


def _execute(
    test: Litmus, state: _State, number: int, insn: Instruction, buffered: bool
) -> list[_State]:
    """The states that may follow when a hart executes its next instruction; none while it waits."""
    harts, memory = state
    hart = harts[number]
    if hart.buffer and insn.op not in (Op.LOAD, Op.STORE, Op.BRANCH):
        return []
    loaded = _load(test, memory, hart, insn) if insn.loads else 0
    done = hart.wrote(insn.rd, loaded)
    if insn.op == Op.LR:
        done = replace(done, reserved=insn.location)
    following = []
    if insn.op == Op.SC:
        failed = replace(hart.wrote(insn.rd, 1), reserved=None)
        following.append((_with(harts, number, failed), memory))
        if not hart.reserved:
            return following
        done = replace(done, reserved=None)
    if not insn.stores:
        return [(_with(harts, number, done), memory)]
    operand = hart.register(insn.data)
    value = {"add": loaded + operand, "or": loaded | operand}.get(insn.amo, operand)
    store = (insn.location, insn.offset, insn.size, value)
    if buffered and insn.op == Op.STORE:
        done = replace(done, buffer=(*done.buffer, store))
        return [(_with(harts, number, done), memory)]
    return [*following, _performed(test, _with(harts, number, done), memory, number, store)]


def _with(harts: tuple[_Hart, ...], number: int, hart: _Hart) -> tuple[_Hart, ...]:
    return (*harts[:number], hart, *harts[number + 1 :])


def _performed(
    test: Litmus,
    harts: tuple[_Hart, ...],
    memory: tuple[int, ...],
    number: int,
    store: tuple[str, int, int, int],
) -> _State:
    """A store reaches memory, and ends the reservations of other harts."""
    place = test.locations.index(store[0])
    changed = (*memory[:place], _merged(memory[place], *store[1:]), *memory[place + 1 :])
    others = tuple(
        replace(hart, reserved=None) if other != number and hart.reserved == store[0] else hart
        for other, hart in enumerate(harts)
    )
    return others, changed


def _load(test: Litmus, memory: tuple[int, ...], hart: _Hart, insn: Instruction) -> int:
    """What the location would hold if all the hart's own stores were performed."""
    value = memory[test.locations.index(insn.location)]
    for location, *store in hart.buffer:
        if location == insn.location:
            value = _merged(value, *store)
    return value if insn.size == 8 else value >> 8 * insn.offset & _WORD


def _merged(value: int, offset: int, size: int, data: int) -> int:
    if size == 8:
        return data
    shift = 8 * offset
    return value & ~(_WORD << shift) | (data & _WORD) << shift
