"""Policies that take pages away, with threads that come back to a hart that may remember them."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from rtl.presets import preset
from sim import firmware
from sim.claims.trial import Change
from sim.errors import UserError
from sim.measure import Run, simulate
from sim.protocol.safety import DIRECTED
from sim.summary import summarise
from sim.workload.format import encode
from sim.workload.wandering import wandering

THREADS, ROUNDS = 2, 25
KEEPS_PAGES = frozenset(
    ("P0", "P1", "P1-pool", "P1-reserve", "P1-trapstack", "P6-call", "P6-entry", "P6-irqoff")
)
"""What is mapped once stays: there is nothing to remember wrongly."""
SAFE = [p for p in firmware.policies() if p not in KEEPS_PAGES | DIRECTED["h31"]]


FORGETFUL = ("P3", "P5", "P11-epoch", "P12")
"""What they unmap is fenced where the thread arrives, and nowhere else."""


def summary(policy: str, image: Path | None = None) -> dict:
    workload = replace(wandering(1, THREADS, ROUNDS, harts=2), counts_damage=True)
    chosen = preset("rocket").with_harts(2)
    run = Run(policy, "wandering", workload, image or firmware.build_kernel(policy), chosen)
    return summarise(run.identity, *simulate(run, encode(workload)))


@pytest.mark.parametrize("policy", SAFE)
def test_no_thread_meets_the_pages_of_an_earlier_stay(policy):
    run = summary(policy)
    assert run["syscalls"] == THREADS * ROUNDS
    assert run["migrations"] > ROUNDS
    assert (run["stale_accesses"], run["damaged_frames"]) == (0, 0)


@pytest.mark.parametrize("policy", sorted(DIRECTED["h31"]))
def test_what_h31_breaks_does_not_survive_it(policy):
    with pytest.raises(UserError, match="panic: kernel page fault"):
        summary(policy)


@pytest.mark.parametrize("policy", FORGETFUL)
def test_a_fence_that_is_forgotten_is_found(policy, tmp_path):
    """Else the runs above would say nothing: harts have to remember stacks that come back."""
    tree = tmp_path / "sw"
    shutil.copytree(firmware.SOURCES, tree)
    Change("kernel/sched.c", "    if (!(next->stack_fenced_on & bit)) {", "    if (false) {").apply(
        tree
    )
    image = firmware.build_kernel(policy, sources=tree)
    assert is_found(policy, image)


def is_found(policy: str, image: Path) -> bool:
    try:
        run = summary(policy, image)
    except UserError as error:
        return "panic" in str(error)
    return run["stale_accesses"] + run["damaged_frames"] > 0
