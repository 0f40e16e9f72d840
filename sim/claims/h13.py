"""H13: what it costs to map a stack before each switch."""

from __future__ import annotations

from .claim import Claim, Decision, Figures, holds, refuted
from .lab import Lab
from .trial import Trial, trial
from .workloads import SHALLOW, ping_pong

_ROUNDS = 120
_MOST = 0.05


def yields(policy: str, sharing: int) -> Trial:
    """Two threads, of as many processes, that yield to each other, on a walker that sets A."""
    return trial(
        policy,
        f"yields-of-{sharing}-processes",
        ping_pong(SHALLOW, _ROUNDS, sharing=sharing),
        on="svadu",
    )


def measure(lab: Lab) -> Figures:
    keys = [(policy, sharing) for sharing in (1, 2) for policy in ("P0", "P2")]
    runs = dict(zip(keys, lab.run([yields(*key) for key in keys]), strict=True))
    rows = {}
    for sharing in (1, 2):
        plain = runs["P0", sharing]["phases"]["switch"]
        phases = runs["P2", sharing]["phases"]
        rows[str(sharing)] = {
            "switch_of_P0": plain["median"],
            "map": phases["map"]["median"],
            "invalidate_in_map": phases["invalidate"]["median"],
            "take_back": phases["unmap"]["median"],
            "dcache_misses_per_map": round(
                phases["map"]["dcache_misses"] / phases["map"]["count"], 2
            ),
            "share_of_a_switch": round(phases["map"]["median"] / plain["median"], 3),
        }
    return {"median_cycles_by_processes": rows}


def decide(figures: Figures) -> Decision:
    rows = figures["median_cycles_by_processes"]
    because = "; ".join(
        f"{row['map']} cycles to map (fences {row['invalidate_in_map']}, "
        f"{row['dcache_misses_per_map']:.2f} D$ misses), {row['share_of_a_switch']:.0%} of a "
        f"switch of {row['switch_of_P0']} {'within a process' if n == '1' else 'between processes'}"
        for n, row in rows.items()
    )
    cheap = all(row["share_of_a_switch"] < _MOST for row in rows.values())
    return holds(because) if cheap else refuted(because)


def evidence(lab: Lab, _figures: Figures) -> list[str]:
    return [lab.window("H13", yields("P2", 1), f"phase:map:{_ROUNDS}", margin=300)]


CLAIM = Claim(
    text="Pre-mapping costs just four adjacent word stores at the switch.",
    origin="A2",
    decided_by="holds if pre-mapping adds under 5 % of a warm switch",
    note="Pages that are never touched are mapped before each switch and taken back after it; the "
    "phase map alone is counted, taking back is a figure beside it.",
    measure=measure,
    decide=decide,
    evidence=evidence,
)
