"""Lockstep of one of several harts: what others did is taken from the ports, nothing else is."""

from __future__ import annotations

from cocotb_tests.hart.programs import assemble
from cocotb_tests.lockstep.golden_library import DRAM_BASE, load, nothing, result, store, trap
from cocotb_tests.lockstep.steps import T0, T1, T2, Steps, address_in_t1, go_to
from cocotb_tests.lockstep.test_translations import (
    LAST,
    LOAD_PAGE,
    PAGE,
    RIGHTS,
    S1,
    VADDR,
    prepared,
    pte,
)

DATA = DRAM_BASE + 0x2000
INTERRUPT, SSI = 1 << 63, 1
ADDI_T0_3 = 0x0030_0293


def at_data(code: str, shared: int = 1) -> Steps:
    steps = Steps(assemble(address_in_t1(DATA) + code), shared=shared)
    go_to(steps, DATA)
    return steps


def test_a_load_of_what_another_hart_wrote():
    steps = at_data("ld t0, 0(t1)\n mv t2, t0\n lh t0, 2(t1)")
    steps.agree(load, T0, 0x8005_0000, DATA)
    steps.agree(result, T2, 0x8005_0000)
    steps.agree(load, T0, -0x7FFB, DATA + 2, size=1, mem_rdata=-0x7FFB % (1 << 64))
    assert steps.hart.exceptions() == {"foreign_values": 1}
    at_data("ld t0, 0(t1)", shared=0).differ(load, T0, 5, DATA)


def test_what_is_stored_is_compared():
    at_data("sd t1, 0(t1)").differ(store, DATA + 1, DATA)


def test_an_amo_takes_the_old_value_and_makes_the_new_one():
    amo = {"address": DATA, "mem_write": 1}
    steps = at_data("amoadd.d t0, t1, (t1)")
    steps.agree(load, T0, 5, **amo, mem_wdata=DATA + 5)
    assert steps.hart.exceptions() == {"foreign_values": 1}
    at_data("amoadd.d t0, t1, (t1)").differ(load, T0, 5, **amo, mem_wdata=DATA + 6)


def test_an_instruction_of_another_hart():
    steps = at_data("nop\n nop")
    steps.agree(result, T0, 3, insn=ADDI_T0_3)
    assert steps.hart.exceptions() == {"foreign_instructions": 1}
    steps.differ(result, T0, 4, insn=ADDI_T0_3)
    at_data("nop", shared=0).differ(result, T0, 3, insn=ADDI_T0_3)


def used(page: int, bits: int, level: int = 0) -> dict[str, int]:
    """Fields of an access to VADDR + 8 by this leaf."""
    return {
        "address": VADDR + 8,
        "mem_paddr": page + 8,
        "mem_translated": 1,
        "mem_pte": pte(page, bits),
        "mem_level": level,
    }


OTHER_PAGE = PAGE + 0x1000


def one_of_several(access: str = "ld s1, 8(s0)", now: int = pte(PAGE, RIGHTS)) -> Steps:
    return prepared(access, 0, now, fence="sfence.vma", shared=1)


def test_a_walk_shows_what_another_hart_has_made_of_a_pte():
    steps = one_of_several()
    steps.hart.walk(LAST, pte(OTHER_PAGE, RIGHTS))
    steps.agree(load, S1, 0, **used(OTHER_PAGE, RIGHTS))
    assert steps.hart.exceptions() == {"foreign_values": 1}

    steps = one_of_several()
    steps.hart.walk(LAST, 0)
    steps.agree(trap, LOAD_PAGE, VADDR + 8)


def test_a_translation_that_the_hart_has_kept():
    """Its TLB has the old page, while its walker has seen the new one."""
    steps = one_of_several(now=pte(OTHER_PAGE, RIGHTS))
    steps.agree(load, S1, 0, **used(PAGE, RIGHTS))
    assert steps.hart.exceptions() == {"foreign_translations": 1}

    steps = one_of_several(now=0)
    steps.agree(load, S1, 0, **used(PAGE, RIGHTS))

    megapage = PAGE & -(2 << 20)
    steps = one_of_several()
    steps.agree(load, S1, 0, **{**used(megapage, RIGHTS, 1), "mem_paddr": megapage + 8})


def test_rights_and_address_still_follow_from_the_leaf():
    steps = one_of_several("sd s1, 8(s0)", now=0)
    read_only = pte(PAGE, RIGHTS) & ~4
    access = {**used(PAGE, RIGHTS), "mem_pte": read_only}
    steps.differ(store, 0, access.pop("address"), **access)

    steps = one_of_several(now=0)
    steps.differ(load, S1, 0, **{**used(PAGE, RIGHTS), "mem_paddr": OTHER_PAGE + 8})


SOFTWARE = "li t0, 2\n csrw mie, t0\n csrsi mstatus, 8\n nop\n nop"


def ready_for_ssi() -> Steps:
    steps = Steps(assemble(SOFTWARE), shared=1)
    steps.agree(result, T0, 2)
    steps.agree(nothing)
    steps.agree(nothing)
    return steps


def test_setssip_interrupts_where_the_rtl_says_so():
    steps = ready_for_ssi()
    steps.hart.set_ssip()
    steps.agree(nothing)
    steps.agree(trap, INTERRUPT | SSI)
    ready_for_ssi().differ(trap, INTERRUPT | SSI)


def test_setssip_is_seen_in_mip():
    def steps() -> Steps:
        return Steps(assemble("csrr t0, mip\n csrr t1, mip"), shared=1)

    raised = steps()
    raised.hart.set_ssip()
    raised.agree(result, T0, 0)
    raised.agree(result, T1, 2)
    assert raised.hart.exceptions() == {"pending_bits": 1}
    steps().differ(result, T0, 2)
