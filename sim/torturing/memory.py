"""Steps that access memory: the stack, windows of virtual memory, the regions, nothing at all."""

from __future__ import annotations

from . import csrs, encoding
from .arithmetic import operation
from .layout import (
    ABSENT,
    CODE_REGION,
    ENTRY,
    ENTRY_BYTES,
    PAGE,
    RA,
    REGION_BYTES,
    SCRATCH,
    STRADDLE,
    TARGET,
    WINDOWS,
    Mode,
    Window,
)
from .writer import MPRV, MSTATUS_MPP, MXR, SUM, Writer

_SIZE = {"b": 1, "h": 2, "w": 4, "d": 8}


def _bytes(name: str) -> int:
    return _SIZE[name.rstrip("u")[-1]]


def stack_accesses(w: Writer) -> None:
    """Loads and stores on the page that every mode has, at offsets that 16-bit forms reach."""
    for _ in range(w.rng.randrange(2, 6)):
        name = w.rng.choice(encoding.LOADS + encoding.STORES + ("ld", "sd", "lw", "sw"))
        size = _bytes(name)
        reach = 64 if w.rng.random() < 0.6 else 2048
        offset = w.rng.randrange(
            0 if reach == 64 else -2048, reach * 4 if reach == 64 else 2048 - 8
        )
        w.op(name, w.pool(), 2, offset // size * size)


def pick_window(w: Writer) -> Window | None:
    """A window; in a mode without translation mostly the region itself, which is there."""
    if w.mode is Mode.M or (w.space is None and w.rng.random() < 0.8):
        return None
    return w.rng.choice(WINDOWS)


def access(
    w: Writer, register: int, offset: int, *, loads: bool = True, stores: bool = True
) -> None:
    """One load or store at offset(register)."""
    names = (encoding.LOADS if loads else ()) + (encoding.STORES * 2 if stores else ())
    w.op(w.rng.choice(names), w.pool(), register, offset)


def _misshape(w: Writer) -> None:
    """Rarely make the address in TARGET one that Sv39 has not: bits 63 to 38 differ."""
    if w.rng.random() < 0.03:
        w.op("addi", SCRATCH, 0, 1)
        w.op("slli", SCRATCH, SCRATCH, w.rng.randrange(39, 64))
        w.op("xor", TARGET, TARGET, SCRATCH)


def window_accesses(w: Writer) -> None:
    """Up to three accesses around one address: the data part, or, loads only, the code part."""
    code = w.rng.random() < 0.2
    offset = w.rng.choice((0, 0, 8, -8, 2040, -2048))
    size = w.rng.choice((8, 8, 8, 4, 1))
    w.window_address(TARGET, pick_window(w), code=code, size=size, offset=offset)
    _misshape(w)
    for _ in range(w.rng.randrange(1, 4)):
        access(w, TARGET, offset, stores=not code)
        if w.rng.random() < 0.5:
            operation(w)


def atomic(w: Writer, register: int) -> None:
    """One AMO."""
    width = w.rng.choice("wd")
    w.op(f"{w.rng.choice(encoding.AMOS)}.{width}", w.pool(), register, w.pool(), w.rng.randrange(4))


def window_atomics(w: Writer) -> None:
    w.window_address(TARGET, pick_window(w), code=False, size=8)
    _misshape(w)
    for _ in range(w.rng.randrange(1, 3)):
        atomic(w, TARGET)


def reservation(w: Writer) -> None:
    """LR and SC on one address, with nothing between them that could end the reservation.

    The result of the SC goes nowhere: an interrupt may make it fail.
    """
    width = w.rng.choice("wd")
    w.window_address(TARGET, pick_window(w), code=False, size=8)
    w.op(f"lr.{width}", w.pool(), TARGET, 0, w.rng.randrange(4))
    for _ in range(w.rng.randrange(3)):
        operation(w)
    w.op(f"sc.{width}", SCRATCH, TARGET, w.pool(), w.rng.randrange(4))


def region_accesses(w: Writer) -> None:
    """Machine mode: physical addresses."""
    w.window_address(TARGET, None, code=False, size=8)
    for _ in range(w.rng.randrange(1, 3)):
        if w.rng.random() < 0.3:
            atomic(w, TARGET)
        else:
            access(w, TARGET, 0)


def machine_through_windows(w: Writer) -> None:
    """Machine mode with MPRV: the data part of a window as another mode sees it.

    Where the first access traps, the handler's return leaves MPP at U for the second.
    """
    w.window_address(TARGET, w.rng.choice(WINDOWS), code=False, size=8)
    mode = w.rng.choice((Mode.U, Mode.S))
    bits = mode << 11 | MPRV | w.rng.choice((0, SUM)) | w.rng.choice((0, MXR))
    w.set_machine_bits(csrs.MSTATUS, MSTATUS_MPP | SUM | MXR, bits, SCRATCH)
    for _ in range(w.rng.randrange(1, 3)):
        if w.rng.random() < 0.4:
            atomic(w, TARGET)
        else:
            access(w, TARGET, 0)
    w.set_machine_bits(csrs.MSTATUS, MPRV, 0, SCRATCH)


def visit(w: Writer, window: Window | None, page: int | None = None) -> None:
    """Call a subroutine of the code region through a window; data choose its entry, and the page
    where none is given."""
    straddling = w.plan.straddles and w.rng.random() < 0.25
    base = window.base(True) if window else CODE_REGION
    w.constant(TARGET, base + (STRADDLE if straddling else ENTRY) + PAGE * (page or 0))
    mask = 0 if straddling else (PAGE - 1) & -ENTRY_BYTES
    w.constant(SCRATCH, mask | (REGION_BYTES - PAGE if page is None else 0))
    w.op("and", SCRATCH, SCRATCH, w.pool())
    w.op("add", TARGET, TARGET, SCRATCH)
    if not straddling:
        _misshape(w)
    w.op("jalr", RA, TARGET, 0)


def visit_code_window(w: Writer) -> None:
    visit(w, pick_window(w))


def absent_address(w: Writer) -> None:
    """A physical address where nothing is: machine mode's, or another's without translation."""
    w.constant(TARGET, ABSENT + w.rng.randrange(PAGE) * 8)
    if w.space is not None and w.mode is not Mode.M:
        # Translation is on: the user's view is there, or nothing.
        w.constant(TARGET, 3 << 30)
    draw = w.rng.random()
    if draw < 0.4:
        w.op("jalr", RA, TARGET, 0)
    elif draw < 0.8:
        access(w, TARGET, 0)
    else:
        atomic(w, TARGET)


def ordering(w: Writer) -> None:
    """Fences of the unprivileged specification, around a store and a load."""
    w.op("sd", w.pool(), 2, 8 * w.rng.randrange(32))
    name = w.rng.choice(("fence", "fence", "fence.i", "fence.tso"))
    operands = (w.rng.randrange(1, 16), w.rng.randrange(1, 16)) if name == "fence" else ()
    w.op(name, *operands)
    w.op("ld", w.pool(), 2, 8 * w.rng.randrange(32))
