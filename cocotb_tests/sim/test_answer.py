"""`dynstack answer`: cells, fronts, the page and its charts, and a small study that is run."""

from __future__ import annotations

import json

import pytest

from sim import cli
from sim.answer.cells import Cell, applications, cells, workload
from sim.answer.charts import chart_files, write_charts
from sim.answer.figures import Figures, read_figures, write_figures
from sim.answer.page import page, sentences
from sim.cache import PROJECT_ROOT
from sim.workload.threads import OpKind, ThreadKind

CELLS = cells(["redis-get-set", "find-grep"], [1, 2])
BREAK_EVEN = {
    "H7": {
        "break_even_entries_per_switch": {"P2": {"min": 2.0, "median": 2.5, "max": 3.0}},
        "measured_entries_per_switch": {"redis-get-set": 15.0, "find-grep": 513.7, "made-up": 2.0},
    },
    "H29": {"break_even_sharing": {"min": 0.9, "median": 0.95, "max": 0.96}},
}


def made_up() -> Figures:
    """P1 has half of P0's memory for 5 cycles, P12 less for more, and P4 neither.

    P4-ipi does something of its own on several harts only, as in the real study.
    """
    points = {
        cell: {
            "P0": (1000.0, 16.0),
            "P1": (1005.0, 8.0),
            "P4": (1200.0, 17.0),
            "P12": (1200.0, 5.0),
        }
        for cell in CELLS
    }
    for cell in CELLS:
        if cell.harts > 1:
            points[cell]["P4-ipi"] = (3000.0, 17.0)
    return Figures(400, points, {}, BREAK_EVEN)


def only(*names: str) -> Figures:
    """The same with these policies, on one hart."""
    points = {
        cell: {name: made_up().points[cell][name] for name in names}
        for cell in CELLS
        if cell.harts == 1
    }
    return Figures(400, points, {}, BREAK_EVEN)


def test_cells_are_by_sleepers_on_one_hart_and_by_harts_with_most_asleep():
    assert [(cell.sleepers, cell.harts) for cell in CELLS[:4]] == [
        (0, 1),
        (10, 1),
        (18, 1),
        (18, 2),
    ]
    assert len(applications()) == 11


@pytest.mark.parametrize("sleepers", [0, 10, 18])
def test_a_workload_has_as_many_sleepers_as_its_cell(sleepers):
    made = workload(Cell("redis-get-set", sleepers, 1), 60)
    assert len(made.threads) == 20
    kernel = [thread for thread in made.threads if thread.kind is ThreadKind.KERNEL]
    assert len(kernel) == min(sleepers, 2)
    long = [
        thread
        for thread in made.threads
        if len(thread.ops) == 2 and thread.ops[0].kind is OpKind.SLEEP
    ]
    assert len(long) == sleepers
    assert len({thread.ops[0].sleep_ticks for thread in long}) == min(sleepers, 1)


def test_the_figures_survive_their_file(tmp_path):
    write_figures(made_up(), tmp_path / "figures.json")
    assert read_figures(tmp_path / "figures.json") == made_up()


def with_p9() -> Figures:
    """The same, and P9 better than all."""
    points = {cell: {**own, "P9": (900.0, 4.0)} for cell, own in made_up().points.items()}
    return Figures(400, points, {}, BREAK_EVEN)


def test_the_sentences_name_who_is_worth_its_price():
    text = "\n".join(sentences(made_up()))
    assert "may pay more: on 1 hart P1; on 2 harts P1." in text, "P12 has less, and is not safe"
    assert (
        "**P1** takes +5 cycles on 1 hart, +5 on 2, has 8.0 KiB per thread on 1 hart, 8.0 on 2, "
        "where P0 has 16.0, and is on the Pareto front of 8 of 8 cells."
    ) in text
    assert "On the front wherever they were run: P1, P12. Nowhere: P0, P4, P4-ipi." in text


def test_fronts_are_given_without_p9_too():
    """Else it hides what a kernel can have whose calls cannot be made again."""
    text = "\n".join(sentences(with_p9()))
    assert "on the Pareto front of 0 of 8 cells, of 8 without P9." in text
    assert "wherever they were run: P9. Without P9: P1, P12. Nowhere: P0, P4, P4-ipi." in text
    assert "P1, P12\n" in page(with_p9(), "answer").partition("## Where each")[2]


def test_what_cannot_be_told_from_the_baseline_costs_nothing():
    """3 cycles of 100 on one hart, 10 of 100 on several."""
    points = {
        cell: {
            **own,
            "P7": (1030.0, 8.0),
            "P1-reserve": (1095.0, 8.0),
            "P6-call": (1101.0, 8.0),
        }
        for cell, own in made_up().points.items()
    }
    text = sentences(Figures(400, points, {}, BREAK_EVEN))[0]
    assert text.endswith("may pay more: on 1 hart P1, P7; on 2 harts P1, P1-reserve, P7.")


def test_the_page_in_docs_is_that_of_its_figures():
    figures = read_figures(PROJECT_ROOT / "docs" / "answer" / "figures.json")
    assert page(figures, "answer") == (PROJECT_ROOT / "docs" / "answer.md").read_text()
    assert {cell.application for cell in figures.points} == set(applications())
    assert len(figures.points) == 55
    assert len(figures.names) == 33


def test_contenders_are_in_the_order_of_their_numbers():
    names = ("P10", "P2 Svadu", "P2", "P0", "P11-epoch", "P2-atomic")
    points: dict[str, tuple[float, float]] = dict.fromkeys(names, (1000.0, 8.0))
    assert Figures(400, {CELLS[0]: points}, {}, BREAK_EVEN).names == [
        "P0",
        "P2",
        "P2 Svadu",
        "P2-atomic",
        "P10",
        "P11-epoch",
    ]


def test_a_page_of_one_number_of_harts_and_no_safe_policy():
    text = page(only("P0", "P4"), "answer")
    assert "all the time, on 1 hart. A run makes 400" in " ".join(text.split())
    assert "may pay more: on 1 hart none." in text


def test_the_page_counts_who_lies_above_the_break_even_point():
    text = page(made_up(), "answer")
    assert "- P2: r = 2.5 (2.0 to 3.0); 2 of 3 applications have more" in text
    assert "up to a share of 0.95 (0.90 to 0.96)" in text
    assert all(f"(answer/{name})" in text for name in chart_files(made_up()))


def test_charts_are_the_same_bytes_for_the_same_figures(tmp_path):
    first, second = (write_charts(made_up(), tmp_path / name) for name in ("one", "two"))
    assert [file.name for file in first] == chart_files(made_up())
    assert [file.read_bytes() for file in first] == [file.read_bytes() for file in second]


def test_charts_of_a_study_without_p4(tmp_path):
    assert write_charts(only("P0", "P1"), tmp_path)


def test_a_study_that_is_run_and_kept(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("DYNSTACK_RESULTS_DIR", str(tmp_path))
    command = ["answer", "--policy", "P1", "--application", "find-grep", "--harts", "1"]
    assert cli.main([*command, "--calls", "30"]) == 0
    first = capsys.readouterr()
    assert "P1" in first.out
    assert cli.main([*command, "--calls", "30"]) == 0
    second = capsys.readouterr()
    assert "6 of 6 points are finished already" in second.err
    assert second.out == first.out


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--policy", "P99"], "no policy 'P99': use all, or some of P0, "),
        (["--application", "vim"], "no application 'vim': use all, or some of redis-get-set, "),
        (["--harts", "two"], "--harts is 'two'"),
        (["--harts", "0"], "--harts is '0': use some of 1 to 8"),
        (["--harts", "9"], "--harts is '9': use some of 1 to 8"),
        (["--calls", "0"], "--calls is 0: use 1 to "),
        (["--calls", "1000000000"], "--calls is 1000000000: use 1 to "),
        (["--from", "absent.json"], "cannot read absent.json"),
        (
            ["--from", __file__],
            "no file that `dynstack answer --json` wrote",
        ),
    ],
)
def test_what_cannot_be_answered(options, sentence, capsys):
    assert cli.main(["answer", *options]) == 2
    assert sentence in capsys.readouterr().err


@pytest.mark.parametrize(
    "change",
    [
        {"cells": []},
        {"break_even": {}},
        {"cells": [{"application": "a", "sleepers": 0, "harts": 1, "cycles_and_kib": []}]},
        {
            "cells": [
                {"application": "a", "sleepers": 0, "harts": 1, "cycles_and_kib": {"X": [1, 2]}}
            ]
        },
        {"calls": "x"},
        {"stale_cells": []},
        *(
            {"cells": [{"application": "a", "sleepers": 0, "harts": harts, "cycles_and_kib": own}]}
            for harts, own in (
                ("1", {"P0": [1, 2]}),
                (0, {"P0": [1, 2]}),
                (1, {"P0": [None, 2]}),
                (1, {"P0": [float("nan"), 2]}),
                (1, {"P0": [10**400, 2]}),
                (1, {"P0": [1, 2], "": [1, 2]}),
                (1, {"P0": [1, 2]}),  # other numbers of sleepers are missing
            )
        ),
        {"break_even": {"H7": {}, "H29": {}}},
    ],
)
def test_figures_that_answer_did_not_write(change, tmp_path, capsys):
    file = tmp_path / "figures.json"
    write_figures(made_up(), file)
    file.write_text(json.dumps({**json.loads(file.read_text()), **change}))
    assert cli.main(["answer", "--from", str(file), "--page", str(tmp_path / "page.md")]) == 2
    assert "no file that `dynstack answer --json` wrote" in capsys.readouterr().err
    assert [left.name for left in tmp_path.iterdir()] == ["figures.json"]


def test_a_page_needs_a_suffix_for_its_charts_to_have_a_place(tmp_path, capsys):
    file = tmp_path / "figures.json"
    write_figures(made_up(), file)
    assert cli.main(["answer", "--from", str(file), "--page", str(tmp_path / "page")]) == 2
    assert "give it a suffix" in capsys.readouterr().err
