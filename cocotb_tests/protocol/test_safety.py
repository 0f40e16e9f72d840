"""What the table of known breaks says of policies."""

from __future__ import annotations

import pytest

from sim import firmware
from sim.protocol import safety
from sim.protocol.conditions import Condition
from sim.protocol.safety import Safety
from sim.workload.builtin import DIRECTED


@pytest.mark.parametrize(
    ("policy", "known"),
    [
        ("P0", Safety.SAFE),
        ("P4", Safety.BROKEN),
        ("P12", Safety.BROKEN),
        ("P5-keep", Safety.BROKEN_IN_MODEL),
        ("P11-epoch", Safety.BROKEN),
        ("P4-local", Safety.BROKEN_IN_MODEL),
        ("P2", Safety.SPECULATION),
        ("P4-shared", Safety.SPECULATION),
        ("P2-atomic", Safety.SAFE),
        ("P99", Safety.UNKNOWN),
    ],
)
def test_how_safe_a_policy_is(policy, known):
    assert safety.safety(policy) is known


def test_a_trap_is_no_page_of_another_thread():
    """P4-ipi falls to remembered invalid entries, as P0 does, and to nothing else."""
    assert safety.BREAKS["P4-ipi"]
    assert not safety.may_meet_another_page("P4-ipi", frozenset(Condition))


@pytest.mark.parametrize("workload", DIRECTED)
def test_what_breaks_on_the_rtl_breaks_in_the_model(workload):
    """Caches of the kernel give pages in an order of their own, which may be any."""
    conditions = safety.DIRECTED_CONDITIONS[workload] | {Condition.REORDER}
    for policy in safety.DIRECTED[workload]:
        assert policy in firmware.policies()
        assert safety.may_meet_another_page(policy, conditions)
