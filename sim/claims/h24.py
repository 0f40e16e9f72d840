"""H24: stores of PTEs that the walker does not see yet."""

from __future__ import annotations

from dataclasses import replace

from rtl.presets import Preset, preset

from . import bare
from .claim import Claim, Decision, Figures, holds, limited, refuted
from .h12 import dives
from .h23 import WITHOUT_FENCE
from .lab import Lab
from .trial import Trial

_ENTRIES = (0, 2, 8)
_DISTANCES = (0, 1, 2, 4, 8, 16, 32, 64, 128)
_THREADS = 8


def _machine(entries: int) -> Preset:
    """A hart that does not cache invalid PTEs, with a store buffer."""
    base = preset("cva6")
    hart = replace(base.soc.hart, store_buffer_entries=entries)
    return replace(base, soc=replace(base.soc, hart=hart).validate())


def _kernel(entries: int) -> Trial:
    return Trial(
        "P1",
        f"dives-without-fence-{entries}",
        dives(_THREADS, 1),
        _machine(entries),
        changes=WITHOUT_FENCE,
        may_fail=True,
    )


def measure(lab: Lab) -> Figures:
    found: Figures = {}
    runs = lab.run([_kernel(entries) for entries in _ENTRIES])
    for entries, run in zip(_ENTRIES, runs, strict=True):
        printed = bare.run(lab, ["store_to_walk.c", "store_to_walk.S"], _machine(entries))
        row = {}
        for case in ("warm", "cold"):
            faults = {n: printed[f"{case}-{n}"] for n in _DISTANCES}
            late = [n for n in _DISTANCES if faults[n][2]]
            row[case] = {
                "window_cycles": max(late) + 1 if late else 0,
                "most_faults": max(most for _, _, most in faults.values()),
            }
        complete = run["status"] == "pass"
        row["kernel"] = {
            "completed": complete,
            "stack_faults": run["phases"]["stack_fault"]["count"],
            "spurious_faults": run["translations"]["spurious_faults"]["before_fence"]
            if complete
            else None,
        }
        found[str(entries)] = row
    return found


def decide(figures: Figures) -> Decision:
    because = "; ".join(
        f"store buffer of {entries}: the walker misses a PTE for at least "
        f"{row['warm']['window_cycles']} cycles, {row['cold']['window_cycles']} behind a store "
        f"that misses, up to {row['cold']['most_faults']} faults; in the kernel "
        f"{row['kernel']['spurious_faults']} spurious of {row['kernel']['stack_faults']} stack "
        f"faults"
        for entries, row in figures.items()
    )
    buffered = [row for entries, row in figures.items() if entries != "0"]
    window = any(row["cold"]["window_cycles"] for row in buffered)
    if figures["0"]["cold"]["window_cycles"] or not window:
        return refuted(because)
    met = any(row["kernel"]["spurious_faults"] for row in buffered)
    return holds(because) if met else limited(because)


def evidence(lab: Lab, _figures: Figures) -> list[str]:
    return [lab.window("H24", _kernel(_ENTRIES[1]), "phase:stack_fault:4", margin=100)]


CLAIM = Claim(
    text="Store-to-walk ordering alone can cause a spurious second fault on cores that do not "
    "cache invalid PTEs.",
    origin="C3",
    decided_by="window in cycles and spurious faults per fault",
    note="The window is that of a bare program, by the number of cycles between store and load. "
    "holds: a window with a store buffer and none without, and the kernel's stack fault meets it; "
    "limited: the handler is too long to meet it; refuted: no window.",
    measure=measure,
    decide=decide,
    evidence=evidence,
)
