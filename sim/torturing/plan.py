"""What a random program consists of, as plain data: drawn from a seed, and cut down by shrinking.

Every step has a seed of its own, and what it emits depends on nothing else but the mode it runs in.
So any part of a plan can be left out, and what is left is a valid program that does the rest as
before.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

from .layout import Mode


@dataclass(frozen=True)
class Step:
    """A few instructions of one kind (a key of `steps.STEPS`)."""

    kind: str
    seed: int


@dataclass(frozen=True)
class Block:
    """Steps in one mode and address space; `space` None: satp.MODE is Bare."""

    mode: Mode
    space: int | None
    steps: tuple[Step, ...]


@dataclass(frozen=True)
class Chapter:
    """Blocks in a loop of one hart, with trap handlers, delegation and settings of their own."""

    seed: int
    loops: int
    blocks: tuple[Block, ...]
    hart: int = 0


@dataclass(frozen=True)
class Plan:
    """A whole program. Each hart executes its chapters in their order."""

    seed: int
    honour_asid: bool
    svadu: bool
    compressed: bool
    chapters: tuple[Chapter, ...]
    harts: int = 1

    @property
    def straddles(self) -> bool:
        """Instructions of the code region may be of 16 bits, or begin on one page and end on
        another. Not where another hart may take the page away before a handler has read the
        instruction that trapped, to know its length."""
        return self.compressed and self.harts == 1

    @property
    def size(self) -> int:
        """Number of steps, what shrinking makes small."""
        return sum(len(block.steps) for chapter in self.chapters for block in chapter.blocks)

    def to_json(self) -> str:
        return json.dumps(asdict(self), indent=1)


def from_json(text: str) -> Plan:
    """The plan that `Plan.to_json` wrote."""
    raw = json.loads(text)
    chapters = tuple(
        Chapter(
            chapter["seed"],
            chapter["loops"],
            tuple(
                Block(
                    Mode(block["mode"]),
                    block["space"],
                    tuple(Step(**step) for step in block["steps"]),
                )
                for block in chapter["blocks"]
            ),
            chapter["hart"],
        )
        for chapter in raw.pop("chapters")
    )
    return Plan(**raw, chapters=chapters)
