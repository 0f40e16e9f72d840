"""From a plan to an executable: boot, chapters with their handlers and loops, the end."""

from __future__ import annotations

import random
from dataclasses import dataclass

from . import csrs
from .elf_writer import elf_image
from .handlers import BUDGET, REPAIR_ADDRESS, emit_handler
from .layout import (
    CODE,
    CODE_LIMIT,
    CODE_REGION,
    DATA_REGION,
    FINISHED,
    FROMHOST,
    LOOP,
    MAILBOX,
    MSIP,
    MTIMECMP,
    PAGE,
    POOL,
    REGION_BYTES,
    REQUEST,
    SCRATCH,
    TABLES,
    TARGET,
    TOHOST,
    Mode,
    places,
)
from .mailbox import EMPTY, emit_answer
from .plan import Chapter, Plan
from .steps import STEPS
from .subroutines import code_region
from .tables import Tables
from .transitions import go, switch_space
from .writer import PMP_ALL, TSR, TVM, TW, Settings, Writer

_DELEGABLE = 0xB3FE
_DELEGABLE_INTERRUPTS = 0x222
_TIMER_BUDGET = 40
_STCE, _ADUE = 1 << 63, 1 << 61


@dataclass(frozen=True)
class Program:
    """An executable with its listing; `labels` are addresses of the code by name."""

    elf: bytes
    listing: str
    labels: dict[str, int]


def emit(plan: Plan, *, listing: bool = False) -> Program:
    """Turn a plan into an executable; the listing is text that takes a while to make."""
    rng = random.Random(plan.seed ^ 0xDA7A)
    w = Writer(plan)
    w.global_kernel = rng.random() < 0.5
    tables = Tables(rng, w.global_kernel)
    _boot(w)
    for hart in range(plan.harts):
        w.hart, w.mode, w.space = hart, Mode.M, None
        w.label(f"hart{hart}")
        _first_registers(w)
        for number, chapter in enumerate(plan.chapters):
            if chapter.hart == hart:
                _chapter(w, number, chapter)
        _end(w)
    code = w.finish()
    assert w.here <= CODE_LIMIT, "the program is too long: draw fewer chapters"
    segments = {CODE: code}
    for hart in range(plan.harts):
        segments |= _private(rng, hart)
    segments |= {
        TOHOST: bytes(192),
        TABLES: tables.image(),
        DATA_REGION: rng.randbytes(REGION_BYTES),
        CODE_REGION: code_region(plan),
    }
    signature = places(0).signature
    symbols = {
        "_start": CODE,
        "tohost": TOHOST,
        "fromhost": FROMHOST,
        "begin_signature": signature,
        "end_signature": signature + 256,
        **{name: at for name, at in w.labels.items() if not name.startswith(".")},
    }
    image = elf_image(segments, symbols, CODE)
    return Program(image, w.listing() if listing else "", w.labels)


def _private(rng: random.Random, hart: int) -> dict[int, bytes]:
    """Contents of the pages that a hart has for itself."""
    own = places(hart)
    return {
        own.machine_save: bytes(MAILBOX) + EMPTY,
        own.supervisor_save: bytes(256),
        own.stack: rng.randbytes(PAGE),
        own.signature: bytes(256),
        own.initial_registers: rng.randbytes(8 * 32),
    }


def _boot(w: Writer) -> None:
    # Nothing is granted by the physical memory protection at first.
    w.op("addi", TARGET, 0, -1)
    w.op("csrrw", 0, csrs.PMPADDR0 + 3, TARGET)
    w.constant(TARGET, PMP_ALL << 24)
    w.op("csrrw", 0, csrs.PMPCFG0, TARGET)
    if w.plan.harts == 1:
        return
    w.op("csrrs", TARGET, csrs.MHARTID, 0)
    for hart in range(w.plan.harts):
        beyond = w.new_label("next")
        w.branch("bne", TARGET, 0, beyond)
        w.jump(f"hart{hart}")
        w.label(beyond)
        w.op("addi", TARGET, TARGET, -1)


def _first_registers(w: Writer) -> None:
    w.address_of(TARGET, w.places.initial_registers)
    for register in POOL:
        w.op("ld", register, TARGET, 8 * register)
    w.stack_pointer()


def _draw_asids(rng: random.Random) -> tuple[int, ...]:
    return tuple(rng.sample((0, 1, 2, 0x7FFF, 0xFFFF, *rng.sample(range(3, 0x7FFF), 3)), 3))


def _draw_settings(plan: Plan, rng: random.Random) -> Settings:
    medeleg = rng.choice((0, _DELEGABLE & ~0x200, rng.getrandbits(16) & _DELEGABLE,
                          rng.getrandbits(16) & _DELEGABLE))  # fmt: skip
    if medeleg & 1 << 9:
        # Supervisor mode gets to machine mode by an illegal instruction then.
        medeleg &= ~(1 << 2)
    mideleg = rng.choice((0, _DELEGABLE_INTERRUPTS, rng.getrandbits(12) & _DELEGABLE_INTERRUPTS))
    traps = rng.choice((0, 0, TVM)) | rng.choice((0, 0, TW))
    if medeleg == 0 and rng.random() < 0.6:
        # The handler of supervisor mode could not return.
        mideleg, traps = 0, traps | TSR
    return Settings(
        medeleg,
        mideleg,
        traps,
        # Who asks another hart for a fence by ASID knows which it has.
        _draw_asids(random.Random(plan.seed) if plan.harts > 1 else rng),
        stce=rng.random() < 0.6,
        vectored=rng.random() < 0.4,
    )


def _chapter(w: Writer, number: int, chapter: Chapter) -> None:
    """Begins and ends in machine mode without translation."""
    rng = random.Random(chapter.seed)
    w.settings = _draw_settings(w.plan, rng)
    name = f"chapter{number}"
    w.seed(rng.getrandbits(48))
    w.jump(f"{name}_begin")
    emit_handler(w, Mode.M, f"{name}_m_handler")
    emit_handler(w, Mode.S, f"{name}_s_handler")
    w.label(f"{name}_begin")
    _set_up(w, name, rng)
    w.op("addi", LOOP, 0, chapter.loops)
    w.label(f"{name}_loop")
    for block_number, block in enumerate(chapter.blocks):
        w.seed(rng.getrandbits(48))
        w.note(f"{name}, block {block_number}: {block.mode.name}, address space {block.space}")
        go(w, block.mode, block.space)
        for step in block.steps:
            w.note(step.kind)
            w.seed(step.seed)
            STEPS[step.kind].emit(w)
    w.seed(rng.getrandbits(48))
    go(w, Mode.M, None)
    if w.plan.harts > 1:
        _answer(w)
    w.op("addi", LOOP, LOOP, -1)
    w.branch("beq", LOOP, 0, f"{name}_end")
    w.jump(f"{name}_loop")
    w.label(f"{name}_end")


def _set_up(w: Writer, name: str, rng: random.Random) -> None:
    """Handlers, delegation and everything else that a chapter's steps rely on."""
    settings = w.settings
    w.note(f"{name}: {settings}")
    _silence(w)
    for csr, label in ((csrs.MTVEC, "m"), (csrs.STVEC, "s")):
        w.address(TARGET, f"{name}_{label}_handler")
        if settings.vectored:
            w.op("addi", TARGET, TARGET, 1)
        w.op("csrrw", 0, csr, TARGET)
    for csr, save in (
        (csrs.MSCRATCH, w.places.machine_save),
        (csrs.SSCRATCH, w.places.supervisor_save),
    ):
        w.constant(TARGET, save)
        w.op("csrrw", 0, csr, TARGET)
        w.op("addi", SCRATCH, 0, _TIMER_BUDGET)
        w.op("sd", SCRATCH, TARGET, BUDGET)
        w.op("sd", 0, TARGET, REPAIR_ADDRESS)
    values = {
        csrs.MEDELEG: settings.medeleg,
        csrs.MIDELEG: settings.mideleg,
        # TM is what lets the handler of supervisor mode read the time and write stimecmp.
        csrs.MCOUNTEREN: rng.getrandbits(3) | (2 if settings.stce else 0),
        csrs.SCOUNTEREN: rng.getrandbits(3),
        csrs.MENVCFG: (_STCE if settings.stce else 0)
        | (_ADUE if w.plan.svadu and rng.random() < 0.8 else 0),
    }
    for csr, value in values.items():
        w.constant(TARGET, value)
        w.op("csrrw", 0, csr, TARGET)
    w.set_machine_bits(csrs.MSTATUS, TVM | TW | TSR, settings.traps)
    w.op("sfence.vma", 0, 0)


def _silence(w: Writer) -> None:
    """Take back every source of interrupts."""
    w.op("csrrwi", 0, csrs.MIE, 0)
    w.constant(TARGET, _STCE)
    w.op("csrrs", 0, csrs.MENVCFG, TARGET)
    w.op("addi", TARGET, 0, -1)
    w.op("csrrw", 0, csrs.STIMECMP, TARGET)
    w.op("lui", SCRATCH, MTIMECMP >> 12)
    w.op("sd", TARGET, SCRATCH, 8 * w.hart)
    w.op("lui", SCRATCH, MSIP >> 12)
    w.op("sw", 0, SCRATCH, 4 * w.hart)
    w.op("csrrwi", 0, csrs.MIP, 0)


def _answer(w: Writer) -> None:
    """Machine mode: look into the mailbox."""
    w.constant(TARGET, w.places.mailbox)
    emit_answer(w, TARGET, 0, (SCRATCH, REQUEST, 8))


def _end(w: Writer) -> None:
    """Leave the registers as a signature; the last hart says that all went well."""
    stem = f"_{w.hart}" if w.hart else ""
    w.label(f"finish{stem}")
    w.seed(w.plan.seed)
    w.compressing = False
    switch_space(w, None)
    _silence(w)
    w.address_of(TARGET, w.places.signature)
    for register in POOL:
        w.op("sd", register, TARGET, 8 * register)
    if w.plan.harts > 1:
        _wait_for_all(w, stem)
    w.address_of(TARGET, TOHOST)
    w.op("addi", SCRATCH, 0, 1)
    w.op("sd", SCRATCH, TARGET, 0)
    w.label(f"halt{stem}")
    w.jump(f"halt{stem}")


def _wait_for_all(w: Writer, stem: str) -> None:
    """Count this hart; all but the last go to sleep, and nobody asks them for anything any more
    that would need an answer."""
    w.address_of(TARGET, FINISHED)
    w.op("addi", SCRATCH, 0, 1)
    w.op("amoadd.d", SCRATCH, TARGET, SCRATCH, 3)
    w.op("addi", SCRATCH, SCRATCH, 1 - w.plan.harts)
    w.branch("beq", SCRATCH, 0, f"last{stem}")
    w.label(f"sleep{stem}")
    w.op("wfi")
    w.jump(f"sleep{stem}")
    w.label(f"last{stem}")
