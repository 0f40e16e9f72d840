"""Registers and check of the physical memory protection against the specification in bytes."""

import random

import cocotb
from cocotb.triggers import FallingEdge, Timer

from cocotb_tests.mem.handles import Pins
from cocotb_tests.models.pmp import LOCKED, M_MODE, NAPOT, TOR, Pmp, R, W, X
from rtl.isa.csr_address import PMPADDR_BASE, CsrAddress
from rtl.isa.pmp import PMP_ENTRIES, PMP_GRAIN_BITS, PMPADDR_BITS
from rtl.isa.privilege import Privilege

ACCESSES = ((0, X), (1, R), (2, W))
OPEN = NAPOT << 3 | R | W | X


class Bench:
    def __init__(self, dut):
        self.dut = dut
        self.pins = Pins(dut)
        self.model = Pmp(PMP_ENTRIES, PMP_GRAIN_BITS)

    async def reset(self) -> None:
        await self.pins.reset({"csr__valid": 0, "csr__address": 0, "csr__data": 0})
        self.model = Pmp(PMP_ENTRIES, PMP_GRAIN_BITS)

    async def write(self, address: int, value: int) -> None:
        self.pins.write("csr__valid", 1)
        self.pins.write("csr__address", address)
        self.pins.write("csr__data", value)
        await self.pins.settle()
        await self.pins.clock_edge()
        self.pins.write("csr__valid", 0)

    async def config(self, value: int) -> None:
        await self.write(CsrAddress.PMPCFG0.value, value)
        self.model.write_config(value)

    async def address(self, entry: int, value: int) -> None:
        await self.write(PMPADDR_BASE + entry, value)
        self.model.write_address(entry, value)

    async def registers_agree(self) -> None:
        await self.pins.settle()
        assert self.pins.read("pmpcfg0") == self.model.read_config()
        for entry in range(PMP_ENTRIES):
            assert self.pins.read(f"pmpaddr__{entry}") == self.model.read_address(entry), entry

    async def access_agrees(self, address: int) -> None:
        for mode in Privilege:
            for access, right in ACCESSES:
                self.pins.write("ppn", address >> 12)
                self.pins.write("access", access)
                self.pins.write("privilege", mode.value)
                await Timer(1, unit="step")
                expected = self.model.permits(address, right, mode.value)
                assert bool(self.pins.read("denied")) != expected, (hex(address), mode, right)

    async def borders_agree(self) -> None:
        """Both sides of every border, and somewhere in between."""
        places = {0, (1 << 56) - 1}
        for entry in range(PMP_ENTRIES):
            first, end = self.model.region(entry)
            places |= {first - 1, first, (first + end) // 2, end - 1, end}
        for place in places:
            if 0 <= place < 1 << 56:
                await self.access_agrees(place)


def random_address(rng: random.Random) -> int:
    """NAPOT patterns of every size, borders near one another, and anything."""
    kind = rng.randrange(3)
    if kind == 0:
        ones = rng.randrange(PMPADDR_BITS + 1)
        return (rng.getrandbits(PMPADDR_BITS) >> ones << ones | (1 << ones) - 1) % (1 << 54)
    if kind == 1:
        return (0x8000_0000 >> 2) + rng.randrange(1 << 14)
    return rng.getrandbits(64)


@cocotb.test()
async def closed_to_all_but_machine_mode_after_reset(dut):
    bench = Bench(dut)
    await bench.reset()
    await bench.registers_agree()
    await bench.access_agrees(0x8000_0000)


@cocotb.test()
async def one_entry_can_open_everything(dut):
    bench = Bench(dut)
    await bench.reset()
    await bench.address(0, (1 << 64) - 1)
    await bench.config(OPEN)
    await bench.registers_agree()
    for place in (0, 0x8000_0000, (1 << 56) - 1):
        await bench.access_agrees(place)
        assert not bench.pins.read("denied")


@cocotb.test()
async def an_address_that_is_off_shows_the_granularity(dut):
    """What riscv-tests' pmpaddr does: software finds G as the lowest bit that holds a one."""
    bench = Bench(dut)
    await bench.reset()
    await bench.address(0, (1 << 64) - 1)
    await bench.pins.settle()
    value = bench.pins.read("pmpaddr__0")
    assert value & -value == 1 << PMP_GRAIN_BITS
    assert value >> PMPADDR_BITS == 0


@cocotb.test()
async def a_locked_range_binds_machine_mode_and_keeps_both_its_ends(dut):
    bench = Bench(dut)
    await bench.reset()
    await bench.address(0, 0x8000_0000 >> 2)
    await bench.address(1, 0x8000_4000 >> 2)
    await bench.config((LOCKED | TOR << 3 | R) << 8)
    for entry in (0, 1):
        await bench.address(entry, 0)
    await bench.config(0)
    await bench.registers_agree()
    assert bench.model.region(1) == (0x8000_0000, 0x8000_4000)
    assert not bench.model.permits(0x8000_0000, W, M_MODE)
    await bench.borders_agree()


@cocotb.test()
async def random_registers(dut):
    rng = random.Random(5)
    bench = Bench(dut)
    for _ in range(60):
        await bench.reset()
        for _ in range(12):
            if rng.random() < 0.3:
                locks = 0 if rng.random() < 0.7 else LOCKED << 8 * rng.randrange(PMP_ENTRIES)
                unlocked = sum(0x7F << 8 * entry for entry in range(8))
                await bench.config(rng.getrandbits(64) & unlocked | locks)
            else:
                await bench.address(rng.randrange(PMP_ENTRIES), random_address(rng))
            await bench.registers_agree()
        await bench.borders_agree()


@cocotb.test()
async def other_registers_change_nothing(dut):
    bench = Bench(dut)
    await bench.reset()
    for address in (CsrAddress.PMPCFG2.value, PMPADDR_BASE + PMP_ENTRIES, PMPADDR_BASE + 15):
        await bench.write(address, (1 << 64) - 1)
    await FallingEdge(dut.clk)
    await bench.registers_agree()
    await bench.access_agrees(0x8000_0000)
