"""Layouts of CSRs with fields, and the values that may be written to them."""

from amaranth.lib import data, enum

from .causes import ExceptionCode, InterruptCode, mask_of


class Status(data.Struct):
    """mstatus for RV64 without F, V and H; sstatus is a view of it."""

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
    zero36: 28


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
    """menvcfg and senvcfg without the extensions that have fields there."""

    fiom: 1
    zero: 63


XLEN_64 = 2
"""Value of MXL, SXL and UXL."""

MISA = XLEN_64 << 62 | sum(1 << (ord(letter) - ord("A")) for letter in "AIMSU")

SSTATUS_FIELDS = ("sie", "spie", "spp", "sum", "mxr", "uxl")
"""Fields of `Status` that sstatus shows; those that are read only are skipped by writes."""

WRITABLE_SSTATUS_FIELDS = ("sie", "spie", "spp", "sum", "mxr")
WRITABLE_MSTATUS_FIELDS = (*WRITABLE_SSTATUS_FIELDS, "mie", "mpie", "mprv", "tvm", "tw", "tsr")
"""mpp is writable too, but not to every value."""

MEDELEG_MASK = mask_of(code for code in ExceptionCode if code is not ExceptionCode.ECALL_M)
MIDELEG_MASK = mask_of((InterruptCode.SSI, InterruptCode.STI, InterruptCode.SEI))
MIE_MASK = mask_of(InterruptCode)
MIP_WRITABLE_FROM_M = MIDELEG_MASK
SIP_WRITABLE_FROM_S = mask_of((InterruptCode.SSI,))

COUNTER_CY, COUNTER_TM, COUNTER_IR = range(3)
"""Bit numbers of cycle, time and instret in xcounteren and mcountinhibit."""
