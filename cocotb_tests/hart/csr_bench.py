"""CSR file: what each register keeps of a write, and which interrupt is taken."""

import random

import cocotb

from cocotb_tests.mem.handles import Pins
from rtl.isa.csr_address import CsrAddress
from rtl.isa.privilege import Privilege

ONES = (1 << 64) - 1
PRIORITY = (11, 3, 7, 9, 1, 5)
MXL_64 = 2 << 62
SXL_UXL_64 = 0xA << 32
UXL_64 = 2 << 32


class Csrs:
    def __init__(self, dut):
        self.pins = Pins(dut)

    async def reset(self, honour_asid=1):
        names = ("write", "trap", "mret", "sret", "retired", "is_interrupt")
        inputs = {f"port__{name}": 0 for name in names}
        inputs |= {"msip": 0, "mtip": 0, "time": 0x1234, "hart_id": 3, "honour_asid": honour_asid}
        await self.pins.reset(inputs)

    async def step(self, **inputs):
        """One cycle with these inputs of the port at 1."""
        for name, value in inputs.items():
            self.pins.write(f"port__{name}", value)
        await self.pins.settle()
        await self.pins.clock_edge()
        for name in ("write", "trap", "mret", "sret", "retired"):
            self.pins.write(f"port__{name}", 0)

    async def write(self, csr: CsrAddress, value: int):
        await self.step(write=1, address=csr.value, write_data=value)

    async def read(self, csr: CsrAddress) -> int:
        self.pins.write("port__address", csr.value)
        await self.pins.settle()
        return self.pins.read("port__read_data")

    async def privilege(self) -> Privilege:
        await self.pins.settle()
        return Privilege(self.pins.read("privilege"))

    async def enter(self, privilege: Privilege):
        """From M-mode, by mret."""
        await self.write(CsrAddress.MSTATUS, privilege.value << 11)
        await self.step(mret=1)
        assert await self.privilege() is privilege


@cocotb.test()
async def fields_that_are_kept(dut):
    """(register, written, read back), each on its own after a reset."""
    table = [
        (CsrAddress.MSTATUS, ONES, SXL_UXL_64 | 0x7E_19AA),
        (CsrAddress.MSTATUS, 2 << 11, SXL_UXL_64),
        (CsrAddress.MISA, 0, MXL_64 | 0x14_1101),
        (CsrAddress.MEDELEG, ONES, 0xB3FF),
        (CsrAddress.MIDELEG, ONES, 0x222),
        (CsrAddress.MIE, ONES, 0xAAA),
        (CsrAddress.MIP, ONES, 0x222),
        (CsrAddress.MTVEC, ONES, ONES ^ 2),
        (CsrAddress.STVEC, ONES, ONES ^ 2),
        (CsrAddress.MEPC, ONES, ONES ^ 3),
        (CsrAddress.SEPC, ONES, ONES ^ 3),
        (CsrAddress.MSCRATCH, ONES, ONES),
        (CsrAddress.MCAUSE, ONES, ONES),
        (CsrAddress.STVAL, ONES, ONES),
        (CsrAddress.MCOUNTEREN, ONES, 7),
        (CsrAddress.SCOUNTEREN, ONES, 7),
        (CsrAddress.MCOUNTINHIBIT, ONES, 5),
        (CsrAddress.MENVCFG, ONES, 1),
        (CsrAddress.SENVCFG, ONES, 1),
        (CsrAddress.SSTATUS, ONES, UXL_64 | 0xC_0122),
        (CsrAddress.SIE, ONES, 0),
        (CsrAddress.SIP, ONES, 0),
        (CsrAddress.SATP, 8 << 60 | 0xABCD << 44 | 0x123, 8 << 60 | 0xABCD << 44 | 0x123),
        (CsrAddress.SATP, 9 << 60 | 0x123, 0),
        (CsrAddress.MHARTID, 0, 3),
        (CsrAddress.TIME, 0, 0x1234),
    ]
    csrs = Csrs(dut)
    for csr, written, kept in table:
        await csrs.reset()
        await csrs.write(csr, written)
        assert await csrs.read(csr) == kept, csr


@cocotb.test()
async def asid_that_is_not_honoured_reads_zero(dut):
    csrs = Csrs(dut)
    await csrs.reset(honour_asid=0)
    await csrs.write(CsrAddress.SATP, 8 << 60 | 0xABCD << 44 | 0x123)
    assert await csrs.read(CsrAddress.SATP) == 8 << 60 | 0x123


@cocotb.test()
async def supervisor_views(dut):
    csrs = Csrs(dut)
    await csrs.reset()
    await csrs.write(CsrAddress.MIDELEG, 0x22)
    await csrs.write(CsrAddress.MIE, 0xAAA)
    assert await csrs.read(CsrAddress.SIE) == 0x22
    await csrs.write(CsrAddress.SIE, 0x2)
    assert await csrs.read(CsrAddress.MIE) == 0xA8A
    await csrs.write(CsrAddress.MIP, 0x222)
    assert await csrs.read(CsrAddress.SIP) == 0x22
    await csrs.write(CsrAddress.SIP, 0)
    assert await csrs.read(CsrAddress.MIP) == 0x220, "only SSIP is writable from S-mode"


@cocotb.test()
async def interrupt_choice(dut):
    """Random enables, pending bits and modes against the rule of the privileged specification."""
    csrs = Csrs(dut)
    source = random.Random(5)
    for _ in range(150):
        await csrs.reset()
        privilege = source.choice(list(Privilege))
        mideleg, mie = source.getrandbits(12) & 0x222, source.getrandbits(12) & 0xAAA
        software = source.getrandbits(12) & 0x222
        msip, mtip, global_m, global_s = (source.getrandbits(1) for _ in range(4))
        await csrs.enter(privilege)
        await csrs.write(CsrAddress.MIDELEG, mideleg)
        await csrs.write(CsrAddress.MIE, mie)
        await csrs.write(CsrAddress.MIP, software)
        await csrs.write(CsrAddress.MSTATUS, global_m << 3 | global_s << 1)
        csrs.pins.write("msip", msip)
        csrs.pins.write("mtip", mtip)
        await csrs.pins.settle()

        ready = mie & (software | msip << 3 | mtip << 7)
        to_m = ready & ~mideleg if privilege is not Privilege.M or global_m else 0
        s_enabled = privilege is Privilege.U or (privilege is Privilege.S and global_s)
        chosen = to_m or (ready & mideleg if s_enabled else 0)
        code = next((number for number in PRIORITY if chosen >> number & 1), None)
        assert csrs.pins.read("interrupt_pending") == (code is not None)
        assert code is None or csrs.pins.read("interrupt_code") == code
        assert csrs.pins.read("port__wake") == (ready != 0)


@cocotb.test()
async def trap_and_return(dut):
    csrs = Csrs(dut)
    await csrs.reset()
    await csrs.write(CsrAddress.MEDELEG, 1 << 12)
    await csrs.write(CsrAddress.MTVEC, 0x8000_1001)
    await csrs.write(CsrAddress.STVEC, 0x8000_2000)
    await csrs.enter(Privilege.U)
    await csrs.write(CsrAddress.SSTATUS, 1 << 1)

    await csrs.step(trap=1, code=12, pc=0x1000, value=0x1004)
    assert await csrs.privilege() is Privilege.S
    assert await csrs.read(CsrAddress.SEPC) == 0x1000
    assert await csrs.read(CsrAddress.SCAUSE) == 12
    assert await csrs.read(CsrAddress.STVAL) == 0x1004
    assert await csrs.read(CsrAddress.SSTATUS) == UXL_64 | 1 << 5, "SPIE, and SPP of U-mode"

    csrs.pins.write("port__is_interrupt", 1)
    csrs.pins.write("port__code", 7)
    await csrs.pins.settle()
    assert csrs.pins.read("port__vector") == 0x8000_1000 + 4 * 7, "vectored, not delegated"
    await csrs.step(trap=1, pc=0x2000, value=0)
    csrs.pins.write("port__is_interrupt", 0)
    assert await csrs.privilege() is Privilege.M
    assert await csrs.read(CsrAddress.MCAUSE) == 1 << 63 | 7
    assert await csrs.read(CsrAddress.MSTATUS) >> 11 & 3 == Privilege.S.value

    await csrs.step(mret=1)
    assert await csrs.privilege() is Privilege.S
    csrs.pins.write("port__sret", 1)
    await csrs.pins.settle()
    assert csrs.pins.read("port__return_pc") == 0x1000
    await csrs.step(sret=1)
    assert await csrs.privilege() is Privilege.U
    assert await csrs.read(CsrAddress.SSTATUS) == UXL_64 | 1 << 5 | 1 << 1


@cocotb.test()
async def counters(dut):
    csrs = Csrs(dut)
    await csrs.reset()
    await csrs.write(CsrAddress.MCYCLE, 100)
    assert await csrs.read(CsrAddress.MCYCLE) == 100
    await csrs.step()
    assert await csrs.read(CsrAddress.CYCLE) == 101
    await csrs.write(CsrAddress.MINSTRET, 5)
    await csrs.step(retired=1)
    await csrs.step()
    assert await csrs.read(CsrAddress.INSTRET) == 6
    await csrs.write(CsrAddress.MCOUNTINHIBIT, 5)
    before = await csrs.read(CsrAddress.MCYCLE)
    await csrs.step(retired=1)
    assert await csrs.read(CsrAddress.MCYCLE) == before
    assert await csrs.read(CsrAddress.MINSTRET) == 6
