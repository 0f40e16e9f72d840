"""Places that users name, and typical passages, on made-up samples."""

import numpy as np
import pytest

from sim.errors import UserError
from sim.job import SAMPLE, Finding, HartTotals, JobResult
from sim.probes import Symbol
from sim.waveforms.windows import Interval, Kind, Passages, Place, parse_place, trap_probes
from sim.waves import SMALL, load_workload

NAMES = ("map", "invalidate", "trap", "trap")
CYCLES = 5000


def passages(*rows, findings=()):
    """Passages of a run with (phase index, begin, cycles, nested cycles) each, and findings."""
    samples = np.zeros(len(rows), SAMPLE)
    for sample, (phase, begin, cycles, nested) in zip(samples, rows, strict=True):
        sample["phase"], sample["begin"], sample["cycles"] = phase, begin, cycles
        sample["end"] = begin + cycles + nested
        sample["nested_cycles"], sample["nested_traps"] = nested, int(nested > 0)
    harts = (HartTotals(CYCLES, 0, CYCLES, {}, {}),)
    return Passages(
        "P4",
        NAMES,
        JobResult("pass", 0, harts, samples, {}, {}, None, 0.0, "", findings=tuple(findings)),
    )


def finding(cycle: int, **others) -> Finding:
    values = {
        "kind": "harmful", "after_fence": False, "hart": 1, "cycle": cycle, "pc": 0x8020_0000,
        "access": "load", "vaddr": 0xFFFF_FFC8_0000_2FF8, "used_paddr": 0x8080_3FF8,
        "walked_paddr": 0x8080_7FF8, "age": 250, "thread": 0,
    }  # fmt: skip
    return Finding(**{**values, **others})


@pytest.mark.parametrize(
    ("text", "place", "name"),
    [
        ("phase:map:12", Place(Kind.PHASE, 12, "map"), "map-12"),
        ("stale:7", Place(Kind.STALE, 7), "stale-7"),
        ("trap:0", Place(Kind.TRAP, 0), "trap-0"),
        ("cycle:400000", Place(Kind.CYCLE, 400_000), "cycle-400000"),
    ],
)
def test_places(text, place, name):
    assert parse_place(text) == place
    assert place.name == name


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("stale:x", "does not name one place"),
        ("fault:3", "'fault' is no kind of place"),
        ("phase:map", "does not name one place"),
        ("phase:3", "does not name one place"),
        ("phase:map:x", "does not name one place"),
        ("phase:map:-1", "does not name one place"),
        ("trap:map:1", "does not name one place"),
        ("cycle:", "does not name one place"),
        ("cycle:²", "does not name one place"),
        ("phase:mop:1", "no phase 'mop'; there are trap_entry, map"),
    ],
)
def test_what_is_no_place_is_refused(text, reason):
    with pytest.raises(UserError, match=reason):
        parse_place(text)


def test_typical_is_nearest_the_median_after_warm_up():
    cold = [(0, 100 * n, 900, 0) for n in range(2)]
    warm = [(0, 1000 + 100 * n, cycles, 0) for n, cycles in enumerate((50, 70, 61, 60, 10, 60))]
    assert passages(*cold, *warm).typical("map") == Interval("map", 0, 1300, 1360)


def test_typical_avoids_interrupted_passages_where_it_can():
    assert passages((0, 100, 60, 900), (0, 2000, 80, 0)).typical("map").begin == 2000
    assert passages((0, 100, 60, 900)).typical("map") == Interval("map", 0, 100, 1060)


def test_places_in_a_run():
    run = passages((1, 10, 5, 0), (0, 8, 20, 0), (0, 100, 30, 2), (3, 200, 4, 0), (2, 300, 4, 0))
    assert run.performed() == ["map", "invalidate"]
    assert run.at(Place(Kind.PHASE, 1, "map")) == Interval("map", 0, 100, 132)
    assert run.at(Place(Kind.TRAP, 1)) == Interval("trap", 0, 300, 304)
    assert run.at(Place(Kind.CYCLE, 4999)) == Interval("cycle 4999", 0, 4998, 4999)
    assert run.within(5, 150, 0) == [
        Interval("map", 0, 8, 28),
        Interval("invalidate", 0, 10, 15),
        Interval("map", 0, 100, 132),
    ]
    assert run.within(5, 131, 1) == []
    assert run.within(10, 131, 0) == [Interval("invalidate", 0, 10, 15)]


def test_a_stale_access_is_a_place_with_an_account_and_the_change_that_it_missed():
    run = passages(findings=[finding(300), finding(4000, used_paddr=None, walked_paddr=None)])
    place = run.at(Place(Kind.STALE, 0))
    assert (place.name, place.hart, place.begin, place.end) == ("stale 0", 1, 299, 300)
    assert place.marks == ((50, "memory changes"),)
    assert "load of 0xffffffc800002ff8" in place.note
    assert "met 0x80803ff8 where memory gives 0x80807ff8, before a fence, 250 cycles" in place.note
    assert "met a fault where memory gives none" in run.at(Place(Kind.STALE, 1)).note


def test_stale_accesses_that_are_not_there():
    with pytest.raises(UserError, match="P4 has no stale 0: the translation oracle found nothing"):
        passages().at(Place(Kind.STALE, 0))
    with pytest.raises(UserError, match="lists 1 findings of this run, 0 to 0"):
        passages(findings=[finding(300)]).at(Place(Kind.STALE, 1))
    with pytest.raises(UserError, match="lists 100 findings of this run, the first ones, 0 to 99"):
        passages(findings=[finding(300)] * 100).at(Place(Kind.STALE, 100))


@pytest.mark.parametrize(
    ("place", "reason"),
    [
        (Place(Kind.PHASE, 2, "map"), "P4 has no map 2: there are 2 in this run, 0 to 1"),
        (Place(Kind.PHASE, 0, "unmap"), "P4 does not perform the phase unmap .* performs map"),
        (Place(Kind.CYCLE, 5000), "cycle 5000 is beyond the end: .* 5000 cycles, 0 to 4999"),
    ],
)
def test_what_the_run_does_not_have_is_refused(place, reason):
    with pytest.raises(UserError, match=reason):
        passages((0, 8, 20, 0), (0, 100, 30, 0)).at(place)


def test_traps_are_found_at_the_handlers_that_an_image_has():
    probes = trap_probes({"handle_exception": Symbol(0x8020_0000, 96), "other": Symbol(4, 0)})
    assert [(probe.begin, probe.end, probe.begin_at_trap) for probe in probes] == [
        (0x8020_0000, 0x8020_0000, True)
    ]


def test_the_kernel_of_a_window_uses_all_harts_of_the_machine():
    assert load_workload(SMALL, 1, harts=2).harts == 2
    assert load_workload("h31", 1, harts=2).harts == 2
