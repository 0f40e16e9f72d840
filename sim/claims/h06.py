"""H6: what an IPI shootdown costs beside a context switch."""

from __future__ import annotations

from rtl.presets import preset
from sim import fences, firmware, native_build
from sim.workload.threads import RemoteFence

from .claim import Claim, Decision, Figures, holds, refuted
from .lab import Lab
from .trial import trial
from .workloads import SHALLOW, measured, repeated_calls

_HARTS = 8
_AT = 3
"""Responders of the rule."""
_SHARE = 0.5
_INTERRUPTING = ("sbi", "ipi")


def _rows(lab: Lab) -> list[dict]:
    chosen = preset("rocket").with_harts(_HARTS)
    image = firmware.build_kernel(fences.POLICY)
    key = {
        "model": lab.model(chosen.soc).name,
        "native": native_build.key(),
        "image": image.parent.name,
        "straps": chosen.straps.as_dict(),
        "rounds": [fences.ROUNDS, fences.WARM_UP],
    }
    return [
        row
        for form in RemoteFence
        for row in lab.remember(
            f"fences-{form.name.lower()}",
            {**key, "form": form.name},
            lambda form=form: fences.measure(chosen, form, image),
            ["fences.py"],
        )
    ]


def measure(lab: Lab) -> Figures:
    switching, calling = lab.run(
        [
            trial("P0", "sqlite-400", measured("sqlite-insert-select", 400)),
            trial("P0", "null-calls", repeated_calls(SHALLOW, 200)),
        ]
    )
    switch = switching["phases"]["switch"]
    rows = [
        {**row, "all": row["initiator"] + row["responders"] * row["responder"]}
        for row in _rows(lab)
    ]
    return {
        "switch_cycles": {name: switch[name] for name in ("min", "median", "p90", "max")},
        "null_call_cycles": calling["cycles_per_syscall"],
        "fences": rows,
        "share_of_a_switch": {
            row["form"]: round(row["all"] / switch["median"], 2)
            for row in rows
            if row["responders"] == _AT
        },
    }


def decide(figures: Figures) -> Decision:
    shares = figures["share_of_a_switch"]
    at = {row["form"]: row["all"] for row in figures["fences"] if row["responders"] == _AT}
    because = (
        f"a fence on {_AT} harts takes of all four together "
        + ", ".join(f"{form} {at[form]:,} cycles ({share:.0%})" for form, share in shares.items())
        + f" of a context switch of {figures['switch_cycles']['median']} cycles; a null call takes "
        f"{figures['null_call_cycles']:.0f}"
    )
    dear = all(shares[form] > _SHARE for form in _INTERRUPTING)
    return holds(because) if dear else refuted(because)


CLAIM = Claim(
    text='IPI shootdown at context switch "kills performance".',
    origin="T8, T10",
    decided_by="holds if initiator plus responders exceed 50 % of a context switch at 3 responders",
    note="Both forms that interrupt have to; the ideal broadcast is given beside them. The switch "
    "is the median of P0 on sqlite-insert-select, address-space changes included.",
    measure=measure,
    decide=decide,
)
