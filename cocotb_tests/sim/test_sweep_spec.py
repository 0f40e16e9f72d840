"""What a specification of a sweep may say, and what is said about one that is wrong."""

from __future__ import annotations

import pytest

from cocotb_tests.machine.test_machine import calls_and_sleeps
from sim import cli
from sim.errors import UserError
from sim.sweep.point import described
from sim.sweep.spec import read_spec
from sim.workload.format import encode


@pytest.fixture
def spec(tmp_path):
    def read(text: str):
        file = tmp_path / "some.toml"
        file.write_text(text)
        return read_spec(file)

    return read


def test_all_combinations_in_the_order_of_the_lists(spec):
    configurations = spec("""
        variants = ["P0", "P4"]
        harts = [1, 2]
        workloads = ["find-grep"]
        [straps]
        dram_latency = [10, 60]
    """).configurations()
    assert [
        (c.variant, c.machine.soc.harts, c.machine.straps.dram_latency) for c in configurations
    ] == [(p, h, d) for p in ("P0", "P4") for h in (1, 2) for d in (10, 60)]


def test_what_is_left_out_is_as_measure_has_it(spec):
    found = list(spec('variants = ["P4"]').configurations())
    assert [c.workload for c in found] == ["sqlite-insert-select", "find-grep", "deep-calls"]
    assert {(c.machine.name, c.machine.soc.harts, c.seed) for c in found} == {("rocket", 1, 1)}


def test_exclude_takes_out_what_matches_in_everything_that_it_names(spec):
    configurations = spec("""
        variants = ["P0", "P4"]
        workloads = ["find-grep"]
        presets = ["rocket", "tiny"]
        exclude = [
            {variants = ["P4"], presets = ["tiny"]},
            {presets = ["tiny"], straps = {itlb_sectors_in_use = [8]}},
        ]
        [straps]
        itlb_sectors_in_use = [2, 8]
    """).configurations()
    assert [
        (c.variant, c.machine.name, c.machine.straps.itlb_sectors_in_use) for c in configurations
    ] == [
        *(("P0", "rocket", 2), ("P0", "rocket", 8), ("P0", "tiny", 2)),
        *(("P4", "rocket", 2), ("P4", "rocket", 8)),
    ]


def test_a_workload_is_found_beside_the_specification(spec, tmp_path):
    (tmp_path / "mine.bin").write_bytes(encode(calls_and_sleeps()))
    (point,) = described(spec('variants = ["P0"]\nworkloads = ["mine.bin"]'))
    assert point.workload_name == "mine"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("variants = [", "is not TOML"),
        ("variants = " + "[" * 20_000, "is not TOML"),
        ("harts = [1]", "variants is missing: a list of P0, P1"),
        ('variant = ["P0"]', "unknown key 'variant': use variants, harts, presets, workloads"),
        ('variants = "P0"', "variants is no list with something in it"),
        ("variants = []", "variants is no list with something in it"),
        ('variants = ["P0", "P99"]', "variants has 'P99': use some of P0, P1"),
        ("variants = [0]", "variants has 0: each value is text"),
        ('variants = ["P0"]\nharts = ["2"]', "harts has '2': each value is a whole number"),
        ('variants = ["P0"]\nharts = [true]', "harts has True: each value is a whole number"),
        ('variants = ["P0"]\nharts = [9]', "preset rocket, harts 9: harts is 9"),
        ('variants = ["P0"]\nseeds = [-1]', "seeds has -1: use 0 to 2**64 - 1"),
        ('variants = ["P0"]\npresets = ["boom"]', "presets has 'boom': use some of rocket, cva6"),
        ('variants = ["P0"]\nstraps = 5', "straps is no table"),
        ('variants = ["P0"]\nstraps.dram = [5]', "no strap 'dram': use itlb_sectors_in_use"),
        ('variants = ["P0"]\nstraps.svadu = 1', "strap svadu is no list"),
        (
            'variants = ["P0"]\nstraps.svadu = [2]',
            "preset rocket, harts 1: strap svadu is 2: use 0 to 1; or put it into exclude",
        ),
        (
            f'variants = ["P0"]\nworkloads = ["find-grep"]\nseeds = {list(range(100_001))}',
            "its lists make 100,001 points before exclude, and 100,000 are the most",
        ),
        ('variants = ["P0"]\nexclude = 1', "exclude is no list of tables"),
        ('variants = ["P0"]\nexclude = [{}]', "exclude, entry 1 is empty"),
        ('variants = ["P0"]\nexclude = [{hart = [1]}]', "entry 1: unknown key 'hart'"),
        ('variants = ["P0"]\nexclude = [{harts = [2]}]', "the sweep has no 2 in harts"),
        (
            'variants = ["P0"]\nexclude = [{straps = {svadu = [1]}}]',
            "the sweep has no 1 in svadu",
        ),
        ('variants = ["P0"]\nexclude = [{harts = [1]}]', "exclude leaves nothing to run"),
    ],
)
def test_a_wrong_specification_gets_a_sentence(spec, text, sentence):
    with pytest.raises(UserError) as failure:
        spec(text)
    assert sentence in str(failure.value)
    assert "some.toml" in str(failure.value)
    assert failure.value.exit_code == 2


def test_workloads_that_cannot_be_told_apart(spec):
    with pytest.raises(UserError, match="two workloads are named 'a'"):
        described(spec('variants = ["P0"]\nworkloads = ["x/a.bin", "y/a.bin"]'))


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ([], "cannot read"),
        (["--workers", "0"], "--workers is 0"),
        (
            ["--workers", "2", "--scheduler", "tcp://localhost:8786"],
            "--workers is for this machine",
        ),
        (["--scheduler", ""], "use tcp://HOST:PORT"),
        (["--scheduler", "localhost:8786"], "use tcp://HOST:PORT"),
        (["--scheduler", "tcp://localhost:port"], "use tcp://HOST:PORT"),
    ],
)
def test_options_that_cannot_be(options, sentence, tmp_path, capsys):
    assert cli.main(["sweep", str(tmp_path / "none.toml"), *options]) == 2
    assert sentence in capsys.readouterr().err
