"""A user's strace output becomes a workload, and a wrong one a sentence with its line."""

import argparse

import pytest

from sim.errors import UserError
from sim.workload.builtin import load
from sim.workload.command import add_arguments, main
from sim.workload.depths import Depth
from sim.workload.generate import Plan, generate
from sim.workload.strace import mix_from_counts, parse_strace
from sim.workload.threads import OpKind

WITH_ERRORS = """\
strace: Process 4242 attached
% time     seconds  usecs/call     calls    errors syscall
------ ----------- ----------- --------- --------- ----------------
 60.00    0.000600           6       100           read
 30.00    0.000300          15        20        13 openat
  0.00    0.000000           0         0           lseek
------ ----------- ----------- --------- --------- ----------------
100.00    0.000900           7       120        13 total
"""

WITHOUT_ERRORS = """\
% time     seconds  usecs/call     calls syscall
------ ----------- ----------- --------- ----------------
 60.00    0.000600           6       100 read
 30.00    0.000300          15        20 openat
------ ----------- ----------- --------- ----------------
100.00    0.000900                   120 total
"""

CHOSEN_COLUMNS = """\
syscall              calls
---------------- ---------
read                   100
openat                  20
---------------- ---------
total                  120
"""


@pytest.mark.parametrize("text", [WITH_ERRORS, WITHOUT_ERRORS, CHOSEN_COLUMNS])
def test_layouts(text):
    assert parse_strace(text.splitlines(), "s") == {"read": 100, "openat": 20}


def test_a_missing_total_line_is_accepted():
    assert parse_strace(WITH_ERRORS.splitlines()[:-2], "s") == {"read": 100, "openat": 20}


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "has no table of strace"),
        ("% time seconds\n", "has no table of strace"),
        (WITH_ERRORS.replace("       100  ", "       99  "), "line 8: .* add up to 119 calls"),
        (WITH_ERRORS.replace("       100  ", "      many  "), "line 4: 'many' is not a number"),
        (
            WITH_ERRORS.replace("       100  ", f" {'9' * 5000}  "),
            "line 4: '9{40}' is not a number",
        ),
        (WITH_ERRORS.replace(" 30.00    0.000300 ", " "), "line 5: 4 cells where the header has"),
        (WITH_ERRORS.replace("openat", "read"), "line 5: 'read' appears twice"),
        (WITH_ERRORS + WITH_ERRORS, "line 10: a second table begins"),
        ("\n".join(WITH_ERRORS.splitlines()[:3]), "line 2: the table has no system calls"),
    ],
)
def test_malformed_output_is_refused_with_its_line(text, sentence):
    with pytest.raises(UserError, match=sentence):
        parse_strace(text.splitlines(), "s")


def test_depths_of_the_user_come_first():
    mix = mix_from_counts(
        "mine",
        {"read": 100, "futex": 5, "odd": 1},
        {"read": (Depth(512, 600, 4096), 448), "page_fault": (Depth(800, 800, 800), 0)},
        voluntary_switches=50,
        page_faults=20,
    )
    read, futex, odd = (model for model, _ in mix.calls)
    assert (read.depth, read.sleep_rank) == (Depth(512, 600, 4096), 2)
    assert (futex.scenario, odd.known) == ("futex_wait_1ms", False)
    assert mix.unknown_calls == ["odd"]
    workload = generate(mix, Plan(calls=106, workers=3), seed=4)
    assert workload.count(OpKind.SLEEP) == 50
    assert workload.count(OpKind.FAULT) == 20
    faults = [op for t in workload.threads for op in t.ops if op.kind is OpKind.FAULT]
    assert {op.depth for op in faults} == {800}
    asleep = [op for t in workload.threads for op in t.ops if op.kind is OpKind.SLEEP]
    assert sum(op.call == 1 for op in asleep) == 5, "every futex waits before a read does"
    assert {op.sleep_depth for op in asleep if op.call == 0} == {448}


def test_a_star_row_serves_calls_without_one():
    mix = mix_from_counts("mine", {"odd": 1}, {"*": (Depth(640, 640, 640), 0)})
    assert mix.calls[0][0].depth == Depth(640, 640, 640)
    assert mix.unknown_calls == []


def build(tmp_path, *extra):
    strace = tmp_path / "mine.txt"
    strace.write_text(WITH_ERRORS)
    out = tmp_path / "mine.workload"
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    command = ["build", "--strace", str(strace), "--out", str(out), "--calls", "240", *extra]
    assert main(parser.parse_args(command)) == 0
    return out


def test_command_writes_a_file_that_loads(tmp_path, capsys):
    depths = tmp_path / "depths.csv"
    depths.write_text("system_call,min_bytes,mean_bytes,max_bytes\nread,512,512,512\n")
    out = build(tmp_path, "--depths", str(depths), "--voluntary-switches", "12", "--seed", "9")
    workload = load(str(out))
    assert workload.seed == 9
    assert workload.count(OpKind.SLEEP) == 24
    assert workload.calls[:2] == ("read", "openat")
    reads = [op for t in workload.threads for op in t.ops if op.call == 0 and op.depth]
    assert (len(reads), {op.depth for op in reads}) == (200, {512})
    assert "240 system calls, 24 of them sleep" in capsys.readouterr().out


def test_command_tells_of_sleeps_that_found_no_place(tmp_path, capsys):
    build(tmp_path, "--voluntary-switches", "120")
    assert "40 of 240 voluntary switches found no call" in capsys.readouterr().err


def test_command_refuses_a_file_that_cannot_be_written(tmp_path):
    with pytest.raises(UserError, match="cannot write"):
        build(tmp_path, "--out", str(tmp_path / "no" / "such" / "file"))


def test_an_unknown_name_lists_the_known_ones():
    with pytest.raises(UserError, match="one of sqlite-insert-select, find-grep, deep-calls"):
        load("nginx")
