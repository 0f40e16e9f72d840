"""Lockstep with Sv39: physical addresses, and faults that only a kept PTE explains."""

from __future__ import annotations

import pytest

from cocotb_tests.hart.programs import assemble
from cocotb_tests.lockstep.golden_library import DRAM_BASE, load, nothing, result, store, trap
from cocotb_tests.lockstep.steps import T0, T1, T3, Steps, address_in_t1, go_to
from rtl.isa.csr_layout import MISA
from rtl.isa.pmp import PMP_ENTRIES

DATA = DRAM_BASE + 0x2000
ROOT, MIDDLE, LAST, PAGE = (DRAM_BASE + page * 0x1000 for page in (4, 5, 6, 7))
VADDR = 1 << 30
LOAD_ACCESS, LOAD_PAGE, STORE_PAGE = 5, 13, 15
V, R, W, X, A, D = 1, 2, 4, 8, 0x40, 0x80
RIGHTS = V | R | W | A | D
SV39 = 8 << 60
MPP_S = 1 << 11
MPRV_S = 1 << 17 | MPP_S
ADUE = 1 << 61

SP, S0, S1 = 2, 8, 9
COMPRESSED = MISA >> 2 & 1

PROGRAM = f"""
    {address_in_t1(DATA)}
    ld t0, 0(t1)
    csrw satp, t0
    ld t0, 8(t1)
    csrw menvcfg, t0
    ld t0, 16(t1)
    csrw mtvec, t0
    ld t3, 24(t1)
    ld s0, 32(t1)
    mv sp, s0
    ld t0, 40(t1)
    ld t1, 48(t1)
    sd t0, 0(t1)
    %s
    csrw mstatus, t3
    %s
    .balign 4
handler:
    %s
"""
"""Writes a PTE (t0, to t1), does something, accesses as S-mode, and goes on without translation."""


def pte(address: int, bits: int) -> int:
    return address >> 2 | bits


def prepared(
    access: str,
    before: int,
    now: int,
    *,
    fence: str = "",
    handler: str = "",
    menvcfg: int = 0,
    **straps: int,
) -> Steps:
    """A hart that has changed the PTE of VADDR, and comes to an access at s0 or sp."""
    program = assemble(PROGRAM % (fence, access, handler))
    steps = Steps(program, **straps)
    satp = SV39 | ROOT >> 12
    words = (satp, menvcfg, program.symbols["handler"], MPRV_S, VADDR, now, LAST)
    tables = {ROOT + 8: pte(MIDDLE, V), MIDDLE: pte(LAST, V), LAST: before}
    for address, word in {**tables, **{DATA + 8 * n: w for n, w in enumerate(words)}}.items():
        steps.hart.load(address, word.to_bytes(8, "little"))
    go_to(steps, DATA)
    for number in range(3):
        steps.agree(load, T0, words[number], DATA + 8 * number)
        steps.agree(nothing)
    steps.agree(load, T3, MPRV_S, DATA + 24)
    steps.agree(load, S0, VADDR, DATA + 32)
    steps.agree(result, SP, VADDR)
    steps.agree(load, T0, now, DATA + 40)
    steps.agree(load, T1, LAST, DATA + 48)
    steps.agree(store, now, LAST)
    if fence:
        steps.agree(nothing)
    steps.agree(nothing)
    return steps


def test_the_physical_address_is_compared():
    def steps() -> Steps:
        return prepared("ld s1, 8(s0)", 0, pte(PAGE, RIGHTS))

    access = {"address": VADDR + 8}
    steps().agree(load, S1, 0, **access, mem_paddr=PAGE + 8)
    steps().differ(load, S1, 0, **access, mem_paddr=PAGE + 0x1008)


def test_protection_that_was_not_opened():
    steps = prepared("ld s1, 8(s0)", 0, pte(PAGE, RIGHTS), pmp_entries=PMP_ENTRIES)
    steps.agree(trap, LOAD_ACCESS, VADDR + 8)


def test_a_pte_without_v_may_be_kept_until_a_fence():
    steps = prepared("ld s1, 8(s0)", 0, pte(PAGE, RIGHTS))
    steps.agree(trap, LOAD_PAGE, VADDR + 8)
    assert steps.hart.exceptions() == {"stale_faults": 1}


def test_after_such_a_fault_the_access_has_had_no_effect():
    now = pte(PAGE, V | R | W)
    look = f"ld t3, 0(t1)\n {address_in_t1(PAGE)} ld t3, 8(t1)"
    steps = prepared("sd s0, 8(s0)", 0, now, handler=look, menvcfg=ADUE, svadu=1)
    steps.agree(trap, STORE_PAGE, VADDR + 8)
    steps.agree(load, T3, now, LAST)
    go_to(steps, PAGE)
    steps.agree(load, T3, 0, PAGE + 8)
    assert steps.hart.exceptions() == {"stale_faults": 1}


REFUSED = {
    "by a machine that keeps none": {"cache_invalid_ptes": 0},
    "after a fence": {"fence": "sfence.vma"},
    "where nothing was written": {"before": pte(PAGE, RIGHTS)},
}


@pytest.mark.parametrize("why", REFUSED)
def test_a_fault_without_a_cause(why):
    arguments = {"before": 0, "now": pte(PAGE, RIGHTS), **REFUSED[why]}
    steps = prepared("ld s1, 8(s0)", **arguments)
    steps.differ(trap, LOAD_PAGE, VADDR + 8)


@pytest.mark.parametrize(
    ("access", "cause", "address"),
    [
        ("ld s1, 8(s0)", LOAD_PAGE, VADDR),
        ("ld s1, 8(s0)", STORE_PAGE, VADDR + 8),
        ("sd s0, 8(s0)", LOAD_PAGE, VADDR + 8),
        ("lw s1, 2(s0)", LOAD_PAGE, VADDR + 2),
        ("nop", LOAD_PAGE, VADDR),
    ],
)
def test_a_stale_fault_must_be_one_of_this_instruction(access, cause, address):
    prepared(access, 0, pte(PAGE, RIGHTS)).differ(trap, cause, address)


ACCESSES = {
    "lr.d s1, (s0)": (LOAD_PAGE, 0),
    "lwu s1, 4(s0)": (LOAD_PAGE, 4),
    "sb s1, 0x7ff(s0)": (STORE_PAGE, 0x7FF),
    "sc.w s1, s1, (s0)": (STORE_PAGE, 0),
    "amoor.d s1, s1, (s0)": (STORE_PAGE, 0),
}
COMPRESSED_ACCESSES = {
    "c.lw s1, 4(s0)": (LOAD_PAGE, 4),
    "c.ld s1, 8(s0)": (LOAD_PAGE, 8),
    "c.sw s1, 12(s0)": (STORE_PAGE, 12),
    "c.sd s1, 16(s0)": (STORE_PAGE, 16),
    "c.lwsp s1, 20(sp)": (LOAD_PAGE, 20),
    "c.ldsp s1, 24(sp)": (LOAD_PAGE, 24),
    "c.swsp s1, 28(sp)": (STORE_PAGE, 28),
    "c.sdsp s1, 32(sp)": (STORE_PAGE, 32),
}


@pytest.mark.parametrize("access", {**ACCESSES, **(COMPRESSED_ACCESSES if COMPRESSED else {})})
def test_every_kind_of_access_may_fault_so(access):
    cause, offset = {**ACCESSES, **COMPRESSED_ACCESSES}[access]
    text = (
        f".option arch, +c\n{access}\n.option arch, -c" if access in COMPRESSED_ACCESSES else access
    )
    steps = prepared(text, 0, pte(PAGE, RIGHTS))
    steps.agree(trap, cause, VADDR + offset)
    assert steps.hart.exceptions() == {"stale_faults": 1}


def test_rights_that_were_raised_may_be_kept_low():
    steps = prepared("sd s0, 0(s0)", pte(PAGE, V | R | A), pte(PAGE, RIGHTS))
    steps.agree(trap, STORE_PAGE, VADDR)
    assert steps.hart.exceptions() == {"stale_faults": 1}


def test_a_fault_that_both_find_is_none_of_these():
    steps = prepared("sd s0, 0(s0)", 0, pte(PAGE, V | R | A))
    steps.agree(trap, STORE_PAGE, VADDR)
    assert steps.hart.exceptions() == {}


IN_S_MODE = f"""
    {address_in_t1(DATA)}
    ld t0, 0(t1)
    csrw satp, t0
    ld t0, 8(t1)
    csrw mepc, t0
    ld t0, 16(t1)
    csrw mstatus, t0
    ld s0, 24(t1)
    ld t0, 32(t1)
    ld t1, 40(t1)
    mret
entry:
    ld s1, 0(s0)
    ori t0, t0, 0x80
    sd t0, 0(t1)
    sd s0, 0(s0)
"""


def test_spike_sees_rights_that_were_raised_since_it_looked():
    """It keeps PTEs of its own; the RTL need not."""
    program = assemble(IN_S_MODE)
    steps = Steps(program)
    low = pte(PAGE, V | R | W | A)
    words = (SV39 | ROOT >> 12, program.symbols["entry"], MPP_S, VADDR, low, LAST)
    tables = {ROOT + 8: pte(MIDDLE, V), MIDDLE: pte(LAST, V), LAST: low}
    tables[ROOT + 16] = pte(DRAM_BASE, RIGHTS | X)
    for address, word in {**tables, **{DATA + 8 * n: w for n, w in enumerate(words)}}.items():
        steps.hart.load(address, word.to_bytes(8, "little"))
    go_to(steps, DATA)
    for number in range(3):
        steps.agree(load, T0, words[number], DATA + 8 * number)
        steps.agree(nothing)
    for register, number in ((S0, 3), (T0, 4), (T1, 5)):
        steps.agree(load, register, words[number], DATA + 8 * number)
    steps.agree(nothing)

    in_s = {"privilege": 1}
    steps.agree(load, S1, 0, VADDR, mem_paddr=PAGE, **in_s)
    steps.agree(result, T0, low | D, **in_s)
    steps.agree(store, low | D, LAST, **in_s)
    steps.agree(store, VADDR, VADDR, mem_paddr=PAGE, **in_s)
    assert steps.hart.exceptions() == {}


ACCESSED_EARLY = "csrw mstatus, zero\n ld t3, 0(t1)\n ld t3, 0(t1)"


def test_with_svadu_hardware_may_set_a_early():
    plain = pte(PAGE, V | R | W)
    steps = prepared(ACCESSED_EARLY, 0, plain, menvcfg=ADUE, svadu=1)
    steps.agree(nothing)
    steps.agree(load, T3, plain | A, LAST)
    assert steps.hart.exceptions() == {"early_accessed": 1}
    steps.agree(load, T3, plain | A, LAST)
    assert steps.hart.exceptions() == {"early_accessed": 1}, "memory has it from then on"


@pytest.mark.parametrize("bits", [D, A | D, A | 1 << 54])
def test_no_other_bit_appears_by_itself(bits):
    plain = pte(PAGE, V | R | W)
    steps = prepared(ACCESSED_EARLY, 0, plain, menvcfg=ADUE, svadu=1)
    steps.agree(nothing)
    steps.differ(load, T3, plain | bits, LAST)


def test_without_svadu_a_does_not_appear():
    plain = pte(PAGE, V | R | W)
    steps = prepared(ACCESSED_EARLY, 0, plain)
    steps.agree(nothing)
    steps.differ(load, T3, plain | A, LAST)
