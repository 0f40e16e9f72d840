"""Named machines: a structure and the strap values that go with it, each with its source."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, replace

from .config import (
    SHORTEST_L2_LATENCY,
    BranchPredictorConfig,
    CacheConfig,
    ConfigError,
    HartConfig,
    L2TlbConfig,
    SocConfig,
    TlbConfig,
)


@dataclass(frozen=True)
class Straps:
    """Run-time values of a run: the fields of `rtl.straps.StrapSignature`, and of the memory.

    `dram_latency` belongs to the DRAM model outside the RTL: cycles from the address of a read to
    its first beat, and from the last beat of a write to its response.
    """

    itlb_sectors_in_use: int
    dtlb_sectors_in_use: int
    walk_cache_in_use: int
    cache_invalid_ptes: int
    honour_asid: int
    svadu: int = 0
    svvptc_bound: int = 0
    napot_16k: int = 0
    speculative_walk_seed: int = 0
    broadcast_fence: int = 0
    device_latency: int = 4
    l2_latency: int = 10
    stall_seed: int = 0
    dram_latency: int = 20

    def validate(self, soc: SocConfig) -> Straps:
        """Return self, or raise ConfigError with a sentence that names the wrong strap."""
        limits = {
            "itlb_sectors_in_use": (1, soc.hart.itlb.sectors),
            "dtlb_sectors_in_use": (1, soc.hart.dtlb.sectors),
            "walk_cache_in_use": (0, soc.hart.walk_cache_entries),
            "cache_invalid_ptes": (0, 1),
            "honour_asid": (0, 1),
            "svadu": (0, 1),
            "svvptc_bound": (0, 0xFFFF),
            "napot_16k": (0, 1),
            "speculative_walk_seed": (0, 0xFFFF_FFFF),
            "broadcast_fence": (0, 1),
            "device_latency": (0, 200),
            "l2_latency": (SHORTEST_L2_LATENCY, 200),
            "stall_seed": (0, 0xFFFF_FFFF),
            "dram_latency": (2, 1000),
        }
        for name, (low, high) in limits.items():
            value = getattr(self, name)
            if not low <= value <= high:
                raise ConfigError(f"strap {name} is {value}: use {low} to {high}")
        if self.itlb_sectors_in_use == 1 and soc.hart.dcache.ways == 1:
            raise ConfigError(
                "strap itlb_sectors_in_use is 1 and dcache.ways is 1: the walks of an LR/SC loop "
                "that crosses a page border could evict its reservation every time; use 2 of either"
            )
        return self

    def as_dict(self) -> dict[str, int]:
        return asdict(self)


@dataclass(frozen=True)
class Preset:
    """A structure with its straps and where its figures come from."""

    name: str
    straps: Straps
    source: str
    soc: SocConfig = field(default_factory=SocConfig)

    def with_harts(self, harts: int) -> Preset:
        """The same with so many harts, or ConfigError where they are too many."""
        return replace(self, soc=replace(self.soc, harts=harts).validate())


_TINY_TLB = TlbConfig(sectors=2, sector_pages=1, superpages=2)
_TINY_CACHE = CacheConfig(sets=4, ways=2, line_bytes=64)

PRESETS = {
    preset.name: preset
    for preset in (
        Preset(
            "rocket",
            Straps(8, 8, walk_cache_in_use=8, cache_invalid_ptes=1, honour_asid=0),
            "sizes of LiteX's Rocket Full configuration: 16 KiB caches of 4 ways and 64-byte "
            "lines, TLBs of 8 x 4 pages + 4 superpages, 8 walk-cache entries",
        ),
        Preset(
            "cva6",
            Straps(8, 8, walk_cache_in_use=0, cache_invalid_ptes=0, honour_asid=1),
            "the switches in which CVA6 differs from Rocket, on Rocket's structure",
        ),
        Preset(
            "svadu",
            Straps(8, 8, walk_cache_in_use=8, cache_invalid_ptes=1, honour_asid=0, svadu=1),
            "Rocket with a walker that can set A and D bits: for policies that go by them",
        ),
        Preset(
            "tiny",
            Straps(2, 2, walk_cache_in_use=2, cache_invalid_ptes=1, honour_asid=1),
            "smallest structure that still misses, evicts and walks: for fast tests",
            SocConfig(
                hart=HartConfig(
                    *(_TINY_CACHE, _TINY_CACHE, _TINY_TLB, _TINY_TLB), 2, store_buffer_entries=2
                ),
            ),
        ),
        Preset(
            "l2tlb",
            Straps(8, 8, walk_cache_in_use=8, cache_invalid_ptes=1, honour_asid=1),
            "Rocket's first level, and a second level of translations small enough to evict: for "
            "random programs",
            SocConfig(hart=HartConfig(l2_tlb=L2TlbConfig(sets=8, ways=2))),
        ),
        Preset(
            "buffered",
            Straps(3, 5, walk_cache_in_use=3, cache_invalid_ptes=0, honour_asid=1),
            "a store buffer, and sizes that no other preset has: for random programs",
            SocConfig(
                hart=HartConfig(
                    CacheConfig(sets=16, ways=1, line_bytes=32),
                    CacheConfig(sets=32, ways=2, line_bytes=32),
                    TlbConfig(sectors=3, sector_pages=2, superpages=1),
                    TlbConfig(sectors=5, sector_pages=8, superpages=3),
                    walk_cache_entries=3,
                    branch=BranchPredictorConfig(btb_entries=4, bht_entries=16, return_stack=1),
                    store_buffer_entries=4,
                    dcache_replays=False,
                ),
            ),
        ),
    )
}


def preset(name: str) -> Preset:
    """Return the preset of this name, or raise ConfigError that lists the names there are."""
    try:
        return PRESETS[name]
    except KeyError:
        raise ConfigError(f"no preset '{name}': use one of {', '.join(PRESETS)}") from None
