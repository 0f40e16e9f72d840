"""Steps that edit an entry and use it at once, aimed at every cell of the coverage table alike.

Access, page size, fence and outcome are drawn first, each with equal chances, then an entry that
leads there. What happens in the end is for the hart to say: data have their part in the address.
"""

from __future__ import annotations

from . import csrs
from .handlers import REPAIR_ADDRESS, REPAIR_VALUE
from .layout import (
    ABSENT,
    PAGE,
    PAGES,
    SCRATCH,
    SITES,
    TARGET,
    WINDOWS,
    Kind,
    Mode,
    Site,
)
from .memory import access, atomic, visit
from .paging import (
    OTHER,
    TABLE_ADDRESS,
    VALUE,
    can_fence,
    emit_fence,
    fence,
    flawed_entry,
    idle_fence,
    store_entry,
)
from .tables import A, D, G, R, U, V, W, X, entry
from .transitions import to_mode
from .writer import MPRV, MSTATUS_MPP, Writer

_KIND = {2: Kind.GIGA, 1: Kind.MEGA, 0: Kind.PAGE}
_LOAD, _STORE, _AMO, _FETCH = "load", "store", "amo", "fetch"
_USUAL = V | A | D | R | W | X


def _pick_site(w: Writer, level: int, fetching: bool) -> Site:
    """A site of this level in the space in use; its window lets all forms of the fence be used,
    unless it is shared."""
    space = w.space
    assert space is not None
    shared = w.rng.random() < 0.2
    window = next(v for v in WINDOWS if v.kind is _KIND[level] and v.shared == shared)
    sites = SITES[window.index, 0 if shared else space]
    return w.rng.choice([site for site in sites if site.level == 2 or site.code == fetching])


def _aimed_entry(w: Writer, site: Site, mode: Mode) -> int:
    """An entry by which an access of this mode is done, or faults in one of two ways."""
    flags = _USUAL | (U if mode is Mode.U else 0) | (w.rng.choice((0, G)) if site.shared else 0)
    offset = PAGE * w.rng.randrange(PAGES) if site.level == 0 else 0
    match w.rng.randrange(3):
        case 0:
            return entry(site.leaf_base + offset, flags)
        case 1:
            return entry(w.rng.choice((ABSENT, 3 << 30, 1 << 40)) + offset, flags)
        case _:
            flaw = w.rng.randrange(8)
            # Each right that is missing, the other mode's page, or an entry that is none.
            bits = (R | W, W, X, A, D, U)
            usual = entry(site.leaf_base + offset, flags)
            return usual ^ bits[flaw] if flaw < len(bits) else flawed_entry(w, site)


def _aimed_fence(w: Writer, site: Site) -> None:
    """Each form that covers the entry with the same chance."""
    rs1 = rs2 = 0
    if w.rng.random() < 0.5:
        rs1 = TABLE_ADDRESS
        w.constant(rs1, site.va)
    if not site.shared and w.rng.random() < 0.5:
        rs2 = OTHER
        w.constant(rs2, w.settings.asids[site.space])
    emit_fence(w, rs1, rs2)


def _edit(w: Writer, kind: str, mode: Mode) -> Site:
    site = _pick_site(w, w.rng.randrange(3), kind == _FETCH)
    w.constant(VALUE, _aimed_entry(w, site, mode))
    store_entry(w, site, plainly=True)
    _aimed_fence(w, site)
    return site


def edit_and_use(w: Writer) -> None:
    """Edit an entry that this mode then uses; machine mode does it by MPRV."""
    if not can_fence(w) or w.space is None:
        idle_fence(w)
        return
    if w.mode is Mode.M:
        mode = w.rng.choice((Mode.U, Mode.S))
        kind = w.rng.choice((_LOAD, _STORE, _AMO))
    else:
        mode, kind = w.mode, w.rng.choice((_LOAD, _STORE, _AMO, _FETCH))
    site = _edit(w, kind, mode)
    use(w, site, kind, mode)


def edit_for_user(w: Writer) -> None:
    """Edit an entry that user mode then uses, and come back."""
    if not can_fence(w) or w.space is None:
        idle_fence(w)
        return
    editor = w.mode
    kind = w.rng.choice((_LOAD, _STORE, _AMO, _FETCH))
    site = _edit(w, kind, Mode.U)
    to_mode(w, Mode.U)
    use(w, site, kind, Mode.U)
    to_mode(w, editor)


def use_somehow(w: Writer, site: Site, mode: Mode) -> None:
    """Use the page of a site, whatever has become of its entry."""
    kinds = (_FETCH,) if site.code else (_LOAD, _STORE, _AMO)
    use(w, site, w.rng.choice(kinds), mode)


def use(w: Writer, site: Site, kind: str, mode: Mode) -> None:
    """Access the page of a site up to twice, or call into it, as `mode` sees it."""
    if kind == _FETCH:
        page = (site.va - site.window.base(True)) // PAGE if site.level == 0 else None
        visit(w, site.window, page)
        return
    if w.mode is Mode.M:
        w.set_machine_bits(csrs.MSTATUS, MSTATUS_MPP, mode << 11 | MPRV, SCRATCH)
    w.constant(TARGET, site.va + 8 * w.rng.randrange(PAGE // 8))
    for _ in range(w.rng.randrange(1, 3)):
        if kind == _AMO:
            atomic(w, TARGET)
        else:
            access(w, TARGET, 0, loads=kind == _LOAD, stores=kind == _STORE)
    if w.mode is Mode.M:
        w.set_machine_bits(csrs.MSTATUS, MPRV, 0, SCRATCH)


def repair(w: Writer) -> None:
    """Spoil a page, tell the handlers how to repair it, and use it."""
    if not can_fence(w) or w.space is None:
        idle_fence(w)
        return
    window = w.rng.choice([window for window in WINDOWS if window.index in (7, 510)])
    sites = SITES[window.index, 0 if window.shared else w.space]
    site = w.rng.choice([site for site in sites if site.level == 0 and not site.code])
    word = entry(site.leaf_base + PAGE * w.rng.randrange(PAGES), V | R | W | A | D)
    mode = w.rng.choice((Mode.U, Mode.S)) if w.mode is Mode.M else w.mode
    word |= U if mode is Mode.U else 0
    w.constant(VALUE, w.rng.choice((0, word & ~A, word & ~V)))
    w.constant(TABLE_ADDRESS, site.addresses[0])
    w.op("sd", VALUE, TABLE_ADDRESS, 0)
    fence(w, site)
    w.constant(VALUE, word)
    w.constant(TABLE_ADDRESS, site.addresses[0])
    for save in (w.places.machine_save, w.places.supervisor_save):
        w.constant(OTHER, save)
        w.op("sd", VALUE, OTHER, REPAIR_VALUE)
        w.op("sd", TABLE_ADDRESS, OTHER, REPAIR_ADDRESS)
    use(w, site, w.rng.choice((_LOAD, _STORE, _AMO)), mode)
    for save in (w.places.machine_save, w.places.supervisor_save):
        w.constant(OTHER, save)
        w.op("sd", 0, OTHER, REPAIR_ADDRESS)
