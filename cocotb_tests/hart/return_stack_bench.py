"""Return stack against a bounded list."""

import os
import random
from collections import deque

import cocotb

from cocotb_tests.mem.handles import Pins


@cocotb.test()
async def against_a_bounded_list(dut):
    source, pins = random.Random(7), Pins(dut)
    await pins.reset({"push": 0, "pop": 0})
    model: deque[int] = deque(maxlen=int(os.environ["DEPTH"]))
    empty = full = 0
    for step in range(5_000):
        pushes = 0.7 if step // 50 % 2 else 0.3
        push = source.random() < pushes
        address = source.getrandbits(64)
        pins.write("push", int(push))
        pins.write("pop", int(not push and source.random() < 0.8))
        pins.write("address", address)
        await pins.settle()
        assert pins.read("valid") == bool(model)
        if model:
            assert pins.read("top") == model[-1]
        empty += not model
        full += len(model) == model.maxlen and push
        if push:
            model.append(address)
        elif pins.read("pop") and model:
            model.pop()
        await pins.clock_edge()
    assert empty > 10
    assert full > 10
