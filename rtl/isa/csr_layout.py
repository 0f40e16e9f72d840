"""Layouts of CSRs with fields, and the values that may be written to them."""

from amaranth.lib import data, enum

from .causes import ExceptionCode, InterruptCode, mask_of


class Status(data.Struct):
    """mstatus for RV64; sstatus is a view of it.

    FS may be written although there is no F, as the specification allows where S-mode exists;
    VS, XS and the big-endian modes are absent.
    """

    zero0: 1
    sie: 1
    zero2: 1
    mie: 1
    zero4: 1
    spie: 1
    ube: 1
    mpie: 1
    spp: 1
    vs: 2
    mpp: 2
    fs: 2
    xs: 2
    mprv: 1
    sum: 1
    mxr: 1
    tvm: 1
    tw: 1
    tsr: 1
    zero23: 9
    uxl: 2
    sxl: 2
    zero36: 27
    sd: 1


class SatpMode(enum.Enum, shape=4):
    """satp.MODE values that this hart takes; a write of any other has no effect."""

    BARE = 0
    SV39 = 8


class Satp(data.Struct):
    ppn: 44
    asid: 16
    mode: 4


class TrapVector(data.Struct):
    """mtvec and stvec."""

    vectored: 1
    zero: 1
    base: 62


class EnvironmentConfig(data.Struct):
    """menvcfg, and senvcfg, which has only FIOM; without the extensions not implemented."""

    fiom: 1
    zero1: 60
    adue: 1
    zero62: 1
    stce: 1


XLEN_64 = 2
"""Value of MXL, SXL and UXL."""

MISA = XLEN_64 << 62 | sum(1 << (ord(letter) - ord("A")) for letter in "ACIMSU")

SSTATUS_FIELDS = ("sie", "spie", "spp", "fs", "sum", "mxr", "uxl", "sd")
"""Fields of `Status` that sstatus shows; those that are read only are skipped by writes."""

FS_DIRTY = 3

WRITABLE_SSTATUS_FIELDS = ("sie", "spie", "spp", "fs", "sum", "mxr")
WRITABLE_MSTATUS_FIELDS = (*WRITABLE_SSTATUS_FIELDS, "mie", "mpie", "mprv", "tvm", "tw", "tsr")
"""mpp is writable too, but not to every value."""

_NEVER_BELOW_M = (ExceptionCode.FETCH_MISALIGNED, ExceptionCode.ECALL_M)
"""Instructions are aligned to 2, and every jump target is."""

MEDELEG_MASK = mask_of(code for code in ExceptionCode if code not in _NEVER_BELOW_M)
MIDELEG_MASK = mask_of((InterruptCode.SSI, InterruptCode.STI, InterruptCode.SEI))
MIE_MASK = mask_of(InterruptCode)
MIP_WRITABLE_FROM_M = MIDELEG_MASK
"""While menvcfg.STCE is set STIP is not among them."""
SIP_WRITABLE_FROM_S = mask_of((InterruptCode.SSI,))

COUNTER_CY, COUNTER_TM, COUNTER_IR = range(3)
"""Bit numbers of cycle, time and instret in xcounteren and mcountinhibit; event counters follow."""

COUNTINHIBIT_MASK = 0xFFFF_FFFF & ~(1 << COUNTER_TM)

TINFO_NO_TRIGGER = 1
"""tinfo of a tselect value that selects no trigger (debug specification)."""
