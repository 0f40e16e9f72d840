"""Ways from one mode and address space to another; the emitted code is straight through."""

from __future__ import annotations

from . import csrs
from .handlers import leave_supervisor
from .layout import REQUEST, SCRATCH, TARGET, Mode
from .writer import MSTATUS_MPIE, MSTATUS_MPP, MSTATUS_SPP, TSR, TVM, Writer


def go(w: Writer, mode: Mode, space: int | None) -> None:
    """Continue in this mode and address space."""
    if w.space != space:
        can_switch = w.mode is Mode.S and not w.settings.traps & TVM
        if not (can_switch and w.rng.random() < 0.6):
            to_mode(w, Mode.M)
        switch_space(w, space)
    to_mode(w, mode)


def switch_space(w: Writer, space: int | None) -> None:
    """Write satp, in machine or supervisor mode; the code is mapped the same everywhere."""
    w.constant(TARGET, w.satp(space))
    w.op("csrrw", 0, csrs.SATP, TARGET)
    # Without ASIDs the new space's translations cannot be told from the old one's.
    if not w.plan.honour_asid or w.rng.random() < 0.2:
        w.op("sfence.vma", 0, 0)
    w.space = space


def to_mode(w: Writer, mode: Mode) -> None:
    """Change the mode, by a return or a call; sp then points to the stack as the mode sees it."""
    if mode is w.mode:
        return
    label = w.new_label("mode")
    if w.mode is Mode.U:
        _ask(w, mode, label)
        w.op("ecall")
    elif w.mode is Mode.S:
        if mode is Mode.U and not w.settings.traps & TSR and w.rng.random() < 0.7:
            _return_by(w, "sret", mode, label)
        elif mode is Mode.U and w.settings.exits_by_illegal:
            _ask(w, mode, label)
            w.op("ecall")  # delegated
        else:
            _ask(w, mode, label)
            leave_supervisor(w)
    else:
        by_sret = w.rng.random() < 0.3
        _return_by(w, "sret" if by_sret else "mret", mode, label)
    w.label(label)
    w.mode = mode
    w.stack_pointer()


def _target(w: Writer, mode: Mode, label: str) -> None:
    """Address of the label in the view of `mode` into TARGET."""
    w.address(TARGET, label)
    distance = w.view(mode, w.space) - w.view(w.mode, w.space)
    if distance:
        w.constant(SCRATCH, distance)
        w.op("add", TARGET, TARGET, SCRATCH)


def _ask(w: Writer, mode: Mode, label: str) -> None:
    _target(w, mode, label)
    w.op("addi", REQUEST, 0, mode)


def _return_by(w: Writer, name: str, mode: Mode, label: str) -> None:
    """mret or sret from a mode that may execute it."""
    if w.mode is Mode.S:
        # An interrupt in between would replace sepc; sret brings SIE back from SPIE.
        w.op("csrrci", 0, csrs.SSTATUS, 2)
    epc, previous, shift = (
        (csrs.MEPC, MSTATUS_MPP, 11) if name == "mret" else (csrs.SEPC, MSTATUS_SPP, 8)
    )
    status = csrs.SSTATUS if w.mode is Mode.S else csrs.MSTATUS
    _target(w, mode, label)
    w.op("csrrw", 0, epc, TARGET)
    # MPIE becomes MIE: machine mode shall come back with interrupts off.
    clear = previous | (MSTATUS_MPIE if name == "mret" else 0)
    w.set_machine_bits(status, clear, mode << shift, SCRATCH)
    w.op(name)
