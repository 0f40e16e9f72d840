"""The comparison of speeds: what can be said of it without building Rocket."""

from __future__ import annotations

import pytest

from sim.peers import compare, rocket


@pytest.mark.parametrize("configuration", rocket.CONFIGURATIONS, ids=lambda c: c.name)
def test_our_machine_of_a_peer_s_sizes_can_be_run(configuration: rocket.Configuration) -> None:
    """Seen in `make bench-peers`: the last of ten builds ended, and then a strap was refused."""
    configuration.soc.validate()
    compare.straps(configuration).validate(configuration.soc)


@pytest.mark.parametrize("configuration", rocket.CONFIGURATIONS, ids=lambda c: c.name)
def test_both_sides_have_as_many_pages(configuration: rocket.Configuration) -> None:
    """32 pages in the Full configurations and 4 in the Linux ones, by the package's .dts."""
    pages = 32 if "Full" in configuration.name else 4
    for tlb in (configuration.hart.itlb, configuration.hart.dtlb):
        assert tlb.sectors * tlb.sector_pages == pages
