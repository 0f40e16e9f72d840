"""The timeline of a real run, against what measuring the same run finds."""

from __future__ import annotations

import itertools
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from cocotb_tests.timeline.reader import Event, read
from rtl.presets import preset
from sim import cli, elf, firmware, machine
from sim.display import Display
from sim.measure import Run, job
from sim.probes import kernel_probes
from sim.statistics import split_cycles
from sim.trace import write_timeline
from sim.waves import small_workload
from sim.workload.format import encode
from sim.workload.threads import SYSTEM_CALLS


class Traced:
    """The small workload under a policy: its timeline, and its measurement."""

    def __init__(self, policy: str, harts: int, directory: Path):
        image = firmware.build_kernel(policy)
        machine_of = preset("tiny")
        machine_of = replace(machine_of, soc=replace(machine_of.soc, harts=harts))
        workload = replace(small_workload(), harts=harts)
        self.run = Run(policy, "small", workload, image, machine_of)
        path = directory / "run.pftrace"
        with Display(1) as display:
            write_timeline(self.run, path, display)
        self.trace = read(path)
        blob = directory / "workload.bin"
        blob.write_bytes(encode(self.run.workload))
        self.probes = kernel_probes(elf.symbols(image), image.name)
        self.result = machine.run(job(self.run, self.probes, blob), directory / "measured")
        assert self.result.window is not None
        self.first, self.last = self.result.window
        self.harts = range(harts)

    def inside(self, event: Event) -> bool:
        """The slice lies in the measured window as a whole."""
        assert event.end is not None
        return event.begin >= self.first and event.end <= self.last + 1

    def cycles_inside(self, event: Event) -> int:
        assert event.end is not None
        return max(0, min(event.end, self.last + 1) - max(event.begin, self.first))


@pytest.fixture(scope="module", params=[("P1", 1), ("P4", 1), ("P4", 2)], ids=str)
def traced(request, tmp_path_factory):
    policy, harts = request.param
    return Traced(policy, harts, tmp_path_factory.mktemp("timeline"))


def test_phases_are_the_samples_of_measure(traced):
    assert len(traced.result.samples) > 100
    for hart in traced.harts:
        shown = traced.trace.on(f"hart {hart}", "phases")
        inside = Counter(
            (e.name, e.begin, e.end, e.arguments["cycles"]) for e in shown if traced.inside(e)
        )
        samples = traced.result.samples[traced.result.samples["hart"] == hart]
        assert inside == Counter(
            (traced.probes.phase_names[s["phase"]], s["begin"] + 1, s["end"] + 1, s["cycles"])
            for s in samples
        )


def test_phases_nest_as_they_ran(traced):
    around = {
        (e.around[-1] if e.around else None, e.name)
        for hart in traced.harts
        for e in traced.trace.on(f"hart {hart}", "phases")
    }
    assert ("map", "invalidate") in around
    assert (None, "invalidate") not in around
    assert (("stack_fault", "map") in around) == (traced.run.variant == "P1")


def test_modes_add_up_to_the_cycles_of_measure(traced):
    cycles: Counter[str] = Counter()
    for hart in traced.harts:
        modes = traced.trace.on(f"hart {hart}", "mode")
        assert modes[0].begin == 0
        assert modes[-1].end == traced.result.harts[hart].cycles
        assert all(a.end == b.begin for a, b in itertools.pairwise(modes))
        cycles.update({m.name: 0 for m in modes})
        for mode in modes:
            cycles[mode.name] += traced.cycles_inside(mode)
    split = split_cycles(traced.result.harts)
    assert cycles["user"] == split.user
    assert cycles["idle"] == split.idle
    assert cycles["kernel"] + cycles["machine"] == split.kernel


def test_each_hart_runs_one_thread_at_a_time_and_all_of_the_workload(traced):
    seen = set()
    for hart in traced.harts:
        stays = traced.trace.on(f"hart {hart}", "thread")
        assert all(a.end == b.begin for a, b in itertools.pairwise(stays))
        assert stays[0].name == f"idle {hart}"
        seen |= {stay.name for stay in stays}
    threads = {f"thread {index}" for index in range(len(traced.run.workload.threads))}
    assert threads <= seen


def test_threads_show_their_system_calls_with_the_phases_inside(traced):
    calls = [
        event
        for track in traced.trace.tracks
        if track[0] == "threads" and track[-1] == "kernel"
        for event in traced.trace.on(*track)
    ]
    systems = [event for event in calls if event.name == "system call"]
    # The exit of a thread is one more.
    exits = len(traced.run.workload.threads)
    assert len(systems) == traced.run.workload.count(*SYSTEM_CALLS) + exits
    entries = [event for event in calls if event.name == "trap_entry"]
    assert {event.around[-1] for event in entries} >= {"system call"}
    assert all(event.around for event in entries)


def test_counters_are_what_is_integrated(traced):
    steps = traced.trace.counters[("machine", "mapped stack")]
    times = np.array([time for time, _ in steps])
    values = np.array([value for _, value in steps])
    edges = np.clip([*times, traced.last + 1], traced.first, traced.last + 1)
    assert (values * np.diff(edges)).sum() == 4 * traced.result.watches["stack"].integral
    assert traced.trace.units[("machine", "mapped stack")] == "KiB"
    if traced.run.variant == "P4":
        whole = traced.trace.counters[("machine", "pages in caches")]
        parts = [traced.trace.counters[(f"hart {hart}", "pages in cache")] for hart in traced.harts]
        assert whole[-1][1] == sum(part[-1][1] for part in parts)
        assert {time for time, _ in whole} == {time for part in parts for time, _ in part}


def test_arrows_have_two_ends_and_lead_from_hart_to_hart_where_there_are_several(traced):
    kinds = Counter(
        (begin.track[0] != end.track[0], begin.name.split()[0])
        for begin, end in traced.trace.arrows()
    )
    assert any(name == "wakes" for _, name in kinds)
    across = {name for other, name in kinds if other}
    if len(traced.harts) == 1:
        assert not across
    else:
        assert {"wakes", "IPI,", "thread"} <= across


def test_the_same_run_gives_the_same_file(tmp_path, monkeypatch):
    monkeypatch.setenv("DYNSTACK_TRACES_DIR", str(tmp_path))
    arguments = ["trace", "--policy", "P0", "--preset", "tiny"]
    assert cli.main(arguments) == 0
    assert cli.main([*arguments, "--out", str(tmp_path / "again.pftrace")]) == 0
    first = tmp_path / "P0" / "small.pftrace"
    assert first.read_bytes() == (tmp_path / "again.pftrace").read_bytes()
    assert len(first.read_bytes()) > 1000


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--policy", "P99"], "no policy 'P99'"),
        (["--policy", "P0", "--harts", "99"], "harts is 99"),
        (["--policy", "P0", "--workload", "none"], "none"),
        (["--policy", "P0", "--out", "/proc/none/a.pftrace"], "cannot write"),
    ],
)
def test_what_cannot_be_traced_is_a_sentence(arguments, sentence, capsys):
    assert cli.main(["trace", *arguments]) == 2
    error = capsys.readouterr().err
    assert sentence in error
    assert "Traceback" not in error
