"""Which interrupt is taken: every pattern of mip, mie and mideleg in every mode."""

import itertools

import cocotb

from cocotb_tests.mem.handles import Pins
from cocotb_tests.models.csr_file import DELEGABLE, MSI, MTI, PRIORITY, SSI, interrupt_choice
from cocotb_tests.models.csr_listing import ADDRESS_OF, M, S, U

MODES = ((M, 0, 1), (M, 1, 0), (S, 1, 0), (S, 0, 1), (U, 0, 0))
"""(mode, mstatus.MIE, mstatus.SIE)"""


def _subsets(mask: int):
    bits = [1 << bit for bit in range(16) if mask >> bit & 1]
    for chosen in itertools.product((0, 1), repeat=len(bits)):
        yield sum(bit for bit, taken in zip(bits, chosen, strict=True) if taken)


class Control:
    def __init__(self, dut):
        self.pins = Pins(dut)

    async def write(self, name: str, value: int) -> None:
        self.pins.write("csr__valid", 1)
        self.pins.write("csr__address", ADDRESS_OF[name])
        self.pins.write("csr__data", value)
        await self.pins.settle()
        await self.pins.clock_edge()
        self.pins.write("csr__valid", 0)

    async def choice(self) -> int | None:
        await self.pins.settle()
        return self.pins.read("code") if self.pins.read("pending") else None


@cocotb.test()
async def every_pattern(dut):
    """No line of the machine raises MEI, so that it is enabled but never pending."""
    control = Control(dut)
    pins = control.pins
    names = ("csr__valid", "msip", "mtip", "set_ssip", "stce", "timer_pending", "mideleg")
    await pins.reset(dict.fromkeys((*names, "privilege", "mstatus_mie", "mstatus_sie"), 0))
    lines = 1 << MSI | 1 << MTI
    for mie in _subsets(sum(1 << code for code in PRIORITY)):
        await control.write("mie", mie)
        for mip in _subsets(DELEGABLE | lines):
            await control.write("mip", mip)
            pins.write("msip", mip >> MSI & 1)
            pins.write("mtip", mip >> MTI & 1)
            ready = mie & mip
            for mideleg, (mode, mie_bit, sie_bit) in itertools.product(_subsets(DELEGABLE), MODES):
                pins.write("mideleg", mideleg)
                pins.write("privilege", mode)
                pins.write("mstatus_mie", mie_bit)
                pins.write("mstatus_sie", sie_bit)
                code = await control.choice()
                expected = interrupt_choice(ready, mideleg, mode, bool(mie_bit), bool(sie_bit))
                assert code == expected, (hex(mie), hex(mip), hex(mideleg), mode)
                assert pins.read("wake") == (ready != 0)


@cocotb.test()
async def an_edge_raises_ssip(dut):
    """It stays until software clears it, and is not lost to an instruction of the same cycle."""
    control = Control(dut)
    pins = control.pins
    names = ("csr__valid", "msip", "mtip", "set_ssip", "stce", "timer_pending", "mideleg")
    await pins.reset(dict.fromkeys((*names, "privilege", "mstatus_mie", "mstatus_sie"), 0))
    ssip = 1 << SSI

    async def pending_after(**written: int) -> int:
        pins.write("set_ssip", 1)
        for name, value in written.items():
            await control.write(name, value)
        if not written:
            await pins.settle()
            await pins.clock_edge()
        pins.write("set_ssip", 0)
        await pins.settle()
        return pins.read("mip")

    assert await pending_after() == ssip
    await pins.clock_edge()
    await pins.settle()
    assert pins.read("mip") == ssip
    await control.write("mip", 0)
    await pins.settle()
    assert pins.read("mip") == 0
    assert await pending_after(mip=0) == ssip
    await control.write("mip", 0)
    pins.write("mideleg", ssip)
    assert await pending_after(sip=0) == ssip
    await control.write("sip", 0)
    await pins.settle()
    assert pins.read("mip") == 0


@cocotb.test()
async def timer_of_supervisor(dut):
    """With STCE the comparison alone decides about STIP, for the choice too."""
    control = Control(dut)
    pins = control.pins
    inputs = ("csr__valid", "msip", "mtip", "set_ssip", "mideleg", "mstatus_mie", "mstatus_sie")
    await pins.reset(dict.fromkeys(inputs, 0) | {"privilege": U, "stce": 0, "timer_pending": 0})
    await control.write("mie", 1 << 5)
    for written, stce, pending in itertools.product((0, 1), repeat=3):
        pins.write("stce", 0)
        await control.write("mip", written << 5)
        pins.write("stce", stce)
        pins.write("timer_pending", pending)
        taken = pending if stce else written
        assert await control.choice() == (5 if taken else None), (written, stce, pending)
