"""How a unit bench runs: Amaranth component -> Verilog -> Verilator -> cocotb, cached by content.

A pytest function builds the component and names the cocotb module that tests it:

    def test_walker():
        run_bench(Walker(config), name="walker", module="cocotb_tests.mmu.walker_bench")

The cocotb module finds the component's ports as `dut.<member>__<field>`, and `dut.clk`, `dut.rst`.
"""

from __future__ import annotations

import functools
import os
import shutil
from pathlib import Path
from unittest import mock

from amaranth.back import verilog
from amaranth.lib import wiring
from cocotb_tools.check_results import get_results
from cocotb_tools.runner import VerilatorControlFile, get_runner

from sim import coverage, toolchain, verilated_runtime
from sim.cache import PROJECT_ROOT, build_root, cached_build

_BUILD_ARGS = (
    "--x-assign",
    "fast",
    "--x-initial",
    "fast",
    "-Wno-fatal",
    "--no-timing",
    # cocotb's runner makes every signal visible to VPI, which keeps Verilator from optimising:
    # `_ports` names those that a bench uses.
    "--no-public-flat-rw",
)


@functools.cache
def _verilog(component: wiring.Component, name: str) -> str:
    """The slowest part of a bench that is built already, so once for a component."""
    with mock.patch.dict(os.environ, {"AMARANTH_USE_YOSYS": "builtin"}):
        return verilog.convert(component, name=name, emit_src=False)


def _ports(component: wiring.Component, name: str) -> str:
    """Verilator control file that shows the ports of the component to VPI."""
    names = ["__".join(map(str, path)) for path, *_ in component.signature.flatten(component)]
    lines = [f'public_flat_rw -module "{name}" -var "{port}"' for port in ("clk", "rst", *names)]
    return "\n".join(("`verilator_config", *lines, ""))


def run_bench(
    component: wiring.Component,
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
    text, ports = _verilog(component, name), _ports(component, name)
    key = {
        "verilog": text,
        "ports": ports,
        "args": [_BUILD_ARGS, coverage.verilator_flags()],
        "versions": toolchain.versions(),
        "g++": toolchain.host_compiler_version(),
        "project": str(PROJECT_ROOT),
    }
    runner = get_runner("verilator")
    runtime = verilated_runtime.objects(coverage=coverage.directory() is not None)

    def build(directory: Path) -> None:
        for part in runtime:
            shutil.copy(part, directory)
            # Newer than the makefile, on which verilated.mk makes it depend.
            os.utime(directory / part.name, (4e9, 4e9))
        source, visible = directory / f"{name}.v", directory / "public.vlt"
        source.write_text(text)
        visible.write_text(ports)
        runner.build(
            sources=[VerilatorControlFile(visible), source],
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
        file = runner.test(
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
    # The runner looks at this under pytest alone, and never minds that a name chose no test.
    tests, failures = get_results(Path(file))
    assert tests, f"{module} has no test {testcase or ''}"
    assert not failures, f"{module}: {failures} of {tests} tests failed"
