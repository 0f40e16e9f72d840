"""The directed programs: alone, all in one image, in several orders, under several straps."""

from dataclasses import replace
from pathlib import Path

import pytest

from rtl.presets import preset

from . import compressed, instructions, suite

ROCKET, CVA6 = preset("rocket").straps, preset("cva6").straps

GROUPS = ("traps", "sv39", "atomics", "compressed_traps")
"""Folders of hand-written tests that end up in one image, together with the instruction tests."""

SETTINGS = {
    "rocket": ROCKET,
    "cva6": CVA6,
    "one-entry TLBs": replace(
        CVA6, itlb_sectors_in_use=1, dtlb_sectors_in_use=1, dram_latency=2, cache_invalid_ptes=1
    ),
    "svadu": replace(CVA6, svadu=1, walk_cache_in_use=8),
    "slow memory": replace(ROCKET, dram_latency=150, honour_asid=1),
    "stalls": replace(ROCKET, stall_seed=7, honour_asid=1),
}
NEED_ASIDS = {
    "fence_of_another_asid_keeps",
    "every_bit_of_the_asid_counts",
    "a_translation_belongs_to_its_asid",
}
NEED_SEVERAL_ENTRIES = {
    "fence_of_another_asid_keeps",
    "fence_of_an_address_keeps_another",
    "fence_with_zero_in_a_register_is_not_fence_of_x0",
}
ORDERS = {"rocket": 0, "cva6": 1, "one-entry TLBs": 2, "svadu": 3, "slow memory": 4, "stalls": 5}
"""Seed of the shuffle under each setting; 0: in the order of the image."""


def sources(*groups: str) -> list[Path]:
    return sorted(
        path
        for group in groups
        for path in (suite.DIRECTORY / group).iterdir()
        if path.suffix in (".c", ".S")
    )


INSTRUCTIONS = list(instructions.instruction_tests(1))
COMPRESSED = list(compressed.compressed_tests(1))
HAND_WRITTEN = suite.names(sources(*GROUPS))


@pytest.fixture(scope="module")
def everything(tmp_path_factory) -> Path:
    """One image with all tests but the sweeps."""
    directory = tmp_path_factory.mktemp("generated")
    generated = directory / "instructions.S", directory / "compressed.S"
    generated[0].write_text(instructions.assembly(INSTRUCTIONS))
    generated[1].write_text(compressed.assembly(COMPRESSED))
    return suite.build_image(*sources(*GROUPS), *generated)


@pytest.mark.parametrize("setting", SETTINGS)
def test_all_programs_without_a_reset_between_them(everything, tmp_path, setting):
    done = suite.run_on_machine(
        everything, tmp_path, straps=SETTINGS[setting], asked=(ORDERS[setting],)
    )
    straps = SETTINGS[setting]
    skipped = set() if straps.svadu else HAND_WRITTEN & suite.NEEDS_SVADU
    skipped |= set() if straps.honour_asid else NEED_ASIDS
    skipped |= NEED_SEVERAL_ENTRIES if straps.dtlb_sectors_in_use == 1 else set()
    done.check(skipped=skipped)
    assert set(done.results) >= HAND_WRITTEN
    assert len(done.results) == len(HAND_WRITTEN) + len(INSTRUCTIONS) + len(COMPRESSED)


@pytest.mark.parametrize("isa", ["svade", "svadu"])
def test_spike_agrees(everything, isa):
    suite.run_on_spike(everything, isa=f"{suite.SPIKE_ISA}_{isa}").check(at_least=170)


@pytest.mark.parametrize(
    ("number", "name"),
    [
        (3, "a_second_lr_moves_the_reservation"),
        (48, "a_gigapage_is_dropped_by_any_address_inside"),
        (87, "mtime_by_halves"),
        (100, "an_interrupt_that_ends_wfi_leaves_epc_behind_it"),
        (160, "xori"),
    ],
)
def test_a_program_alone(everything, tmp_path, number, name):
    done = suite.run_on_machine(everything, tmp_path, straps=CVA6, asked=(0, number, 1))
    assert list(done.results) == [name]
    done.check()


@pytest.mark.parametrize("seed", [2, 3])
def test_instructions_with_other_operands_registers_and_distances(tmp_path, seed):
    source = tmp_path / "instructions.S"
    source.write_text(instructions.assembly(instructions.instruction_tests(seed), compressed=True))
    image = suite.build_image(source)
    suite.run_on_machine(image, tmp_path).check(at_least=70)
    suite.run_on_qemu(image, tmp_path).check(at_least=70)


def test_every_pattern_of_a_leaf(tmp_path):
    image = suite.build_image(*sources("sweeps"))
    suite.run_on_spike(image, isa=f"{suite.SPIKE_ISA}_svade").check(at_least=6)
    suite.run_on_machine(image, tmp_path).check(at_least=6)


def test_what_goes_wrong_is_reported(tmp_path):
    done = suite.run_on_machine(suite.build_image(*sources("selftest")), tmp_path)
    assert done.results["passes"] == "ok"
    assert done.results["skips"] == "skipped"
    assert done.results["differs"].startswith("FAIL at ")
    assert done.results["differs"].endswith("got 0x2 want 0x3")
    assert "unexpected trap, cause 0x5" in done.results["traps"]
    assert "tval 0x18000008" in done.results["traps"]
    assert len(done.failures) == 2
    with pytest.raises(AssertionError, match="differs"):
        done.check()
