"""All outcomes of a litmus test that RVWMO allows.

Operations are placed one after the other in the global memory order, in every way that preserved
program order permits. The load value axiom then says what each load reads, also from stores of
its own hart that are placed later, and the atomicity axiom which SCs may be placed. The progress
axiom asks nothing of a program that ends.

Of two orders that agree on what is placed, on what loads have read and on the order of stores to
each word, one is followed: the rest depends on nothing else.
"""

from __future__ import annotations

from collections.abc import Collection

from .definition import Litmus, Outcome
from .instruction import Op
from .operations import Cell, Operation, Unfolding, unfoldings
from .preserved_order import RULES, predecessors

_INITIAL = -1
"""Number of the store that wrote the initial value of a word."""

_WORD = (1 << 32) - 1

Source = dict[Cell, int]
"""The stores that a load reads each of its words from."""


def allowed(test: Litmus, rules: Collection[int] = RULES) -> frozenset[Outcome]:
    """Return every outcome that some global memory order explains; with fewer rules there may be
    more of them."""
    found: set[Outcome] = set()
    for unfolding in unfoldings(test):
        found |= _Search(test, unfolding, rules).outcomes()
    return frozenset(found)


class _Search:
    """The global memory orders of one unfolding."""

    def __init__(self, test: Litmus, unfolding: Unfolding, rules: Collection[int]):
        self._test = test
        self._unfolding = unfolding
        self._operations = unfolding.operations
        self._rules = frozenset(rules)
        self._before = predecessors(test, unfolding, rules)
        self._cells = tuple((name, half) for name in test.locations for half in range(2))
        self._all = (1 << len(self._operations)) - 1
        self._visited: set[tuple] = set()
        self._found: set[Outcome] = set()

    def outcomes(self) -> set[Outcome]:
        self._place_next(0, dict.fromkeys(self._cells, (_INITIAL,)), {})
        return self._found

    def _place_next(
        self, placed: int, written: dict[Cell, tuple[int, ...]], read: dict[int, Source]
    ) -> None:
        """`written` is the order of the stores to each word so far, `read` by load."""
        key = (
            placed,
            tuple(written.values()),
            tuple(sorted((load, *source.values()) for load, source in read.items())),
        )
        if key in self._visited:
            return
        self._visited.add(key)
        if placed == self._all:
            self._found.add(_outcome(self._test, self._unfolding, written, read))
            return
        for op in self._operations:
            bit = 1 << op.number
            if placed & bit or self._before[op.number] & ~placed:
                continue
            now_read = read
            if op.loads:
                source = self._source(op, placed, written)
                if read.get(op.number, source) != source:
                    continue
                if not self._ordered(op, source, placed, read):
                    continue
                now_read = {**read, op.number: source}
            if op.pair is not None:
                reserved = self._reserved(op.pair, written, read)
                if not self._atomic(op, reserved, placed, written):
                    continue
                now_read = {**read, op.pair: reserved}
            after = {cell: (*written[cell], op.number) for cell in op.cells} if op.stores else {}
            self._place_next(placed | bit, {**written, **after}, now_read)

    def _source(self, load: Operation, placed: int, written: dict[Cell, tuple[int, ...]]) -> Source:
        """Load value axiom. Stores of one hart to one word are placed in program order by rule 1,
        so of those not placed yet the last is the latest."""
        source = {}
        for cell in load.cells:
            own = [
                op.number
                for op in self._operations[: load.number]
                if op.thread == load.thread
                and op.stores
                and cell in op.cells
                and not placed >> op.number & 1
            ]
            source[cell] = own[-1] if own else written[cell][-1]
        return source

    def _ordered(
        self, load: Operation, source: Source, placed: int, read: dict[int, Source]
    ) -> bool:
        """Rules 2, 3 and 12, for a load that is about to be placed."""
        for number in set(source.values()) - {_INITIAL}:
            store = self._operations[number]
            if store.thread != load.thread:
                continue
            if 3 in self._rules and not placed >> number & 1 and store.insn.op in (Op.AMO, Op.SC):
                return False
            if 12 in self._rules and any(not placed >> a & 1 for a in store.address | store.data):
                return False
        return 2 not in self._rules or not any(
            self._reads_another(load, source, younger, read[younger.number])
            for younger in self._operations[load.number + 1 :]
            if younger.thread == load.thread and younger.loads and placed >> younger.number & 1
        )

    def _reads_another(self, a: Operation, a_reads: Source, b: Operation, b_reads: Source) -> bool:
        """Rule 2 for `a`, `b` in program order: a word that both read from different stores."""
        return any(
            a_reads[cell] != b_reads[cell]
            and not any(
                op.thread == a.thread and op.stores and cell in op.cells
                for op in self._operations[a.number + 1 : b.number]
            )
            for cell in set(a_reads) & set(b_reads)
        )

    def _reserved(
        self, number: int, written: dict[Cell, tuple[int, ...]], read: dict[int, Source]
    ) -> Source:
        """What the LR of this number reads: it has been placed, unless rule 8 is left out. Then it
        will have to read what is there when its SC is placed."""
        cells = self._operations[number].cells
        return read.get(number) or {cell: written[cell][-1] for cell in cells}

    def _atomic(
        self,
        conditional: Operation,
        reserved: Source,
        placed: int,
        written: dict[Cell, tuple[int, ...]],
    ) -> bool:
        """Atomicity axiom, for an SC that is about to be placed and what its LR reads."""
        for cell, store in reserved.items():
            if store != _INITIAL and not placed >> store & 1:
                return False
            later = written[cell][written[cell].index(store) + 1 :]
            if any(self._operations[other].thread != conditional.thread for other in later):
                return False
        return True


def _outcome(
    test: Litmus,
    unfolding: Unfolding,
    written: dict[Cell, tuple[int, ...]],
    read: dict[int, Source],
) -> Outcome:
    """What the registers and memory hold at the end of a complete execution."""
    values = _Values(test, unfolding, read)
    registers = {
        (t, insn.rd): values.register(t, place)
        for t, thread in enumerate(test.threads)
        for place, insn in enumerate(thread)
        if insn.rd
    }
    memory = {
        (-1, name): values.word((name, 0), written[name, 0][-1])
        | values.word((name, 1), written[name, 1][-1]) << 32
        for name in test.locations
    }
    return tuple((registers | memory)[part] for part in test.observed)


class _Values:
    """Values of loads and stores, once it is known who reads from whom."""

    def __init__(self, test: Litmus, unfolding: Unfolding, read: dict[int, Source]):
        self._test = test
        self._operations = unfolding.operations
        self._by_place = {(op.thread, op.place): op for op in unfolding.operations}
        self._read = read

    def word(self, cell: Cell, store: int) -> int:
        """What a store left in a word."""
        location, half = cell
        if store == _INITIAL:
            return self._test.initial_value(location) >> 32 * half & _WORD
        op = self._operations[store]
        value = self.stored(op)
        return value & _WORD if op.insn.size == 4 else value >> 32 * half & _WORD

    def loaded(self, op: Operation) -> int:
        words = [self.word(cell, store) for cell, store in self._read[op.number].items()]
        return sum(word << 32 * place for place, word in enumerate(words))

    def stored(self, op: Operation) -> int:
        data = op.insn.data
        value = data if isinstance(data, int) else self._operand(op, data)
        match op.insn.amo:
            case "add":
                return self.loaded(op) + value
            case "or":
                return self.loaded(op) | value
            case _:
                return value

    def register(self, thread: int, place: int) -> int:
        """What the instruction at this place of a thread wrote into its register."""
        op = self._by_place.get((thread, place))
        if op is None:
            return 1  # an SC that failed
        return self.loaded(op) if op.loads else 0

    def _operand(self, op: Operation, register: str) -> int:
        """What a register holds when an instruction reads it."""
        thread = self._test.threads[op.thread][: op.place]
        for place in reversed(range(len(thread))):
            if thread[place].rd == register:
                return self.register(op.thread, place)
        return 0
