"""Steps that read and write CSRs; what was in them comes back before the step ends."""

from __future__ import annotations

from . import csrs
from .layout import DATA_REGION, ENTANGLED, PAGE, PAGES, REQUEST, SCRATCH, TARGET, Mode
from .writer import MXR, PMP_ALL, PMP_NAPOT, SUM, TVM, Writer


def status_bits(w: Writer) -> None:
    """SUM and MXR become what data say, for everything that follows."""
    csr = csrs.SSTATUS if w.mode is Mode.S or w.rng.random() < 0.5 else csrs.MSTATUS
    w.constant(TARGET, SUM | MXR)
    w.op("csrrc", 0, csr, TARGET)
    w.op("and", TARGET, TARGET, w.pool())
    w.op("csrrs", 0, csr, TARGET)


def _write_and_restore(w: Writer, csr: int, bits: int) -> None:
    """Change bits of a CSR in one of the six ways, look at the result, and put the old value back.

    Nothing may trap or interrupt in between.
    """
    rng = w.rng
    result = w.pool()
    w.op("csrrs", TARGET, csr, 0)
    kind = rng.randrange(5)
    if kind == 4 and bits & 0x1F:
        name = rng.choice(("csrrsi", "csrrci"))
        w.op(name, REQUEST, csr, bits & 0x1F & rng.getrandbits(5))
    else:
        w.constant(SCRATCH, bits)
        w.op("and", SCRATCH, SCRATCH, w.pool())
        if kind == 0 and csr not in (csrs.MSTATUS, csrs.SSTATUS, csrs.MENVCFG):
            w.op("csrrw", REQUEST, csr, SCRATCH)
        else:
            w.op(rng.choice(("csrrs", "csrrc")), REQUEST, csr, SCRATCH)
    w.op("csrrw", REQUEST, csr, TARGET)
    w.op("xor", result, result, REQUEST)
    w.op("add", ENTANGLED, ENTANGLED, REQUEST)


def machine_csr(w: Writer) -> None:
    """Machine mode, where interrupts are off between its own steps: every CSR."""
    draw = w.rng.random()
    if draw < 0.5:
        csr = w.rng.choice(tuple(csrs.WRITABLE_BITS))
        _write_and_restore(w, csr, csrs.WRITABLE_BITS[csr])
    elif draw < 0.75:
        rd = w.pool()
        w.op("csrrs", TARGET, w.rng.choice(csrs.MACHINE + csrs.SUPERVISOR), 0)
        w.op("xor", rd, rd, TARGET)
    elif draw < 0.85:
        # Counters take a write; what they count is not looked at.
        csr = w.rng.choice((csrs.MCYCLE, csrs.MINSTRET, *csrs.EVENT_COUNTERS))
        w.op(w.rng.choice(("csrrw", "csrrs", "csrrc")), 0, csr, w.pool())
    elif draw < 0.95:
        w.op("csrrs", TARGET, w.rng.choice(csrs.VOLATILE + csrs.EVENT_COUNTERS), 0)
    else:
        w.op("csrrs", TARGET, csrs.MSTATUS, 0)
        w.op("csrrw", 0, csrs.MSTATUS, TARGET)


def protection(w: Writer) -> None:
    """Machine mode: physical memory protection takes rights away from one page of the data region.

    Entry 3 goes on to grant everything else. The code region is left out: handlers must be able to
    read what could be executed.
    """
    page = DATA_REGION >> 2 | (PAGE >> 3) - 1
    w.constant(TARGET, (PAGES - 1) * PAGE >> 2)
    w.op("and", TARGET, TARGET, w.pool())
    w.constant(SCRATCH, page)
    w.op("or", TARGET, TARGET, SCRATCH)
    w.op("csrrw", 0, csrs.PMPADDR0, TARGET)
    w.constant(
        TARGET, PMP_ALL << 24 | w.rng.choice((0, *(PMP_NAPOT | right for right in (0, 1, 3, 5))))
    )
    w.op(w.rng.choice(("csrrw", "csrrw", "csrrs")), 0, csrs.PMPCFG0, TARGET)
    if w.rng.random() < 0.2:
        w.op("csrrwi", 0, csrs.PMPCFG2, w.rng.getrandbits(5))
    w.op("sfence.vma", 0, 0)


def supervisor_csr(w: Writer) -> None:
    """Supervisor CSRs. In supervisor mode satp traps under TVM, and stimecmp without STCE."""
    if w.mode is Mode.S:
        # Neither an interrupt nor a trap may come while sscratch or stvec is something else.
        w.op("csrrci", REQUEST, csrs.SSTATUS, 2)
    csr = w.rng.choice(csrs.SUPERVISOR)
    if csr == csrs.SATP:
        if not (w.mode is Mode.S and w.settings.traps & TVM):
            rd = w.pool()
            w.op("csrrs", TARGET, csr, 0)
            w.op("csrrw", 0, csr, TARGET)
            w.op("add", rd, rd, TARGET)
    elif csr in csrs.WRITABLE_BITS:
        _write_and_restore(w, csr, csrs.WRITABLE_BITS[csr])
    if w.mode is Mode.S and w.rng.random() < 0.7:
        w.op("csrrsi", 0, csrs.SSTATUS, 2)


def counter(w: Writer) -> None:
    """A counter as this mode may read it; mcounteren and scounteren decide whether it traps.

    Its value depends on time, so the register is overwritten.
    """
    w.op("csrrs", TARGET, w.rng.choice(csrs.COUNTERS), 0)
    w.op("addi", TARGET, 0, 0)


def forbidden(w: Writer) -> None:
    """A CSR that does not exist, or not for this mode, or is read only."""
    draw = w.rng.random()
    source = w.pool()
    if draw < 0.4:
        csr = w.rng.choice(csrs.ABSENT)
    elif draw < 0.7 or w.mode is Mode.M:
        csr = w.rng.choice((csrs.MHARTID, csrs.MVENDORID, csrs.CYCLE, csrs.TIME))
    elif w.mode is Mode.S:
        csr = w.rng.choice((csrs.MSTATUS, csrs.MEPC, csrs.MIE, csrs.MCYCLE))
    else:
        csr = w.rng.choice((csrs.SSTATUS, csrs.SATP, csrs.SEPC, csrs.MSTATUS))
    w.op(w.rng.choice(("csrrw", "csrrw", "csrrs", "csrrc")), TARGET, csr, source)
