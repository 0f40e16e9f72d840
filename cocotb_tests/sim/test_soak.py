"""`dynstack soak`: what it runs, and which findings it takes for a fault."""

from __future__ import annotations

import json

import pytest

from sim import cli, soak


def summary(workload: str, stale: int = 0, damaged: int = 0) -> dict:
    return {"workload": workload, "stale_accesses": stale, "damaged_frames": damaged}


@pytest.mark.parametrize(
    ("variant", "runs", "problems"),
    [
        ("P1", [summary("random-1"), summary("h31"), summary("h4")], []),
        ("P1", [summary("random-1", stale=1)], ["P1 on random-1: findings, and it should be safe"]),
        ("P1", [summary("h4", damaged=1)], ["P1 on h4: findings, and it should be safe"]),
        ("P4", [summary("random-1", stale=3), summary("h31", 1, 1), summary("h4", 1, 1)], []),
        ("P4", [summary("h31")], ["P4 on h31: nothing found, and it is unsafe"]),
        ("P12", [summary("h31"), summary("h4", stale=1)], []),
        ("P12", [summary("random-1", 1)], ["P12 on random-1: findings, and it should be safe"]),
        ("P12", [summary("sharing-1", 1), summary("sharing-2")], []),
        ("P8", [summary("sharing-1", 1)], ["P8 on sharing-1: findings, and it should be safe"]),
        ("P8", [summary("speculative-1", 1)], []),
        (
            "P2-atomic",
            [summary("speculative-1", 1)],
            ["P2-atomic on speculative-1: findings, and it should be safe"],
        ),
        (
            "P8",
            [summary("wandering-1", damaged=1)],
            ["P8 on wandering-1: findings, and it should be safe"],
        ),
    ],
)
def test_findings_are_expected_where_a_policy_is_unsafe_and_nowhere_else(variant, runs, problems):
    assert soak.unexpected(variant, runs) == problems


def test_a_short_soak(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("DYNSTACK_RESULTS_DIR", str(tmp_path / "results"))
    figures = tmp_path / "soak.json"
    assert cli.main(["soak", "P12", "--calls", "100", "--json", str(figures)]) == 0
    runs = {run["workload"]: run for run in json.loads(figures.read_text())["runs"]}
    at_random = ["random-1", "wandering-1", "sharing-1", "speculative-1"]
    assert list(runs) == [*at_random, "h4", "h4-epoch", "h31"]
    assert runs["random-1"]["syscalls"] >= 100
    # Threads change harts often: else nothing that a hart remembers is ever met again.
    assert runs["wandering-1"]["migrations"] > 40
    assert runs["sharing-1"]["migrations"] > 20
    assert runs["h4"]["stale_accesses"] > 0
    assert "system calls" in capsys.readouterr().out


def test_what_cannot_change_harts_is_spared_runs_that_do_nothing_else(
    tmp_path, monkeypatch, capsys
):
    monkeypatch.setenv("DYNSTACK_RESULTS_DIR", str(tmp_path / "results"))
    assert cli.main(["soak", "P4", "--calls", "100"]) == 0
    printed = capsys.readouterr().out
    assert "h31" in printed
    assert "wandering" not in printed
    assert "sharing" not in printed


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("P99",), "no policy 'P99'"),
        (("P4", "--calls", "0"), "--calls is 0: use 1 to 100,000,000"),
        (("P4", "--calls", "1000000000000"), "--calls is 1000000000000: use 1 to"),
        (("P4", "--seed", "0"), "--seed is 0: use 1 to"),
        (("P4", "--seed", "4294967296"), "--seed is 4294967296: use 1 to"),
    ],
)
def test_unusable_input_is_a_sentence(arguments, message, capsys):
    assert cli.main(["soak", *arguments]) == 2
    assert message in capsys.readouterr().err
