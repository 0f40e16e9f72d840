"""Rocket as LiteX packages it: Verilog of several configurations, of which some are built here."""

from __future__ import annotations

import importlib.metadata
import importlib.util
from dataclasses import dataclass
from pathlib import Path

from rtl.config import BranchPredictorConfig, CacheConfig, HartConfig, SocConfig, TlbConfig
from sim import model, toolchain
from sim.cache import Progress, cached_build, silent, sources_digest
from sim.errors import UserError

_PACKAGE = "pythondata-cpu-rocket"
_TOP, _PREFIX = "ExampleRocketSystem", "Vrocket"
_EXECUTABLE = "rocket"
_OWN = Path(__file__).parent
_CELLS = ("AsyncResetReg", "EICG_wrapper", "plusarg_reader")
"""Hand-written Verilog that the generated one instantiates."""

_LARGE = HartConfig(
    icache=CacheConfig(sets=64, ways=4, line_bytes=64),
    dcache=CacheConfig(sets=64, ways=4, line_bytes=64),
    itlb=TlbConfig(sectors=8, sector_pages=4, superpages=4),
    dtlb=TlbConfig(sectors=8, sector_pages=4, superpages=4),
    walk_cache_entries=8,
    branch=BranchPredictorConfig(btb_entries=28, bht_entries=512, return_stack=6),
)
"""The .dts of LitexFullConfig: caches of 16 KiB, TLBs of 32 pages. Its Verilog: module TLB_1 has
8 `sectored_entries` of 4 pages and 4 `superpage_entries`, PTW 8 `tags_`, BTB 28 `idxs_`, a
`table_` of 512, and 6 `stack_`."""

_SMALL = HartConfig(
    icache=CacheConfig(sets=64, ways=1, line_bytes=64),
    dcache=CacheConfig(sets=64, ways=1, line_bytes=64),
    itlb=TlbConfig(sectors=2, sector_pages=2, superpages=4),
    dtlb=TlbConfig(sectors=1, sector_pages=4, superpages=4),
    walk_cache_entries=8,
    branch=None,
)
"""The .dts of the Linux configurations: caches of 4 KiB, TLBs of 4 pages, which are 1 sectored
entry. There is no module BTB. Our ITLB has its 4 pages in 2 entries, for beside a D$ of one way a
machine with a single entry is refused (`Straps.validate`): an LR/SC loop might never end."""


@dataclass(frozen=True)
class Configuration:
    """One of the package's configurations, and our machine with its sizes.

    `demanded` is how many times Rocket's speed ours has to have.
    """

    name: str
    harts: int
    hart: HartConfig
    demanded: float

    @property
    def soc(self) -> SocConfig:
        return SocConfig(harts=self.harts, hart=self.hart)


CONFIGURATIONS = (
    Configuration("LitexFullConfig", 1, _LARGE, 3.0),
    Configuration("LitexFull4DConfig", 4, _LARGE, 3.0),
    Configuration("LitexLinuxConfig", 1, _SMALL, 3.0),
    Configuration("LitexLinux2DConfig", 2, _SMALL, 2.0),
    Configuration("LitexLinux4Config", 4, _SMALL, 1.5),
)


def _verilog(name: str) -> list[Path]:
    spec = importlib.util.find_spec("pythondata_cpu_rocket")
    if spec is None or not spec.submodule_search_locations:
        raise UserError(f"{_PACKAGE} is not installed here: `make bench-peers` installs it")
    root = Path(next(iter(spec.submodule_search_locations))) / "verilog"
    generated = root / "generated-src" / f"freechips.rocketchip.system.{name}"
    return [
        Path(f"{generated}.v"),
        Path(f"{generated}.behav_srams.v"),
        *(root / "vsrc" / f"{cell}.v" for cell in _CELLS),
    ]


def build(name: str, progress: Progress = silent) -> Path:
    """Return the executable of this configuration: flags and optimisation are those of our model.

    The simulation-only parts of Rocket's Verilog (monitors, assertions, printf) are left out, as
    its own `SYNTHESIS` does it: ours has nothing like them.
    """
    sources = _verilog(name)
    own = sorted(_OWN.glob("*.[ch]pp"))
    key = {
        "package": importlib.metadata.version(_PACKAGE),
        "configuration": name,
        "own": sources_digest(own),
        "flags": ["zig clang", model.VERILATOR_FLAGS, model.OPTIMISATION],
        "versions": toolchain.versions(),
        "g++": toolchain.host_compiler_version(),
    }

    def make(directory: Path) -> None:
        progress(f"verilating Rocket's {name}")
        command = ["verilator", "--cc", "--exe", "--prefix", _PREFIX, "--top-module", _TOP]
        command += ["-Mdir", ".", *model.VERILATOR_FLAGS, "+define+SYNTHESIS", "-o", _EXECUTABLE]
        command += ["-CFLAGS", f"-I{_OWN}", *map(str, sources), str(_OWN / "rocket.cpp")]
        toolchain.run(command, cwd=directory, what=f"verilating {name}")
        progress(f"compiling Rocket's {name}")
        model.run_make(directory, _PREFIX, _EXECUTABLE)

    return cached_build("peer", key, make, progress) / _EXECUTABLE


def run(executable: Path, program: Path, latency: int, cycles: int) -> str:
    """Run a flat binary for so many cycles; return what it wrote to the terminal."""
    command = [str(executable), str(program), str(latency), str(cycles)]
    return toolchain.run(command, cwd=program.parent, what="running Rocket")
