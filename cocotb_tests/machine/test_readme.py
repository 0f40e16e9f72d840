"""The table in the README is what the command beside it prints."""

from __future__ import annotations

from sim import cli
from sim.cache import PROJECT_ROOT
from sim.measure import MAIN_POLICIES

WORKLOAD = "find-grep"
POLICIES = MAIN_POLICIES


def rows(text: str) -> list[list[str]]:
    """Rows of the table of whole runs on the workload, cell by cell."""
    lines = iter(text.splitlines())
    for line in lines:
        if line.split()[:1] == [WORKLOAD]:
            break
    found = []
    for line in lines:
        cells = line.split()
        if found and not cells:
            break
        if cells and cells[0] in POLICIES:
            found.append(cells)
    return found


def test_the_readme_has_the_figures_that_measure_prints(capsys, tmp_path, monkeypatch):
    """After a change that moves figures on purpose: run `make measure`, and paste its table."""
    monkeypatch.setenv("DYNSTACK_RESULTS_DIR", str(tmp_path))
    assert cli.main(["measure", "--policy", ",".join(POLICIES), "--workload", WORKLOAD]) == 0
    printed = rows(capsys.readouterr().out)
    assert len(printed) == len(POLICIES)
    assert rows((PROJECT_ROOT / "README.md").read_text()) == printed
