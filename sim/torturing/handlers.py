"""Trap handlers: one for machine mode and one for supervisor mode, new for every chapter.

They are valid whatever trapped. An exception is mixed into a register, so that a wrong cause or
value changes what follows; then the instruction is skipped, or, where a fetch failed, the call
returns. A handler may be given one repair (a word to store) that it makes instead of skipping
the next page fault. Interrupts are silenced at their source.
"""

from __future__ import annotations

from . import csrs
from .layout import (
    ENTANGLED,
    HANDLER,
    MAILBOX,
    MSIP,
    MTIMECMP,
    RA,
    REQUEST,
    REQUEST_SKIP,
    TARGET,
    Mode,
)
from .mailbox import emit_answer
from .writer import EXIT_WORD, MPRV, MSTATUS_MPP, MSTATUS_SPP, MXR, SUM, TVM, Writer

BUDGET, REPAIR_ADDRESS, REPAIR_VALUE, REPAIRS, THIRD, CAUSE = 16, 24, 32, 40, 48, 56
"""Offsets in a save area: interrupts of the timer that may follow, the repair (0: none), and what
is kept while the mailbox is looked at."""

_A, _B, _SAVE = HANDLER
_C = 28


class _Registers:
    """The CSRs of a mode's traps."""

    def __init__(self, mode: Mode):
        machine = mode is Mode.M
        self.scratch = csrs.MSCRATCH if machine else csrs.SSCRATCH
        self.status = csrs.MSTATUS if machine else csrs.SSTATUS
        self.epc = csrs.MEPC if machine else csrs.SEPC
        self.cause = csrs.MCAUSE if machine else csrs.SCAUSE
        self.tval = csrs.MTVAL if machine else csrs.STVAL
        self.enable = csrs.MIE if machine else csrs.SIE
        self.pending = csrs.MIP if machine else csrs.SIP
        self.previous = MSTATUS_MPP if machine else MSTATUS_SPP
        self.previous_shift = 11 if machine else 8
        # What lets a handler read the instruction that trapped, whatever page it is on.
        self.reading = MPRV | MXR if machine else SUM | MXR


def emit_handler(w: Writer, mode: Mode, name: str) -> None:
    """Emit a handler; the label `name` is what xtvec gets, a table of jumps if it is vectored."""
    csr = _Registers(mode)
    stem = f"{name}_"
    w.align()
    w.label(name)
    if w.settings.vectored:
        for _ in range(16):
            w.jump(stem + "entry")
        w.label(stem + "entry")
    w.op("csrrw", _SAVE, csr.scratch, _SAVE)
    w.op("sd", _A, _SAVE, 0)
    w.op("sd", _B, _SAVE, 8)
    w.op("csrrs", _B, csr.cause, 0)
    w.branch("blt", _B, 0, stem + "interrupt")
    w.op("csrrs", _A, csr.tval, 0)
    w.op("xor", ENTANGLED, ENTANGLED, _A)
    w.op("slli", ENTANGLED, ENTANGLED, 1)
    w.op("add", ENTANGLED, ENTANGLED, _B)
    w.op("addi", _A, _B, -8)
    w.op("sltiu", _A, _A, 4)
    w.branch("bne", _A, 0, stem + "call")
    _emit_repair(w, csr, stem)
    _emit_failed_fetch(w, csr, stem)
    if mode is Mode.M and w.settings.exits_by_illegal:
        w.op("addi", _A, 0, EXIT_WORD)
        w.op("csrrs", _B, csr.tval, 0)
        w.branch("beq", _A, _B, stem + "call")
    _emit_skip(w, csr, stem)
    _emit_out(w, csr, stem + "out")
    w.op("mret" if mode is Mode.M else "sret")
    _emit_call(w, mode, csr, stem)
    _emit_interrupt(w, mode, csr, stem)


def _emit_out(w: Writer, csr: _Registers, label: str) -> None:
    w.label(label)
    w.op("ld", _A, _SAVE, 0)
    w.op("ld", _B, _SAVE, 8)
    w.op("csrrw", _SAVE, csr.scratch, _SAVE)


def _emit_repair(w: Writer, csr: _Registers, stem: str) -> None:
    """Cause is in _B. Page faults are 12 to 15; the repaired entry may be any, so all is fenced."""
    if csr.status == csrs.SSTATUS and w.settings.traps & 1 << 20:
        return  # TVM: supervisor mode cannot fence
    w.op("addi", _A, _B, -12)
    w.op("sltiu", _A, _A, 4)
    w.branch("beq", _A, 0, stem + "no_repair")
    w.op("ld", _A, _SAVE, REPAIR_ADDRESS)
    w.branch("beq", _A, 0, stem + "no_repair")
    w.op("ld", _B, _SAVE, REPAIR_VALUE)
    w.op("sd", _B, _A, 0)
    w.op("sd", 0, _SAVE, REPAIR_ADDRESS)
    w.op("ld", _B, _SAVE, REPAIRS)
    w.op("addi", _B, _B, 1)
    w.op("sd", _B, _SAVE, REPAIRS)
    w.op("sfence.vma", 0, 0)
    w.jump(stem + "out")
    w.label(stem + "no_repair")


def _emit_failed_fetch(w: Writer, csr: _Registers, stem: str) -> None:
    """Causes 1 and 12: the instruction that trapped cannot be read; go back to the caller."""
    w.op("addi", _A, _B, -12)
    w.branch("beq", _A, 0, stem + "fetch")
    w.op("addi", _A, _B, -1)
    w.branch("bne", _A, 0, stem + "fetched")
    w.label(stem + "fetch")
    w.op("csrrw", 0, csr.epc, RA)
    w.jump(stem + "out")
    w.label(stem + "fetched")


def _emit_skip(w: Writer, csr: _Registers, stem: str) -> None:
    """xepc += length of the instruction, which its two lowest bits tell.

    With several harts those of the code region have 32 bits, and what a window shows may be gone.
    """
    w.op("csrrs", _A, csr.epc, 0)
    if w.plan.harts > 1:
        w.op("srli", _B, _A, 32)
        w.op("addi", _A, 0, 0)
        w.branch("bne", _B, 0, stem + "by_length")
        w.op("csrrs", _A, csr.epc, 0)
    w.constant(_B, csr.reading)
    w.op("csrrs", _B, csr.status, _B)
    w.op("lhu", _A, _A, 0)
    w.op("csrrw", 0, csr.status, _B)
    w.op("andi", _A, _A, 3)
    w.op("sltiu", _A, _A, 3)
    w.op("slli", _A, _A, 1)
    if w.plan.harts > 1:
        w.label(stem + "by_length")
    w.op("csrrs", _B, csr.epc, 0)
    w.op("sub", _B, _B, _A)
    w.op("addi", _B, _B, 4)
    w.op("csrrw", 0, csr.epc, _B)


def _emit_call(w: Writer, mode: Mode, csr: _Registers, stem: str) -> None:
    """An ecall: skipped, or continued at TARGET in mode REQUEST."""
    w.label(stem + "call")
    w.op("addi", _A, 0, REQUEST_SKIP)
    w.branch("bne", REQUEST, _A, stem + "request")
    w.op("csrrs", _B, csr.epc, 0)
    w.op("addi", _B, _B, 4)
    w.op("csrrw", 0, csr.epc, _B)
    w.jump(stem + "out")
    w.label(stem + "request")
    if mode is Mode.S:
        w.op("addi", _A, 0, Mode.M)
        w.branch("beq", REQUEST, _A, stem + "machine")
    w.op("csrrw", 0, csr.epc, TARGET)
    w.constant(_A, csr.previous)
    w.op("csrrc", 0, csr.status, _A)
    w.op("slli", _A, REQUEST, csr.previous_shift)
    w.op("csrrs", 0, csr.status, _A)
    w.jump(stem + "out")
    if mode is Mode.S:
        w.label(stem + "machine")
        _emit_out(w, csr, stem + "forward")
        leave_supervisor(w)


def leave_supervisor(w: Writer) -> None:
    """The instruction by which supervisor mode calls machine mode."""
    if w.settings.exits_by_illegal:
        w.op(".word", EXIT_WORD)
    else:
        w.op("ecall")


def _emit_interrupt(w: Writer, mode: Mode, csr: _Registers, stem: str) -> None:
    """Cause is in _B. What cannot be cleared at its source is disabled."""
    w.label(stem + "interrupt")
    w.op("andi", _B, _B, 15)
    w.op("addi", _A, 0, 1)
    w.op("sll", _A, _A, _B)
    w.op("csrrc", 0, csr.pending, _A)
    if w.plan.harts > 1:
        _emit_mailbox(w, mode, stem)
    # Software interrupts are gone now; the others come back unless their source is silenced.
    if mode is Mode.M:
        w.op("addi", _A, 0, 7)
        w.branch("beq", _A, _B, stem + "timer")
        w.op("lui", _A, MSIP >> 12)
        w.op("sw", 0, _A, 4 * w.hart)
        w.op("addi", _A, 0, 5)
        w.branch("bne", _A, _B, stem + "out")
        if w.settings.stce:
            w.op("addi", _A, 0, -1)
            w.op("csrrw", 0, csrs.STIMECMP, _A)
        w.jump(stem + "out")
        w.label(stem + "timer")
        _emit_next_timer(w, stem)
        w.op("lui", _B, MTIMECMP >> 12)
        w.op("sd", _A, _B, 8 * w.hart)
        w.jump(stem + "out")
        return
    w.op("addi", _A, 0, 5)
    w.branch("beq", _A, _B, stem + "timer")
    w.op("addi", _A, 0, 1)
    w.op("sll", _A, _A, _B)
    w.op("andi", _A, _A, 1 << 9)  # SEI, the only one left that sip cannot clear
    w.op("csrrc", 0, csr.enable, _A)
    w.jump(stem + "out")
    w.label(stem + "timer")
    if w.settings.stce:
        _emit_next_timer(w, stem)
        w.op("csrrw", 0, csrs.STIMECMP, _A)
    else:
        w.op("addi", _A, 0, 1 << 5)
        w.op("csrrc", 0, csr.enable, _A)
    w.jump(stem + "out")


def _emit_mailbox(w: Writer, mode: Mode, stem: str) -> None:
    """A software interrupt may say that somebody asks for a fence; _B holds the cause."""
    if mode is Mode.S and w.settings.traps & TVM:
        return
    offset = MAILBOX - (w.places.supervisor_save - w.places.machine_save if mode is Mode.S else 0)
    w.op("sd", _B, _SAVE, CAUSE)
    w.op("sd", _C, _SAVE, THIRD)
    emit_answer(w, _SAVE, offset, (_A, _B, _C))
    w.op("ld", _C, _SAVE, THIRD)
    w.op("ld", _B, _SAVE, CAUSE)


def _emit_next_timer(w: Writer, stem: str) -> None:
    """_A becomes the time of the next interrupt: never, once the budget is spent."""
    w.op("ld", _B, _SAVE, BUDGET)
    w.op("addi", _B, _B, -1)
    w.op("sd", _B, _SAVE, BUDGET)
    w.op("addi", _A, 0, -1)
    w.branch("blt", _B, 0, stem + "never")
    w.op("csrrs", _A, csrs.TIME, 0)
    w.op("andi", _B, _B, 3)
    w.op("add", _A, _A, _B)
    w.op("addi", _A, _A, 1)
    w.label(stem + "never")
