"""CSR file, one behaviour at a time; `csr_random_bench` compares everything at once."""

import cocotb

from cocotb_tests.hart.csr_driver import Csrs
from rtl.isa.csr_address import CsrAddress
from rtl.isa.privilege import Privilege, TranslationContext
from rtl.trace.cycle import EventSignature

ONES = (1 << 64) - 1
MXL_64 = 2 << 62
SXL_UXL_64 = 0xA << 32
UXL_64 = 2 << 32
SD = 1 << 63
STCE = 1 << 63
ADUE = 1 << 61


@cocotb.test()
async def fields_that_are_kept(dut):
    """(register, written, read back), each on its own after a reset."""
    table = [
        (CsrAddress.MSTATUS, ONES, SD | SXL_UXL_64 | 0x7E_79AA),
        (CsrAddress.MSTATUS, 2 << 11, SXL_UXL_64),
        (CsrAddress.MSTATUS, 2 << 13, SXL_UXL_64 | 2 << 13),
        (CsrAddress.MISA, 0, MXL_64 | 0x14_1105),
        (CsrAddress.MEDELEG, ONES, 0xB3FE),
        (CsrAddress.MIDELEG, ONES, 0x222),
        (CsrAddress.MIE, ONES, 0xAAA),
        (CsrAddress.MIP, ONES, 0x222),
        (CsrAddress.MTVEC, ONES, ONES ^ 2),
        (CsrAddress.STVEC, ONES, ONES ^ 2),
        (CsrAddress.MEPC, ONES, ONES ^ 1),
        (CsrAddress.SEPC, ONES, ONES ^ 1),
        (CsrAddress.MSCRATCH, ONES, ONES),
        (CsrAddress.MCAUSE, ONES, ONES),
        (CsrAddress.STVAL, ONES, ONES),
        (CsrAddress.MCOUNTEREN, ONES, 0xFFFF_FFFF),
        (CsrAddress.SCOUNTEREN, ONES, 0xFFFF_FFFF),
        (CsrAddress.MCOUNTINHIBIT, ONES, 0xFFFF_FFFD),
        (CsrAddress.MENVCFG, ONES, STCE | 1),
        (CsrAddress.SENVCFG, ONES, 1),
        (CsrAddress.SSTATUS, ONES, SD | UXL_64 | 0xC_6122),
        (CsrAddress.SIE, ONES, 0),
        (CsrAddress.SIP, ONES, 0),
        (CsrAddress.SATP, 8 << 60 | 0xABCD << 44 | 0x123, 8 << 60 | 0xABCD << 44 | 0x123),
        (CsrAddress.SATP, 9 << 60 | 0x123, 0),
        (CsrAddress.STIMECMP, ONES, ONES),
        (CsrAddress.TSELECT, ONES, 0),
        (CsrAddress.TDATA1, ONES, 0),
        (CsrAddress.TDATA2, ONES, 0),
        (CsrAddress.TDATA3, ONES, 0),
        (CsrAddress.TINFO, ONES, 1),
        (CsrAddress.MVENDORID, 0, 0),
        (CsrAddress.MARCHID, 0, 0),
        (CsrAddress.MIMPID, 0, 0),
        (CsrAddress.MCONFIGPTR, 0, 0),
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


@cocotb.test()
async def adue_needs_its_strap(dut):
    csrs = Csrs(dut)
    await csrs.reset(svadu=1)
    await csrs.write(CsrAddress.MENVCFG, ADUE)
    assert await csrs.read(CsrAddress.MENVCFG) == ADUE
    assert TranslationContext.from_bits(csrs.pins.read("data_context")).hardware_ad_update


@cocotb.test()
async def stimecmp_at_its_edge(dut):
    """STIP follows the comparison, unsigned, from the moment in which time equals stimecmp."""
    csrs = Csrs(dut)
    await csrs.reset()
    stip = 1 << 5
    await csrs.write(CsrAddress.STIMECMP, 1000)
    for time in (999, 1000, 1001, ONES):
        csrs.pins.write("time", time)
        assert await csrs.read(CsrAddress.MIP) == 0, "without STCE nothing is compared"
    await csrs.write(CsrAddress.MENVCFG, STCE)
    for time, pending in (
        (0, 0),
        (999, 0),
        (1000, stip),
        (1001, stip),
        (1 << 63, stip),
        (ONES, stip),
    ):
        csrs.pins.write("time", time)
        assert await csrs.read(CsrAddress.MIP) == pending, time
    await csrs.write(CsrAddress.MIP, 0)
    assert await csrs.read(CsrAddress.MIP) == stip, "the comparison cannot be written"
    await csrs.write(CsrAddress.STIMECMP, ONES)
    csrs.pins.write("time", ONES - 1)
    await csrs.write(CsrAddress.MIP, ONES)
    assert await csrs.read(CsrAddress.MIP) == 0x202
    await csrs.write(CsrAddress.MENVCFG, 0)
    assert await csrs.read(CsrAddress.MIP) == 0x202, "what was written while STCE was set"
    await csrs.write(CsrAddress.MIP, stip)
    await csrs.write(CsrAddress.MENVCFG, STCE)
    await csrs.write(CsrAddress.MENVCFG, 0)
    assert await csrs.read(CsrAddress.MIP) == stip, "what was written before STCE was set"


@cocotb.test()
async def event_counters(dut):
    """Each counter with each selector: its event counts, in every cycle in which it is high."""
    csrs = Csrs(dut)
    events = tuple(EventSignature().members)
    for number in range(3, 32):
        await csrs.reset()
        selector, counter, view = 0x320 + number, 0xB00 + number, 0xC00 + number
        for selected in (*range(len(events) + 1), 15):
            await csrs.step(write=1, address=selector, write_data=0xFFF0 | selected)
            await csrs.step(write=1, address=counter, write_data=7)
            for pulsed in events:
                csrs.pins.write(f"events__{pulsed}", 1)
                await csrs.step()
                await csrs.step()
                csrs.pins.write(f"events__{pulsed}", 0)
            works = number < 11
            counted = 2 if selected in range(1, len(events) + 1) else 0
            assert await csrs.read_address(selector) == (selected if works else 0)
            assert await csrs.read_address(counter) == (7 + counted if works else 0), number
            assert await csrs.read_address(view) == (7 + counted if works else 0)
        await csrs.write(CsrAddress.MCOUNTINHIBIT, 1 << number)
        before = await csrs.read_address(counter)
        await csrs.step(write=1, address=selector, write_data=1)
        csrs.pins.write("events__itlb_miss", 1)
        await csrs.step()
        csrs.pins.write("events__itlb_miss", 0)
        assert await csrs.read_address(counter) == before, "inhibited"
