"""Branch history table: what it learned for a word and a history, it says."""

import math
import random

import cocotb

from cocotb_tests.mem.handles import Pins

ENTRIES = 512


def index(pc: int, history: int) -> int:
    """Nine bits of the word's number, its next two, and three bits hashed from the history."""
    word = pc >> 2
    hashed = (int(math.sqrt(3) / 2 * 256) * history & 0xFF) >> 5
    return word % ENTRIES ^ word // ENTRIES % 4 ^ hashed << 6


@cocotb.test()
async def against_a_dictionary(dut):
    source, pins = random.Random(9), Pins(dut)
    await pins.reset(dict.fromkeys(("advance", "learn", "restore", "pc"), 0))
    table: dict[int, int] = {}
    history = 0
    words = [source.getrandbits(16) * 2 for _ in range(40)]
    taken = 0
    for _ in range(20_000):
        pc = source.choice(words)
        values = {
            "pc": pc,
            "advance": int(source.random() < 0.3),
            "predicted": source.getrandbits(1),
            "learn": int(source.random() < 0.5),
            "learn_pc": source.choice(words),
            "learn_history": source.getrandbits(8),
            "learn_taken": source.getrandbits(1),
            "restore": int(source.random() < 0.1),
            "restored": source.getrandbits(8),
        }
        for name, value in values.items():
            pins.write(name, value)
        await pins.settle()
        assert pins.read("history") == history
        expected = table.get(index(pc, history), 0)
        assert pins.read("taken") == expected
        taken += expected
        if values["learn"]:
            table[index(values["learn_pc"], values["learn_history"])] = values["learn_taken"]
        if values["restore"]:
            history = values["restored"]
        elif values["advance"]:
            history = history >> 1 | values["predicted"] << 7
        await pins.clock_edge()
    assert taken > 1_000
