"""The collector against programs that know their own phases, and against sums by hand."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.job import EVENTS
from sim.statistics import SAMPLE_EVENTS

from .native_library import Collector, NativeRecord
from .phase_stream import BODY, JOB_LINES, MAP, NOP, SRET, VECTOR, Stream

COMMON = "image unused\nmax_cycles 1\ndram 0x80000000 0x100000 64 20\n"


def collector(tmp_path: Path, lines: str = "") -> Collector:
    job_file = tmp_path / "job.txt"
    job_file.write_text(COMMON + lines)
    return Collector(job_file)


@pytest.fixture(scope="module")
def directory(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("collector")


@given(seed=st.integers(0, 2**32 - 1), depth=st.integers(0, 4))
@settings(max_examples=150)
def test_phases_of_random_programs(directory, seed, depth):
    bench = collector(directory, JOB_LINES)
    stream = Stream(bench, seed)
    for _ in range(4):
        stream.work(depth)
    samples = bench.samples()
    # Phases that end with the same record may be reported in either order.
    order = np.lexsort((samples["phase"], samples["begin"], samples["end"]))
    expected = sorted(stream.finished, key=lambda phase: (phase.end, phase.begin, phase.phase))
    assert len(samples) == len(expected)
    for sample, phase in zip(samples[order], expected, strict=True):
        assert (sample["phase"], sample["begin"], sample["end"]) == (
            phase.phase,
            phase.begin,
            phase.end,
        )
        assert sample["nested_traps"] == phase.nested_traps
        assert sample["instructions"] == phase.instructions
        assert (sample["stalls"] == phase.stalls).all()
        assert [sample[event] for event in SAMPLE_EVENTS] == phase.events.tolist()
        assert sample["cycles"] == phase.stalls.sum()
        assert sample["end"] - sample["begin"] == sample["cycles"] + sample["nested_cycles"]


def test_random_programs_have_every_phase(directory):
    """The generator would be worthless without nesting, discarded phases and faults."""
    stream = Stream(collector(directory, JOB_LINES), 1)
    for _ in range(30):
        stream.work(4)
    assert {phase.phase for phase in stream.finished} == set(range(5))
    assert max(phase.nested_traps for phase in stream.finished) > 1


def test_a_phase_that_starts_again_was_abandoned(tmp_path):
    bench = collector(tmp_path, JOB_LINES)
    stream = Stream(bench, 0)
    lost = stream.start(2)
    stream.record(0x8000_1100)
    stream.finish(lost, keep=False)
    phase = stream.start(2)
    stream.record(0x8000_1100)
    stream.record(0x8000_1140, insn=SRET)
    stream.finish(phase)
    (sample,) = bench.samples()
    assert (sample["begin"], sample["end"]) == (phase.begin, phase.end)


def test_a_trap_in_the_first_instruction_of_the_vector_is_not_its_own_return(tmp_path):
    bench = collector(tmp_path, f"phase vector {VECTOR:#x} {VECTOR + 8:#x} before 0 -\n")
    pcs = [BODY, VECTOR, VECTOR + 4, VECTOR, VECTOR + 4, VECTOR + 4, VECTOR + 8]
    # The second instruction traps, and so does the first when the vector is entered again.
    traps = {2: VECTOR + 4, 3: VECTOR}
    for index, pc in enumerate(pcs):
        returns = index == 4
        bench.cycle(0, 1, 0, NativeRecord(
            pc=pc, privilege=1, trap=index in traps, insn=SRET if returns else NOP,
        ))  # fmt: skip
    (sample,) = bench.samples()
    assert (sample["nested_traps"], sample["nested_cycles"]) == (1, 3)


def test_window_limits_statistics_counters_and_phases(tmp_path):
    begin, end, counted = BODY + 4, BODY + 8, BODY + 12
    lines = f"window {begin:#x} {end:#x}\ncounter calls {counted:#x}\n"
    lines += f"phase map {MAP:#x} {MAP + 4:#x} after 0 -\n"
    bench = collector(tmp_path, lines)
    generator = random.Random(5)
    stalls, events = np.zeros((4, 16), int), np.zeros((4, len(EVENTS)), int)
    pcs = [BODY, MAP, begin, MAP + 4, counted, MAP, MAP + 4, counted, begin, MAP, end]
    pcs += [MAP + 4, counted, begin, counted, end]
    opens, closes = pcs.index(begin), pcs.index(end)
    for index, pc in enumerate(pcs):
        for cause in (generator.randrange(1, 16), generator.randrange(1, 16), 0):
            privilege, event = generator.choice((0, 1, 3)), generator.randrange(len(EVENTS))
            retired = NativeRecord(pc=pc, insn=NOP) if cause == 0 else None
            bench.cycle(cause, privilege, 1 << event, retired)
            if opens < index <= closes:
                stalls[privilege, cause] += 1
                events[privilege, event] += 1
    bench.end()
    assert bench.window() == (3 * opens + 3, 3 * closes + 2)
    assert bench.counter(0) == 2
    assert [[bench.stalls(p, c) for c in range(16)] for p in range(4)] == stalls.tolist()
    assert [[bench.events(p, e) for e in range(len(EVENTS))] for p in range(4)] == events.tolist()
    # Neither the phase that began before the window nor the one that ended after it.
    assert [(s["begin"], s["end"]) for s in bench.samples()] == [(14, 20)]


def test_watches_integrate_what_stores_leave_behind(tmp_path):
    base, words = 0x8000_8000, 8
    begin, end = BODY + 4, BODY + 8
    lines = f"window {begin:#x} {end:#x}\n"
    lines += f"watch ptes valid_ptes {base:#x} {8 * words}\nwatch pages sum {base + 16:#x} 16\n"
    bench = collector(tmp_path, lines)
    memory = bytearray(8 * words + 16)  # one word more on either side
    generator = random.Random(7)

    def values() -> tuple[int, int]:
        now = [int.from_bytes(memory[8 * i : 8 * i + 8], "little") for i in range(words + 2)]
        return sum(word & 1 for word in now[1:-1]), now[3] + now[4]

    history = []
    for cycle in range(400):
        history.append(values())
        pc = {100: begin, 300: end}.get(cycle, BODY)
        size = generator.randrange(4)
        offset = generator.randrange(words + 2) * 8 + (generator.randrange(4) >> size << size)
        value = generator.getrandbits(8 if offset % 8 else min(8 << size, 32))
        stores = generator.random() < 0.3
        bench.cycle(0, 1, 0, NativeRecord(
            pc=pc, mem_write=stores, mem_size=size, mem_paddr=base - 8 + offset, mem_wdata=value,
        ))  # fmt: skip
        if stores:
            memory[offset : offset + (1 << size)] = value.to_bytes(8, "little")[: 1 << size]
    bench.end()
    inside = history[101:301]
    for watch in range(2):
        series = [value[watch] for value in inside]
        after = history[301][watch]
        assert bench.watch(watch) == (
            sum(series), min([*series, after]), max([*series, after]), after,
        )  # fmt: skip


def test_a_trap_does_not_retire_anything(tmp_path):
    bench = collector(tmp_path, f"counter vector {VECTOR:#x}\n")
    bench.cycle(0, 1, 0, NativeRecord(pc=VECTOR, trap=1))
    bench.cycle(0, 1, 0, NativeRecord(pc=VECTOR))
    assert bench.counter(0) == 1


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("frobnicate 1", "has an unknown keyword"),
        ("counter name", "is too short"),
        ("counter name here", "has a word where a number belongs"),
        ("phase p 1 2 sometimes 0 -", "has an unknown word"),
        ("watch w sum 0x70000000 8", "must be 64-bit words in DRAM"),
        ("watch w sum 0x80000004 8", "must be 64-bit words in DRAM"),
    ],
)
def test_a_wrong_job_file_is_refused_by_line(tmp_path, line, sentence):
    with pytest.raises(ValueError, match=sentence) as refusal:
        collector(tmp_path, line + "\n")
    assert line in str(refusal.value) or "watch 'w'" in str(refusal.value)
