"""Codes of exceptions and interrupts, as xcause holds them."""

from amaranth.lib import enum


class ExceptionCode(enum.Enum, shape=4):
    """Synchronous exceptions of the privileged specification that this hart can raise."""

    FETCH_MISALIGNED = 0
    FETCH_ACCESS = 1
    ILLEGAL = 2
    BREAKPOINT = 3
    LOAD_MISALIGNED = 4
    LOAD_ACCESS = 5
    STORE_MISALIGNED = 6
    STORE_ACCESS = 7
    ECALL_U = 8
    ECALL_S = 9
    ECALL_M = 11
    FETCH_PAGE = 12
    LOAD_PAGE = 13
    STORE_PAGE = 15


class InterruptCode(enum.Enum, shape=4):
    """Interrupts, also their bit numbers in mip, mie and mideleg."""

    SSI = 1
    MSI = 3
    STI = 5
    MTI = 7
    SEI = 9
    MEI = 11


INTERRUPT_PRIORITY = (
    InterruptCode.MEI,
    InterruptCode.MSI,
    InterruptCode.MTI,
    InterruptCode.SEI,
    InterruptCode.SSI,
    InterruptCode.STI,
)
"""Highest first."""


def mask_of(codes) -> int:
    """Bit mask of exception or interrupt codes, as in medeleg, mideleg, mie and mip."""
    return sum(1 << code.value for code in codes)
