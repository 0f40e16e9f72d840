"""Drawing a plan from a seed, within the limits that every program keeps."""

from __future__ import annotations

import random
from dataclasses import dataclass

from .layout import SPACES, Mode
from .plan import Block, Chapter, Plan, Step
from .steps import ENTANGLED_STEPS, STEPS, StepKind

EXECUTION_LIMIT = 1000
"""No instruction of a program is executed more often."""

_CHAPTER_TRAPS = 850
"""Traps that a chapter's steps may cause at most; timers and what leads from block to block add to
that and must stay below the limit."""
_CALLS = 950
_INTERRUPTS = 100
"""Interrupts that all harts of a program may send each other: they come at any time, so each
chapter has to bear all of them."""
_TRAPS_PER_BLOCK = 3
_LOOPS = (3, 15)
_BLOCK_STEPS = (3, 14)


@dataclass
class _Left:
    """What a program may still do, and what its chapters share: calls into the code region, and
    interrupts to other harts."""

    calls: int
    interrupts: int


def draw_plan(
    seed: int,
    chapters: int,
    *,
    honour_asid: bool,
    svadu: bool,
    compressed: bool = True,
    harts: int = 1,
) -> Plan:
    """Draw a program of so many chapters, each some 15,000 instructions when it runs, dealt to the
    harts in turn.

    `honour_asid` and `svadu` are the straps that it will run with: without ASIDs every change of
    the address space is fenced, and where the walker writes A and D no program looks at them.
    """
    rng = random.Random(seed)
    left = _Left(_CALLS, _INTERRUPTS if harts > 1 else 0)
    kinds = {name: kind for name, kind in STEPS.items() if harts > 1 or name not in ENTANGLED_STEPS}
    drawn = []
    for number in range(chapters):
        loops = rng.randrange(*_LOOPS)
        remaining = chapters - number
        share = _Left(left.calls // remaining, left.interrupts // remaining)
        blocks, used = _draw_blocks(
            rng, loops, share, kinds, _CHAPTER_TRAPS - (_INTERRUPTS if harts > 1 else 0)
        )
        left.calls -= used.calls * loops
        left.interrupts -= used.interrupts * loops
        drawn.append(Chapter(rng.getrandbits(48), loops, blocks, number % harts))
    return Plan(seed, honour_asid, svadu, compressed, tuple(drawn), harts)


def _draw_blocks(
    rng: random.Random, loops: int, share: _Left, kinds: dict[str, StepKind], traps: int
) -> tuple[tuple[Block, ...], _Left]:
    """Blocks whose traps, calls into the code region and interrupts stay within the limits of
    `loops`, and how many of the latter two one loop has."""
    traps_left = traps // loops
    calls_left, interrupts_left = share.calls // loops, share.interrupts // loops
    used = _Left(0, 0)
    blocks: list[Block] = []
    space: int | None = None
    while traps_left > _TRAPS_PER_BLOCK and len(blocks) < 40:
        mode = rng.choices((Mode.M, Mode.S, Mode.U), (2, 4, 3))[0]
        if rng.random() < 0.5:
            space = None if rng.random() < 0.12 else rng.randrange(SPACES)
        traps_left -= _TRAPS_PER_BLOCK
        names = [name for name, kind in kinds.items() if mode in kind.modes]
        weights = [kinds[name].weight for name in names]
        steps = []
        for name in rng.choices(names, weights, k=rng.randrange(*_BLOCK_STEPS)):
            kind = kinds[name]
            if (
                kind.traps > traps_left
                or used.calls + kind.calls > calls_left
                or used.interrupts + kind.interrupts > interrupts_left
            ):
                continue
            traps_left -= kind.traps
            used.calls += kind.calls
            used.interrupts += kind.interrupts
            steps.append(Step(name, rng.getrandbits(48)))
        blocks.append(Block(mode, space, tuple(steps)))
    return tuple(blocks), used
