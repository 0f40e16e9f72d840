"""The directed programs for several harts: memory, atomics, code, page tables, interrupts."""

from dataclasses import replace

import pytest

from rtl.presets import preset

from . import suite
from .test_programs import sources

TINY, ROCKET = preset("tiny"), preset("rocket")

NAMES = suite.names(sources("harts"))
SETTINGS = {
    "tiny, 2 harts": (TINY, 2, {}),
    "tiny, 4 harts, stalls": (TINY, 4, {"stall_seed": 11, "svadu": 1}),
    "tiny, 8 harts": (TINY, 8, {}),
    "rocket, 2 harts": (ROCKET, 2, {"svadu": 1}),
}


def run(image, directory, chosen, harts, **straps):
    return suite.run_on_machine(
        image,
        directory,
        soc=replace(chosen.soc, harts=harts),
        straps=replace(chosen.straps, **straps),
    )


@pytest.mark.parametrize("setting", SETTINGS)
def test_programs_for_several_harts(tmp_path, setting):
    chosen, harts, straps = SETTINGS[setting]
    image = suite.build_for_harts(*sources("harts"))
    done = run(image, tmp_path, chosen, harts, **straps)
    done.check(skipped=() if "svadu" in straps else NAMES & suite.NEEDS_SVADU)
    assert set(done.results) == NAMES


@pytest.mark.parametrize("stall_seed", [0, 5])
def test_the_broadcast_fence(tmp_path, stall_seed):
    image = suite.build_for_harts(*sources("broadcast"))
    done = run(image, tmp_path, TINY, 4, broadcast_fence=1, stall_seed=stall_seed)
    done.check(at_least=2)


def test_without_the_strap_the_fence_is_for_one_hart(tmp_path):
    """The program above can fail: here it does."""
    image = suite.build_for_harts(*sources("broadcast"))
    done = run(image, tmp_path, TINY, 4)
    assert "nobody_uses" in done.failures[0]
