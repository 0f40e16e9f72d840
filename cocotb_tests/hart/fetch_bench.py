"""The fetch unit under random code, stalls, redirections and a predictor that is told anything.

The bench is a core that executes each instruction as soon as it takes it: what comes next is right
iff the fetch unit's `next_pc` is where the instruction leads. Whatever the predictor believes, each
instruction must have the bits that memory has at its pc, or the fault of the half that has none.
"""

import os
import random

import cocotb

from cocotb_tests.mem.handles import Pins
from rtl.hart.prediction import BranchKind
from rtl.mmu.ports import TranslationFault

_BASE, _PAGES, _PAGE = 0x4000_0000, 4, 4096
_FAULTY = {1: TranslationFault.PAGE, 3: TranslationFault.ACCESS}
"""Faults by page; a faulty page follows each of the others."""

_CYCLES = 12_000
_PATIENCE = 200
"""Cycles in which something must come, however much is withheld."""


def _parcel(source: random.Random) -> int:
    """Many branches and jumps that go a little way."""
    kind = source.randrange(10)
    bits = source.getrandbits(16)
    if kind < 2:
        return bits & 0x107C | 0xA001 | source.choice((0, 0x4000, 0x6000))  # c.j, c.beqz, c.bnez
    if kind < 3:
        return source.choice((0x8082, 0x8502, 0x9502, 0x9002))  # ret, jr, jalr, ebreak
    if kind < 5:
        opcode = source.choice((0x6F, 0xEF, 0x63, 0x67))  # jal, jal ra, branch, jalr
        return bits & 0xF000 | opcode
    return bits


class _Code:
    """Memory, and where each instruction in it leads."""

    def __init__(self, source: random.Random):
        self._source = source
        count = _PAGES * _PAGE // 2
        self._parcels = [_parcel(source) for _ in range(count)]
        for page in range(1, _PAGES + 1):
            self._parcels[page * _PAGE // 2 - 1] |= 3  # goes on in the next page
        self._next: dict[int, int] = {}

    def parcel(self, pc: int) -> int:
        return self._parcels[(pc - _BASE) // 2 % len(self._parcels)]

    def word(self, pc: int) -> int:
        return self.parcel(pc & ~3) | self.parcel((pc & ~3) + 2) << 16

    def fault(self, pc: int) -> TranslationFault:
        page = (pc - _BASE) // _PAGE
        return _FAULTY.get(page, TranslationFault.NONE if page in range(_PAGES) else _FAULTY[1])

    def length(self, pc: int) -> int:
        return 4 if self.parcel(pc) & 3 == 3 else 2

    def anywhere(self) -> int:
        """In a page that does not fault, more often than not near the end of it."""
        page = _BASE + self._source.choice((0, 2)) * _PAGE
        return page + 2 * self._source.choice(
            (
                self._source.randrange(_PAGE // 2),
                self._source.randrange(_PAGE // 2 - 5, _PAGE // 2),
            )
        )

    def leads_to(self, pc: int) -> int:
        """Mostly to where it led the last time."""
        behind = pc + self.length(pc)
        if pc not in self._next or self._source.random() < 0.1:
            likely = (behind, behind, behind + 2 * self._source.randrange(-20, 20), self.anywhere())
            self._next[pc] = self._source.choice(likely)
        return self._next[pc]


class _Bench:
    def __init__(self, dut, seed: int):
        self.pins = Pins(dut)
        self.source = random.Random(seed)
        self.code = _Code(self.source)
        self.expected = self.code.anywhere()
        self.redirections = 0
        self.faults = 0
        self.crossings = 0
        self.instructions = 0
        self._accepted = False
        self._index = 0
        self._waiting = 0

    async def start(self) -> None:
        names = ("redirect", "take", "translation__ready", "icache__s0_ready", "icache__s1_done")
        await self.pins.reset(
            {
                **dict.fromkeys(names, 0),
                "reset_pc": self.expected,
                "context": 0,
                "outcome__valid": 0,
                "outcome__wrong": 0,
            }
        )
        # The cycle in which F0 takes up the reset pc.
        await self.pins.settle()
        await self.pins.clock_edge()

    def _maybe(self, probability: float) -> int:
        return int(self.source.random() < probability)

    async def _memory(self, generous: float) -> None:
        """Answers what is asked for, or withholds it."""
        pins = self.pins
        valid = pins.read("translation__valid")
        vaddr = pins.read("translation__vaddr")
        fault = self.code.fault(vaddr)
        pins.write("translation__ready", valid and self._maybe(generous))
        pins.write("translation__fault", fault.value)
        pins.write("translation__paddr", vaddr & (1 << 56) - 1)
        pins.write("translation__pte", vaddr >> 12)
        pins.write("icache__s0_ready", self._maybe(generous))
        await pins.settle()
        asked = pins.read("icache__s1_valid")
        if asked:
            paddr = pins.read("icache__s1_paddr")
            assert self._accepted, "an access in s1 that was not in s0"
            assert paddr & 0xFFF == self._index
            assert fault is TranslationFault.NONE
            pins.write("icache__s1_word", self.code.word(paddr))
        pins.write("icache__s1_done", asked and self._maybe(generous))
        await pins.settle()

    def _teach(self, pc: int, leads_to: int, *, wrong: bool, nonsense: bool) -> None:
        """Report the instruction at `pc`, truly or not."""
        pins, source, length = self.pins, self.source, self.code.length(pc)
        taken = leads_to != pc + length
        if nonsense:
            pc, taken = self.code.anywhere(), bool(self._maybe(0.5))
        is_branch = self._maybe(0.5)
        pins.write("outcome__valid", 1)
        pins.write("outcome__wrong", int(wrong))
        pins.write("outcome__last_pc", pc + length - 2)
        pins.write("outcome__is_branch", is_branch)
        pins.write("outcome__is_jump", int(not is_branch and (taken or nonsense)))
        pins.write("outcome__taken", int(taken))
        pins.write("outcome__kind", source.choice(list(BranchKind)).value)
        pins.write("outcome__prediction", source.getrandbits(15))

    def _check_head(self, pc: int) -> bool:
        """Whether the instruction can be executed: it did not fault."""
        pins, code = self.pins, self.code
        assert pins.read("head__pc") == pc
        fault = TranslationFault(pins.read("head__fault"))
        first = code.fault(pc)
        if first is not TranslationFault.NONE:
            assert (fault, pins.read("head__second_half")) == (first, 0), hex(pc)
            return False
        length = code.length(pc)
        second = code.fault(pc + 2) if length == 4 else TranslationFault.NONE
        assert fault is second, hex(pc)
        assert pins.read("head__ppn") == pc >> 12
        assert pins.read("head__pte") == pc >> 12
        if second is not TranslationFault.NONE:
            assert pins.read("head__second_half")
            self.crossings += 1
            return False
        assert pins.read("head__compressed") == (length == 2), hex(pc)
        bits = code.parcel(pc) | (code.parcel(pc + 2) << 16 if length == 4 else 0)
        assert pins.read("head__word") & (1 << 8 * length) - 1 == bits, hex(pc)
        return True

    async def run(self, cycles: int, *, generous: float, take: float, nonsense: float) -> None:
        """Cycles of it: how likely answers, takes and reports of something untrue are."""
        pins = self.pins
        executed: int | None = None
        waits_for: int | None = self.expected
        last_next: int | None = None
        for _ in range(cycles):
            for name in ("redirect", "take", "outcome__valid", "outcome__wrong"):
                pins.write(name, 0)
            await pins.settle()
            next_pc = pins.read("next_pc")
            assert last_next in {None, next_pc}, "what comes next changed its mind"
            last_next = next_pc
            redirect_to = None
            if waits_for is None or self._maybe(0.01):
                # What the last instruction was, a trap leads elsewhere.
                if self._maybe(0.3):
                    redirect_to = self.code.anywhere()
            elif next_pc != waits_for and self._maybe(0.7):
                redirect_to = waits_for
            if redirect_to is not None:
                pins.write("redirect", 1)
                pins.write("redirect_pc", redirect_to)
                self.redirections += 1
            if executed is not None and waits_for is not None:
                self._teach(
                    executed,
                    waits_for,
                    wrong=redirect_to is not None,
                    nonsense=self._maybe(nonsense) == 1,
                )
            await self._memory(generous)
            if redirect_to is not None:
                executed, waits_for, last_next = None, redirect_to, redirect_to
                self._waiting = 0
            elif (
                waits_for is not None
                and next_pc == waits_for
                and pins.read("valid")
                and self._maybe(take)
            ):
                pins.write("take", 1)
                await pins.settle()
                if self._check_head(waits_for):
                    executed = waits_for
                    waits_for = self.code.leads_to(executed)
                    self.instructions += 1
                else:
                    executed, waits_for = None, None
                    self.faults += 1
                last_next = None
                self._waiting = 0
            self._waiting += 1
            assert self._waiting < _PATIENCE, "nothing comes"
            self._accepted = bool(pins.read("icache__s0_valid") and pins.read("icache__s0_ready"))
            self._index = pins.read("icache__s0_index")
            await pins.clock_edge()
        self.expected = waits_for or self.code.anywhere()


@cocotb.test()
async def every_instruction_is_what_memory_has(dut):
    seed = int(os.environ.get("FETCH_SEED", "1"))
    for number, (generous, take, nonsense) in enumerate(
        ((1.0, 1.0, 0.0), (0.7, 0.7, 0.2), (0.9, 0.3, 1.0), (0.4, 1.0, 0.5))
    ):
        bench = _Bench(dut, 1000 * seed + number)
        await bench.start()
        await bench.run(_CYCLES, generous=generous, take=take, nonsense=nonsense)
        assert bench.instructions > _CYCLES // 40
        assert bench.redirections > 100
        assert bench.faults > 10
        assert bench.crossings > 0
