"""How a unit bench runs: Amaranth component -> Verilog -> Verilator -> cocotb, cached by content.

A pytest function builds the component and names the cocotb module that tests it:

    def test_walker():
        run_bench(Walker(config), name="walker", module="cocotb_tests.mmu.walker_bench")

The cocotb module finds the component's ports as `dut.<member>__<field>`, and `dut.clk`, `dut.rst`.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from unittest import mock

from amaranth.back import verilog
from amaranth.hdl import Elaboratable
from cocotb_tools.runner import get_runner

from sim import coverage, toolchain
from sim.cache import PROJECT_ROOT, build_root, cached_build

_BUILD_ARGS = (
    "--x-assign",
    "fast",
    "--x-initial",
    "fast",
    "-Wno-fatal",
    "--no-timing",
)


_RUNTIME = ("verilated", "verilated_dpi", "verilated_vpi", "verilated_threads")


def _runtime_objects() -> Path:
    """Verilator's own runtime, compiled once for all benches: it is most of a small build."""
    include = toolchain.verilator_root() / "include"
    flags = ["-O1", "-std=gnu++20", f"-I{include}", f"-I{include}/vltstd", "-DVERILATOR=1"]
    flags += [f"-DVM_{feature}=0" for feature in ("SC", "TIMING", "TRACE")]
    flags += [f"-DVM_COVERAGE={int(coverage.directory() is not None)}"]
    flags += [f"-DVM_TRACE_{kind}=0" for kind in ("FST", "VCD", "SAIF")]
    key = {
        "flags": flags,
        "versions": toolchain.versions(),
        "g++": toolchain.host_compiler_version(),
    }

    def build(directory: Path) -> None:
        for name in _RUNTIME:
            command = ["g++", *flags, "-c", "-o", f"{name}.o", str(include / f"{name}.cpp")]
            toolchain.run(command, cwd=directory, what=f"compiling Verilator's {name}.cpp")

    return cached_build("verilated-runtime", key, build)


def run_bench(
    component: Elaboratable,
    *,
    name: str,
    module: str,
    testcase: str | None = None,
    environment: dict[str, str] | None = None,
    seed: int = 1,
) -> None:
    """Run every cocotb test of `module` (or just `testcase`) on `component`; raise on a failure.

    `name` is the Verilog module; `environment` reaches the cocotb module through os.environ.
    """
    toolchain.require_host()
    with mock.patch.dict(os.environ, {"AMARANTH_USE_YOSYS": "builtin"}):
        text = verilog.convert(component, name=name, emit_src=False)
    key = {
        "verilog": text,
        "args": [_BUILD_ARGS, coverage.verilator_flags()],
        "versions": toolchain.versions(),
        "g++": toolchain.host_compiler_version(),
        "project": str(PROJECT_ROOT),
    }
    runner = get_runner("verilator")
    runtime = _runtime_objects()

    def build(directory: Path) -> None:
        for part in _RUNTIME:
            shutil.copy(runtime / f"{part}.o", directory)
            # Newer than the makefile, on which verilated.mk makes it depend.
            os.utime(directory / f"{part}.o", (4e9, 4e9))
        source = directory / f"{name}.v"
        source.write_text(text)
        runner.build(
            sources=[source],
            hdl_toplevel=name,
            build_args=[*_BUILD_ARGS, *coverage.verilator_flags()],
            build_dir=directory,
            log_file=directory / "build.log",
        )

    variables = {**toolchain.verilated_make_variables(), "OPT_FAST": "-O1"}
    make_flags = " ".join(f"{key}={value}" for key, value in variables.items())
    with mock.patch.dict(os.environ, {**toolchain.environment(), "MAKEFLAGS": make_flags}):
        directory = cached_build(f"bench-{name}", key, build)
        coverage.describe(directory, directory / f"{name}.v", {name: component})
        results = build_root() / "bench-results"
        results.mkdir(exist_ok=True)
        runner.test(
            test_module=module,
            hdl_toplevel=name,
            hdl_toplevel_lang="verilog",
            testcase=testcase,
            build_dir=directory,
            test_dir=directory,
            results_xml=str(results / f"{name}-{module}-{testcase}-{os.getpid()}.xml"),
            extra_env=environment or {},
            seed=seed,
            plusargs=coverage.plusargs(directory),
        )
