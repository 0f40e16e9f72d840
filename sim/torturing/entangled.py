"""Steps of programs of several harts: one line for all, and fences that others are asked for."""

from __future__ import annotations

from . import encoding
from .aimed import use_somehow
from .arithmetic import operation
from .layout import DATA_REGION, MSIP, SCRATCH, SETSSIP, TARGET, Mode, places
from .mailbox import (
    ADDRESS,
    ANSWERS,
    ASID,
    BY_ADDRESS,
    BY_ASID,
    FENCE_I,
    emit_answer,
    emit_post,
    emit_request,
)
from .memory import access, atomic
from .paging import OTHER, can_fence, edit_some_entry, fence_operands, hot_site, idle_fence
from .self_modifying import patch_region
from .writer import Writer

_LINES = 3
"""Lines that all harts use all the time; many accesses go to a word or two of them."""
_PATIENCE = 40
"""So often the answer is looked for; with the loops of a chapter below the limit of executions."""
_BOX, _SEEN, _COUNT = 8, 9, 10


def contend(w: Writer) -> None:
    """Plain accesses, AMOs and LR/SC on a few lines, in the code's own view of memory."""
    for _ in range(w.rng.randrange(1, 5)):
        size = w.rng.choice((8, 8, 4, 1))
        w.constant(TARGET, DATA_REGION + w.view(w.mode, w.space) + 64 * w.rng.randrange(_LINES))
        w.op("andi", SCRATCH, w.pool(), w.rng.choice((8, 16, 64)) - size)
        w.op("add", TARGET, TARGET, SCRATCH)
        draw = w.rng.random()
        if draw < 0.5 or size < 4:
            _plain(w, size)
        elif draw < 0.75:
            w.op("andi", TARGET, TARGET, -8)
            atomic(w, TARGET)
        else:
            w.op("andi", TARGET, TARGET, -8)
            _update(w)
        if w.rng.random() < 0.3:
            w.op("fence", w.rng.randrange(1, 16), w.rng.randrange(1, 16))


def _plain(w: Writer, size: int) -> None:
    if size == 8:
        access(w, TARGET, 0)
    else:
        letter = {4: "w", 1: "b"}[size]
        w.op(w.rng.choice((f"l{letter}", f"s{letter}")), w.pool(), TARGET, 0)


def _update(w: Writer) -> None:
    """LR and SC, tried at most three times, on the same address or another word of the line."""
    again, end = w.new_label("again"), w.new_label("updated")
    width = w.rng.choice("wd")
    counter, value = _COUNT, w.rng.choice((_BOX, _SEEN))
    w.op("addi", counter, 0, 3)
    w.label(again)
    w.op(f"lr.{width}", value, TARGET, 0, w.rng.randrange(4))
    for _ in range(w.rng.randrange(3)):
        w.op("addi", value, value, w.rng.randrange(1, 100))
    if w.rng.random() < 0.2:
        w.op("xori", TARGET, TARGET, 8)
    w.op(f"sc.{width}", SCRATCH, TARGET, value, w.rng.randrange(4))
    w.branch("beq", SCRATCH, 0, end)
    w.op("addi", counter, counter, -1)
    w.branch("bne", counter, 0, again)
    w.label(end)


def hot_page(w: Writer) -> None:
    """Use a page whose entry other harts edit, in this mode or, in machine mode, through MPRV."""
    if w.space is None:
        operation(w)
        return
    site = hot_site(w)
    mode = w.rng.choice((Mode.U, Mode.S)) if w.mode is Mode.M else w.mode
    use_somehow(w, site, mode)


def answer(w: Writer) -> None:
    """Look into the hart's own mailbox."""
    if not can_fence(w):
        operation(w)
        return
    w.constant(_BOX, w.places.mailbox)
    emit_answer(w, _BOX, 0, (TARGET, SCRATCH, OTHER))


def _ask(w: Writer, form: int, interrupt: int | None) -> None:
    """Ask another hart for a fence of the form whose address is in TARGET, and ASID in OTHER.

    While it waits it answers itself. An answer that does not come is not waited for.
    """
    other = w.rng.choice([hart for hart in range(w.plan.harts) if hart != w.hart])
    skip, wait = w.new_label("skip"), w.new_label("wait")
    w.constant(_BOX, places(other).mailbox)
    emit_request(w, _BOX, (_COUNT, _SEEN), skip)
    w.op("sd", TARGET, _BOX, ADDRESS)
    w.op("sd", OTHER, _BOX, ASID)
    emit_post(w, _BOX, form, SCRATCH)
    if interrupt is not None:
        w.op("lui", TARGET, interrupt >> 12)
        w.op("addi", SCRATCH, 0, 1)
        w.op("sw", SCRATCH, TARGET, 4 * other)
    w.op("addi", _COUNT, 0, _PATIENCE)
    w.label(wait)
    w.constant(TARGET, w.places.mailbox)
    emit_answer(w, TARGET, 0, (SCRATCH, OTHER, 11))
    w.op("ld", SCRATCH, _BOX, ANSWERS)
    w.branch("bne", SCRATCH, _SEEN, skip)
    w.op("addi", _COUNT, _COUNT, -1)
    w.branch("bne", _COUNT, 0, wait)
    w.label(skip)


def _publish_edit(w: Writer, interrupt: int | None) -> None:
    """Edit an entry, fence here and on another hart, and use it."""
    if not can_fence(w):
        idle_fence(w)
        return
    site = edit_some_entry(w)
    address, asid = fence_operands(w, site)
    w.constant(TARGET, address or 0)
    w.constant(OTHER, asid or 0)
    form = (BY_ADDRESS if address is not None else 0) | (BY_ASID if asid is not None else 0)
    _ask(w, form, interrupt)
    if w.mode is not Mode.M:
        use_somehow(w, site, w.mode)


def publish_edit(w: Writer) -> None:
    """By patience: the other hart looks into its mailbox now and then."""
    _publish_edit(w, None)


def publish_edit_by_interrupt(w: Writer) -> None:
    """By a software interrupt of M-mode or of S-mode."""
    _publish_edit(w, w.rng.choice((MSIP, SETSSIP)))


def publish_code(w: Writer) -> None:
    """Write an instruction of the code region that another hart may execute after its fence.i."""
    if not can_fence(w):
        idle_fence(w)
        return
    patch_region(w)
    _ask(w, FENCE_I, None)


def sweep(w: Writer) -> None:
    """Sweep stores over the lines of one set of the smallest caches, so that written ones leave."""
    stride = w.rng.choice((256, 1024, 4096))
    w.constant(TARGET, DATA_REGION + w.view(w.mode, w.space) + 64 * w.rng.randrange(_LINES))
    w.constant(SCRATCH, stride)
    for _ in range(w.rng.randrange(2, 6)):
        name = w.rng.choice(encoding.STORES + encoding.LOADS)
        w.op(name, w.pool(), TARGET, 0)
        w.op("add", TARGET, TARGET, SCRATCH)
