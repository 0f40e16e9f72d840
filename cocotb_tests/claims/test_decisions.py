"""Every claim's rule, on figures that are made up: each verdict that it can give."""

from __future__ import annotations

import pytest

from cocotb_tests.claims.figures import CASES
from sim.claims import registry
from sim.claims.claim import shown, spread
from sim.claims.h09 import limit
from sim.claims.pareto import dominates, front
from sim.claims.sources import described


@pytest.mark.parametrize(
    ("name", "verdict"), [(name, verdict) for name, cases in CASES.items() for verdict in cases]
)
def test_the_rule_of_a_claim(name, verdict):
    decision = registry.claim(name).decide(CASES[name][verdict])
    assert decision.verdict.value == verdict
    assert decision.because
    if verdict == "undecided":
        assert decision.because.startswith("needs ")


def test_every_claim_is_tried_with_at_least_two_outcomes():
    assert list(CASES) == registry.ids()
    assert all(len(cases) >= 2 for cases in CASES.values())


@pytest.mark.parametrize("name", registry.ids())
def test_a_claim_says_what_it_is_about(name):
    claim = registry.claim(name)
    assert claim.text.endswith(".") or claim.text.endswith('"')
    assert claim.decided_by
    assert len(described(claim.origin)) > len("derived") - 1


def test_an_origin_is_spelled_out():
    assert described("T9, W4").count("https://lore.kernel.org/all/") == 2
    assert described("derived from T9").startswith("derived from T9: Pasha Tatashin, https://")
    assert described("derived") == "derived"


def test_a_spread_keeps_a_value_of_its_own_in_the_middle():
    assert spread([3, 1, 2, 10]) == {"min": 1, "median": 2, "max": 10}
    assert shown(spread([1, 2, 3])) == "2.0 (1.0 to 3.0)"
    assert shown(spread([4, 4])) == "4.0"


def test_who_is_dominated():
    assert dominates((100, 5), (100, 10), harts=1)
    assert dominates((50, 10), (100, 10), harts=1)
    assert not dominates((50, 12), (100, 10), harts=1)
    # A few percent are no difference, either way.
    assert not dominates((99, 10), (100, 10), harts=1)
    assert dominates((102, 5), (100, 10), harts=1)
    points = {"P0": (100, 16), "P1": (100, 7), "P4": (110, 17), "P9": (90, 8)}
    assert front(points, harts=1) == ["P1", "P9"]


def test_on_several_harts_a_schedule_may_move_cycles_and_no_memory():
    assert not dominates((95, 10), (100, 10), harts=2)
    assert dominates((85, 10), (100, 10), harts=2)
    assert dominates((108, 5), (100, 10), harts=2)
    assert dominates((100, 9.5), (100, 10), harts=2)
    assert front({"P1": (100, 7), "P9": (106, 6), "P12": (109, 7)}, harts=2) == ["P9"]


def test_the_probability_at_which_p1_holds_nine_tenths():
    for calls in (100, 2_000, 12_549):
        deep = 1 - (1 - limit(calls)) ** calls
        assert (1 + 3 * deep) / 4 == pytest.approx(0.9)
