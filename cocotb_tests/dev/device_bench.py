"""cocotb: registers of the devices, as a hart reaches them."""

from __future__ import annotations

import cocotb

from cocotb_tests.mem.handles import Pins

from .systems import CYCLES_PER_TICK, HARTS

MSIP = 0x0200_0000
MTIMECMP = 0x0200_4000
MTIME = 0x0200_BFF8
SETSSIP = 0x02F0_0000
UART = 0x1000_0000
FINISHER = 0x0010_0000
RBR_THR, IER, IIR_FCR, LCR, MCR, LSR, MSR, SCR = range(UART, UART + 8)
ANSWER_CYCLES = 1
"""An access is answered in the cycle after it was first seen, with a latency of 0."""


class Devices:
    """One access at a time from one hart; collects what the devices tell the world."""

    def __init__(self, dut):
        self.pins = Pins(dut)
        self.cycle = 0
        self.latency = 0
        self.console: list[int] = []
        self.finished: list[int] = []
        self.raised: list[int] = []
        """What was on `set_ssip`, in the cycles in which anything was."""

    async def step(self) -> None:
        await self.pins.settle()
        if self.pins.read("uart_valid"):
            self.console.append(self.pins.read("uart_data"))
        if self.pins.read("finisher_valid"):
            self.finished.append(self.pins.read("finisher_value"))
        if raised := self.pins.read("set_ssip"):
            self.raised.append(raised)
        await self.pins.clock_edge()
        self.cycle += 1

    def present(self, hart: int, address: int, size: int, *, write: bool, wdata: int = 0) -> None:
        pin = f"harts__{hart}__"
        self.pins.write(pin + "valid", 1)
        self.pins.write(pin + "write", int(write))
        self.pins.write(pin + "paddr", address)
        self.pins.write(pin + "size", size)
        self.pins.write(pin + "wdata", wdata)

    async def access(
        self, address: int, size: int, *, write: bool, wdata: int = 0, hart: int = 0
    ) -> tuple[int, bool]:
        """The data read, and whether it was an error."""
        self.present(hart, address, size, write=write, wdata=wdata)
        for waited in range(self.latency + ANSWER_CYCLES + 1):
            await self.pins.settle()
            if self.pins.read(f"harts__{hart}__done"):
                assert waited == self.latency + ANSWER_CYCLES
                rdata = self.pins.read(f"harts__{hart}__rdata")
                error = bool(self.pins.read(f"harts__{hart}__error"))
                await self.step()
                self.pins.write(f"harts__{hart}__valid", 0)
                return rdata, error
            await self.step()
        raise AssertionError(f"no answer from {address:#x}")

    async def read(self, address: int, size: int = 0) -> int:
        rdata, error = await self.access(address, size, write=False)
        assert not error, f"error on a read of {address:#x}"
        return rdata & (1 << (8 << size)) - 1

    async def write(self, address: int, value: int, size: int = 0) -> None:
        _, error = await self.access(address, size, write=True, wdata=value)
        assert not error, f"error on a write of {address:#x}"


async def start(dut, latency: int = 0) -> Devices:
    devices = Devices(dut)
    devices.latency = latency
    inputs = {f"harts__{hart}__valid": 0 for hart in range(HARTS)}
    await devices.pins.reset({**inputs, "refuse": 0, "latency": latency})
    return devices


@cocotb.test()
async def mtime_counts_ticks(dut):
    devices = await start(dut)
    for _ in range(5 * CYCLES_PER_TICK):
        await devices.step()
    await devices.pins.settle()
    assert devices.pins.read("mtime") == 5
    await devices.write(MTIME, 0xFFFF_FFFF, size=3)
    for _ in range(CYCLES_PER_TICK):
        await devices.step()
    assert await devices.read(MTIME, size=3) == 0x1_0000_0000
    assert await devices.read(MTIME + 4, size=2) == 1
    await devices.write(MTIME + 4, 7, size=2)
    assert await devices.read(MTIME, size=3) >> 32 == 7


@cocotb.test()
async def timer_interrupt_is_pending_from_mtimecmp_on(dut):
    devices = await start(dut)
    await devices.write(MTIME, 100, size=3)
    assert devices.pins.read("mtip") == 0
    await devices.write(MTIMECMP + 8, 103, size=3)
    while devices.pins.read("mtime") < 103:
        assert devices.pins.read("mtip") == 0
        await devices.step()
        await devices.pins.settle()
    await devices.step()
    await devices.pins.settle()
    assert devices.pins.read("mtip") == 0b10
    await devices.write(MTIMECMP + 12, 1, size=2)
    await devices.step()
    await devices.pins.settle()
    assert devices.pins.read("mtip") == 0
    assert await devices.read(MTIMECMP + 8, size=3) == 0x1_0000_0067
    assert await devices.read(MTIMECMP + 8, size=2) == 0x67
    assert await devices.read(MTIMECMP, size=3) == (1 << 64) - 1


@cocotb.test()
async def software_interrupts_have_one_bit(dut):
    devices = await start(dut)
    await devices.write(MSIP + 4, 0xFFFF_FFFF, size=2)
    assert devices.pins.read("msip") == 0b10
    assert await devices.read(MSIP + 4, size=2) == 1
    assert await devices.read(MSIP, size=2) == 0
    await devices.write(MSIP + 4, 0xFFFF_FFFE, size=2)
    assert devices.pins.read("msip") == 0


@cocotb.test()
async def supervisor_software_interrupts_are_edges(dut):
    devices = await start(dut)
    await devices.write(SETSSIP + 4, 0xFFFF_FFFF, size=2)
    assert devices.raised == [0b10]
    assert await devices.read(SETSSIP + 4, size=2) == 0
    await devices.write(SETSSIP, 0xFFFF_FFFE, size=2)
    await devices.write(SETSSIP, 1, size=2)
    await devices.write(SETSSIP, 1, size=2)
    await devices.step()
    assert devices.raised == [0b10, 0b01, 0b01]


@cocotb.test()
async def every_hart_has_a_timer_of_its_own(dut):
    devices = await start(dut)
    await devices.write(MTIMECMP, 3, size=3)
    await devices.write(MTIMECMP + 8, 5, size=3)
    pending = {}
    for _ in range(6 * CYCLES_PER_TICK):
        await devices.step()
        await devices.pins.settle()
        pending.setdefault(devices.pins.read("mtip"), devices.pins.read("mtime"))
    assert pending == {0b00: 0, 0b01: 3, 0b11: 5}


@cocotb.test()
async def uart_prints(dut):
    devices = await start(dut)
    for byte in b"Hi\n":
        assert await devices.read(LSR) & 0x20
        await devices.write(RBR_THR, byte)
    assert bytes(devices.console) == b"Hi\n"
    await devices.write(LCR, 0x83)
    assert await devices.read(LCR) == 0x83
    await devices.write(RBR_THR, 0x12)
    await devices.write(IER, 0x34)
    assert (await devices.read(RBR_THR), await devices.read(IER)) == (0x12, 0x34)
    await devices.write(LCR, 0x03)
    assert bytes(devices.console) == b"Hi\n"
    assert await devices.read(IER) == 0


@cocotb.test()
async def uart_answers_the_probing_of_a_driver(dut):
    """What Linux's 8250 driver tries, in its order."""
    devices = await start(dut)
    await devices.write(IER, 0)
    assert await devices.read(IER) == 0
    await devices.write(IER, 0x0F)
    assert await devices.read(IER) == 0x0F
    await devices.write(IER, 0)
    await devices.write(MCR, 0x10 | 0x0A)
    assert await devices.read(MCR) == 0x1A
    assert await devices.read(MSR) & 0xF0 == 0x90
    await devices.write(MCR, 0)
    assert await devices.read(MSR) & 0xF0 == 0xB0
    await devices.write(IIR_FCR, 1)
    assert await devices.read(IIR_FCR) == 0xC1
    await devices.write(IIR_FCR, 0)
    assert await devices.read(IIR_FCR) == 0x01
    await devices.write(SCR, 0xA5)
    assert await devices.read(SCR) == 0xA5


@cocotb.test()
async def uart_identifies_its_transmit_interrupt(dut):
    devices = await start(dut)
    await devices.write(IER, 0x02)
    assert await devices.read(IIR_FCR) == 0x02
    assert await devices.read(IIR_FCR) == 0x01
    await devices.write(RBR_THR, 0x41)
    assert await devices.read(IIR_FCR) == 0x02


@cocotb.test()
async def finisher_reports_its_value_once(dut):
    devices = await start(dut)
    await devices.write(FINISHER, 0x0007_3333, size=2)
    assert devices.finished == [0x0007_3333]
    await devices.write(FINISHER, 0xFFFF_5555, size=1)
    assert devices.finished == [0x0007_3333, 0x5555]
    assert await devices.read(FINISHER, size=2) == 0
    assert len(devices.finished) == 2


@cocotb.test()
async def errors_where_there_is_no_register(dut):
    devices = await start(dut)
    wrong = [
        (MSIP, 3),
        (MSIP, 0),
        (MSIP + 4 * HARTS, 2),
        (MTIMECMP + 8 * HARTS, 3),
        (MTIME, 1),
        (SETSSIP, 3),
        (SETSSIP, 0),
        (SETSSIP + 4 * HARTS, 2),
        (UART, 2),
        (UART + 8, 0),
        (FINISHER, 0),
        (FINISHER, 3),
        (FINISHER + 4, 2),
        (0x0C00_0000, 2),
        (0x8000_0000, 3),
        (1 << 55 | UART, 0),
    ]
    for address, size in wrong:
        for write in (False, True):
            _, error = await devices.access(address, size, write=write, wdata=0x5555)
            assert error, f"no error for an access of {1 << size} bytes to {address:#x}"
    assert devices.console == []
    assert devices.finished == []
    assert devices.raised == []


@cocotb.test()
async def harts_take_turns(dut):
    devices = await start(dut)
    answered = []
    for hart in range(HARTS):
        devices.present(hart, UART, 0, write=True, wdata=0x30 + hart)
    for _ in range(12):
        await devices.pins.settle()
        answered += [h for h in range(HARTS) if devices.pins.read(f"harts__{h}__done")]
        await devices.step()
    assert devices.console[:4] == [0x30, 0x31, 0x30, 0x31]
    assert answered[:4] == [0, 1, 0, 1]


@cocotb.test()
async def an_access_is_on_its_way_for_the_latency(dut):
    """Its effect comes with its arrival, and other harts wait until then."""
    latency = 5
    devices = await start(dut, latency)
    await devices.write(SCR, 0x5A)
    assert await devices.read(SCR) == 0x5A
    _, error = await devices.access(UART, 3, write=True)
    assert error

    begin = devices.cycle
    for hart in range(HARTS):
        devices.present(hart, MSIP + 4 * hart, 2, write=True, wdata=1)
    effects = {}
    while len(effects) < HARTS:
        await devices.pins.settle()
        for hart in range(HARTS):
            if devices.pins.read("msip") >> hart & 1:
                effects.setdefault(hart, devices.cycle - begin)
            if devices.pins.read(f"harts__{hart}__done"):
                assert hart in effects
        answered = [hart for hart in effects if devices.pins.read(f"harts__{hart}__done")]
        await devices.step()
        for hart in answered:
            devices.pins.write(f"harts__{hart}__valid", 0)
    # A register has its new value in the cycle after the access.
    assert sorted(effects.values()) == [latency + 1, 2 * (latency + 1)]


@cocotb.test()
async def a_refused_access_is_made_once_and_later(dut):
    """The router refuses in some of the cycles; also in the cycle of the answer."""
    for pattern in range(16):
        devices = await start(dut)
        devices.present(1, UART, 0, write=True, wdata=0x41)
        answered = None
        for cycle in range(8):
            devices.pins.write("refuse", (pattern >> cycle & 1) << 1)
            await devices.pins.settle()
            if devices.pins.read("harts__1__done"):
                answered = cycle
                await devices.step()
                break
            await devices.step()
        devices.pins.write("harts__1__valid", 0)
        await devices.step()
        first_free = (~pattern & 31) & -(~pattern & 31)
        assert answered == first_free.bit_length() - 1 + ANSWER_CYCLES
        assert devices.console == [0x41]
