"""cocotb: fences for all harts, those of their own, and accesses that are under way."""

import random

import cocotb

from cocotb_tests.mem.handles import Pins

from .broadcast_system import HARTS

WAIT = 2
"""Cycles that a fence takes where nothing is in its way."""


class Bench:
    def __init__(self, dut):
        self.pins = Pins(dut)
        self.cycle = 0
        self.fences: list[tuple[int, int, int]] = []
        """(cycle, hart, vaddr) of every fence that an MMU makes."""
        self.done: dict[int, int] = {}

    async def reset(self) -> None:
        inputs = {f"{kind}__{hart}__valid": 0 for kind in ("own", "outgoing") for hart in _ALL}
        await self.pins.reset({**inputs, "in_flight": 0})

    def fence(self, kind: str, hart: int, vaddr: int) -> None:
        self.pins.write(f"{kind}__{hart}__valid", 1)
        self.pins.write(f"{kind}__{hart}__vaddr", vaddr)

    async def step(self) -> None:
        """One cycle; a fence for all is withdrawn when it is done."""
        await self.pins.settle()
        read = self.pins.read
        for hart in _ALL:
            if read(f"mmu__{hart}__valid"):
                self.fences.append((self.cycle, hart, read(f"mmu__{hart}__vaddr")))
        done = read("done")
        await self.pins.clock_edge()
        for hart in _ALL:
            self.pins.write(f"own__{hart}__valid", 0)
            if done >> hart & 1:
                self.done[hart] = self.cycle
                self.pins.write(f"outgoing__{hart}__valid", 0)
        self.cycle += 1


_ALL = range(HARTS)


@cocotb.test()
async def it_reaches_the_others_in_the_next_cycle(dut):
    bench = Bench(dut)
    await bench.reset()
    bench.fence("outgoing", 1, 0x5000)
    for _ in range(6):
        await bench.step()
    assert bench.fences == [(1, 0, 0x5000), (1, 2, 0x5000)]
    assert bench.done == {1: WAIT}


@cocotb.test()
async def a_fence_of_its_own_goes_first(dut):
    bench = Bench(dut)
    await bench.reset()
    bench.fence("outgoing", 1, 0x5000)
    await bench.step()
    bench.fence("own", 2, 0x7000)
    for _ in range(6):
        await bench.step()
    assert bench.fences == [(1, 0, 0x5000), (1, 2, 0x7000), (2, 2, 0x5000)]
    assert bench.done == {1: WAIT + 1}


@cocotb.test()
async def it_waits_for_what_was_translated_before(dut):
    """Also for what is under way in the very cycle of the fence, and for no longer."""
    for begin, end in ((0, 9), (1, 9), (1, 2), (2, 9)):
        bench = Bench(dut)
        await bench.reset()
        bench.fence("outgoing", 0, 0x5000)
        for cycle in range(14):
            bench.pins.write("in_flight", 0b100 if begin <= cycle < end else 0)
            await bench.step()
        # Taken in cycle 1: what begins later was translated after it.
        expected = WAIT if begin > 1 else max(WAIT, end + 1)
        assert bench.done == {0: expected}, (begin, end)
        assert bench.pins.read("settling") == 0


@cocotb.test()
async def initiators_take_turns_and_take_the_fences_of_others(dut):
    bench = Bench(dut)
    await bench.reset()
    rng = random.Random(1)
    sent = dict.fromkeys(_ALL, 0)
    for cycle in range(3000):
        for hart in _ALL:
            if not bench.pins.read(f"outgoing__{hart}__valid") and cycle < 2900:
                sent[hart] += 1
                bench.fence("outgoing", hart, hart << 12 | sent[hart])
        bench.pins.write("in_flight", rng.getrandbits(HARTS))
        await bench.step()
    assert min(sent.values()) > 0.9 * max(sent.values()) > 100
    for hart in _ALL:
        seen = [vaddr for _, taker, vaddr in bench.fences if taker == hart]
        for other in _ALL:
            numbers = [vaddr & 0xFFF for vaddr in seen if vaddr >> 12 == other]
            assert numbers == (list(range(1, sent[other] + 1)) if other != hart else [])
