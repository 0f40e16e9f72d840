"""Delta debugging of plans: the shortest program found that still fails.

Whatever is left out of a plan, the rest is a valid program (`plan`), so only the failure itself is
asked for. Chapters go first, then the loops, blocks, and last the single steps.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TypeVar

from .plan import Block, Chapter, Plan

T = TypeVar("T")
Fails = Callable[[Plan], bool]


class _Budget:
    """Counts the runs; once they are used up, everything passes, and shrinking ends soon."""

    def __init__(self, fails: Fails, runs: int):
        self._fails = fails
        self._left = runs
        self._known: dict[Plan, bool] = {}

    def __call__(self, plan: Plan) -> bool:
        if plan not in self._known:
            if self._left == 0:
                return False
            self._left -= 1
            self._known[plan] = self._fails(plan)
        return self._known[plan]


def shrink(plan: Plan, fails: Fails, runs: int = 150) -> Plan:
    """Return a plan that fails, with as little in it as `runs` trials at most can tell.

    `fails` says whether a plan's program fails; it does for the plan given.
    """
    trial = _Budget(fails, runs)
    before = None
    while before != plan:
        before = plan
        plan = _shrink_chapters(plan, trial)
        plan = _shrink_loops(plan, trial)
        plan = _shrink_blocks(plan, trial)
        plan = _shrink_steps(plan, trial)
    return plan


def minimal(items: Sequence[T], fails: Callable[[tuple[T, ...]], bool]) -> tuple[T, ...]:
    """The algorithm ddmin (Zeller and Hildebrandt, 2002), by complements: no part of what is
    returned can be left out, as long as `fails` is asked."""
    kept = tuple(items)
    parts = 2
    while kept:
        size = max(1, len(kept) // parts)
        for start in range(0, len(kept), size):
            rest = kept[:start] + kept[start + size :]
            if fails(rest):
                kept, parts = rest, max(2, parts - 1)
                break
        else:
            if size == 1:
                break
            parts = min(len(kept), 2 * parts)
    return kept


def _shrink_chapters(plan: Plan, trial: Fails) -> Plan:
    def fails(chapters: tuple[Chapter, ...]) -> bool:
        return bool(chapters) and trial(replace(plan, chapters=chapters))

    return replace(plan, chapters=minimal(plan.chapters, fails))


def _replace_chapter(plan: Plan, number: int, chapter: Chapter) -> Plan:
    chapters = list(plan.chapters)
    chapters[number] = chapter
    return replace(plan, chapters=tuple(chapters))


def _shrink_loops(plan: Plan, trial: Fails) -> Plan:
    for number in range(len(plan.chapters)):
        low, high = 1, plan.chapters[number].loops
        while low < high:
            loops = (low + high) // 2
            shorter = _replace_chapter(plan, number, replace(plan.chapters[number], loops=loops))
            if trial(shorter):
                plan, high = shorter, loops
            else:
                low = loops + 1
    return plan


def _shrink_blocks(plan: Plan, trial: Fails) -> Plan:
    for number in range(len(plan.chapters)):

        def with_blocks(blocks: tuple[Block, ...], plan: Plan = plan, number: int = number) -> Plan:
            return _replace_chapter(plan, number, replace(plan.chapters[number], blocks=blocks))

        blocks = minimal(plan.chapters[number].blocks, lambda blocks: trial(with_blocks(blocks)))
        plan = with_blocks(blocks)
    return plan


def _shrink_steps(plan: Plan, trial: Fails) -> Plan:
    """Steps of all blocks of a chapter together, by their places."""
    for number, chapter in enumerate(plan.chapters):
        places = [(b, s) for b, block in enumerate(chapter.blocks) for s in range(len(block.steps))]

        def with_places(
            kept: Sequence[tuple[int, int]],
            plan: Plan = plan,
            chapter: Chapter = chapter,
            number: int = number,
        ) -> Plan:
            wanted = set(kept)
            blocks = tuple(
                replace(
                    block,
                    steps=tuple(step for s, step in enumerate(block.steps) if (b, s) in wanted),
                )
                for b, block in enumerate(chapter.blocks)
            )
            return _replace_chapter(plan, number, replace(chapter, blocks=blocks))

        plan = with_places(minimal(places, lambda kept: trial(with_places(kept))))
    return plan
