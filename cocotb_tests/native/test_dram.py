"""Timing of the DRAM model, as `DramSignature` and `Straps.dram_latency` say."""

import itertools

import pytest

from .native_library import Dram

LINE = 0x8000_0040


def written(dram: Dram, line: int, values: list[int], source: int = 3) -> None:
    dram.tick(write=(line, source), data=values[0])
    for value in values[1:]:
        dram.tick(data=value)


@pytest.mark.parametrize("latency", [2, 20, 100])
def test_a_read_begins_after_the_latency_and_takes_a_beat_a_cycle(latency):
    dram = Dram(64, latency)
    written(dram, LINE, list(range(8)))
    dram.idle(200)
    asked = dram.cycle
    dram.tick(read=(LINE, 5))
    dram.idle(2 * latency + 16)
    assert dram.beats == [(asked + latency + beat, 5, beat) for beat in range(8)]


def test_reads_are_served_in_order_without_a_gap_or_mixing():
    dram = Dram(32, 10)
    written(dram, LINE, [1, 2, 3, 4])
    written(dram, LINE + 32, [5, 6, 7, 8])
    dram.idle(50)
    asked = dram.cycle
    dram.tick(read=(LINE, 0))
    dram.tick(read=(LINE + 32, 1))
    dram.idle(40)
    first = [(asked + 10 + beat, 0, 1 + beat) for beat in range(4)]
    second = [(asked + 14 + beat, 1, 5 + beat) for beat in range(4)]
    assert dram.beats == first + second


def test_a_late_read_does_not_wait_for_an_earlier_one():
    dram = Dram(32, 10)
    dram.tick(read=(LINE, 0))
    dram.idle(30)
    asked = dram.cycle
    dram.tick(read=(LINE, 1))
    dram.idle(30)
    assert [cycle for cycle, source, _ in dram.beats if source == 1] == [
        asked + 10 + beat for beat in range(4)
    ]


def test_a_write_is_acknowledged_after_its_last_beat():
    dram = Dram(32, 10)
    dram.tick(write=(LINE, 7))
    dram.idle(3)
    for value in (1, 2, 3):
        dram.tick(data=value)
    dram.idle(5)
    last_beat = dram.cycle
    dram.tick(data=4)
    dram.idle(30)
    assert dram.acknowledgements == [(last_beat + 10, 7)]


def test_writes_pair_with_their_data_in_order():
    dram = Dram(16, 4)
    dram.tick(write=(LINE, 1), data=10)
    dram.tick(write=(LINE + 16, 2), data=11)
    dram.tick(data=20)
    dram.tick(data=21)
    dram.tick(read=(LINE, 0))
    dram.tick(read=(LINE + 16, 0))
    dram.idle(20)
    assert [source for _, source in dram.acknowledgements] == [1, 2]
    assert [value for *_, value in dram.beats] == [10, 11, 20, 21]


def test_a_stall_seed_delays_the_same_answers_each_time():
    """In order, whole, and never early."""

    def run(seed: int) -> tuple[list, list]:
        dram = Dram(64, 10, seed)
        for number in range(40):
            line = LINE + 64 * (number % 4)
            written(dram, line, list(range(8)), source=number % 16)
            dram.tick(read=(line, number % 16))
            dram.idle(150)
        return dram.beats, dram.acknowledgements

    calm_beats, calm_acknowledgements = run(0)
    beats, acknowledgements = run(5)
    assert (beats, acknowledgements) == run(5) != run(6)
    assert [what for _, *what in beats] == [what for _, *what in calm_beats]
    late = [cycle - calm for (cycle, *_), (calm, *_) in zip(beats, calm_beats, strict=True)]
    assert min(late) == 0
    assert max(late) > 20
    gaps = {after - before for (before, *_), (after, *_) in itertools.pairwise(beats)}
    assert {1, 2, 3} <= gaps
    late = [
        cycle - calm
        for (cycle, _), (calm, _) in zip(acknowledgements, calm_acknowledgements, strict=True)
    ]
    assert min(late) == 0
    assert max(late) > 20
