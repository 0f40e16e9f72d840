"""Steps that edit page tables and fence.

Spike keeps a translation until it sees any fence, the hart until a covering one. So the covering
fence follows every edit before anything uses the entry: by address only where the entry is a leaf
before and after, by ASID only where one address space has it.
"""

from __future__ import annotations

from .layout import (
    ABSENT,
    PAGE,
    PAGES,
    SCRATCH,
    SITES,
    SPACES,
    TABLE,
    TARGET,
    WINDOWS,
    Kind,
    Mode,
    Site,
)
from .tables import KERNEL_SHAPES, A, D, G, R, U, V, W, X, entry, view_entry
from .writer import TVM, Writer

TABLE_ADDRESS = TARGET
VALUE = SCRATCH
OTHER = 6
_PERMISSIONS = (R, R | W, R | X, R | W | X, R | W | X, X)
_RESERVED_BITS = range(54, 64)


def can_fence(w: Writer) -> bool:
    return w.mode is Mode.M or (w.mode is Mode.S and not w.settings.traps & TVM)


def hot_site(w: Writer) -> Site:
    """One of a few pages of data that all harts use and edit all the time."""
    window = w.rng.choice([window for window in WINDOWS if window.kind is Kind.PAGE])
    space = 0 if window.shared else w.rng.randrange(SPACES) if w.space is None else w.space
    return next(site for site in SITES[window.index, space] if site.level == 0 and not site.code)


def _pick_site(w: Writer) -> Site:
    """A site of any window and address space, more often of the space in use."""
    if w.plan.harts > 1 and w.rng.random() < 0.5:
        return hot_site(w)
    window = w.rng.choice(WINDOWS)
    if window.shared:
        space = 0
    elif w.space is not None and w.rng.random() < 0.7:
        space = w.space
    else:
        space = w.rng.randrange(SPACES)
    sites = SITES[window.index, space]
    # As many edits above the leaves as of all the leaves.
    upper = [site for site in sites if site.level > 0]
    return w.rng.choice(upper if upper and w.rng.random() < 0.6 else sites)


def leaf_flags(w: Writer, site: Site) -> int:
    """Flags of a valid leaf: mostly usable, now and then with A or D clear."""
    rng = w.rng
    flags = V | A | D | rng.choice(_PERMISSIONS) | rng.choice((0, U)) | rng.choice((0, 0, 3 << 8))
    if site.code and rng.random() < 0.5:
        flags |= X
    if site.shared:
        flags |= rng.choice((0, G))
    draw = rng.random()
    if draw < 0.06:
        flags &= ~A
    elif draw < 0.14:
        flags &= ~D
    return flags


def _leaf(w: Writer, site: Site) -> int:
    base = site.leaf_base
    if site.level == 0:
        base += PAGE * w.rng.randrange(PAGES)
    return entry(base, leaf_flags(w, site))


def flawed_entry(w: Writer, site: Site) -> int:
    """An entry that faults in one of the ways that the specification lists."""
    rng = w.rng
    good = _leaf(w, site)
    reserved = 1 << rng.choice(_RESERVED_BITS)
    far = rng.choice((ABSENT, 3 << 30, 1 << 40, 1 << 55))
    flaws = [
        rng.getrandbits(64) & ~V,
        good | reserved,
        good & ~R | W,
        # Nothing is there: an access fault, of any size of page.
        *(2 * [entry(far, good & 0x3FF | A)]),
    ]
    if site.level == 0:
        flaws.append(good & ~(R | W | X))
    else:
        flaws.append(good | 1 << 10 + rng.randrange(9 * site.level))
        # As a pointer it has bits that a pointer must not have.
        flaws.append(entry(TABLE["kernel_leaves"], V | rng.choice((A, D, U, A | D | U))))
    if site.pointers:
        table = rng.choice(site.pointers)
        absent = rng.choice((ABSENT, 1 << 40)) + PAGE * rng.randrange(64)
        flaws += [
            entry(table, V | rng.choice((A, D, U, A | D | U))),
            entry(absent, V),
            entry(table, V) | reserved,
        ]
    return rng.choice(flaws)


def _good(w: Writer, site: Site) -> int:
    if site.pointers and w.rng.random() < 0.5:
        return entry(w.rng.choice(site.pointers), V | (w.rng.choice((0, G)) if site.shared else 0))
    return _leaf(w, site)


def _value(w: Writer, site: Site, good: float) -> None:
    """Put a new entry into VALUE; data choose some of its bits where any choice is safe."""
    word = _good(w, site) if w.rng.random() < good else flawed_entry(w, site)
    w.constant(VALUE, word)
    is_leaf = bool(word & (R | W | X)) and word & V
    if not is_leaf or w.rng.random() < 0.5:
        return
    # U, and where it is a page its number, W, X and A, D.
    bits = U
    if site.level == 0:
        bits |= w.rng.choice((0, W, X, A, D, (PAGES - 1) << 10))
    w.constant(OTHER, bits)
    w.op("and", OTHER, OTHER, w.pool())
    w.op("xor", VALUE, VALUE, OTHER)


def store_entry(w: Writer, site: Site, *, plainly: bool = False) -> None:
    """Write VALUE to the entries of the site; not always `plainly`, by one store each."""
    for address in site.addresses:
        w.constant(TABLE_ADDRESS, address)
        if plainly:
            w.op("sd", VALUE, TABLE_ADDRESS, 0)
        elif len(site.addresses) == 1 and w.rng.random() < 0.25:
            _edit_by_amo(w, site)
        elif w.rng.random() < 0.05 and len(site.addresses) == 1:
            # In two halves: what is between them is never used.
            w.op("sw", VALUE, TABLE_ADDRESS, 0)
            w.op("srli", VALUE, VALUE, 32)
            w.op("sw", VALUE, TABLE_ADDRESS, 4)
        else:
            w.op("sd", VALUE, TABLE_ADDRESS, 0)


def _edit_by_amo(w: Writer, site: Site) -> None:
    if w.plan.svadu:
        # The walker may have set A on its own account: the old value must not be looked at.
        w.op("amoswap.d", 0, TABLE_ADDRESS, VALUE, w.rng.randrange(4))
        return
    if site.level == 0 and w.rng.random() < 0.5:
        # Any flags are safe in the last level: at worst it is no leaf, and faults.
        w.op("andi", VALUE, w.pool(), A | D | R | W | X | U)
        name = w.rng.choice(("amoxor.d", "amoor.d"))
    else:
        name = "amoswap.d"
    w.op(name, w.rng.choice((0, w.pool())), TABLE_ADDRESS, VALUE, w.rng.randrange(4))


def fence_operands(w: Writer, site: Site) -> tuple[int | None, int | None]:
    """Address and ASID, or None, of a fence that covers an edit of the site; which of them, the
    site's forms permit."""
    by_address = not site.pointers and w.rng.random() < 0.5
    by_space = not site.shared and w.rng.random() < 0.5
    address = asid = None
    if by_address:
        # Any address that the entry translates will do.
        size = PAGE << 9 * site.level
        start = site.va & -size
        address = start + w.rng.randrange(size) if w.rng.random() < 0.5 else site.va
    if by_space:
        asid = w.settings.asids[site.space]
    return address, asid


def fence(w: Writer, site: Site) -> None:
    """A fence that covers an edit of the site."""
    address, asid = fence_operands(w, site)
    rs1 = rs2 = 0
    if address is not None:
        rs1 = TABLE_ADDRESS
        w.constant(rs1, address)
    if asid is not None:
        rs2 = OTHER
        w.constant(rs2, asid)
    emit_fence(w, rs1, rs2)


def emit_fence(w: Writer, rs1: int, rs2: int) -> None:
    if w.rng.random() < 0.25:
        w.op("sfence.w.inval")
        w.op("sinval.vma", rs1, rs2)
        w.op("sfence.inval.ir")
    else:
        w.op("sfence.vma", rs1, rs2)


def edit_some_entry(w: Writer) -> Site:
    """Edit one entry and fence, in a mode that may."""
    site = _pick_site(w)
    _value(w, site, good=0.6)
    store_entry(w, site)
    fence(w, site)
    return site


def edit(w: Writer) -> None:
    """Edit one entry and fence."""
    if can_fence(w):
        edit_some_entry(w)
    else:
        idle_fence(w)


def idle_fence(w: Writer) -> None:
    """A fence that nothing asks for; it traps where the mode may not fence."""
    rs1 = rs2 = 0
    if w.rng.random() < 0.5:
        rs1 = TARGET
        w.window_address(TARGET, w.rng.choice(WINDOWS), code=w.rng.random() < 0.5, size=1)
    if w.rng.random() < 0.5:
        rs2 = OTHER
        w.constant(OTHER, w.rng.choice((*w.settings.asids, w.rng.getrandbits(16))))
    if w.mode is Mode.U or not can_fence(w):
        w.op(w.rng.choice(("sfence.vma", "sinval.vma")), rs1, rs2)
    else:
        emit_fence(w, rs1, rs2)


def reshape_view(w: Writer) -> None:
    """Give the code itself another page size, with the same translation, while it runs."""
    if not can_fence(w):
        idle_fence(w)
        return
    shape = w.rng.choice(KERNEL_SHAPES)
    user = w.rng.random() < 0.5
    if user:
        roots, index, word = [w.rng.randrange(SPACES)], 1, view_entry(shape, user=True, flag=0)
    else:
        flag = G if w.global_kernel else 0
        roots = list(range(SPACES)) if w.global_kernel else [w.rng.randrange(SPACES)]
        index, word = 2, view_entry(shape, user=False, flag=flag)
    w.constant(VALUE, word)
    for root in roots:
        w.constant(TABLE_ADDRESS, TABLE[f"root{root}"] + 8 * index)
        w.op("sd", VALUE, TABLE_ADDRESS, 0)
    emit_fence(w, 0, 0)
