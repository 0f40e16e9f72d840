"""What runs unit benches: a failure is one, whoever asks for the run."""

from __future__ import annotations

import pytest

from cocotb_tests.support import run_bench
from rtl.hart.scoreboard import Scoreboard

FAILING, SCOREBOARD = "cocotb_tests.sim.failing_bench", "cocotb_tests.hart.scoreboard_bench"


@pytest.mark.parametrize(
    ("module", "testcase", "message"),
    [
        (FAILING, None, "1 of 1 tests failed"),
        (SCOREBOARD, "renamed", "has no test renamed"),
    ],
)
def test_a_failure_outside_of_pytest(module, testcase, message, monkeypatch):
    """`make coherence` is no pytest: its runs passed whatever they found."""
    monkeypatch.delenv("PYTEST_CURRENT_TEST")
    with pytest.raises(AssertionError, match=message):
        run_bench(Scoreboard(), name="scoreboard", module=module, testcase=testcase)
