"""`dynstack formal` on the groups that are proved in seconds, and that it can say no."""

import dataclasses

import pytest

from sim import cli
from sim.errors import UserError
from sim.formal import prove_rows, solver
from sim.formal.harness import Mutant
from sim.formal.proof import prove
from sim.formal.properties import harnesses
from sim.formal.table import Row
from sim.formal.work import Selection, select

QUICK = ["permission", "pte", "sector_bank.contents"]


@pytest.fixture(autouse=True)
def _packages():
    try:
        solver.require()
    except UserError as error:
        pytest.skip(str(error))


def test_quick_groups_are_proved():
    rows = prove_rows(select(harnesses(), QUICK), jobs=2)
    assert rows
    assert [row.name for row in rows if not row.ok] == []


def _row_with_mutant(mutant: Mutant) -> Row:
    harness = harnesses()["permission"]
    claim = dataclasses.replace(harness.claims[0], mutant=mutant)
    (row,) = prove_rows([Selection(harness, (claim,))], jobs=1)
    return row


def test_a_mutant_that_changes_nothing_survives():
    path = "rtl/mmu/permission.py"
    row = _row_with_mutant(Mutant(path, "user & ~pte.u", "~pte.u & user"))
    assert row.result == "proved"
    assert row.mutant_step is None
    assert not row.ok


def test_a_mutant_that_does_not_apply_is_refused():
    with pytest.raises(UserError, match="adapt the mutant"):
        _row_with_mutant(Mutant("rtl/mmu/permission.py", "no such text", ""))


def test_what_is_wrong_is_refuted():
    harness = harnesses()["permission"]
    proof = prove(harness, harness.claims[0].mutant)
    assert not proof.inductive
    assert harness.claims[0].name in proof.refuted  # one counterexample may break others too


def test_a_surviving_mutant_fails_the_command(monkeypatch, capsys):
    harness = harnesses()["permission"]
    same = Mutant("rtl/mmu/permission.py", "user & ~pte.u", "~pte.u & user")
    weak = dataclasses.replace(
        harness, claims=tuple(dataclasses.replace(one, mutant=same) for one in harness.claims)
    )
    monkeypatch.setattr("sim.formal.harnesses", lambda: {"permission": weak})
    assert cli.main(["formal", "permission.fetch_table"]) == 1
    assert "survives" in capsys.readouterr().out


def test_unknown_names_are_refused():
    with pytest.raises(UserError, match="no group 'nonsense'"):
        select(harnesses(), ["nonsense"])
    with pytest.raises(UserError, match="no property 'nonsense'"):
        select(harnesses(), ["pte.nonsense"])
