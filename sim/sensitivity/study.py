"""Runs every policy under every setting."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rtl.presets import Preset
from sim import firmware, model
from sim.display import Display
from sim.measure import Run, run_all
from sim.workload.threads import Workload

from .settings import AS_IS, SETTINGS, Setting


@dataclass(frozen=True)
class Study:
    """Cycles of kernel code per system call, by setting and policy."""

    workload: str
    policies: tuple[str, ...]
    cycles: dict[Setting, dict[str, float]]


def run_study(
    policies: Sequence[str], name: str, workload: Workload, base: Preset, display: Display
) -> Study:
    """Build what is missing and run it; results are kept as those of `measure` are."""
    images = {
        policy: firmware.build_kernel(policy, display.step, waits=workload.waits)
        for policy in policies
    }
    runs = {setting: setting.change(base) for setting in SETTINGS if setting.is_run}
    for changed in runs.values():
        changed.straps.validate(changed.soc)
        model.build(changed.soc, display.step)
    cycles: dict[Setting, dict[str, float]] = {}
    fences: dict[str, float] = {}
    for setting, changed in runs.items():
        display.step(setting.name)
        todo = [
            Run(policy, name, setting.change_workload(workload), images[policy], changed)
            for policy in policies
        ]
        summaries = run_all(todo, display)
        cycles[setting] = {run["variant"]: run["cycles_per_syscall"] for run in summaries}
        if setting == AS_IS:
            fences = {run["variant"]: run["fences"] / run["syscalls"] for run in summaries}
    for setting in SETTINGS:
        if not setting.is_run:
            cycles[setting] = {
                policy: cycles[AS_IS][policy] + setting.fence_cycles * fences[policy]
                for policy in policies
            }
    return Study(name, tuple(policies), {setting: cycles[setting] for setting in SETTINGS})
