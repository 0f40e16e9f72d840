"""cocotb: what a source of random stalls refuses, and when."""

import itertools

import cocotb

from .handles import Pins

PORTS = 9
CYCLES = 6000


async def refusals(dut, seed: int, salt: int = 0) -> list[list[int]]:
    """For each port a list of `CYCLES` bits."""
    pins = Pins(dut)
    await pins.reset({"seed": seed, "salt": salt})
    taken = []
    for _ in range(CYCLES):
        await pins.settle()
        taken.append(pins.read("refuse"))
        await pins.clock_edge()
    return [[word >> port & 1 for word in taken] for port in range(PORTS)]


@cocotb.test()
async def without_a_seed_nothing_is_refused(dut):
    assert not any(map(any, await refusals(dut, 0, salt=3)))


@cocotb.test()
async def every_port_refuses_at_random(dut):
    """About a quarter of the time, on end now and then but not for ever, unrelated to others."""
    ports = await refusals(dut, 0x1234)
    for port in ports:
        assert 0.2 < sum(port) / CYCLES < 0.4
        runs = [len(list(run)) for refused, run in itertools.groupby(port) if refused]
        assert 12 < max(runs) < 100
        assert runs.count(1) > 100
    for one, other in itertools.combinations(ports, 2):
        for distance in range(4):
            both = sum(a & b for a, b in zip(one, other[distance:], strict=False))
            independent = sum(one) * sum(other) / CYCLES
            assert 0.6 * independent < both < 1.4 * independent


@cocotb.test()
async def seeds_and_salts_decide(dut):
    runs = [
        await refusals(dut, seed, salt)
        for seed, salt in ((1, 0), (1, 0), (1, 1), (2, 0), (1 << 31, 0))
    ]
    assert runs[0] == runs[1]
    for one, other in itertools.combinations(runs[1:], 2):
        assert one != other
