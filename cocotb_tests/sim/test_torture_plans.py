"""Random programs as plans: determinism, limits, cutting, and shrinking without a simulator."""

import subprocess
import sys
from dataclasses import replace

import pytest

from sim.torturing import shrink as shrinking
from sim.torturing.campaign import case
from sim.torturing.drawing import EXECUTION_LIMIT, draw_plan
from sim.torturing.plan import Plan, from_json
from sim.torturing.program import emit
from sim.torturing.steps import ENTANGLED_STEPS, STEPS


def plan(seed: int = 1, chapters: int = 4) -> Plan:
    return draw_plan(seed, chapters, honour_asid=True, svadu=False)


def kinds(of: Plan) -> list[str]:
    return [
        step.kind for chapter in of.chapters for block in chapter.blocks for step in block.steps
    ]


def test_a_seed_gives_one_program_in_any_process():
    script = (
        "import hashlib; from sim.torturing.campaign import case; from sim.torturing.program "
        "import emit; print(hashlib.sha256(emit(case(5, 3).plan).elf).hexdigest())"
    )
    outputs = {
        subprocess.run(
            [sys.executable, "-c", script], capture_output=True, text=True, check=True
        ).stdout
        for _ in range(2)
    }
    assert len(outputs) == 1


def test_seeds_give_different_programs_and_machines():
    assert emit(plan(1)).elf != emit(plan(2)).elf
    machines = {case(1, number).machine for number in range(24)}
    assert len(machines) >= 20


@pytest.mark.parametrize("seed", range(5))
def test_loops_keep_within_the_limit_of_executions(seed):
    for chapter in plan(seed, 16).chapters:
        steps = [step for block in chapter.blocks for step in block.steps]
        traps = sum(STEPS[step.kind].traps for step in steps)
        # Timers, and the traps between blocks, come on top of what the steps cause.
        assert (traps + 3 * len(chapter.blocks)) * chapter.loops + 80 < EXECUTION_LIMIT
    calls = sum(
        STEPS[step.kind].calls * chapter.loops
        for chapter in plan(seed, 16).chapters
        for block in chapter.blocks
        for step in block.steps
    )
    assert calls < EXECUTION_LIMIT


def test_every_kind_of_step_is_drawn():
    drawn = set().union(*(kinds(plan(seed, 16)) for seed in range(8)))
    drawn |= set().union(*(kinds(shared_plan(seed)) for seed in range(8)))
    assert drawn == set(STEPS)


def test_a_plan_survives_as_json():
    assert from_json(plan().to_json()) == plan()


def test_what_is_left_of_a_plan_is_emitted_as_before():
    """A step's code does not depend on what was left out in front of it."""
    whole = plan(3, 2)
    only_last = replace(whole, chapters=whole.chapters[1:])
    step = next(s for b in only_last.chapters[0].blocks for s in b.steps if s.kind == "arithmetic")

    def code(of: Plan) -> set[str]:
        """Instructions of the steps of this kind, by their text."""
        lines = emit(of, listing=True).listing.splitlines()
        starts = [number for number, line in enumerate(lines) if line == f"# {step.kind}"]
        return {lines[number + 1].split(maxsplit=2)[2] for number in starts}

    assert code(only_last) <= code(whole)


def test_shrinking_keeps_what_fails_and_nothing_else():
    """The planted failure needs two kinds of step in one chapter, and three rounds of its loop."""

    def fails(candidate: Plan) -> bool:
        emit(candidate)  # every candidate is a program
        return any(
            chapter.loops >= 3
            and {"edit", "privileged"} <= {s.kind for block in chapter.blocks for s in block.steps}
            for chapter in candidate.chapters
        )

    start = next(p for p in (plan(seed, 8) for seed in range(50)) if fails(p))
    short = shrinking.shrink(start, fails, runs=2000)
    assert sorted(kinds(short)) == ["edit", "privileged"]
    assert [chapter.loops for chapter in short.chapters] == [3]


def test_shrinking_ends_when_its_runs_are_used_up():
    asked = []

    def fails(candidate: Plan) -> bool:
        asked.append(candidate)
        return True

    start = plan(1, 8)
    assert shrinking.shrink(start, fails, runs=3).size < start.size
    assert len(asked) == 3


@pytest.mark.parametrize("needed", [{0}, {7}, {2, 5}, {0, 1, 2, 3}, set(range(9))])
def test_minimal_finds_exactly_what_is_needed(needed):
    assert set(shrinking.minimal(range(9), lambda kept: needed <= set(kept))) == needed


def shared_plan(seed: int = 1, harts: int = 4) -> Plan:
    return draw_plan(seed, 8, honour_asid=True, svadu=False, harts=harts)


@pytest.mark.parametrize("harts", [2, 3, 8])
def test_each_hart_of_several_has_code_of_its_own(harts):
    plan = shared_plan(harts=harts)
    assert {chapter.hart for chapter in plan.chapters} == set(range(harts))
    labels = emit(plan).labels
    starts = [labels[f"hart{hart}"] for hart in range(harts)]
    assert starts == sorted(starts)
    assert len(set(starts)) == harts
    assert from_json(plan.to_json()) == plan


@pytest.mark.parametrize("seed", range(5))
def test_harts_interrupt_each_other_within_the_limit_of_executions(seed):
    plan = shared_plan(seed)

    def in_all(number: str) -> int:
        return sum(
            getattr(STEPS[step.kind], number) * chapter.loops
            for chapter in plan.chapters
            for block in chapter.blocks
            for step in block.steps
        )

    assert 0 < in_all("interrupts") <= 100
    assert in_all("calls") < EXECUTION_LIMIT
    for chapter in plan.chapters:
        steps = [step for block in chapter.blocks for step in block.steps]
        traps = sum(STEPS[step.kind].traps for step in steps) + 3 * len(chapter.blocks)
        assert traps * chapter.loops + 80 + 100 < EXECUTION_LIMIT


def test_what_is_left_of_a_program_of_several_harts_is_one():
    plan = shared_plan()
    for hart in range(plan.harts):
        rest = tuple(chapter for chapter in plan.chapters if chapter.hart != hart)
        emit(replace(plan, chapters=rest))


def test_one_hart_sends_nothing_to_others():
    assert not set(kinds(plan(1, 16))) & set(ENTANGLED_STEPS)
