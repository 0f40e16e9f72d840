"""Lockstep exceptions: what the RTL may decide is taken from it, and nothing beyond that."""

from __future__ import annotations

import pytest

from cocotb_tests.hart.programs import Program, assemble
from cocotb_tests.lockstep.golden_library import DRAM_BASE, load, nothing, result, store, trap
from cocotb_tests.lockstep.steps import T0, T1, T2, Steps, address_in_t1, go_to
from rtl.dev.address_map import ACLINT

DATA = DRAM_BASE + 0x2000
INTERRUPT = 1 << 63
SSI, MSI, STI, MTI = 1, 3, 5, 7
ILLEGAL, LOAD_ACCESS = 2, 5


def test_counters_are_read_from_the_rtl_but_not_instret():
    steps = Steps(
        assemble("csrr t0, mcycle\n csrr t0, time\n csrr t0, minstret\n csrr t0, minstret")
    )
    steps.agree(result, T0, 12345)
    steps.agree(result, T0, 99)
    steps.agree(result, T0, 2)
    assert steps.hart.exceptions() == {"counter_reads": 2}
    steps.differ(result, T0, 4)


def test_a_counter_still_reaches_the_register_that_the_instruction_names():
    Steps(assemble("csrr t0, mcycle")).differ(result, T1, 12345)


def test_a_device_answers_as_it_did_in_the_rtl():
    steps = Steps(assemble(address_in_t1(ACLINT.base) + "lw t0, 4(t1)\n mv t2, t0"))
    go_to(steps, ACLINT.base)
    steps.agree(load, T0, 0x1234, ACLINT.base + 4, size=2)
    steps.agree(result, T2, 0x1234)
    assert steps.hart.exceptions() == {"device_loads": 1}


def test_a_device_may_refuse():
    steps = Steps(assemble(address_in_t1(ACLINT.base) + "lw t0, 4(t1)"))
    go_to(steps, ACLINT.base)
    steps.agree(trap, LOAD_ACCESS, ACLINT.base + 4)


def test_what_is_stored_to_a_device_is_compared():
    steps = Steps(assemble(address_in_t1(ACLINT.base) + "sw t1, 4(t1)"))
    go_to(steps, ACLINT.base)
    steps.differ(store, ACLINT.base + 1, ACLINT.base + 4, size=2)


def test_no_device_no_answer():
    nowhere = 0x4000_0000
    steps = Steps(assemble(address_in_t1(nowhere) + "lw t0, 4(t1)"))
    go_to(steps, nowhere)
    steps.differ(load, T0, 0, nowhere + 4, size=2)


ENABLE_MSI = "li t0, 8\n csrw mie, t0\n csrsi mstatus, 8\n"


def enable_msi(steps: Steps) -> None:
    steps.agree(result, T0, 8)
    steps.agree(nothing)
    steps.agree(nothing)


def test_a_pin_interrupts_where_the_rtl_says_so():
    steps = Steps(assemble(ENABLE_MSI + "nop\n nop"))
    enable_msi(steps)
    steps.agree(nothing)
    steps.agree(trap, INTERRUPT | MSI)
    assert steps.hart.exceptions() == {"interrupts": 1}


def test_an_interrupt_that_is_not_enabled():
    steps = Steps(assemble(ENABLE_MSI + "nop"))
    enable_msi(steps)
    steps.differ(trap, INTERRUPT | MTI)


SOFTWARE = "li t0, 2\n csrw mie, t0\n csrw mip, t0\n csrsi mstatus, 8\n nop"


def raise_ssi(steps: Steps) -> None:
    steps.agree(result, T0, 2)
    for _ in range(3):
        steps.agree(nothing)


def test_an_interrupt_raised_by_software_is_due_at_once():
    steps = Steps(assemble(SOFTWARE))
    raise_ssi(steps)
    steps.agree(trap, INTERRUPT | SSI)
    assert steps.hart.exceptions() == {}

    late = Steps(assemble(SOFTWARE))
    raise_ssi(late)
    late.differ(nothing)


def test_pins_are_seen_in_mip_and_nothing_else_is():
    steps = Steps(assemble("csrr t0, mip\n csrr t0, mip\n csrr t0, mip"))
    steps.agree(result, T0, 1 << MTI | 1 << MSI)
    steps.agree(result, T0, 0)
    assert steps.hart.exceptions() == {"pending_bits": 1}
    steps.differ(result, T0, 1 << SSI)


STCE = "li t0, 1\n slli t0, t0, 63\n csrs menvcfg, t0\n"


def test_stip_is_a_pin_while_stce_is_set():
    read_only = Steps(assemble("csrr t0, mip"))
    read_only.differ(result, T0, 1 << STI)

    program = f"li t1, {1 << STI}\n csrw mip, t1\n {STCE} csrr t1, mip\n csrr t1, mip\n"
    steps = Steps(assemble(program + "csrc menvcfg, t0\n csrr t1, mip"))
    steps.agree(result, T1, 1 << STI)
    steps.agree(nothing)
    steps.agree(result, T0, 1)
    steps.agree(result, T0, 1 << 63)
    steps.agree(nothing)
    steps.agree(result, T1, 0)
    steps.agree(result, T1, 1 << STI)
    steps.agree(nothing)
    steps.agree(result, T1, 1 << STI)


def conditional(steps: Steps, value: int, line: int = 0, **fields: int) -> bool:
    access = {} if value else {"mem_write": 1, "mem_wdata": T0, "mem_vaddr": DATA + line}
    return steps.next(result, T2, value, mem_paddr=DATA + line, mem_size=3, **access, **fields)


def reserve(steps: Steps) -> None:
    go_to(steps, DATA)
    steps.agree(result, T0, T0)
    steps.agree(load, T2, 0, DATA)


RESERVE = address_in_t1(DATA) + f"li t0, {T0}\n lr.d t2, (t1)\n"


def test_an_sc_may_fail_for_no_reason():
    steps = Steps(assemble(RESERVE + "sc.d t2, t0, (t1)\n sc.d t2, t0, (t1)"))
    reserve(steps)
    assert conditional(steps, 1)
    assert steps.hart.exceptions() == {"sc_failures": 1}
    assert not conditional(steps, 0), "an SC has ended the reservation"


def test_an_sc_may_succeed_in_the_reserved_line_only():
    def program(offset: int) -> Program:
        return assemble(f"{RESERVE} addi t1, t1, {offset}\n sc.d t2, t0, (t1)")

    steps = Steps(program(56))
    reserve(steps)
    steps.agree(result, T1, DATA + 56)
    assert conditional(steps, 0, 56), steps.hart.report()

    beyond = Steps(program(64))
    reserve(beyond)
    beyond.agree(result, T1, DATA + 64)
    assert not conditional(beyond, 0, 64)


def test_a_load_may_be_older_than_a_store_of_the_host():
    steps = Steps(assemble(address_in_t1(DATA) + "lw t0, 4(t1)\n lw t0, 4(t1)\n lw t0, 4(t1)"))
    go_to(steps, DATA)
    steps.hart.host_store(DATA, 0x8000_0000 << 32)
    steps.agree(load, T0, 0, DATA + 4, size=2)
    steps.agree(load, T0, -0x8000_0000, DATA + 4, size=2)
    assert steps.hart.exceptions() == {"host_stores": 1}
    steps.differ(load, T0, 1, DATA + 4, size=2)


def test_what_the_rtl_may_not_decide():
    steps = Steps(assemble("csrr t0, mhartid"))
    steps.differ(result, T0, 1)


@pytest.mark.parametrize("csr", ["0x3a4", "0x3c0", "0x5a8", "0x7a8", "0x747", "0x7b0", "0x001"])
def test_registers_that_do_not_exist(csr):
    program = assemble(f"csrr t0, {csr}")
    steps = Steps(program)
    steps.agree(trap, ILLEGAL, program.words[0] & 0xFFFF_FFFF)
