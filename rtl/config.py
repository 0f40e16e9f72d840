"""Structural configuration of the machine: what is fixed when the model is built.

Everything that does not change structure is a strap (`rtl.straps`) and is set at run time.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field


class ConfigError(ValueError):
    """A configuration that cannot be built. The message says which field, and what it may be."""


def _require(condition: bool, sentence: str) -> None:
    if not condition:
        raise ConfigError(sentence)


def _is_power_of_two(value: int) -> bool:
    return value > 0 and value & (value - 1) == 0


@dataclass(frozen=True)
class CacheConfig:
    """A first-level cache: virtually indexed, physically tagged.

    Index and offset must lie within the 4 KiB page, so that no two virtual addresses of one
    physical line can select different sets.
    """

    sets: int = 64
    ways: int = 4
    line_bytes: int = 64

    @property
    def size_bytes(self) -> int:
        return self.sets * self.ways * self.line_bytes

    def validate(self, name: str) -> None:
        _require(_is_power_of_two(self.sets), f"{name}.sets is {self.sets}: use a power of two")
        _require(1 <= self.ways <= 16, f"{name}.ways is {self.ways}: use 1 to 16")
        _require(
            self.line_bytes in (16, 32, 64, 128),
            f"{name}.line_bytes is {self.line_bytes}: use 16, 32, 64 or 128",
        )
        _require(
            self.sets * self.line_bytes <= 4096,
            f"{name} has {self.sets} sets of {self.line_bytes} bytes: one way must not exceed a "
            "4 KiB page, because the cache is virtually indexed; add ways instead",
        )


SHORTEST_L2_LATENCY = 3
"""Cycles: the tags are read, they are compared, the first word is read."""


@dataclass(frozen=True)
class L2CacheConfig:
    """A second-level cache that all harts share, between the hub and DRAM; its lines are theirs."""

    sets: int = 1024
    ways: int = 8

    def validate(self, name: str) -> None:
        _require(_is_power_of_two(self.sets), f"{name}.sets is {self.sets}: use a power of two")
        _require(2 <= self.sets <= 1 << 16, f"{name}.sets is {self.sets}: use 2 to 65,536")
        _require(1 <= self.ways <= 16, f"{name}.ways is {self.ways}: use 1 to 16")


@dataclass(frozen=True)
class TlbConfig:
    """A first-level TLB, fully associative.

    A sectored entry has one tag and translates `sector_pages` neighbouring 4 KiB pages (1: a
    plain TLB); superpages have entries of their own.
    """

    sectors: int = 8
    sector_pages: int = 4
    superpages: int = 4

    def validate(self, name: str) -> None:
        _require(1 <= self.sectors <= 64, f"{name}.sectors is {self.sectors}: use 1 to 64")
        _require(
            self.sector_pages in (1, 2, 4, 8),
            f"{name}.sector_pages is {self.sector_pages}: use 1, 2, 4 or 8",
        )
        _require(1 <= self.superpages <= 16, f"{name}.superpages is {self.superpages}: use 1 to 16")


@dataclass(frozen=True)
class L2TlbConfig:
    """A second-level TLB for 4 KiB pages, set-associative, shared by fetch and data."""

    sets: int = 128
    ways: int = 4

    def validate(self, name: str) -> None:
        _require(_is_power_of_two(self.sets), f"{name}.sets is {self.sets}: use a power of two")
        _require(2 <= self.sets <= 4096, f"{name}.sets is {self.sets}: use 2 to 4096")
        _require(1 <= self.ways <= 8, f"{name}.ways is {self.ways}: use 1 to 8")


@dataclass(frozen=True)
class BranchPredictorConfig:
    """What fetch predicts with: where branches are, whether they are taken, where calls return."""

    btb_entries: int = 28
    bht_entries: int = 512
    return_stack: int = 6

    def validate(self, name: str) -> None:
        _require(
            1 <= self.btb_entries <= 64, f"{name}.btb_entries is {self.btb_entries}: use 1 to 64"
        )
        _require(
            _is_power_of_two(self.bht_entries) and self.bht_entries <= 8192,
            f"{name}.bht_entries is {self.bht_entries}: use a power of two up to 8192",
        )
        _require(
            1 <= self.return_stack <= 16,
            f"{name}.return_stack is {self.return_stack}: use 1 to 16",
        )


@dataclass(frozen=True)
class HartConfig:
    """One in-order hart with its private caches and TLBs."""

    icache: CacheConfig = field(default_factory=CacheConfig)
    dcache: CacheConfig = field(default_factory=CacheConfig)
    itlb: TlbConfig = field(default_factory=TlbConfig)
    dtlb: TlbConfig = field(default_factory=TlbConfig)
    walk_cache_entries: int = 8
    l2_tlb: L2TlbConfig | None = None
    branch: BranchPredictorConfig | None = field(default_factory=BranchPredictorConfig)
    """None: fetch goes straight on until it is redirected."""
    store_buffer_entries: int = 0
    """Stores that have retired and wait for the D$; 0: every store is performed before it retires.
    The walker does not look into the buffer."""
    dcache_replays: bool = True
    """A load that follows a store of the same bytes within a few cycles is executed again, as on
    Rocket, whose data array has one port, and so is what misses while its victim is written back.
    False: a load finds the bytes at once, and a miss waits for its victim."""

    def validate(self) -> None:
        self.icache.validate("icache")
        self.dcache.validate("dcache")
        self.itlb.validate("itlb")
        self.dtlb.validate("dtlb")
        _require(
            1 <= self.walk_cache_entries <= 32,
            f"walk_cache_entries is {self.walk_cache_entries}: use 1 to 32 "
            "(the strap walk_cache_in_use turns the walk cache off)",
        )
        if self.l2_tlb is not None:
            self.l2_tlb.validate("l2_tlb")
        if self.branch is not None:
            self.branch.validate("branch")
        _require(
            0 <= self.store_buffer_entries <= 8,
            f"store_buffer_entries is {self.store_buffer_entries}: use 0 to 8",
        )


@dataclass(frozen=True)
class SocConfig:
    """Harts, memory system and devices."""

    harts: int = 1
    """1 to 8."""
    hart: HartConfig = field(default_factory=HartConfig)
    l2: L2CacheConfig | None = None
    """None: misses go to DRAM, as in the Rocket that we compare with."""
    dram_base: int = 0x8000_0000
    dram_bytes: int = 128 << 20
    cycles_per_timebase_tick: int = 100
    """`mtime` counts once in this many cycles: 10 MHz, as on QEMU's virt machine, at 1 GHz."""

    def validate(self) -> SocConfig:
        """Return self, or raise ConfigError with a sentence that names the wrong field."""
        _require(1 <= self.harts <= 8, f"harts is {self.harts}: use 1 to 8")
        self.hart.validate()
        if self.l2 is not None:
            self.l2.validate("l2")
        _require(
            self.hart.icache.line_bytes == self.hart.dcache.line_bytes,
            "icache.line_bytes and dcache.line_bytes differ: the hub moves lines of one size",
        )
        _require(
            _is_power_of_two(self.dram_bytes) and self.dram_bytes >= 1 << 20,
            f"dram_bytes is {self.dram_bytes}: use a power of two of at least 1 MiB",
        )
        _require(
            self.dram_base % self.dram_bytes == 0,
            f"dram_base {self.dram_base:#x} is not a multiple of dram_bytes {self.dram_bytes:#x}",
        )
        _require(
            self.cycles_per_timebase_tick >= 1,
            f"cycles_per_timebase_tick is {self.cycles_per_timebase_tick}: use at least 1",
        )
        return self

    def as_dict(self) -> dict:
        """Plain nested dictionary, stored as JSON beside every result."""
        return asdict(self)
