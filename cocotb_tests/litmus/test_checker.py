"""The checker of litmus tests: against published verdicts, other models, and the axioms' letter."""

from __future__ import annotations

import functools

import pytest

from cocotb_tests.models import global_memory_order
from sim.errors import UserError
from sim.litmus import catalogue, rvwmo
from sim.litmus.definition import Litmus
from sim.litmus.instruction import parse
from sim.litmus.machines import possible
from sim.litmus.operations import unfoldings
from sim.litmus.packing import MEMORY, fields, unpack
from sim.litmus.preserved_order import RULES
from sim.litmus.shapes import SHAPES

TESTS = {test.name: test for test in catalogue.select()}

APPENDIX = {
    "SB+rfi-fence.r.r": True,
    "PPOCA": True,
    "MP+fence.w.w+fri-rfi-addr": True,
    "RSW": True,
    "LB+data-sc-data+data": False,
    "MP+fence.w.w+data-rfi-addr": False,
    "MP+fence.w.w+data-coi-rfi-addr": True,
    "LB+fence.rw.rw+addr-po": False,
    "CoWWR": False,
}
"""The unprivileged specification, appendix "RVWMO Explanatory Material": what its figures say."""

LITERATURE = {
    # Coherence holds everywhere (Herding cats, section 4).
    **dict.fromkeys(("CoWW+po", "CoRW+po", "CoWR+po", "CoRR+po", "RDW"), False),
    # Nothing orders plain accesses to different addresses.
    **dict.fromkeys((f"{shape}+po+po" for shape in ("MP", "SB", "LB", "S", "R", "2+2W")), True),
    **dict.fromkeys(("WRC+po+po", "RWC+po+po", "WWC+po+po", "ISA2+po+po+po", "IRIW+po+po"), True),
    # A fence between all of them does; fence.tso and fence rw, w leave stores and later loads.
    **dict.fromkeys((f"{shape}+fence.rw.rw+fence.rw.rw" for shape in ("SB", "LB", "R")), False),
    **dict.fromkeys((f"{shape}+fence.rw.rw+fence.rw.rw" for shape in ("WRC", "IRIW")), False),
    **dict.fromkeys(("SB+fence.tso+fence.tso", "SB+fence.rw.w+fence.rw.w"), True),
    **dict.fromkeys(("MP+fence.tso+fence.tso", "2+2W+fence.tso+fence.tso"), False),
    # A control dependency orders stores, not loads.
    "MP+fence.w.w+ctrl": True,
    "MP+fence.w.w+addr": False,
    "S+fence.w.w+ctrl": False,
    # Dependencies suffice against LB, and stores are seen by all other harts at once.
    **dict.fromkeys(("LB+data+data", "LB+addr+addr", "LB+ctrl+ctrl", "PPOAA"), False),
    **dict.fromkeys(("WRC+data+addr", "ISA2+fence.w.w+data+addr", "IRIW+addr+addr"), False),
    # Annotations are RCsc; AMOs and LR/SC without any order nothing but themselves.
    **dict.fromkeys(("MP+rl+aq", "SB+rl.aq+rl.aq", "MP+scrl+lraq", "IRIW+aq+aq"), False),
    **dict.fromkeys(("SB+amo+amo", "MP+amo+amo", "LB+lrsc+lrsc"), True),
}  # fmt: skip
"""Herding cats (TOPLAS 2014) for the shapes; what orders them is chapter RVWMO's rules."""


@functools.cache
def allowed(name: str) -> frozenset:
    return rvwmo.allowed(TESTS[name])


@pytest.mark.parametrize(("name", "verdict"), (APPENDIX | LITERATURE).items())
def test_published_verdicts(name, verdict):
    assert any(TESTS[name].matches(outcome) for outcome in allowed(name)) is verdict


@pytest.mark.parametrize("name", TESTS)
def test_stronger_models_are_within_rvwmo(name):
    """Sequential consistency within TSO with strong fences, within RVWMO: by interleaving."""
    in_order = possible(TESTS[name], buffered=False)
    assert in_order
    assert in_order <= possible(TESTS[name], buffered=True) <= allowed(name)


def test_a_store_buffer_shows():
    told_apart = {
        name
        for name, test in TESTS.items()
        if possible(test, buffered=False) != possible(test, buffered=True)
    }
    assert {"SB+po+po", "R+po+po", "RWC+po+po", "SB+rfi-addr"} <= told_apart


def operations(test: Litmus) -> int:
    return max(len(unfolding.operations) for unfolding in unfoldings(test))


@pytest.mark.parametrize("name", [name for name, t in TESTS.items() if operations(t) <= 5])
def test_the_checker_by_the_letter(name):
    assert global_memory_order.allowed(TESTS[name]) == allowed(name)


@pytest.mark.parametrize("rule", sorted(RULES))
def test_every_rule_forbids_something(rule):
    """Without it some test of the set would have an outcome more, its condition's."""
    assert any(
        any(
            test.matches(outcome) for outcome in rvwmo.allowed(test, RULES - {rule}) - allowed(name)
        )
        for name, test in TESTS.items()
    )


def test_names_and_conditions():
    assert len(TESTS) == len(catalogue.select())
    for shape in SHAPES:
        assert catalogue.select([shape])
    assert {len(test.threads) for test in TESTS.values()} == {1, 2, 3, 4}
    for test in TESTS.values():
        test.matches(next(iter(allowed(test.name))))
    with pytest.raises(UserError, match="no litmus test 'MQ'"):
        catalogue.select(["MQ"])


@pytest.mark.parametrize("name", TESTS)
def test_outcomes_fit_into_their_bytes(name):
    test = TESTS[name]
    for outcome in allowed(name):
        values = dict(zip(test.observed, outcome, strict=True))
        packed = {}
        for thread in (MEMORY, *range(len(test.threads))):
            packed[thread] = 0
            for part, first, _ in fields(test, thread):
                value = values[thread, part]
                packed[thread] |= (value & 3 | value >> 32 << 2) << first
        assert all(byte < 256 for byte in packed.values())
        assert unpack(test, packed) == outcome


@pytest.mark.parametrize(
    "line",
    [
        "ld a0",
        "ld a4, x",
        "ld a0, q",
        "ld a0, x+4",
        "fence rw",
        "fence i, o",
        "add a0, a1",
        "bnez x",
    ],
)
def test_what_is_no_instruction_is_refused(line):
    with pytest.raises(ValueError, match="is no instruction"):
        parse(line)
