"""Programs under demand paging: in U-mode, with fewer pages than they touch."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from rtl.presets import preset

from . import compressed, instructions, suite

ROCKET, CVA6 = preset("rocket").straps, preset("cva6").straps
HARDWARE_AD = 1
"""Flag of the supervisor: menvcfg.ADUE."""

RUNS = {
    "rocket": (ROCKET, 1, 0),
    "cva6": (CVA6, 2, 0),
    "one-entry TLBs": (replace(CVA6, itlb_sectors_in_use=1, dtlb_sectors_in_use=1), 3, 0),
    "A and D by the hart": (replace(CVA6, svadu=1), 4, HARDWARE_AD),
    "A and D by the hart, stalls": (
        replace(ROCKET, svadu=1, honour_asid=1, stall_seed=5),
        5,
        HARDWARE_AD,
    ),
}
"""Straps, seed of the supervisor, its flags."""


@pytest.fixture(scope="module")
def paged(tmp_path_factory) -> Path:
    directory = tmp_path_factory.mktemp("generated")
    generated = directory / "instructions.S", directory / "compressed.S"
    generated[0].write_text(
        instructions.assembly(instructions.instruction_tests(11), compressed=True)
    )
    generated[1].write_text(compressed.assembly(compressed.compressed_tests(11)))
    return suite.build_paged(suite.DIRECTORY / "user" / "programs.c", *generated)


@pytest.mark.parametrize("name", RUNS)
def test_programs_get_the_same_results_with_few_pages(paged, tmp_path, name):
    straps, seed, flags = RUNS[name]
    done = suite.run_on_machine(paged, tmp_path, straps=straps, asked=(seed, flags))
    done.check(at_least=100)
    assert re.findall("A and D by (.*)", done.console) == [
        "the hart" if flags & HARDWARE_AD else "traps"
    ]
    (ticks,) = re.findall("ticks (0x[0-9a-f]+)", done.console)
    assert int(ticks, 16) > 100


def test_spike_agrees(paged):
    suite.run_on_spike(paged, isa=f"{suite.SPIKE_ISA}_svade").check(at_least=100)


def test_the_same_programs_in_bare_mode(tmp_path):
    image = suite.build_image(suite.DIRECTORY / "user" / "programs.c")
    suite.run_on_machine(image, tmp_path).check(at_least=5)
