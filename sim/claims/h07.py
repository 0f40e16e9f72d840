"""H7: cost per entry against cost per switch."""

from __future__ import annotations

from .claim import Claim, Decision, Figures, holds, refuted, shown, spread
from .lab import Lab, Reading
from .trial import trial
from .workloads import SEEDS, applications, measured

_APPLICATIONS = ("sqlite-insert-select", "find-grep")
_CALLS = 300
_PER_SWITCH = {"P2": "svadu", "P3": "rocket"}


def _mapping_cycles(run: Reading) -> int:
    phases = run["phases"]
    return phases["map"]["cycles"] + phases["unmap"]["cycles"]


def measure(lab: Lab) -> Figures:
    keys = [
        (policy, on, name, seed)
        for policy, on in (("P4", "rocket"), *_PER_SWITCH.items())
        for name in _APPLICATIONS
        for seed in SEEDS
    ]
    readings = lab.run(
        [
            trial(policy, f"{name}-{_CALLS}-seed{seed}", measured(name, _CALLS, seed), on=on)
            for policy, on, name, seed in keys
        ]
    )
    runs = dict(zip(keys, readings, strict=True))
    per_entry = [
        _mapping_cycles(run) / run["phases"]["map"]["count"]
        for key, run in runs.items()
        if key[0] == "P4"
    ]
    entry = spread(per_entry)
    switch = {
        policy: spread(
            [
                _mapping_cycles(run) / run["phases"]["switch"]["count"]
                for key, run in runs.items()
                if key[0] == policy and key[2] == _APPLICATIONS[0]
            ]
        )
        for policy in _PER_SWITCH
    }
    break_even = {
        policy: {
            "min": round(cost["min"] / entry["max"], 2),
            "median": round(cost["median"] / entry["median"], 2),
            "max": round(cost["max"] / entry["min"], 2),
        }
        for policy, cost in switch.items()
    }
    return {
        "P4_cycles_per_entry": entry,
        "cycles_per_switch": switch,
        "break_even_entries_per_switch": break_even,
        "measured_entries_per_switch": dict(applications()),
    }


def decide(figures: Figures) -> Decision:
    even = figures["break_even_entries_per_switch"]
    highest = max(entry["max"] for entry in even.values())
    ratios = figures["measured_entries_per_switch"].values()
    above = sum(ratio > highest for ratio in ratios)
    because = (
        f"P4 takes {shown(figures['P4_cycles_per_entry'])} cycles per entry; it breaks even with "
        + " and ".join(f"{policy} at {shown(entry, 2)}" for policy, entry in even.items())
        + f" entries per switch; {above} of {len(ratios)} measured applications lie above, at "
        f"{min(ratios):.1f} to {max(ratios):.0f}"
    )
    return holds(because) if 2 * above > len(ratios) else refuted(because)


CLAIM = Claim(
    text="P4's overhead is paid per entry, and there are many more entries than context switches.",
    origin="B1",
    decided_by="break-even r with interval; holds if most measured applications lie above it",
    note="Cycles are those of the phases map and unmap, which do not depend on where the linker "
    "puts the rest; the interval is from the extremes of three seeds on both sides. Timer "
    "interrupts would raise the measured ratios and are left out.",
    measure=measure,
    decide=decide,
)
