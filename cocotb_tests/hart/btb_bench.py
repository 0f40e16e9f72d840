"""Branch target buffer against a list of what it was told, under random updates."""

import random
from dataclasses import dataclass

import cocotb

from cocotb_tests.mem.handles import Pins
from rtl.hart.prediction import BranchKind

ENTRIES = 5
_WORDS = [0x8000_0000 + 4 * number for number in range(8)] + [0x40_8000_0000]
"""The last one differs from the first beyond the bits that are compared."""


@dataclass
class _Entry:
    word: int
    kind: int
    high: int
    target: int


class _Model:
    def __init__(self):
        self.entries: list[_Entry | None] = [None] * ENTRIES
        self.recent: set[int] = set()

    def hits(self, pc: int) -> list[int]:
        word = pc & (1 << 39) - 4
        return [i for i, entry in enumerate(self.entries) if entry and entry.word == word]

    def victim(self) -> int:
        return next(i for i in range(ENTRIES) if i not in self.recent)

    def touch(self, indexes: set[int]) -> None:
        self.recent |= indexes
        if len(self.recent) == ENTRIES:
            self.recent = set(indexes)


@cocotb.test()
async def against_a_list(dut):
    source, pins, model = random.Random(5), Pins(dut), _Model()
    names = ("used", "forget", "update__valid")
    await pins.reset({**dict.fromkeys(names, 0), "pc": 0, "forgotten": 0})
    seen = dict.fromkeys(("hit", "miss", "upper", "double", "forgotten", "replaced"), 0)
    for _ in range(20_000):
        pc = source.choice(_WORDS) + 2 * (source.random() < 0.1)
        pins.write("pc", pc)
        for name in names:
            pins.write(name, 0)
        await pins.settle()
        hits = model.hits(pc)
        hit = bool(hits) and not pc & 2
        assert pins.read("hit") == hit
        entry = model.entries[hits[0]] if len(hits) == 1 else None
        if hit and entry:
            found = tuple(pins.read(name) for name in ("entry", "kind", "high", "target"))
            assert found == (hits[0], entry.kind, entry.high, entry.target)
        seen["hit" if hit else "upper" if hits else "miss"] += 1

        used = hit and len(hits) == 1 and source.random() < 0.5
        pins.write("used", int(used))
        cleared = set(hits) if len(hits) > 1 else set()
        seen["double"] += bool(cleared)
        if source.random() < 0.02:
            forgotten = source.randrange(ENTRIES)
            pins.write("forget", 1)
            pins.write("forgotten", forgotten)
            cleared = {forgotten}
            seen["forgotten"] += 1
        written: int | None = None
        new: _Entry | None = None
        if source.random() < 0.3:
            where = source.choice(_WORDS) + source.choice((0, 2))
            known = model.hits(where)
            told = bool(known) and source.random() < 0.9
            written = known[0] if told else model.victim()
            remember = int(source.random() < 0.8)
            kind, target = source.choice(list(BranchKind)).value, 2 * source.getrandbits(63)
            fields = {
                "valid": 1, "remember": remember, "pc": where, "kind": kind, "target": target,
                "hit": int(told), "entry": written if told else source.randrange(ENTRIES),
            }  # fmt: skip
            for name, value in fields.items():
                pins.write(f"update__{name}", value)
            seen["replaced"] += not told and model.entries[written] is not None
            if remember:
                new = _Entry(where & (1 << 39) - 4, kind, where >> 1 & 1, target)
        await pins.settle()
        await pins.clock_edge()
        for index in cleared:
            model.entries[index] = None
        if written is not None:
            model.entries[written] = new
            model.touch({written})
        else:
            model.touch({hits[0]} if used else set())
    assert all(seen.values()), seen
