"""What is least certain about the machine, and how far it may be from the preset.

Each setting changes one thing. The first is the preset as it is.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from rtl.config import L2CacheConfig
from rtl.presets import Preset
from sim.workload.threads import Workload

_L2 = L2CacheConfig(sets=1024, ways=8)


@dataclass(frozen=True)
class Setting:
    """One value of one parameter.

    `fence_cycles` are added to every fence by calculation: a fence holds the pipeline, so what it
    takes longer is what it costs more.
    """

    parameter: str
    value: str
    change: Callable[[Preset], Preset] = lambda preset: preset
    change_workload: Callable[[Workload], Workload] = lambda workload: workload
    fence_cycles: int = 0

    @property
    def is_run(self) -> bool:
        return not self.fence_cycles

    @property
    def name(self) -> str:
        return f"{self.parameter}: {self.value}"


def _straps(**values: int) -> Callable[[Preset], Preset]:
    return lambda preset: replace(preset, straps=replace(preset.straps, **values))


def _with_l2(latency: int) -> Callable[[Preset], Preset]:
    return lambda preset: replace(
        preset,
        soc=replace(preset.soc, l2=_L2),
        straps=replace(preset.straps, l2_latency=latency, dram_latency=60),
    )


def _frames_of(count: int) -> Callable[[Workload], Workload]:
    """Frames of so many bytes, to the same depths."""

    def change(workload: Workload) -> Workload:
        threads = tuple(
            replace(thread, ops=tuple(replace(op, frame_bytes=count) for op in thread.ops))
            for thread in workload.threads
        )
        return replace(workload, threads=threads)

    return change


AS_IS = Setting("preset", "rocket")
SETTINGS = (
    AS_IS,
    Setting("DRAM latency", "10 cycles", _straps(dram_latency=10)),
    Setting("DRAM latency", "60 cycles", _straps(dram_latency=60)),
    Setting("L2 of 512 KiB, DRAM 60", "10 cycles", _with_l2(10)),
    Setting("L2 of 512 KiB, DRAM 60", "30 cycles", _with_l2(30)),
    Setting("TLBs", "8 pages each", _straps(itlb_sectors_in_use=2, dtlb_sectors_in_use=2)),
    Setting("TLBs", "16 pages each", _straps(itlb_sectors_in_use=4, dtlb_sectors_in_use=4)),
    Setting("walk cache", "none", _straps(walk_cache_in_use=0)),
    Setting("invalid PTEs", "not cached", _straps(cache_invalid_ptes=0)),
    Setting("fence", "20 cycles more", fence_cycles=20),
    Setting("fence", "100 cycles more", fence_cycles=100),
    Setting("device", "20 cycles away", _straps(device_latency=20)),
    Setting("frames", "48 bytes", change_workload=_frames_of(48)),
    Setting("frames", "256 bytes", change_workload=_frames_of(256)),
)
