"""Addresses of the CSRs that exist on this hart.

Bits 9:8 of an address are the lowest privilege that may access it, bits 11:10 = 3 mark it read
only (privileged specification, "CSR address mapping conventions").
"""

from amaranth.lib import enum


class CsrAddress(enum.Enum, shape=12):
    """CSRs with a name of their own; the event counters are ranges, below.

    What is not here is an illegal instruction in every mode: the hypervisor's and the debugger's
    registers, seed, the resumable NMI, state enable, and every register whose
    extension this hart does not have.
    """

    SSTATUS = 0x100
    SIE = 0x104
    STVEC = 0x105
    SCOUNTEREN = 0x106
    SENVCFG = 0x10A
    SSCRATCH = 0x140
    SEPC = 0x141
    SCAUSE = 0x142
    STVAL = 0x143
    SIP = 0x144
    STIMECMP = 0x14D
    SATP = 0x180
    MSTATUS = 0x300
    MISA = 0x301
    MEDELEG = 0x302
    MIDELEG = 0x303
    MIE = 0x304
    MTVEC = 0x305
    MCOUNTEREN = 0x306
    MENVCFG = 0x30A
    MCOUNTINHIBIT = 0x320
    MSCRATCH = 0x340
    MEPC = 0x341
    MCAUSE = 0x342
    MTVAL = 0x343
    MIP = 0x344
    PMPCFG0 = 0x3A0
    PMPCFG2 = 0x3A2
    TSELECT = 0x7A0
    TDATA1 = 0x7A1
    TDATA2 = 0x7A2
    TDATA3 = 0x7A3
    TINFO = 0x7A4
    MCYCLE = 0xB00
    MINSTRET = 0xB02
    CYCLE = 0xC00
    TIME = 0xC01
    INSTRET = 0xC02
    MVENDORID = 0xF11
    MARCHID = 0xF12
    MIMPID = 0xF13
    MHARTID = 0xF14
    MCONFIGPTR = 0xF15


PMPADDR_BASE = 0x3B0
"""Of the 16 address registers of the physical memory protection."""

MHPMEVENT_BASE = 0x320
MHPMCOUNTER_BASE = 0xB00
HPMCOUNTER_BASE = 0xC00
"""Number n of the event selectors, the event counters and their user views is at base + n."""

EVENT_COUNTER_NUMBERS = range(3, 32)
"""Numbers that the privileged specification gives to event counters; all of them exist, and those
that do not count read zero."""
