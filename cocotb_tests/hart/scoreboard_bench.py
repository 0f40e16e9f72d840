"""Scoreboard against a model that counts, with random starts, kills and use of the write port."""

import random

import cocotb

from cocotb_tests.mem.handles import Pins

IDLE_INPUTS = {"start": 0, "cycles": 3, "rd": 0, "kill": 0, "port_used": 0}


async def cycle(pins: Pins, **inputs: int) -> tuple[int, int]:
    """`pending` and `pending_rd` in a cycle with these inputs, which then ends."""
    for name, value in {**IDLE_INPUTS, **inputs}.items():
        pins.write(name, value)
    await pins.settle()
    seen = pins.read("pending"), pins.read("pending_rd")
    await pins.clock_edge()
    return seen


@cocotb.test()
async def result_waits_for_the_write_port(dut):
    pins = Pins(dut)
    await pins.reset(IDLE_INPUTS)
    assert await cycle(pins, start=1, cycles=3, rd=7) == (1, 7)
    assert await cycle(pins) == (1, 7)
    assert await cycle(pins) == (1, 7)
    # Three cycles after the start it could be written, and then in the first without another.
    assert await cycle(pins, port_used=1) == (1, 7)
    assert await cycle(pins, port_used=1) == (1, 7)
    assert (await cycle(pins))[0] == 0
    assert (await cycle(pins, port_used=1))[0] == 0


@cocotb.test()
async def random_operations(dut):
    pins = Pins(dut)
    await pins.reset(IDLE_INPUTS)
    source = random.Random(3)
    left = None
    register = 0
    killed = 0
    for _ in range(4000):
        port_used = int(source.random() < 0.3)
        kill = int(source.random() < 0.03)
        start = int(left is None and source.random() < 0.5)
        duration = source.choice((3, 4, 9, 30, 68))
        if start:
            left, register = duration, source.randrange(32)
        pending, pending_rd = await cycle(
            pins,
            start=start,
            cycles=duration,
            rd=register if start else source.randrange(32),
            kill=kill,
            port_used=port_used,
        )
        written = left is not None and left <= 0 and not port_used
        assert pending == (left is not None and not written)
        assert not pending or pending_rd == register
        killed += kill and pending
        left = None if kill or written or left is None else left - 1
    assert killed > 20
