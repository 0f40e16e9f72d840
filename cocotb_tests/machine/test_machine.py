"""The map, invalidate and fault paths on the whole machine."""

from __future__ import annotations

from pathlib import Path

import pytest

from cocotb_tests.machine.harness import run_on_machine
from sim import firmware
from sim.workload.format import encode
from sim.workload.threads import Op, OpKind, Thread, Workload

PROGRAMS = Path(__file__).parent / "programs"


def calls_and_sleeps(threads: int = 4, ops: int = 12) -> Workload:
    """Every kind of entry, at depths from one page to four, with ticks in between."""
    kinds = (OpKind.CALL, OpKind.SLEEP, OpKind.FAULT, OpKind.YIELD)

    def op(number: int) -> Op:
        kind = kinds[number % len(kinds)]
        sleeps = kind is OpKind.SLEEP
        return Op(
            kind,
            user_work=40 * number,
            depth=(480, 5008, 1200, 9008, 15008)[number % 5],
            sleep_depth=480 if sleeps else 0,
            sleep_ticks=20 if sleeps else 0,
        )

    return Workload(
        tuple(
            Thread(
                number % 2,
                (*(op(number + index) for index in range(ops)), Op(OpKind.EXIT)),
            )
            for number in range(threads)
        ),
        calls=("call",),
        tick_interval=50,
    )


def dive_once_each(threads: int = 60) -> Workload:
    """One thread after another goes 15 KiB deep, each a little later between two ticks.

    Every fifth does it in one frame of a page from just above the end of a page, so that a fault
    finds two pages missing.
    """

    def dive(number: int) -> Op:
        if number % 5:
            return Op(OpKind.CALL, user_work=number, depth=15008)
        return Op(
            OpKind.SLEEP,
            user_work=number,
            depth=15008,
            sleep_depth=3840,
            sleep_ticks=1,
            frame_bytes=4096,
        )

    return Workload(
        tuple(
            Thread(
                0,
                (dive(number), Op(OpKind.EXIT)),
                start_delay=200 * number,
            )
            for number in range(threads)
        ),
        calls=("call",),
        tick_interval=10,
    )


@pytest.mark.parametrize("preset", ["rocket", "cva6", "tiny"])
def test_who_may_access_a_stack_page(preset, tmp_path):
    image = firmware.build_program([PROGRAMS / "stack_page.S"])
    module = "cocotb_tests.machine.stack_page_bench"
    run_on_machine(module, tmp_path, image, preset_name=preset)


@pytest.mark.parametrize("preset", ["rocket", "cva6"])
def test_p4_maps_at_entry_and_unmaps_at_exit(preset, tmp_path):
    image = firmware.build_kernel("P4")
    workload = encode(calls_and_sleeps())
    module = "cocotb_tests.machine.entry_exit_bench"
    run_on_machine(module, tmp_path, image, workload=workload, preset_name=preset)


@pytest.mark.parametrize("preset", ["rocket", "cva6"])
def test_p1_grows_on_fault(preset, tmp_path):
    image = firmware.build_kernel("P1")
    workload = encode(dive_once_each())
    module = "cocotb_tests.machine.stack_fault_bench"
    run_on_machine(module, tmp_path, image, workload=workload, preset_name=preset)


def test_p0_never_touches_stack_mappings_between_creation_and_exit(tmp_path):
    image = firmware.build_kernel("P0")
    workload = encode(calls_and_sleeps())
    run_on_machine("cocotb_tests.machine.static_bench", tmp_path, image, workload=workload)


def test_p9_has_a_stack_for_the_hart_and_none_for_who_sleeps(tmp_path):
    image = firmware.build_kernel("P9")
    workload = encode(calls_and_sleeps())
    run_on_machine("cocotb_tests.machine.stackless_bench", tmp_path, image, workload=workload)
