"""CSR numbers, and how programs may use each one (privileged specification, table of CSRs)."""

from __future__ import annotations

SSTATUS, SIE, STVEC, SCOUNTEREN, SENVCFG = 0x100, 0x104, 0x105, 0x106, 0x10A
SSCRATCH, SEPC, SCAUSE, STVAL, SIP, STIMECMP, SATP = 0x140, 0x141, 0x142, 0x143, 0x144, 0x14D, 0x180
MSTATUS, MISA, MEDELEG, MIDELEG, MIE, MTVEC = 0x300, 0x301, 0x302, 0x303, 0x304, 0x305
MCOUNTEREN, MENVCFG, MCOUNTINHIBIT = 0x306, 0x30A, 0x320
MSCRATCH, MEPC, MCAUSE, MTVAL, MIP = 0x340, 0x341, 0x342, 0x343, 0x344
PMPCFG0, PMPCFG2, PMPADDR0 = 0x3A0, 0x3A2, 0x3B0
TSELECT, TDATA1, TDATA2, TDATA3, TINFO = 0x7A0, 0x7A1, 0x7A2, 0x7A3, 0x7A4
MCYCLE, MINSTRET, CYCLE, TIME, INSTRET = 0xB00, 0xB02, 0xC00, 0xC01, 0xC02
MVENDORID, MARCHID, MIMPID, MHARTID, MCONFIGPTR = 0xF11, 0xF12, 0xF13, 0xF14, 0xF15

SUPERVISOR = (
    SSTATUS, SIE, STVEC, SCOUNTEREN, SENVCFG, SSCRATCH, SEPC, SCAUSE, STVAL, SATP,
)  # fmt: skip
MACHINE = (
    MSTATUS, MISA, MEDELEG, MIDELEG, MIE, MTVEC, MCOUNTEREN, MENVCFG, MCOUNTINHIBIT, MSCRATCH,
    MEPC, MCAUSE, MTVAL, MVENDORID, MARCHID, MIMPID, MHARTID, MCONFIGPTR, TSELECT, TDATA1, TDATA2,
    TDATA3, TINFO, PMPCFG0, PMPCFG2,
    *range(PMPADDR0, PMPADDR0 + 16),
)  # fmt: skip
"""Read in machine mode with a value that is the same in every implementation that has our choices;
mip, sip and the counters are not: they depend on time."""

VOLATILE = (MIP, SIP, STIMECMP, MCYCLE, MINSTRET, CYCLE, TIME, INSTRET)
"""Read and written, but what was read goes nowhere."""

COUNTERS = (CYCLE, TIME, INSTRET)
EVENT_COUNTERS = (0xB03, 0xB04, 0xB1F)

WRITABLE_BITS = {
    # No MIE, so that nothing interrupts a machine-mode step; FS, VS and UXL are left alone.
    MSTATUS: 0x7E_19A2,
    SSTATUS: 0xC_0122,
    MEDELEG: 0xB3FF & ~(1 << 0),
    MIDELEG: 0x222,
    MIE: 0xAAA,
    SIE: 0x222,
    MTVEC: ~2,
    STVEC: ~2,
    MCOUNTEREN: 7,
    SCOUNTEREN: 7,
    MCOUNTINHIBIT: 5,
    MSCRATCH: ~0,
    SSCRATCH: ~0,
    MEPC: ~1,
    SEPC: ~1,
    MCAUSE: 1 << 63 | 15,
    SCAUSE: 1 << 63 | 15,
    MTVAL: ~0,
    STVAL: ~0,
    TSELECT: ~0,
    TDATA1: ~0,
    TDATA2: ~0,
    TDATA3: ~0,
    TINFO: ~0,
    SENVCFG: 1,
    MENVCFG: 1,
}
"""Bits of a CSR that a step sets and clears at random."""

ABSENT = (0x3A1, 0x3C0, 0x001, 0x200, 0x5C0, 0x6A8, 0x7C0, 0x8FF, 0x9C0, 0xA00, 0xBC0, 0xFC0, 0xC90)
"""Numbers of no CSR: odd halves and more of PMP, floating point, hypervisor, custom and RV32's."""
