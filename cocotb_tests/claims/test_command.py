"""`dynstack claims`: ids, verdicts as JSON, what is kept, and one experiment that is run."""

from __future__ import annotations

import contextlib
import json

import pytest

from sim import claims, cli
from sim.claims import lab as laboratory
from sim.claims import registry
from sim.claims.claim import Claim, holds, refuted
from sim.claims.lab import Lab
from sim.claims.trial import Change, trial
from sim.claims.workloads import SHALLOW, repeated_calls
from sim.errors import UserError


@pytest.fixture
def results(tmp_path, monkeypatch):
    monkeypatch.setenv("DYNSTACK_RESULTS_DIR", str(tmp_path / "results"))
    monkeypatch.setenv("DYNSTACK_WAVES_DIR", str(tmp_path / "waves"))
    return tmp_path / "results" / "claims"


def made_up(monkeypatch, **claims_by_id: Claim) -> None:
    monkeypatch.setattr(registry, "ids", lambda: list(claims_by_id))
    monkeypatch.setattr(registry, "claim", claims_by_id.__getitem__)


def simple(measure, decide=lambda figures: holds("it does")) -> Claim:
    return Claim("It does.", "T9", "holds if it does", measure, decide)


def test_there_are_33_claims():
    assert registry.ids() == [f"H{number}" for number in range(1, 34)]


def test_ids_are_put_in_order_and_in_upper_case():
    assert registry.chosen(["h31", "H2"]) == ["H2", "H31"]
    assert registry.chosen([]) == registry.ids()


@pytest.mark.parametrize("name", ["H0", "H34", "31", "T9", "H3.json"])
def test_an_id_there_is_not(name, capsys):
    assert cli.main(["claims", "H3", name]) == 2
    assert capsys.readouterr().err == f"dynstack: no claim '{name}': use H1 to H33\n"


def test_a_file_that_cannot_be_written(results, tmp_path, capsys):
    assert cli.main(["claims", "H30", "--json", str(tmp_path)]) == 2
    assert "it is a directory" in capsys.readouterr().err


def test_the_json_of_a_claim_without_runs(results, tmp_path, capsys):
    file = tmp_path / "verdicts.json"
    assert cli.main(["claims", "H30", "--json", str(file)]) == 0
    (entry,) = json.loads(file.read_text())["claims"]
    assert set(entry) >= {"id", "claim", "source", "verdict", "figures", "command"}
    assert entry["verdict"] == "refuted"
    assert entry["command"] == "dynstack claims H30"
    assert "X1: Pasha Tatashin" in entry["source"]
    assert entry["evidence"]
    assert json.loads((results / "H30.json").read_text()) == entry
    output = capsys.readouterr().out
    assert "H30" in output
    assert "1 refuted" in output


def test_an_experiment_that_fails_leaves_its_claim_undecided(results, tmp_path, monkeypatch):
    def fails(_lab):
        raise UserError("the kernel ran into a wall", exit_code=1)

    made_up(monkeypatch, H1=simple(fails), H2=simple(lambda _lab: {"figure": 1}))
    file = tmp_path / "verdicts.json"
    assert cli.main(["claims", "--json", str(file)]) == 0
    first, second = json.loads(file.read_text())["claims"]
    assert (first["verdict"], second["verdict"]) == ("undecided", "holds")
    assert "ran into a wall" in first["because"]


def test_a_machine_that_is_unfit_ends_the_command(results, monkeypatch, capsys):
    def fails(_lab):
        raise UserError("there is no compiler: install one")

    made_up(monkeypatch, H1=simple(fails))
    assert cli.main(["claims"]) == 2
    assert "install one" in capsys.readouterr().err


def test_evidence_is_gathered_for_what_does_not_hold(results, monkeypatch):
    asked = []

    def evidence(_lab, figures):
        asked.append(figures)
        return ["a schedule"]

    for decision in (holds("it does"), refuted("it does not")):
        claim = Claim(
            "It does.", "T9", "rule", lambda _: {}, lambda _, given=decision: given, "", evidence
        )
        made_up(monkeypatch, H1=claim)
        entry = claims.tried("H1", Lab())
        assert entry["evidence"] == (["a schedule"] if decision.verdict.value == "refuted" else [])
    assert len(asked) == 1


def test_a_verdict_stands_where_nothing_can_be_shown(results, monkeypatch):
    def evidence(_lab, _figures):
        raise UserError("the simulator was killed", exit_code=1)

    claim = Claim(
        "It does.", "T9", "rule", lambda _: {}, lambda _: refuted("it does not"), "", evidence
    )
    made_up(monkeypatch, H1=claim)
    entry = claims.tried("H1", Lab())
    assert entry["verdict"] == "refuted"
    assert entry["evidence"] == [
        "none: what would show it did not come to its end: the simulator was killed"
    ]


@pytest.mark.parametrize("name", registry.ids())
def test_runs_of_a_claim_can_be_told_apart(name, monkeypatch):
    """Two of one label at a time are one to who shows their progress."""

    class EnoughError(Exception):
        pass

    asked = []

    def run(_lab, trials):
        asked.extend(trials)
        raise EnoughError

    def remember(*_):
        raise EnoughError

    monkeypatch.setattr(Lab, "run", run)
    monkeypatch.setattr(Lab, "remember", remember)
    with contextlib.suppress(EnoughError):
        registry.claim(name).measure(Lab())
    assert len({one.label for one in asked}) == len({repr(one) for one in asked})


def test_what_was_computed_is_kept_by_its_key(results):
    calls = []

    def compute():
        calls.append(1)
        return {"cycles": len(calls)}

    lab = Lab()
    assert lab.remember("some", {"image": "a"}, compute, []) == {"cycles": 1}
    assert lab.remember("some", {"image": "a"}, compute, []) == {"cycles": 1}
    assert lab.remember("some", {"image": "b"}, compute, []) == {"cycles": 2}
    # Other code makes other figures.
    assert lab.remember("some", {"image": "b"}, compute, ["fences.py"]) == {"cycles": 3}


def test_a_change_that_does_not_fit_the_kernel_says_so(results):
    lost = Change("kernel/trap.c", "no such line", "")
    one = trial("P0", "calls", repeated_calls(SHALLOW, 1), changes=(lost,))
    with pytest.raises(UserError, match=r"sw/kernel/trap\.c has changed") as caught:
        Lab().run([one])
    assert caught.value.exit_code == 1


def test_a_claim_that_is_run_and_runs_nothing_the_second_time(results, monkeypatch):
    first = claims.tried("H16", Lab())
    assert first["verdict"] == "holds"
    entries = first["figures"]["entry_from_the_kernel"]
    assert all(row["count"] > 20 for row in entries.values())

    def started(*_arguments, **_options):
        raise AssertionError("a run that was known has been run again")

    monkeypatch.setattr(laboratory.machine, "run", started)
    assert claims.tried("H16", Lab()) == first
    # One that was lost is run again, and only that.
    readings = list((results / "runs").iterdir())
    readings[0].unlink()
    with pytest.raises(AssertionError, match="run again"):
        claims.tried("H16", Lab())
