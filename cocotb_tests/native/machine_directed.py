"""cocotb tests of `sim.cocotb_machine`, on programs/breakpoints.S."""

import os
from dataclasses import replace
from pathlib import Path

import cocotb
import pytest
from cocotb.triggers import Timer

from rtl.presets import preset
from sim.cocotb_machine import Machine
from sim.cocotb_runner import Stop
from sim.errors import UserError
from sim.job import Job

CHOSEN = preset("rocket")
JOB = Job(Path(os.environ["DYNSTACK_TEST_IMAGE"]), CHOSEN.soc, CHOSEN.straps, max_cycles=50_000)


@cocotb.test()
async def stops_at_symbols_and_sees_what_has_retired(dut):
    machine = Machine(dut)
    await machine.boot(JOB)
    assert machine.cycle == 0
    for count in (1, 2, 3):
        await machine.run_until("counted")
        assert machine.last_pc() == machine.symbol("counted")
        assert machine.register("s0") == count
        assert machine.read_word(machine.symbol("value")) == count


@cocotb.test()
async def a_host_store_reaches_the_program(dut):
    machine = Machine(dut)
    await machine.boot(JOB)
    await machine.run_until("wait")
    with pytest.raises(AssertionError, match="done was not reached: cycle_limit"):
        await expect_done_within(machine, 1000)
    machine.store_word(machine.symbol("value"), 77)
    await machine.run_until("done")
    assert machine.register("t1") == 77
    assert await machine.run() == Stop.FINISHER
    assert machine.code == 0


async def expect_done_within(machine: Machine, cycles: int) -> None:
    machine.add_breakpoint("done")
    stop = await machine.run_cycles(cycles)
    machine.remove_breakpoint("done")
    assert stop == Stop.BREAKPOINT, f"done was not reached: {stop.name.lower()}"


@cocotb.test()
async def runs_are_cycle_exact_and_a_second_boot_starts_afresh(dut):
    machine = Machine(dut)
    cycles = []
    for _ in range(2):
        await machine.boot(JOB)
        await machine.run_until("wait")
        cycles.append(machine.cycle)
    assert cycles[0] == cycles[1] > 0
    assert await machine.run_cycles(123) == Stop.CYCLE_LIMIT
    assert machine.cycle == cycles[1] + 123


@cocotb.test()
async def a_timer_interrupts_the_clock_on_time(dut):
    machine = Machine(dut)
    await machine.boot(JOB)
    dut.run.value = 1
    await Timer(500, "ns")
    dut.run.value = 0
    await Timer(500, "ns")
    assert machine.cycle == 500


@cocotb.test()
async def the_cycle_limit_of_the_job_stops_it(dut):
    machine = Machine(dut)
    await machine.boot(replace(JOB, max_cycles=2000))
    assert await machine.run() == Stop.MAX_CYCLES
    assert machine.cycle == 2000


@cocotb.test()
async def an_unusable_image_is_an_error_of_the_user(dut):
    with pytest.raises(UserError, match="is not an ELF file"):
        await Machine(dut).boot(replace(JOB, image=Path(__file__)))
