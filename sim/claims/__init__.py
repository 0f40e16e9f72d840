"""`dynstack claims`: what was said about dynamic kernel stacks, put to experiments.

Each claim is a file here that states it and its source, measures, and decides by a rule that was
laid down before. `docs/claims.md` has the table.
"""

from __future__ import annotations

import argparse
from collections import Counter
from pathlib import Path

from sim.errors import UserError
from sim.report import console
from sim.results import require_directory, require_writable, write_json

from . import registry
from .claim import Claim, Figures, Verdict, undecided
from .lab import Lab
from .sources import described
from .table import print_verdict, print_verdicts

_UNUSABLE = 2
"""Exit status of an error that no other claim would escape: a missing tool, a full disk."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "claims",
        nargs="*",
        metavar="ID",
        help="of claims, H3 for instance; without one, all are tried",
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write everything to this file")


def main(args: argparse.Namespace) -> int:
    names = registry.chosen(args.claims)
    if args.json:
        require_writable(args.json)
    lab = Lab()
    require_directory(lab.root)
    entries = []
    for name in names:
        entry = tried(name, lab)
        write_json(lab.root / f"{name}.json", entry)
        entries.append(entry)
        print_verdict(entry)
    if args.json:
        write_json(args.json, {"claims": entries})
    print_verdicts(entries)
    counts = Counter(entry["verdict"] for entry in entries)
    console().print(
        ", ".join(f"{counts[verdict.value]} {verdict.value}" for verdict in Verdict)
        + f" of {len(entries)}"
    )
    return 0


def tried(name: str, lab: Lab) -> dict:
    """Try one claim: its entry of `dynstack claims --json`.

    An experiment that does not come to its end leaves its claim undecided, and the others go on.
    """
    claim = registry.claim(name)
    figures: Figures = {}
    evidence: list[str] = []
    try:
        figures = claim.measure(lab)
        decision = claim.decide(figures)
    except UserError as error:
        if error.exit_code == _UNUSABLE:
            raise
        decision = undecided(f"the experiment did not come to its end: {error}")
    if decision.verdict in (Verdict.REFUTED, Verdict.LIMITED):
        evidence = _evidence(claim, lab, figures)
    return {
        "id": name,
        "claim": claim.text,
        "source": described(claim.origin),
        "origin": claim.origin,
        "decided_by": claim.decided_by,
        "note": claim.note,
        "verdict": decision.verdict.value,
        "because": decision.because,
        "figures": figures,
        "evidence": evidence,
        "command": f"dynstack claims {name}",
    }


def _evidence(claim: Claim, lab: Lab, figures: Figures) -> list[str]:
    """What shows the verdict; the figures decide it, so it stands where nothing can be shown."""
    try:
        return claim.evidence(lab, figures)
    except UserError as error:
        if error.exit_code == _UNUSABLE:
            raise
        return [f"none: what would show it did not come to its end: {error}"]
