"""H30: the memory of the harts' reserves beside that of static stacks."""

from __future__ import annotations

from .claim import Claim, Decision, Figures, holds, limited, refuted
from .lab import Lab

MACHINES = {
    "AMD Genoa": (384, 5786),
    "Intel Skylake": (112, 3182),
    "AMD Rome, 128": (128, 3401),
    "AMD Rome, 256": (256, 4908),
    "Intel Haswell": (72, 2644),
}
"""Processors and threads, idle after boot: cover letter of the series of March 2024,
https://lore.kernel.org/all/20240311164638.2015063-1-pasha.tatashin@soleen.com."""
_PAGE_KIB, _SAVED_KIB = 4, 12
_DOUBLED = 6
_SHARE = 0.01


def ratio(harts: int, threads: int, pages: int) -> float:
    """Reserve of all harts over what static stacks hold beyond a page for each thread."""
    return harts * pages * _PAGE_KIB / (threads * _SAVED_KIB)


def measure(_lab: Lab) -> Figures:
    return {
        "reserve_of_6_pages_over_static": {
            name: round(ratio(*machine, _DOUBLED), 4) for name, machine in MACHINES.items()
        },
        "threads_per_hart": {
            name: round(threads / harts, 1) for name, (harts, threads) in MACHINES.items()
        },
        "threads_per_hart_for_1_percent": _DOUBLED * _PAGE_KIB / (_SAVED_KIB * _SHARE),
    }


def decide(figures: Figures) -> Decision:
    ratios = figures["reserve_of_6_pages_over_static"].values()
    threads = figures["threads_per_hart"].values()
    because = (
        f"six pages a hart are {min(ratios):.1%} to {max(ratios):.1%} of what static stacks take "
        f"more than a page a thread, on five machines of {min(threads):.0f} to {max(threads):.0f} "
        f"threads per processor; 1 % takes {figures['threads_per_hart_for_1_percent']:.0f}"
    )
    small = [value < _SHARE for value in ratios]
    if all(small):
        return holds(because)
    return limited(because) if any(small) else refuted(because)


def evidence(_lab: Lab, figures: Figures) -> list[str]:
    return [
        f"calculation: {name}, {harts} x {_DOUBLED} x {_PAGE_KIB} KiB over {threads} x "
        f"{_SAVED_KIB} KiB = {figures['reserve_of_6_pages_over_static'][name]:.1%}"
        for name, (harts, threads) in MACHINES.items()
    ]


CLAIM = Claim(
    text="Doubling the reserve is still far cheaper than static stacks.",
    origin="X1",
    decided_by="holds if harts x k x 4 KiB < 1 % of threads x 12 KiB at fleet sizes; ratio given",
    note="k = 6. The sizes are those of the only machines whose threads were published, idle after "
    "boot; a loaded machine has more threads. A reserve of a tenth of the static stacks is still "
    "the smaller part by far: it is the 1 % that does not hold.",
    measure=measure,
    decide=decide,
    evidence=evidence,
)
