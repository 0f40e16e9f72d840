"""Statistics against cases added up by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cocotb_tests.sim.synthetic import job_result, samples
from sim.job import CAUSES, SAMPLE
from sim.statistics import (
    InvariantError,
    check_invariants,
    nearest_rank,
    phase_summary,
    split_cycles,
    stack_memory,
)


@pytest.mark.parametrize(
    ("values", "percent", "expected"),
    [
        ([7], 50, 7),
        ([7], 99, 7),
        ([1, 2], 50, 1),
        ([1, 2, 3], 50, 2),
        ([1, 2, 3, 4], 50, 2),
        (list(range(1, 11)), 90, 9),
        (list(range(1, 12)), 90, 10),
        (list(range(1, 101)), 99, 99),
        (list(range(1, 201)), 99, 198),
        (list(range(1, 202)), 99, 199),
        ([15, 20, 35, 40, 50], 30, 20),
        ([15, 20, 35, 40, 50], 40, 20),
        ([15, 20, 35, 40, 50], 100, 50),
    ],
)
def test_nearest_rank(values, percent, expected):
    assert nearest_rank(values, percent) == expected


@given(st.lists(st.integers(0, 10**6), min_size=1), st.integers(1, 100))
def test_nearest_rank_is_the_smallest_value_that_covers_enough(values, percent):
    ordered = sorted(values)
    value = nearest_rank(ordered, percent)
    assert 100 * sum(v <= value for v in ordered) >= percent * len(ordered)
    assert 100 * sum(v < value for v in ordered) < percent * len(ordered)


def test_summary_of_five_samples():
    array = samples(0, [30, 10, 20, 50, 40], walks=2, nested_traps=1, nested_cycles=100)
    summary = phase_summary(array)
    assert (summary.count, summary.min, summary.median, summary.p90, summary.max) == (
        5, 10, 30, 50, 50,
    )  # fmt: skip
    assert summary.p99 is None
    assert summary.cycles == 150
    assert summary.stalls == {"retiring": 145, "dcache_miss": 5}
    assert (summary.walks, summary.nested_traps, summary.nested_cycles) == (10, 5, 500)


@pytest.mark.parametrize(("count", "p99"), [(199, None), (200, 198)])
def test_p99_needs_200_samples(count, p99):
    assert phase_summary(samples(0, range(1, count + 1))).p99 == p99


def test_summary_of_no_samples():
    summary = phase_summary(np.zeros(0, SAMPLE)).as_dict()
    assert summary["count"] == summary["cycles"] == 0
    assert summary["stalls"] == {}
    assert [summary[name] for name in ("min", "median", "p90", "p99", "max")] == [None] * 5


def test_sums_do_not_overflow_the_fields_of_a_sample():
    array = samples(0, [(1 << 32) - 1] * 4)
    assert phase_summary(array).stalls["retiring"] == 4 * ((1 << 32) - 2)


def result(**changes):
    return job_result(
        [samples(0, [10, 20])],
        **{"stalls": {"s": {"retiring": 60, "idle": 40}}, "watches": {}, **changes},
    )


def test_consistent_figures_pass():
    check_invariants(result(), ["map"])


def test_a_cycle_without_a_cause_in_a_phase_is_an_error():
    job = result()
    job.samples["stalls"][1, 0] -= 1
    with pytest.raises(InvariantError, match=r"stall causes of map on hart 0, .* 19 instead of 20"):
        check_invariants(job, ["map"])


def test_a_phase_whose_ends_do_not_fit_is_an_error():
    job = result()
    job.samples["end"][0] += 5
    with pytest.raises(InvariantError, match=r"nested cycles of map .* 10 instead of 15"):
        check_invariants(job, ["map"])


def test_a_cycle_without_a_cause_in_the_window_is_an_error():
    job = result()
    job.harts[0].stalls["s"]["retiring"] -= 1
    with pytest.raises(InvariantError, match="hart 0 add up to 99 instead of the 100"):
        check_invariants(job, ["map"])


def test_cycles_split_by_mode_with_idle_apart():
    job = result(
        stalls={
            "u": {"retiring": 100, "fetch_miss": 20},
            "s": {"retiring": 300, "idle": 50},
            "m": {"retiring": 7, "idle": 3},
        }
    )
    split = split_cycles(job.harts)
    assert (split.user, split.kernel, split.idle) == (120, 307, 53)


def test_stack_memory_is_an_average_over_threads_and_time():
    # 16 threads for 1000 cycles: 20 pages mapped all the time, 6 cached for half of it.
    memory = stack_memory(20_000, 3_000, 1_000, 16_000)
    assert (memory.mapped, memory.cached, memory.reserved) == (5.0, 0.75, 0.25)
    assert memory.total == 6.0


def test_every_cause_has_a_place_in_a_sample():
    assert len(CAUSES) == SAMPLE["stalls"].shape[0]
