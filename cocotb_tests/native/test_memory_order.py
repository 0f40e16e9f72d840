"""The order of memory: what harts may see of each other's stores, and what the checker refuses."""

import pytest

from .order_world import (
    BASE,
    CODE,
    FENCE,
    FENCE_I,
    LR,
    NOP,
    SC,
    SFENCE,
    Harts,
)

X, Y = BASE + 0x4000, BASE + 0x4100
V, A, D = 1, 1 << 6, 1 << 7


def test_a_store_is_seen_by_all_from_then_on():
    harts = Harts()
    harts.load(1, X, 0)
    harts.store(0, X, 7)
    harts.load(1, X, 7)
    harts.load(0, X, 7)
    assert not harts.violation


def test_an_old_value():
    harts = Harts()
    harts.store(0, X, 7)
    harts.load(1, X, 0)
    assert "a load of hart 1 in cycle 2 got 0 from the 8 bytes" in harts.violation
    assert "held 0x7: last written by hart 0 in cycle 1" in harts.violation


def test_a_store_that_never_reaches_memory():
    harts = Harts()
    harts.retire_store(0, X, 7)
    assert "hart 0" in harts.violation
    assert "its D$ has not written it" in harts.violation


@pytest.mark.parametrize("buffered", [False, True])
def test_a_write_that_no_store_asked_for(buffered):
    harts = Harts(buffered=buffered)
    harts.drain(1, X, 7)
    assert "for no store that is due" in harts.violation


def test_an_amo_reads_and_writes_at_once():
    harts = Harts()
    harts.amo(0, X, 0, 1)
    harts.amo(1, X, 1, 2)
    assert not harts.violation
    harts.amo(0, X, 1, 2)
    assert "an AMO of hart 0" in harts.violation


def test_an_amo_whose_write_is_lost():
    harts = Harts()
    harts.execute(0, 0x0053_32AF, mem_read=1, mem_write=1, mem_paddr=X, mem_wdata=1)
    assert "has not written it" in harts.violation


def reserved() -> Harts:
    harts = Harts()
    harts.load(0, X, 0, LR)
    return harts


def test_an_sc_with_its_reservation():
    harts = reserved()
    harts.store(1, Y, 1)
    harts.store(0, X + 8, 1)
    harts.store(0, X, 2, SC)
    assert not harts.violation


ENDS_A_RESERVATION = {
    "a store to the line": lambda harts: harts.store(1, X + 56, 1),
    "an AMO": lambda harts: harts.amo(1, X, 0, 0),
    "the host": lambda harts: harts.host_store(X + 8, 1),
    "the hart's own walker": lambda harts: harts.walk(0, X + 8, 0, 0),
    "an SC that failed": lambda harts: harts.execute(0, SC),
    "an SC elsewhere": lambda harts: harts.store(0, X + 8, 0, SC),
}


@pytest.mark.parametrize("what", ENDS_A_RESERVATION)
def test_an_sc_without(what):
    harts = reserved()
    ENDS_A_RESERVATION[what](harts)
    assert not harts.violation
    harts.store(0, X, 2, SC)
    assert "without a reservation" in harts.violation


def test_a_store_buffer_is_seen_by_its_hart_alone():
    harts = Harts(buffered=True)
    harts.retire_store(0, X, 7)
    harts.load(1, X, 0)
    harts.load(0, X, 7)
    harts.drain(0, X, 7)
    harts.load(1, X, 7)
    assert not harts.violation


def test_a_store_that_its_own_hart_does_not_see():
    harts = Harts(buffered=True)
    harts.retire_store(0, X, 7)
    harts.load(0, X, 0)
    assert "a load of hart 0" in harts.violation


def test_a_store_that_another_hart_sees_too_early():
    harts = Harts(buffered=True)
    harts.retire_store(0, X, 7)
    harts.load(1, X, 7)
    assert "a load of hart 1" in harts.violation


def test_stores_leave_in_their_order():
    harts = Harts(buffered=True)
    harts.retire_store(0, X, 1)
    harts.retire_store(0, Y, 2)
    harts.drain(0, Y, 2)
    assert "for no store that is due" in harts.violation


@pytest.mark.parametrize("insn", [FENCE, FENCE_I, SFENCE])
def test_a_fence_waits_for_the_store_buffer(insn):
    harts = Harts(buffered=True)
    harts.retire_store(0, X, 7)
    harts.execute(1, insn)
    assert not harts.violation, "the store is another hart's"
    harts.execute(0, insn)
    assert "still in its store buffer" in harts.violation


def test_walks_do_not_look_into_the_store_buffer():
    harts = Harts(buffered=True)
    harts.retire_store(0, X, V)
    harts.walk(0, X, 0)
    assert not harts.violation
    harts.walk(0, X, V)
    assert "a walk of hart 0" in harts.violation


def test_the_walker_sets_a_and_d_and_nothing_else():
    harts = Harts()
    harts.fill(X, V)
    harts.walk(1, X, V, V | A | D)
    harts.load(0, X, V | A | D)
    assert not harts.violation
    harts.walk(1, X, V | A | D, V | A)
    assert "the walker of hart 1" in harts.violation


def test_an_update_of_a_pte_that_was_there_no_more():
    harts = Harts()
    harts.fill(X, V)
    harts.store(0, X, 0)
    harts.walk(1, X, V, V | A)
    assert "an update of A and D" in harts.violation


def test_old_instructions_may_be_executed_until_fence_i():
    at = CODE + 0x800

    def changed() -> Harts:
        harts = Harts()
        harts.fill(at, NOP)
        harts.store(1, at, FENCE)
        harts.execute(0, NOP, fetch_paddr=at, code=1)
        harts.execute(0, FENCE, fetch_paddr=at, code=1)
        return harts

    harts = changed()
    assert not harts.violation
    harts.execute(0, FENCE_I)
    harts.execute(0, FENCE, fetch_paddr=at, code=1)
    assert not harts.violation
    harts.execute(0, NOP, fetch_paddr=at, code=1)
    assert "which memory has not held since its fence.i" in harts.violation
    assert "which memory has not held" in never_there().violation


def never_there() -> Harts:
    harts = Harts()
    harts.execute(0, FENCE, fetch_paddr=CODE + 0x800, code=1)
    return harts
