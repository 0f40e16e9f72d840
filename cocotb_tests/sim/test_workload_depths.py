"""Depths: every measured call has a place, and the distributions keep what was measured."""

import pytest

from sim.errors import UserError
from sim.workload.depth_table import read_depth_table
from sim.workload.depths import (
    DATA,
    FILE_SYSTEMS,
    Depth,
    model_of,
    read_rows,
    scenario_depth,
    sleep_depth,
)
from sim.workload.draws import Draws, apportion, rounded

MAPPINGS = read_rows(DATA / "system-call-scenarios.csv")
MIXES = read_rows(DATA / "application-system-call-mixes.csv")


def test_every_call_of_every_application_is_mapped_by_name():
    names = {row["system_call"] for row in MIXES}
    assert len(names) > 80
    assert [name for name in sorted(names) if not model_of(name).known] == []


@pytest.mark.parametrize("file_system", FILE_SYSTEMS)
def test_every_mapping_leads_to_measured_rows(file_system):
    for row in MAPPINGS:
        scenario_depth(row["scenario"], file_system)
        assert row["reason"], row
        assert bool(row["sleeps_as"]) == bool(row["sleep_rank"]), row
        if row["sleeps_as"]:
            asleep = scenario_depth(row["scenario_asleep"] or row["scenario"], "ext4")
            assert sleep_depth(row["sleeps_as"]).maximum <= asleep.minimum, row


def test_mapping_has_one_row_for_each_call_and_kind():
    keys = [(row["system_call"], row["on"]) for row in MAPPINGS]
    assert keys == sorted(set(keys))


def test_descriptors_belong_to_calls_of_the_application():
    made = {(row["application"], row["system_call"]) for row in MIXES}
    kinds = {(row["system_call"], row["on"]) for row in MAPPINGS}
    for row in read_rows(DATA / "application-descriptors.csv"):
        assert (row["application"], row["system_call"]) in made, row
        assert (row["system_call"], row["on"]) in kinds, row


def test_a_call_takes_the_depth_of_what_it_acts_on():
    assert model_of("read").scenario == "read_4k"
    assert model_of("read", "socket").scenario == "tcp_loopback_16k"
    assert model_of("fcntl", "lock").scenario == "setlk"
    assert model_of("creat", file_system="xfs").depth == Depth(2368, 2409, 2864)
    assert model_of("creat", file_system="ext4").depth == Depth(2064, 2152, 2608)


def test_an_unknown_call_takes_the_default_and_says_so():
    model = model_of("frobnicate")
    assert not model.known
    assert model.scenario == "proc_self_status"


def test_depths_on_a_file_system_that_was_not_measured_are_refused():
    with pytest.raises(UserError, match="no depths were measured on 'ntfs'"):
        model_of("read", file_system="ntfs")


def test_a_draw_keeps_minimum_mean_and_maximum():
    depth, draws = Depth(976, 1047, 1744), Draws(7)
    drawn = [depth.draw(draws) for _ in range(20_000)]
    assert set(drawn) == {976, 1744}
    # One standard error of the mean is about 1.6 bytes.
    assert abs(sum(drawn) / len(drawn) - 1047) < 8


def test_draws_are_the_same_everywhere():
    draws = Draws(2024)
    assert [draws.below(1000) for _ in range(6)] == [481, 186, 745, 592, 311, 205]
    assert draws.shuffled("abcdef") == ["a", "b", "c", "e", "d", "f"]
    assert [draws.between(5120, 15360, 16) for _ in range(3)] == [9456, 13840, 9136]


def test_apportion_gives_away_exactly_the_total():
    assert apportion(10, [1, 1, 1]) == [4, 3, 3]
    assert apportion(7, [499, 499, 2]) == [4, 3, 0]
    assert sum(apportion(2200, [3004, 2717, 1920, 1204, 1, 1, 1])) == 2200
    assert rounded(5, 2) == 3
    assert rounded(7, 3) == 2


HEADER = "system_call,min_bytes,mean_bytes,max_bytes,sleep_bytes\n"


def table(tmp_path, text):
    path = tmp_path / "depths.csv"
    path.write_text(text)
    return read_depth_table(path)


def test_depth_table_of_a_user(tmp_path):
    rows = table(tmp_path, HEADER + "read,401,401,3000,700\n*,512,600,1024,\n")
    assert rows == {"read": (Depth(416, 416, 3008), 704), "*": (Depth(512, 600, 1024), 0)}
    short = table(tmp_path, "system_call,min_bytes,mean_bytes,max_bytes\nread,512,512,512\n")
    assert short == {"read": (Depth(512, 512, 512), 0)}


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "line 1: the depth table has no column system_call, min_bytes"),
        (HEADER + "x" * 200_000, "is not a depth table: field larger than field limit"),
        ("system_call,min_bytes\nread,1\n", "no column mean_bytes, max_bytes"),
        (HEADER + "read,400,many,500,\n", "line 2: 'read' needs whole numbers"),
        (HEADER + "read,400\n", "line 2: 'read' needs whole numbers"),
        (HEADER + "read,400,400,400,\nx,500,400,600,\n", "line 3: min, mean and max are 500, 400"),
        (HEADER + "read,400,400,16000,\n", "to at most 15360"),
        (HEADER + "read,100,400,400,\n", "at least 288"),
        (HEADER + "read,400,400,400,800\n", "sleep_bytes is 800"),
        (HEADER + "read,400,400,400,\nread,400,400,400,\n", "line 3: 'read' appears twice"),
    ],
)
def test_malformed_depth_table_is_refused_with_its_line(tmp_path, text, sentence):
    with pytest.raises(UserError, match=sentence):
        table(tmp_path, text)


def test_depth_table_that_is_not_there(tmp_path):
    with pytest.raises(UserError, match="cannot read the depth table"):
        read_depth_table(tmp_path / "none.csv")
