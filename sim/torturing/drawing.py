"""Drawing a plan from a seed, within the limits that every program keeps."""

from __future__ import annotations

import random

from .layout import SPACES, Mode
from .plan import Block, Chapter, Plan, Step
from .steps import STEPS

EXECUTION_LIMIT = 1000
"""No instruction of a program is executed more often."""

_CHAPTER_TRAPS = 850
"""Traps that a chapter's steps may cause at most; timers and what leads from block to block add to
that and must stay below the limit."""
_CALLS = 950
_TRAPS_PER_BLOCK = 3
_LOOPS = (3, 15)
_BLOCK_STEPS = (3, 14)


def draw_plan(
    seed: int, chapters: int, *, honour_asid: bool, svadu: bool, compressed: bool = True
) -> Plan:
    """Draw a program of so many chapters, each some 15,000 instructions when it runs.

    `honour_asid` and `svadu` are the straps that it will run with: without ASIDs every change of
    the address space is fenced, and where the walker writes A and D no program looks at them.
    """
    rng = random.Random(seed)
    calls = _CALLS
    drawn = []
    for left in range(chapters, 0, -1):
        loops = rng.randrange(*_LOOPS)
        blocks, used = _draw_blocks(rng, loops, calls // left)
        calls -= used * loops
        drawn.append(Chapter(rng.getrandbits(48), loops, blocks))
    return Plan(seed, honour_asid, svadu, compressed, tuple(drawn))


def _draw_blocks(rng: random.Random, loops: int, calls: int) -> tuple[tuple[Block, ...], int]:
    """Blocks whose traps, and calls into the code region, stay within the limits of `loops`."""
    traps_left = _CHAPTER_TRAPS // loops
    calls_left = calls // loops
    used = 0
    blocks: list[Block] = []
    space: int | None = None
    while traps_left > _TRAPS_PER_BLOCK and len(blocks) < 40:
        mode = rng.choices((Mode.M, Mode.S, Mode.U), (2, 4, 3))[0]
        if rng.random() < 0.5:
            space = None if rng.random() < 0.12 else rng.randrange(SPACES)
        traps_left -= _TRAPS_PER_BLOCK
        names = [name for name, kind in STEPS.items() if mode in kind.modes]
        weights = [STEPS[name].weight for name in names]
        steps = []
        for name in rng.choices(names, weights, k=rng.randrange(*_BLOCK_STEPS)):
            kind = STEPS[name]
            if kind.traps > traps_left or used + kind.calls > calls_left:
                continue
            traps_left -= kind.traps
            used += kind.calls
            steps.append(Step(name, rng.getrandbits(48)))
        blocks.append(Block(mode, space, tuple(steps)))
    return tuple(blocks), used
