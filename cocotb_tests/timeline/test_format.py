"""What is written in Perfetto's format, read back by Perfetto's own message classes."""

import numpy as np
import pytest

from cocotb_tests.timeline.reader import read
from sim.timeline.perfetto import PerfettoWriter
from sim.timeline.slices import Slice, lanes


def test_tracks_slices_counters_and_arrows_come_back(tmp_path):
    path = tmp_path / "a.pftrace"
    with path.open("wb") as file:
        writer = PerfettoWriter(file)
        group = writer.track("group")
        track = writer.track("slices", group)
        count = writer.track("count", group, "KiB")
        arrow = writer.new_flow()
        writer.begin(track, 10, "outer", arguments={"cycles": 300, "pc": "0x80"}, flows=[arrow])
        writer.begin(track, 10, "inner")
        writer.end(track, 20)
        writer.end(track, 1 << 40)
        writer.instant(track, (1 << 40) + 1, "later", flow_ends=[arrow])
        writer.counter(count, 5, 0)
        writer.counter(count, 6, -1)
    trace = read(path)
    assert trace.tracks == [("group",), ("group", "slices"), ("group", "count")]
    assert trace.units == {("group", "count"): "KiB"}
    outer, inner, later = trace.on("group", "slices")
    assert (outer.name, outer.begin, outer.end, outer.around) == ("outer", 10, 1 << 40, ())
    assert outer.arguments == {"cycles": 300, "pc": "0x80"}
    assert (inner.name, inner.begin, inner.end, inner.around) == ("inner", 10, 20, ("outer",))
    assert (later.name, later.begin, later.end) == ("later", (1 << 40) + 1, None)
    assert trace.arrows() == [(outer, later)]
    assert trace.counters[("group", "count")] == [(5, 0), (6, -1)]


@pytest.mark.parametrize("seed", range(20))
def test_slices_of_a_lane_nest_or_are_apart(seed):
    random = np.random.default_rng(seed)
    slices = [
        Slice(begin, begin + 1 + int(random.integers(30)), f"{number}")
        for number, begin in enumerate(random.integers(0, 100, 25).tolist())
    ]
    found = lanes(slices)
    assert sorted(s.name for lane in found for s in lane) == sorted(s.name for s in slices)
    for lane in found:
        for first in lane:
            for second in lane:
                apart = first.end <= second.begin or second.end <= first.begin
                inside = first.begin <= second.begin and second.end <= first.end
                outside = second.begin <= first.begin and first.end <= second.end
                assert apart or inside or outside


def test_slices_that_nest_take_one_lane():
    inner, outer, next_one = Slice(5, 10, "inner"), Slice(5, 20, "outer"), Slice(20, 21, "next")
    assert lanes([next_one, inner, outer]) == [[outer, inner, next_one]]
    assert lanes([]) == []
