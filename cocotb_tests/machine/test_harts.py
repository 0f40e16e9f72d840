"""The kernel on machines of several harts: every policy, remote fences, and the schedule of H31."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from cocotb_tests.machine.golden_table import TWO_HARTS, TWO_HARTS_POLICIES
from cocotb_tests.machine.test_machine import calls_and_sleeps
from sim import cli, firmware
from sim.workload.directed import shared_object
from sim.workload.format import SYSTEM_CALLS, OpKind, Workload, encode

TINY = ("--preset", "tiny", "--harts", "2")


def wandering() -> Workload:
    """Every kind of entry at every depth; each sleeper wakes on the other hart."""
    workload = calls_and_sleeps()
    threads = tuple(
        replace(
            thread,
            ops=tuple(replace(op, harts=1) if op.kind is OpKind.SLEEP else op for op in thread.ops),
        )
        for thread in workload.threads
    )
    return replace(workload, threads=threads)


@pytest.fixture
def measure(tmp_path, monkeypatch):
    monkeypatch.setenv("DYNSTACK_RESULTS_DIR", str(tmp_path / "results"))

    def run(*arguments: str) -> dict[str, dict]:
        """Runs of `dynstack measure` by policy."""
        figures = tmp_path / "figures.json"
        command = ["measure", "--policy", "all", *arguments, "--json", str(figures)]
        assert cli.main(command) == 0
        return {run["variant"]: run for run in json.loads(figures.read_text())["runs"]}

    return run


def test_every_policy_runs_on_two_harts(measure, tmp_path):
    file = tmp_path / "wandering.bin"
    file.write_bytes(encode(wandering()))
    runs = measure("--harts", "2", "--workload", str(file))
    assert set(runs) == set(firmware.policies())
    for policy, run in runs.items():
        assert run["syscalls"] == wandering().count(*SYSTEM_CALLS)
        assert run["migrations"] >= wandering().count(OpKind.SLEEP), policy
        assert run["ipis"] > 0
        assert run["damaged_frames"] == 0
    # Pages go home under P4, and stay where they are under P4-local.
    assert runs["P4"]["pages_returned"] > 0
    assert runs["P4-local"]["pages_returned"] == 0
    # The fence that migration costs, of three pages.
    more = runs["P4-migfence"]["phases"]["invalidate"]["fences"] - 3 * sum(
        runs["P4-migfence"]["phases"][phase]["count"] for phase in ("map",)
    )
    assert more > 0
    assert more % 3 == 0


def test_forms_of_the_remote_fence(tmp_path):
    figures = tmp_path / "fences.json"
    assert cli.main(["fences", *TINY, "--json", str(figures)]) == 0
    rows = {row["form"]: row for row in json.loads(figures.read_text())["rows"]}
    assert set(rows) == {"sbi", "ipi", "broadcast"}
    for form in ("sbi", "ipi"):
        assert rows[form]["initiator"] > rows["broadcast"]["initiator"]
        # Until it has fenced, at the least; what follows is its own affair.
        assert rows[form]["initiator"] > rows[form]["responder"] / 2 > 50
    assert rows["broadcast"]["responder"] == 0


def test_h31_damages_another_stack_under_p4_and_under_nothing_else(measure):
    """The kernel itself notices: words on the stack of a sleeper are not what they were."""
    policies = [
        policy
        for policy in firmware.policies()
        if "-" not in policy or policy.startswith(("P4", "P11"))
    ]
    runs = measure("--harts", "2", "--workload", "h31", "--policy", ",".join(policies))
    damaged = {policy: run["damaged_frames"] > 0 for policy, run in runs.items()}
    assert damaged == {policy: policy == "P4" for policy in policies}
    # So does the oracle: a page that belongs to another thread, and no fence that was missed.
    stale = {policy: run["stale_accesses"] > 0 for policy, run in runs.items()}
    assert stale == damaged
    assert {finding["kind"] for finding in runs["P4"]["findings"]} == {"harmful"}
    for run in runs.values():
        assert run["translations"]["checked"] > 100_000
        assert run["translations"]["stale"]["after_fence"] == 0
        assert run["translations"]["spurious_faults"]["after_fence"] == 0
    TWO_HARTS.check([runs[policy] for policy in TWO_HARTS_POLICIES])


EXPOSED = ("P3", "P4", "P4-migfence", "P5", "P12")


def test_h4_misleads_who_reads_an_object_on_a_stack_that_was_unmapped(measure):
    """A waker reads the entry of a wait queue, and finds a frame of another thread in its place."""
    policies = [*EXPOSED, "P0", "P1", "P4-ipi", "P4-shared", "P9"]
    runs = measure("--harts", "2", "--workload", "h4", "--policy", ",".join(policies))
    damaged = {policy: run["damaged_frames"] for policy, run in runs.items()}
    assert damaged == {policy: int(policy in EXPOSED) for policy in policies}
    for policy, run in runs.items():
        assert (run["stale_accesses"] > 0) == (policy in EXPOSED), policy
        assert {finding["kind"] for finding in run["findings"]} <= {"harmful"}
    # P4-ipi interrupts at each exit, P4-shared where the stack was shared: at both of T's.
    assert runs["P4-shared"]["phases"]["ipi"]["count"] == 2
    assert runs["P4-ipi"]["phases"]["ipi"]["count"] > 20


def test_a_hart_that_only_reads_keeps_translations_of_the_stack(measure, tmp_path):
    """T never runs on the hart that wakes it: a fence where it arrives does not help."""
    file = tmp_path / "readers.bin"
    file.write_bytes(encode(shared_object(wakers=(2, 2))))
    policies = ("P4", "P4-migfence", "P4-shared")
    runs = measure("--harts", "4", "--workload", str(file), "--policy", ",".join(policies))
    stale = {policy: run["stale_accesses"] for policy, run in runs.items()}
    assert {policy: count > 0 for policy, count in stale.items()} == {
        "P4": True,
        "P4-migfence": True,
        "P4-shared": False,
    }
    assert {finding["hart"] for finding in runs["P4"]["findings"]} == {2}
