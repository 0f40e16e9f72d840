"""H23: mapping without a fence on the hart that maps."""

from __future__ import annotations

from rtl.presets import preset
from sim import microbenchmarks, native_build

from .claim import Claim, Decision, Figures, holds, limited, refuted
from .h12 import dives
from .lab import Lab
from .trial import Change, Trial, trial

_FAULTS = "pf-handler-without-sfence-until-8th-fault-total-number-of-faults-taken"
_PRESETS = {"rocket": "caches invalid PTEs", "cva6": "does not"}
_LATENCY = 20
_CYCLES = 1_500_000
"""More than the run takes where it comes to its end."""
WITHOUT_FENCE = (
    Change("policies/p1.h", "    local_flush_tlb_kernel_range(low, lowest_mapped);\n", ""),
)


def _trial(name: str) -> Trial:
    return trial(
        "P1",
        "dives-without-fence",
        dives(8, 1),
        on=name,
        changes=WITHOUT_FENCE,
        may_fail=True,
        max_cycles=_CYCLES,
    )


def measure(lab: Lab) -> Figures:
    faults = {}
    for name in _PRESETS:
        chosen = preset(name)
        key = {
            "model": lab.model(chosen.soc).name,
            "native": native_build.key(),
            "image": microbenchmarks.image().parent.name,
            "straps": chosen.straps.as_dict(),
        }
        measured = lab.remember(
            "microbenchmarks",
            key,
            lambda chosen=chosen: {
                row: found.cycles for row, found in microbenchmarks.run(chosen, _LATENCY).items()
            },
            ["microbenchmarks.py"],
        )
        faults[name] = round(measured[_FAULTS])
    runs = dict(zip(_PRESETS, lab.run([_trial(name) for name in _PRESETS]), strict=True))
    return {
        "faults_until_mapped_page_is_seen": faults,
        "kernel_without_fence": {name: run["status"] for name, run in runs.items()},
    }


def decide(figures: Figures) -> Decision:
    faults = figures["faults_until_mapped_page_is_seen"]
    repeated = {name: count - 1 for name, count in faults.items()}
    kernel = figures["kernel_without_fence"]
    because = (
        "repeated faults at a page that was mapped without a fence, up to 7 until there is one: "
        + ", ".join(f"{repeated[name]} where the TLB {what}" for name, what in _PRESETS.items())
        + "; P1's kernel without its fence "
        + ", ".join(
            f"{'completes' if kernel[name] == 'pass' else 'does not come to its end'} on {name}"
            for name in _PRESETS
        )
    )
    needed, spared = repeated["rocket"] > 0, repeated["cva6"] == 0
    if needed and spared:
        return holds(because)
    return limited(because) if needed else refuted(because)


def evidence(lab: Lab, _figures: Figures) -> list[str]:
    return [lab.window("H23", trial("P1", "dives", dives(8, 1)), "phase:stack_fault:0", 200)]


CLAIM = Claim(
    text="Mapping needs an sfence.vma even on the mapping hart on cores that cache invalid PTEs, "
    "and none on cores that do not.",
    origin="C3",
    decided_by="holds if repeat faults > 0 with caching of invalid PTEs and 0 without",
    note="The faults are counted by the sequence of `dynstack calibrate` that agrees with both "
    "cores; a kernel without the fence confirms them. limited where a fence is needed in both.",
    measure=measure,
    decide=decide,
    evidence=evidence,
)
