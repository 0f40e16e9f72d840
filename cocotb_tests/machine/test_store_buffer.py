"""What the store buffer changes for a program, on the whole machine."""

from dataclasses import replace
from pathlib import Path

import pytest

from rtl.presets import preset
from sim import bench, elf, firmware, model
from sim.job import Job, Watch, WatchKind

PROGRAMS = Path(__file__).parent / "programs"


def run(
    name: str,
    directory: Path,
    preset_name: str,
    stall_seed: int,
    watched: tuple[str, ...] = (),
    **straps: int,
):
    """Run a program; `watched` names symbols of 16 words whose sum is watched."""
    chosen = preset(preset_name)
    image = firmware.build_program([PROGRAMS / f"{name}.S"])
    work = Job(
        image,
        chosen.soc,
        replace(chosen.straps, stall_seed=stall_seed, **straps),
        max_cycles=300_000,
        watches=tuple(
            Watch(symbol, WatchKind.SUM, elf.symbol(image, symbol).address, 16 * 8)
            for symbol in watched
        ),
    )
    return bench.run_bare(model.build_bare(work.soc), work, directory)


@pytest.mark.parametrize("stall_seed", [0, 1, 2])
def test_the_walker_may_overtake_stores_until_a_fence(tmp_path, stall_seed):
    result = run("walker_and_stores", tmp_path, "tiny", stall_seed)
    assert (result.status, result.code, result.console) == ("pass", 0, "S")


@pytest.mark.parametrize("stall_seed", [0, 1])
def test_without_a_store_buffer_the_walker_sees_every_store(tmp_path, stall_seed):
    assert preset("rocket").soc.hart.store_buffer_entries == 0
    result = run("walker_and_stores", tmp_path, "rocket", stall_seed)
    assert (result.status, result.code, result.console) == ("pass", 0, "N")


@pytest.mark.parametrize("preset_name", ["tiny", "rocket"])
@pytest.mark.parametrize("stall_seed", [0, 1])
def test_accesses_that_fail(tmp_path, preset_name, stall_seed):
    result = run("access_faults", tmp_path, preset_name, stall_seed)
    assert (result.status, result.code) == ("pass", 0), f"case {result.code}"


@pytest.mark.parametrize("stall_seed", [0, 1, 2])
def test_memory_as_it_is_shown_follows_the_order_of_stores_and_updates(tmp_path, stall_seed):
    watched = ("entries", "seen")
    result = run("update_and_stores", tmp_path, "tiny", stall_seed, watched, svadu=1)
    assert (result.status, result.code, result.console) == ("pass", 0, "S")
    assert result.watches["entries"].last == result.watches["seen"].last > 0
