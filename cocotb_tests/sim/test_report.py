"""Summaries have the keys that scripts rely on, and tables say what the summaries do."""

import io
import json

import pytest
from rich.console import Console

from cocotb_tests.sim.synthetic import SYMBOLS, job_result, samples
from sim.display import Display
from sim.probes import kernel_probes
from sim.report import CAUSE_COLUMNS, print_measurements
from sim.statistics import InvariantError
from sim.summary import summarise

STALLS = {
    "u": {"retiring": 2_000},
    "s": {"retiring": 12_000, "dcache_miss": 500, "idle": 5_000},
    "m": {"retiring": 500},
}
CYCLES = 20_000
WATCHES = {"stack": 20 * CYCLES, "cache": 2 * CYCLES, "reserve": CYCLES, "threads": 8 * CYCLES}


def run_of(policy, *, missing=(), **identity):
    symbols = {name: symbol for name, symbol in SYMBOLS.items() if name not in missing}
    probes = kernel_probes(symbols, policy)
    records = [
        samples(index, range(100, 300), dtlb_misses=1, walks=2, dcache_misses=3, fences=1)
        for index in range(len(probes.phases))
    ]
    return summarise(
        {
            "policy": policy,
            "variant": policy,
            "harts": 1,
            "preset": "rocket",
            "workload": "deep-calls",
            "seed": 1,
            "threads": 8,
            "zero": False,
            **identity,
        },
        probes,
        job_result(records, stalls=STALLS, watches=WATCHES),
    )


P0_LACKS = (
    *("policy_map", "policy_unmap", "local_flush_tlb_kernel_range", "stack_fault_sret"),
    *("policy_reclaim", "policy_periodic_scan"),
)


def test_keys_that_scripts_rely_on():
    run = json.loads(json.dumps(run_of("P4")))
    assert {
        "policy", "variant", "harts", "preset", "workload", "seed", "syscalls",
        "cycles_per_syscall", "stack_kib_per_thread", "stale_accesses", "phases",
    } <= set(run)  # fmt: skip
    assert run["stale_accesses"] == 0
    assert set(run["phases"]) == {
        "trap_entry", "map", "invalidate", "stack_fault", "unmap", "trap_exit", "switch", "ipi",
        "reclaim",
    }  # fmt: skip
    for phase in run["phases"].values():
        assert {
            "count", "min", "median", "p90", "p99", "max", "stalls", "dtlb_misses", "walks",
            "dcache_misses",
        } <= set(phase)  # fmt: skip
        assert sum(phase["stalls"].values()) == phase["cycles"]
    assert run["phases"]["map"]["p99"] == 297
    assert set(run_of("P0", missing=P0_LACKS)["phases"]) == {
        "trap_entry", "trap_exit", "switch", "ipi",
    }  # fmt: skip


def test_figures_of_a_whole_run():
    run = run_of("P4")
    assert run["syscalls"] == 10
    assert run["cycles_per_syscall"] == 1_300.0
    assert run["user_cycles_per_syscall"] == 200.0
    assert run["idle_cycles_per_syscall"] == 500.0
    assert run["stack_kib_per_thread"] == 11.5
    assert run["mapped_kib_per_thread"] == 10.0
    assert run["cached_kib_per_thread"] == 1.0
    assert run["reserved_kib_per_thread"] == 0.5
    assert (run["dtlb_misses"], run["walks"], run["fences"]) == (6, 3, 7)
    assert sum(run["stalls"].values()) == CYCLES


def test_pages_that_a_kernel_does_not_cache_take_nothing():
    probes = kernel_probes(SYMBOLS, "P0")
    watches = {name: WATCHES[name] for name in ("stack", "threads")}
    run = summarise({}, probes, job_result([], stalls=STALLS, watches=watches))
    assert run["stack_kib_per_thread"] == run["mapped_kib_per_thread"] == 10.0


def test_no_system_call_gives_no_ratio():
    probes = kernel_probes(SYMBOLS, "P4")
    run = summarise({}, probes, job_result([], stalls=STALLS, watches=WATCHES, syscalls=0))
    assert run["cycles_per_syscall"] is None


def test_contradicting_figures_make_no_summary():
    probes = kernel_probes(SYMBOLS, "P4")
    broken = samples(1, [50])
    broken["stalls"][0, 0] += 1
    with pytest.raises(InvariantError, match="stall causes of map"):
        summarise({}, probes, job_result([broken], stalls=STALLS, watches=WATCHES))


def printed(runs, width=120):
    text = io.StringIO()
    print_measurements(runs, Console(file=text, width=width, highlight=False))
    return text.getvalue()


def rows(text, *words):
    return [line.split() for line in text.splitlines() if line.split()[: len(words)] == [*words]]


def test_names_with_brackets_are_no_markup(capsys):
    run = {**run_of("P1"), "workload": "m[/a]"}
    print_measurements([run])
    with Display(1) as display:
        display.started("P1 on m[/a]")
        display.finished("P1 on m[/a]", "[b]")
    told = capsys.readouterr()
    assert "m[/a]  preset rocket" in told.out
    assert "P1 on m[/a]: [b]" in told.err


def test_tables_fit_and_hold_the_figures():
    text = printed([run_of("P0", missing=P0_LACKS), run_of("P1"), run_of("P4")])
    assert max(len(line.rstrip()) for line in text.splitlines()) <= 120
    assert "preset rocket, harts 1, seed 1, 8 threads" in text
    assert rows(text, "P0")[0] == [
        "P0", "10", "1,300.0", "200.0", "500.0", "11.50", "10.00", "0", "7", "6", "3", "5", "0",
        "0",
    ]  # fmt: skip
    times, causes = rows(text, "trap_entry", "P0")
    assert times[2:8] == ["200", "100", "199", "279", "297", "299"]
    assert causes[2:] == ["39,900", "39,700", "200"]


def test_a_phase_that_others_perform_is_shown_with_zero():
    text = printed([run_of("P0", missing=P0_LACKS), run_of("P4")])
    times, causes = rows(text, "map", "P0")
    assert times[2:] == ["0", *["-"] * 5, *["0"] * 6]
    assert causes[2:] == ["0", "0", "0"]


def test_p99_of_few_samples_is_a_dash():
    run = run_of("P4")
    run["phases"]["map"]["p99"] = None
    assert rows(printed([run]), "map", "P4")[0][6] == "-"


def test_causes_without_a_column_stand_together_and_add_up():
    run = run_of("P4")
    stalls = {
        "retiring": 900, "fetch_miss": 80, "itlb_walk": 70, "dtlb_walk": 60, "dcache_miss": 50,
        "fence_drain": 40, "mispredict": 30, "muldiv": 20, "csr_serialise": 10,
    }  # fmt: skip
    for phase in run["phases"].values():
        phase["stalls"], phase["cycles"] = stalls, sum(stalls.values())
    row = rows(printed([run]), "map", "P4")[1][2:]
    assert len(row) == 1 + CAUSE_COLUMNS + 1
    assert row == ["1,260", "900", "80", "70", "60", "50", "40", "30", "30"]


def test_each_workload_has_tables_of_its_own():
    text = printed([run_of("P4"), run_of("P4", workload="find-grep")])
    assert text.count("Phases: ") == 2
    assert text.index("deep-calls") < text.index("find-grep")
