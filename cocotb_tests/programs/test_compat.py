"""Programs made as riscv-tests makes its own, by two compilers, get their verdict."""

import shutil
from pathlib import Path

import pytest

from rtl.presets import preset
from sim import machine, toolchain
from sim.job import Job, JobResult

DIRECTORY = Path(__file__).parent / "compat"
GCC = "riscv64-unknown-elf-gcc"
MODES = {"u": 0, "s": 1, "m": 3}


def compiled(compiler: str, directory: Path, sources: list[str], *defines: str) -> Path:
    """Build as riscv-tests is built: without C, and nothing but these files."""
    if compiler == "gcc":
        if shutil.which(GCC) is None:
            pytest.skip(f"no {GCC} on PATH: apt-get install gcc-riscv64-unknown-elf")
        command = [GCC, "-march=rv64ima_zicsr_zifencei", f"-T{DIRECTORY / 'compat.ld'}"]
    else:
        command = [
            *toolchain.zig_cc(),
            *("-target", "riscv64-freestanding-none", "-mcpu=generic_rv64+m+a+zicsr+zifencei"),
            *("-fno-sanitize=undefined", f"-Wl,-T,{DIRECTORY / 'compat.ld'}"),
        ]
    image = directory / "program.elf"
    flags = ["-mabi=lp64", "-mcmodel=medany", "-static", "-nostdlib", "-nostartfiles", "-O2"]
    flags += ["-ffreestanding", "-fno-builtin", "-Wl,--build-id=none"]
    files = [str(DIRECTORY / name) for name in sources]
    options = [f"-D{define}" for define in defines]
    toolchain.run(
        [*command, *flags, *options, *files, "-o", str(image)],
        cwd=directory,
        what=f"compiling {sources[0]}",
    )
    return image


def run(image: Path, directory: Path) -> JobResult:
    rocket = preset("rocket")
    return machine.run(Job(image, rocket.soc, rocket.straps, max_cycles=1_000_000), directory)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("compiler", ["zig", "gcc"])
def test_programs_without_translation(compiler, mode, tmp_path):
    image = compiled(compiler, tmp_path, ["physical.S"], f"MODE={MODES[mode]}", "CODE=1")
    result = run(image, tmp_path)
    assert (result.status, result.code, result.reason) == ("pass", 0, "tohost")


def test_the_number_of_the_test_that_failed_is_the_code(tmp_path):
    image = compiled("zig", tmp_path, ["physical.S"], "MODE=0", "CODE=17")
    result = run(image, tmp_path)
    assert (result.status, result.code, result.reason) == ("fail", 8, "tohost")


@pytest.mark.parametrize("code", [1, 35])
@pytest.mark.parametrize("compiler", ["zig", "gcc"])
def test_programs_under_translation(compiler, code, tmp_path):
    sources = ["virtual_entry.S", "virtual.c"]
    result = run(compiled(compiler, tmp_path, sources, f"CODE={code}"), tmp_path)
    assert result.console == "the program has ended\n"
    assert (result.status, result.code) == ("pass" if code == 1 else "fail", code >> 1)
    assert result.reason == "tohost"
