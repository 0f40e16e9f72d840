"""The translation oracle, one rule a test; and against the reference of the MMU's own tests."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cocotb_tests.models import sv39
from cocotb_tests.models.sv39 import U_MODE, Access, D, Fault, MemoryMap, N, U, W, make_pte
from cocotb_tests.models.tlb import Fence, PageTables

from .oracle_world import (
    BASE,
    FRAME_A,
    FRAME_B,
    FRAME_C,
    GLOBAL,
    KINDS,
    LEAF,
    LEAVES,
    MIDDLE,
    NEIGHBOUR,
    OTHER_LEAVES,
    OTHER_ROOT,
    PAGE_LIST,
    ROOT,
    SRET,
    TP,
    VADDR,
    Space,
    World,
)

STALE_BEFORE, STALE_AFTER = {"stale": (1, 0)}, {"stale": (0, 1)}


@pytest.mark.parametrize("access", Access)
def test_what_a_walk_gives_is_not_reported(access):
    world = World()
    world.use(FRAME_A, access=access)
    world.map(VADDR, FRAME_B)
    world.fence()
    world.use(FRAME_B, access=access)
    assert world.counts() == {}
    assert world.oracle.counts()[0] == 2


def test_an_old_page_before_the_fence_is_counted_and_no_finding():
    world = World()
    world.map(VADDR, FRAME_B)
    world.use(FRAME_A)
    world.use(FRAME_A)
    assert world.counts() == {"stale": (2, 0)}
    assert not world.findings()


@pytest.mark.parametrize("walked", [None, FRAME_B])
def test_a_finding_says_where_and_how_old(walked):
    world = World()
    changed = world.unmap(VADDR) if walked is None else world.map(VADDR, walked)
    world.fence(hart=1)
    world.use(FRAME_A, hart=1, access=Access.STORE)
    assert world.counts() == STALE_AFTER
    (finding,) = world.findings()
    offset = VADDR & 0xFFF
    assert KINDS[finding.kind] == "stale"
    assert (finding.hart, finding.cycle, finding.pc) == (1, world.cycle, 0x1000)
    assert (finding.vaddr, finding.used_paddr) == (VADDR, FRAME_A << 12 | offset)
    nowhere = 2**64 - 1
    assert finding.walked_paddr == (nowhere if walked is None else walked << 12 | offset)
    assert (finding.age, finding.thread) == (world.cycle - changed, TP)
    assert Access(finding.access) is Access.STORE


@pytest.mark.parametrize(
    ("vaddr", "asid", "flags", "covers"),
    [
        (None, None, LEAF, True),
        (VADDR, None, LEAF, True),
        (NEIGHBOUR, None, LEAF, False),
        (None, 7, LEAF, True),
        (None, 8, LEAF, False),
        (VADDR, 7, LEAF, True),
        (VADDR, 8, LEAF, False),
        (NEIGHBOUR, 7, LEAF, False),
        (None, None, GLOBAL, True),
        (VADDR, None, GLOBAL, True),
        (None, 7, GLOBAL, False),
        (VADDR, 7, GLOBAL, False),
    ],
)
def test_which_fences_cover_a_page(vaddr, asid, flags, covers):
    world = World()
    space = Space(asid=7)
    world.map(VADDR, FRAME_A, flags)
    world.fence()
    world.map(VADDR, FRAME_B, flags)
    world.fence(0, vaddr, asid)
    world.use(FRAME_A, flags, space=space)
    assert world.counts() == (STALE_AFTER if covers else STALE_BEFORE)


def test_a_fence_of_another_hart_covers_nothing_here():
    world = World()
    world.map(VADDR, FRAME_B)
    world.fence(hart=1)
    world.use(FRAME_A, hart=0)
    world.use(FRAME_A, hart=1)
    assert world.counts() == {"stale": (1, 1)}


def test_what_an_entry_held_before_the_last_fence_is_gone():
    """A is fenced away; B, stored later, may still be used after C has replaced it."""
    world = World()
    world.map(VADDR, FRAME_B)
    world.fence()
    world.map(VADDR, FRAME_C)
    world.use(FRAME_B)
    assert world.counts() == STALE_BEFORE
    world.use(FRAME_A)
    assert world.counts() == {"stale": (1, 1)}


def test_any_address_in_a_superpage_fences_it():
    world = World()
    world.map(VADDR, 0x8_0000, level=1)
    world.fence()
    world.map(VADDR, 0x8_0200, level=1)
    world.fence(0, vaddr=VADDR ^ 0x1F_F000)
    world.use(0x8_0000, level=1)
    assert world.counts() == STALE_AFTER


def test_a_fence_of_an_address_leaves_pointers_alone():
    world = World()
    world.store(world.entry(VADDR, 0, OTHER_LEAVES), make_pte(FRAME_B, LEAF))
    world.point(MIDDLE, 1, OTHER_LEAVES)
    world.fence(0, vaddr=VADDR)
    world.use(FRAME_A)
    assert world.counts() == STALE_BEFORE
    world.fence(0, asid=0)
    world.use(FRAME_A)
    assert world.counts() == {"stale": (1, 1)}


@pytest.mark.parametrize(("flags", "asid", "legal"), [(LEAF, 1, False), (GLOBAL, 1, True)])
def test_another_satp_is_no_fence(flags, asid, legal):
    """What was cached in one address space hits in another only where that is allowed."""
    world = World()
    world.map(VADDR, FRAME_A, flags)
    world.store(world.entry(VADDR, 2, OTHER_ROOT), 0)
    world.fence()
    world.use(FRAME_A, flags, space=Space(asid=2))
    world.use(FRAME_A, flags, space=Space(OTHER_ROOT, asid))
    assert world.counts() == (STALE_BEFORE if legal else STALE_AFTER)


def test_an_asid_used_again_without_a_fence():
    world = World()
    world.use(FRAME_A, space=Space(asid=2))
    world.store(world.entry(VADDR, 2, OTHER_ROOT), 0)
    world.use(FRAME_A, space=Space(OTHER_ROOT, 2))
    assert world.counts() == STALE_BEFORE
    world.fence(asid=2)
    world.use(FRAME_A, space=Space(OTHER_ROOT, 2))
    assert world.counts() == {"stale": (1, 1)}


@pytest.mark.parametrize(
    ("flags", "access"),
    [
        (LEAF & ~W, Access.STORE),
        (LEAF & ~D, Access.STORE),
        (LEAF & ~sv39.X, Access.FETCH),
        (LEAF & ~sv39.A, Access.LOAD),
        (LEAF | U, Access.LOAD),
    ],
)
def test_a_permission_that_was_taken_away(flags, access):
    world = World()
    world.map(VADDR, FRAME_A, flags)
    for _ in range(20):
        world.untranslated()
    world.use(FRAME_A, access=access)
    assert world.counts() == STALE_BEFORE
    world.fence()
    world.untranslated(insn=SRET)
    world.use(FRAME_A, access=access)
    assert world.counts() == {"stale": (1, 1)}


def test_other_bits_may_differ():
    """More permission than was used, another value for software, a page found another way."""
    world = World()
    world.map(VADDR, FRAME_A, LEAF & ~W)
    world.fence()
    world.map(VADDR, FRAME_A, LEAF | 3 << 8)
    world.use(FRAME_A, LEAF & ~W)
    assert world.counts() == {}


def test_an_access_that_its_own_entry_does_not_permit():
    world = World()
    world.map(VADDR, FRAME_A, LEAF & ~W)
    world.use(FRAME_A, LEAF & ~W, access=Access.STORE)
    world.use(FRAME_A, LEAF & ~W, space=Space(privilege=U_MODE))
    world.use(FRAME_A, LEAF & ~W, paddr=FRAME_B << 12 | VADDR & 0xFFF)
    assert world.counts() == {"stale": (0, 3)}


def test_harmful_where_another_entry_came_to_map_the_page():
    world = World()
    world.unmap(VADDR)
    world.use(FRAME_A)
    world.map(NEIGHBOUR, FRAME_A)
    world.use(FRAME_A)
    assert world.counts() == {"stale": (2, 0), "harmful": (1, 0)}
    (finding,) = world.findings()
    assert (KINDS[finding.kind], finding.after_fence) == ("harmful", 0)
    # It stays so when the other has lost it again.
    world.unmap(NEIGHBOUR)
    world.use(FRAME_A)
    assert world.counts() == {"stale": (3, 0), "harmful": (2, 0)}


def test_harmful_where_the_page_is_part_of_a_larger_one():
    world = World()
    world.unmap(VADDR)
    world.map(VADDR ^ 1 << 21, 0x8_0000, level=1)
    world.use(FRAME_A)
    assert world.counts() == {"stale": (1, 0), "harmful": (1, 0)}


def test_not_harmful_where_the_page_was_mapped_elsewhere_all_the_time():
    """The map of all memory that a kernel has; and one that the page left before."""
    world = World()
    world.map(VADDR ^ 1 << 21, 0x8_0000, level=1)
    world.map(NEIGHBOUR, FRAME_A)
    world.unmap(NEIGHBOUR)
    world.unmap(VADDR)
    world.use(FRAME_A)
    assert world.counts() == STALE_BEFORE


def test_not_harmful_where_the_same_entry_maps_it_with_less_permission():
    world = World()
    world.map(VADDR, FRAME_A, LEAF & ~W)
    world.use(FRAME_A, access=Access.STORE)
    assert world.counts() == STALE_BEFORE


@pytest.mark.parametrize("slot", [8, 56])
def test_harmful_where_the_page_is_in_a_list_of_free_ones(slot):
    world = World()
    world.store(PAGE_LIST[0] + 8, FRAME_A << 12)  # left there from before it was mapped
    world.unmap(VADDR)
    world.use(FRAME_A)
    assert world.counts() == STALE_BEFORE
    world.store(PAGE_LIST[0] + 64, FRAME_A << 12)  # beside the list
    world.use(FRAME_A)
    assert world.counts() == {"stale": (2, 0)}
    world.store(PAGE_LIST[0] + slot, FRAME_A << 12)
    world.use(FRAME_A)
    assert world.counts() == {"stale": (3, 0), "harmful": (1, 0)}


def test_a_spurious_fault_before_and_after_the_fence():
    world = World()
    world.unmap(VADDR)
    world.fault()
    assert world.counts() == {}
    mapped = world.map(VADDR, FRAME_A)
    world.fault()
    assert world.counts() == {"spurious": (1, 0)}
    assert not world.findings()
    world.fence(0, vaddr=VADDR)
    world.fault(Access.STORE)
    assert world.counts() == {"spurious": (1, 1)}
    (finding,) = world.findings()
    assert (KINDS[finding.kind], finding.after_fence) == ("spurious", 1)
    assert (finding.used_paddr, finding.age) == (2**64 - 1, world.cycle - mapped)


def test_a_fetch_was_made_up_to_16_instructions_before_it_retired():
    world = World()
    world.map(VADDR, FRAME_B)
    for _ in range(20):
        world.use(FRAME_A, access=Access.FETCH)
    assert world.counts() == {"stale": (4, 0)}
    # A fence of another hart's making, which leaves what was fetched in the pipeline.
    world.map(VADDR, FRAME_C)
    world.fence()
    world.use(FRAME_B, access=Access.FETCH)
    assert world.counts() == {"stale": (4, 0)}


def test_what_follows_a_return_is_fetched_after_it():
    world = World()
    world.map(VADDR, FRAME_B)
    world.fence()
    world.untranslated(insn=SRET)
    world.use(FRAME_A, access=Access.FETCH)
    assert world.counts() == STALE_AFTER


def test_an_access_to_a_device_was_translated_before_it_was_done():
    uart = 0x1_0000
    world = World()
    world.map(VADDR, uart)
    world.fence()
    world.map(VADDR, uart + 1)
    world.use(uart)
    assert world.counts() == {}


def test_each_of_the_four_entries_of_a_16_kib_page():
    world = World(napot_16k=True)
    flags = LEAF | N
    frame = 0x8_0110 | 0b10
    for page in range(4):
        world.map((VADDR & ~0x3FFF) + page * 0x1000, frame, flags)
    world.use(frame, flags)
    world.unmap(VADDR)
    world.use(frame, flags)  # from a neighbour, which no fence has to see
    assert world.counts() == {}
    for page in range(4):
        world.map((VADDR & ~0x3FFF) + page * 0x1000, FRAME_B, LEAF)
    world.fence(0, vaddr=VADDR ^ 0x3000)
    world.use(frame, flags)
    assert world.counts() == STALE_AFTER


def test_findings_are_bounded_and_counts_are_not():
    world = World()
    world.unmap(VADDR)
    world.fence()
    for _ in range(120):
        world.use(FRAME_A)
    assert len(world.findings()) == 100
    assert world.counts() == {"stale": (0, 120)}


# Random: page tables that change under fences and accesses, each access with what some walk gave.

_MEMORY = MemoryMap(BASE, 64 << 20, ())
_VADDRS = (VADDR, NEIGHBOUR, VADDR + (1 << 21), VADDR + (1 << 30))
_FLAGS = (LEAF, GLOBAL, LEAF & ~W, LEAF | U, LEAF & ~sv39.A)


def _random_entry(choose: random.Random) -> tuple[int, int, int]:
    """Table, level and value of an entry: what it points to is a table of the right level."""
    table, level, next_table = choose.choice(
        [(ROOT, 2, MIDDLE), (MIDDLE, 1, LEAVES), (MIDDLE, 1, OTHER_LEAVES)]
        + [(LEAVES, 0, 0), (OTHER_LEAVES, 0, 0)] * 3
    )
    kind = choose.random()
    if kind < 0.15:
        return table, level, 0
    if next_table and kind < 0.8:
        return table, level, make_pte(next_table >> 12, sv39.V)
    frame = (0x8_0100 + choose.randrange(4)) >> 9 * level << 9 * level
    return table, level, make_pte(frame, choose.choice(_FLAGS))


@given(seed=st.integers(0, 2**32 - 1))
@settings(max_examples=150)
def test_random_histories_against_the_allowed_sets(seed):
    choose = random.Random(seed)
    world, reference = World(1), PageTables(_MEMORY, caches_invalid=True)
    world.oracle.walked(OTHER_LEAVES, 0)
    for table in (ROOT, MIDDLE, LEAVES):
        for entry in range(table, table + 4096, 8):
            if value := world.oracle.load(entry):
                reference.write(entry, value)
    world.cycle = reference.now
    reference.fence(Fence())
    world.fence()
    seen = {sv39.PAGE_FAULT}
    expected: dict[str, tuple[int, int]] = dict.fromkeys(KINDS, (0, 0))
    for _ in range(120):
        vaddr = choose.choice(_VADDRS)
        what = choose.random()
        if what < 0.3:
            table, level, value = _random_entry(choose)
            entry = world.entry(vaddr, level, table)
            reference.write(entry, value)
            world.store(entry, value)
        elif what < 0.4:
            fence = Fence(choose.choice([None, vaddr]), choose.choice([None, 1, 2]))
            reference.fence(fence)
            world.fence(0, fence.vaddr, fence.asid)
        else:
            access = choose.choice([Access.LOAD, Access.STORE])
            space = Space(asid=choose.choice([1, 2]), sum=choose.randrange(2))
            context = sv39.Context(sum=space.sum, asid=space.asid, root_ppn=ROOT >> 12)
            now = reference.translate(vaddr, access, context)
            allowed = reference.allowed(vaddr, access, context, reference.now)
            seen |= allowed
            used = choose.choice(sorted(seen, key=repr))
            reference.now += 1
            kind = None
            if used == sv39.PAGE_FAULT:
                world.fault(access, vaddr=vaddr, space=space)
                if now.fault is Fault.NONE:
                    kind = "spurious"
            elif used.fault is Fault.NONE:
                world.use(
                    sv39.ppn_of(used.pte), used.pte & 0x3FF, vaddr=vaddr, level=used.level,
                    access=access, space=space, paddr=used.paddr,
                )  # fmt: skip
                if now.fault is not Fault.NONE or now.paddr >> 12 != used.paddr >> 12:
                    kind = "stale"
            else:
                reference.now -= 1
            if kind:
                before, after = expected[kind]
                legal = used in allowed
                expected[kind] = (before + legal, after + (not legal))
            assert world.cycle == reference.now
            counted = {name: world.counts().get(name, (0, 0)) for name in ("stale", "spurious")}
            assert counted == {name: expected[name] for name in counted}
