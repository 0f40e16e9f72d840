"""H27: one translation for a whole stack."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

from .claim import Claim, Decision, Figures, holds, limited, refuted
from .h32 import cell
from .lab import Lab
from .trial import Change, Trial, trial

_DEPTHS = ("as measured", "one in 5 deep")
_SEED = 1
_ENTRIES = {"4": "Rocket's", "16": "plenty"}
"""Entries of the DTLB for superpages, among which those of 16 KiB go."""
_SAVES = 0.05
_AREA = "0x85000000"
_POPULATE = "        paddr_t pa = page_alloc_for_stack();\n"
_STORE = "        ptes[i] = pte_make(pa, PAGE_KERNEL);\n"
_CHECK = "    see_pages(kstack_pt[0], kstack_ptes_ever_used());\n"
"""It would miss pages that are none of the pool."""
_END = "#define POOL_END UL(0x86000000)"


def _kernel(napot: bool) -> tuple[Change, ...]:
    """Every stack has a place of its own of 16 KiB, and with `napot` one translation."""
    whole = (
        f"        ptes[i] = pte_make(UL({_AREA}) + t->stack_slot * THREAD_SIZE + 2 * PAGE_SIZE, "
        "PAGE_KERNEL) | UL(1) << 63;\n"
    )
    return (
        Change("kernel/memory_layout.h", _END, f"#define POOL_END UL({_AREA})"),
        Change(
            "kernel/kstack.c",
            _POPULATE,
            f"        paddr_t pa = UL({_AREA}) + t->stack_slot * THREAD_SIZE + i * PAGE_SIZE;\n",
        ),
        Change("kernel/kstack.c", _STORE, whole if napot else _STORE),
        Change("kernel/kstack.c", "            page_free(pa);\n", "            (void)pa;\n"),
        Change("kernel/selfcheck.c", _CHECK, ""),
    )


def _trial(depth: str, napot: bool, entries: str) -> Trial:
    one = trial(
        "P0",
        f"{depth}-few-sleepers-seed{_SEED}".replace(" ", "-"),
        cell(depth, "few", _SEED),
        straps={"napot_16k": 1},
        changes=_kernel(napot),
    )
    soc = one.machine.soc
    dtlb = replace(soc.hart.dtlb, superpages=int(entries))
    soc = replace(soc, hart=replace(soc.hart, dtlb=dtlb)).validate()
    return replace(one, machine=replace(one.machine, soc=soc))


def measure(lab: Lab) -> Figures:
    keys = list(product(_DEPTHS, (False, True), _ENTRIES))
    runs = dict(zip(keys, lab.run([_trial(*key) for key in keys]), strict=True))
    found: Figures = {}
    for entries in _ENTRIES:
        found[entries] = {}
        for depth in _DEPTHS:
            plain, whole = (
                run["dtlb_misses"] / run["syscalls"]
                for run in (runs[depth, napot, entries] for napot in (False, True))
            )
            found[entries][depth] = {
                "dtlb_misses_per_call": round(plain, 3),
                "dtlb_misses_per_call_with_one_entry": round(whole, 3),
                "saved_per_call": round(plain - whole, 3),
                "share": round(1 - whole / plain, 3),
            }
    return found


def decide(figures: Figures) -> Decision:
    because = "; ".join(
        f"with {entries} entries for superpages, calls {depth}: {row['saved_per_call']:.2f} of "
        f"{row['dtlb_misses_per_call']:.2f} DTLB misses per call saved ({row['share']:.0%})"
        for entries, rows in figures.items()
        for depth, row in rows.items()
    )
    saves = [row["share"] >= _SAVES for rows in figures.values() for row in rows.values()]
    if all(saves):
        return holds(because)
    return limited(because) if any(saves) else refuted(because)


def evidence(lab: Lab, _figures: Figures) -> list[str]:
    return [lab.window("H27", _trial(_DEPTHS[0], True, "4"), "phase:switch:30", margin=300)]


CLAIM = Claim(
    text="Contiguous stacks with one NAPOT translation would remove DTLB misses under P0 that "
    "dynamic policies with 4 KiB pages cannot avoid.",
    origin="C4",
    decided_by="misses saved per call by a hypothetical 16 KiB NAPOT entry",
    note="Svnapot has 64 KiB and no other size: no machine has what the strap napot_16k gives. "
    "Both kernels have every stack in one piece of 16 KiB; they differ in the PTEs. The entry goes "
    "among those for superpages, which the kernel's own mappings need: with Rocket's four and with "
    "sixteen. holds if 5 % of the misses are saved in all cases, limited in some.",
    measure=measure,
    decide=decide,
    evidence=evidence,
)
