"""The machines that programs run on: a few structures, and straps that are drawn for every run."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace

from rtl.config import SocConfig
from rtl.presets import Straps, preset

STRUCTURES = ("rocket", "tiny", "l2tlb", "buffered")
"""Presets whose structure is used: Rocket's sizes; the least that still evicts; a second level of
translations; a store buffer, and caches and sectors of other sizes."""

STRUCTURES_OF_SEVERAL = ("tiny", "rocket")
"""Where there are several harts: with a store buffer, and without."""

_LATENCIES = (2, 5, 20, 20, 60, 150)
_LATENCIES_OF_SEVERAL = (2, 5, 20, 60)
"""Where harts take lines from each other all the time."""
_BOUNDS = (0, 0, 1, 40, 1000)


@dataclass(frozen=True)
class Machine:
    """One machine of a campaign."""

    preset: str
    soc: SocConfig
    straps: Straps

    def options(self) -> list[str]:
        """Options of `dynstack run` that make this machine."""
        usual = preset(self.preset).straps.as_dict()
        settings = self.straps.as_dict()
        harts = ["--harts", str(self.soc.harts)] if self.soc.harts > 1 else []
        changed = [f"{name}={value}" for name, value in settings.items() if value != usual[name]]
        return ["--preset", self.preset, *harts, *(f"--strap={setting}" for setting in changed)]


def draw_machine(rng: random.Random, name: str, harts: int = 1) -> Machine:
    """A machine with the structure of this preset, and straps as they come."""
    soc = replace(preset(name).soc, harts=harts)
    hart = soc.hart

    def seed() -> int:
        return rng.choice((0, rng.randrange(1, 1 << 32)))

    straps = Straps(
        itlb_sectors_in_use=rng.randint(1, hart.itlb.sectors),
        dtlb_sectors_in_use=rng.randint(1, hart.dtlb.sectors),
        walk_cache_in_use=rng.choice(
            (0, hart.walk_cache_entries, rng.randint(0, hart.walk_cache_entries))
        ),
        cache_invalid_ptes=rng.randrange(2),
        honour_asid=rng.choice((0, 1, 1)),
        svadu=rng.choice((0, 0, 1)),
        svvptc_bound=rng.choice(_BOUNDS),
        speculative_walk_seed=seed(),
        stall_seed=seed(),
        dram_latency=rng.choice(_LATENCIES if harts == 1 else _LATENCIES_OF_SEVERAL),
        broadcast_fence=rng.choice((0, 0, 1)) if harts > 1 else 0,
    )
    return Machine(name, soc, straps.validate(soc))
