"""Steps that cause interrupts: by CSR write, through the ACLINT, by stimecmp.

Armed sources stay armed for the blocks that follow, so interrupts arrive anywhere; handlers
silence them. When one comes is not known, so handlers leave no trace of it in registers.
"""

from __future__ import annotations

from . import csrs
from .arithmetic import operation
from .layout import MSIP, MTIMECMP, SCRATCH, TARGET, Mode
from .writer import TW, Writer

_SSI, _STI, _SEI = (1 << code for code in (1, 5, 9))


def _enable(w: Writer) -> None:
    """mie; the bits that a handler disabled come back."""
    w.constant(TARGET, w.rng.choice((0xAAA, 0xAAA, w.rng.getrandbits(12) & 0xAAA)))
    w.op("csrrw", 0, csrs.MIE, TARGET)


def _timer_in(w: Writer, ticks: int) -> None:
    w.op("csrrs", TARGET, csrs.TIME, 0)
    w.op("addi", TARGET, TARGET, ticks)


def arm(w: Writer) -> None:
    """Machine mode: make one or two interrupts pending, or a timer run out soon."""
    _enable(w)
    for _ in range(w.rng.randrange(1, 3)):
        match w.rng.randrange(5):
            case 0:
                w.op("addi", TARGET, 0, w.rng.choice((_SSI, _SEI & 0x7FF, _SSI | 1 << 9)))
                w.op("csrrs", 0, csrs.MIP, TARGET)
            case 1:
                w.op("addi", TARGET, 0, 1)
                w.op("lui", SCRATCH, MSIP >> 12)
                w.op("sw", TARGET, SCRATCH, 4 * w.hart)
            case 2 if w.settings.stce:
                _timer_in(w, w.rng.randrange(4))
                w.op("csrrw", 0, csrs.STIMECMP, TARGET)
            case 2:
                w.op("addi", TARGET, 0, _STI)
                w.op("csrrs", 0, csrs.MIP, TARGET)
            case _:
                _timer_in(w, w.rng.randrange(4))
                w.op("lui", SCRATCH, MTIMECMP >> 12)
                w.op("sd", TARGET, SCRATCH, 8 * w.hart)


def supervisor_software(w: Writer) -> None:
    """Supervisor's software interrupt by sip (which has the bit if it is delegated), or SIE."""
    if w.mode is Mode.S and w.rng.random() < 0.5:
        w.op(w.rng.choice(("csrrsi", "csrrsi", "csrrci")), 0, csrs.SSTATUS, 2)
    w.op("csrrsi", 0, csrs.SIP, 2)
    operation(w)


def machine_window(w: Writer) -> None:
    """Machine mode: let its own interrupts in for a few instructions."""
    arm(w)
    w.op("csrrsi", 0, csrs.MSTATUS, 8)
    for _ in range(w.rng.randrange(2, 8)):
        operation(w)
    if w.rng.random() < 0.5:
        w.op("sd", w.pool(), 2, 8 * w.rng.randrange(32))
    w.op("csrrci", 0, csrs.MSTATUS, 8)


def wait(w: Writer) -> None:
    """wfi, with something pending and enabled, so that it ends."""
    if w.mode is Mode.S:
        # SSI is pending if it is delegated; otherwise wfi could last for ever.
        if not w.settings.mideleg & _SSI or w.settings.traps & TW:
            operation(w)
            return
        w.op("csrrci", 0, csrs.SSTATUS, 2)
        w.op("csrrsi", 0, csrs.SIE, _SSI)
        w.op("csrrsi", 0, csrs.SIP, _SSI)
        w.op("wfi")
        w.op("csrrci", 0, csrs.SIP, _SSI)
        return
    w.op("addi", TARGET, 0, _SSI)
    w.op("csrrs", 0, csrs.MIE, TARGET)
    w.op("csrrs", 0, csrs.MIP, TARGET)
    w.op("wfi")
    w.op("csrrc", 0, csrs.MIP, TARGET)
