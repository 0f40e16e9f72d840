"""`dynstack measure` on the real machine: what its JSON promises holds for every policy."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from cocotb_tests.machine.test_machine import calls_and_sleeps
from sim import cli, firmware
from sim.job import CAUSES
from sim.workload.format import SYSTEM_CALLS, encode

ENTERS = {"trap_entry", "trap_exit", "switch"}
MAPS = {*ENTERS, "map", "invalidate"}
PERFORMED = {
    "P0": ENTERS,
    "P1": {*MAPS, "stack_fault"},
    "P1-pool": {*MAPS, "stack_fault"},
    "P1-reserve": {*MAPS, "stack_fault"},
    "P1-trapstack": {*MAPS, "stack_fault"},
    "P2": {*MAPS, "stack_fault", "unmap"},
    "P2-atomic": {*MAPS, "stack_fault", "unmap"},
    "P3": {*MAPS, "unmap"},
    "P3-margin": {*MAPS, "unmap"},
    "P4": {*MAPS, "unmap"},
    "P5": {*MAPS, "unmap"},
    "P5-keep": MAPS,
    "P6-call": {*MAPS, "stack_fault"},
    "P6-entry": {*MAPS, "stack_fault"},
    "P6-irqoff": {*MAPS, "stack_fault"},
    "P7": {*MAPS, "stack_fault", "reclaim"},
    "P7-accessed": {*MAPS, "stack_fault", "reclaim"},
    "P8": {*MAPS, "stack_fault", "unmap"},
    "P8-shrinker": {*ENTERS, "stack_fault", "invalidate"},
    "P9": ENTERS,
    "P10": {*MAPS, "unmap"},
    "P11-pending": {*MAPS, "stack_fault"},
    "P12": {*MAPS, "stack_fault", "unmap"},
}
WORKLOAD = calls_and_sleeps()


def measure(directory: Path, monkeypatch, policies: Sequence[str]) -> dict[str, dict]:
    """Measure these policies with results of their own; the runs by policy."""
    directory.mkdir()
    monkeypatch.setenv("DYNSTACK_RESULTS_DIR", str(directory / "results"))
    workload = directory / "small.bin"
    workload.write_bytes(encode(WORKLOAD))
    figures = directory / "figures.json"
    command = ["measure", "--policy", ",".join(policies)]
    assert cli.main([*command, "--workload", str(workload), "--json", str(figures)]) == 0
    return {run["variant"]: run for run in json.loads(figures.read_text())["runs"]}


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    with pytest.MonkeyPatch.context() as monkeypatch:
        every = firmware.distinct_policies(harts=1)
        yield measure(tmp_path_factory.mktemp("measure") / "first", monkeypatch, every)


def test_every_policy_completes_the_calls_of_the_workload(runs):
    assert set(runs) == set(PERFORMED) == set(firmware.distinct_policies(harts=1))
    # The exit of a thread does not return, so it completes no call.
    assert {run["syscalls"] for run in runs.values()} == {WORKLOAD.count(*SYSTEM_CALLS)}


def test_each_policy_performs_its_phases(runs):
    for policy, names in PERFORMED.items():
        phases = runs[policy]["phases"]
        assert {name for name in phases if phases[name]["count"]} == names


def test_causes_add_up_to_the_cycles_of_every_phase(runs):
    for policy, run in runs.items():
        for name, phase in run["phases"].items():
            assert set(phase["stalls"]) <= set(CAUSES)
            assert sum(phase["stalls"].values()) == phase["cycles"], (policy, name)
            if phase["count"]:
                assert phase["min"] <= phase["median"] <= phase["p90"] <= phase["max"]
        kernel = run["kernel_cycles"] + run["user_cycles"] + run["idle_cycles"]
        assert sum(run["stalls"].values()) == kernel


def test_stack_memory_is_what_the_policy_keeps(runs):
    # Not exactly 16: a thread is counted a moment after its first page is mapped.
    assert runs["P0"]["stack_kib_per_thread"] == pytest.approx(16, rel=1e-3)
    assert runs["P0"]["cached_kib_per_thread"] == runs["P0"]["reserved_kib_per_thread"] == 0
    assert runs["P1"]["mapped_kib_per_thread"] < 16
    assert runs["P4"]["cached_kib_per_thread"] > 0
    # Registers of threads that have no stack.
    assert runs["P9"]["reserved_kib_per_thread"] > 0


def test_an_entry_of_p4_maps_fences_and_unmaps_three_pages(runs):
    phases = runs["P4"]["phases"]
    assert phases["map"]["count"] == phases["invalidate"]["count"] == phases["unmap"]["count"]
    assert phases["map"]["fences"] == 3 * phases["map"]["count"]


def test_on_one_hart_no_policy_uses_a_translation_that_has_ended(runs):
    for run in runs.values():
        counts = run["translations"]
        assert counts["checked"] > 100_000
        nothing = {"before_fence": 0, "after_fence": 0}
        assert counts["stale"] == counts["harmful"] == nothing
        assert counts["spurious_faults"]["after_fence"] == 0
        assert run["stale_accesses"] == 0
        assert run["findings"] == []
