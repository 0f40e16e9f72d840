"""Straps that do not fit a structure are refused with a sentence."""

from dataclasses import replace

import pytest

from rtl.config import CacheConfig, ConfigError
from rtl.presets import PRESETS, preset


@pytest.mark.parametrize("name", PRESETS)
def test_every_preset_is_valid(name):
    chosen = preset(name)
    chosen.straps.validate(chosen.soc.validate())


def test_a_strap_out_of_range_is_refused():
    chosen = preset("tiny")
    with pytest.raises(ConfigError, match="strap itlb_sectors_in_use is 3: use 1 to 2"):
        replace(chosen.straps, itlb_sectors_in_use=3).validate(chosen.soc)


def test_walks_that_always_end_a_reservation_are_refused():
    """One ITLB entry: an LR/SC loop across a page border walks in every turn."""
    chosen = preset("rocket")
    one_entry = replace(chosen.straps, itlb_sectors_in_use=1)
    one_entry.validate(chosen.soc)
    one_way = replace(chosen.soc, hart=replace(chosen.soc.hart, dcache=CacheConfig(ways=1)))
    chosen.straps.validate(one_way)
    with pytest.raises(ConfigError, match="LR/SC"):
        one_entry.validate(one_way)
