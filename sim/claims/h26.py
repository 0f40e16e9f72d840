"""H26: three forms of a fence of n pages."""

from __future__ import annotations

from rtl.presets import preset

from . import bare
from .claim import Claim, Decision, Figures, holds, limited, refuted
from .lab import Lab

_PAGES = (1, 2, 3, 4, 8, 16, 32, 64)
_FORMS = {"each": "one sfence.vma a page", "all": "a full one", "batch": "Svinval"}
_LINUX = 64
"""Pages up to which Linux fences one by one."""


def measure(lab: Lab) -> Figures:
    printed = bare.run(lab, ["fence_forms.c"], preset("rocket"), ["svinval"])
    medians = {
        part: {
            form: {str(n): printed[f"{part}-{form}-{n}"][1] for n in _PAGES}
            for form in ("none", *_FORMS)
        }
        for part in ("fence", "whole")
    }
    whole = medians["whole"]
    cheaper = [n for n in _PAGES if whole["all"][str(n)] < whole["each"][str(n)]]
    return {
        "cycles_of_the_fence": medians["fence"],
        "cycles_with_loads_of_these_and_four_pages": whole,
        "full_is_cheaper_from_pages": min(cheaper) if cheaper else None,
    }


def decide(figures: Figures) -> Decision:
    whole = figures["cycles_with_loads_of_these_and_four_pages"]
    threshold = figures["full_is_cheaper_from_pages"]

    def over(form: str, pages: str) -> int:
        return whole[form][pages] - whole["none"][pages]

    because = (
        "cycles of a fence and the misses that follow, for 1, 3, 16 and 64 pages: "
        + "; ".join(
            f"{text} {', '.join(str(over(form, n)) for n in ('1', '3', '16', '64'))}"
            for form, text in _FORMS.items()
        )
        + (f"; full is cheaper from {threshold} pages" if threshold else "; full is never cheaper")
    )
    three = over("each", "3") < over("all", "3")
    if three and (threshold is None or threshold >= _LINUX):
        return holds(because)
    return limited(because) if three else refuted(because)


CLAIM = Claim(
    text="Three fences of one page are cheaper than a full one; Linux fences page by page up to "
    "64 pages, because that many are.",
    origin="C4",
    decided_by="cycles of each form for 1 to 64 pages, and the page count where full becomes "
    "cheaper",
    note="What a full fence costs more are the misses of everybody else: four pages that were in "
    "use are loaded again in each form. Three pages are in neither form expected to matter by "
    "themselves: holds if three single fences are cheaper and no threshold is below 64; limited if "
    "only three are; refuted if not even these. On this hart sinval.vma is sfence.vma.",
    measure=measure,
    decide=decide,
)
