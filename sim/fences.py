"""`dynstack fences`: what a fence on other harts costs.

Hart 0 has three pages fenced on 1, 2, ... other harts, which run user code, in each of the three
forms (docs/firmware.md). The initiator's cycles are those of the phase `ipi`, traps inside it too:
until all have fenced. A responder's are those of its traps into S- and M-mode for one fence.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from rtl.presets import PRESETS, Preset, preset

from . import elf, firmware, machine, model
from .display import Display
from .errors import UserError
from .job import Job, JobResult, PhaseEnd, PhaseProbe
from .measure import WORKLOAD_ADDRESS, check_status
from .probes import Symbol
from .report import console, number, plain_table, print_whole
from .results import require_writable, write_json
from .statistics import nearest_rank
from .workload.format import encode
from .workload.threads import MAX_HARTS, Op, OpKind, RemoteFence, Thread, Workload

ROUNDS = 40
WARM_UP = 8
POLICY = "P0"
"""No policy takes part in a fence, but P0 adds nothing to the traps of the responders."""
_USER_ITERATIONS = 3_000
"""Of the responders' loop for each fence: more than it takes in any form."""
_DEPTH = 480
_MAX_CYCLES = 40_000_000
_INITIATOR, _S_TRAP, _M_TRAP = range(3)


def workload(harts: int, form: RemoteFence) -> Workload:
    """Hart 0 fences on 1, 2, ... other harts, `WARM_UP + ROUNDS` times each."""
    rounds = WARM_UP + ROUNDS
    fences = tuple(
        Op(OpKind.FENCE, depth=_DEPTH, harts=others)
        for others in range(1, harts)
        for _ in range(rounds)
    )
    busy = Op(OpKind.CALL, depth=_DEPTH, user_work=_USER_ITERATIONS * len(fences))
    exit_op = Op(OpKind.EXIT)
    threads = (
        Thread(0, (*fences, exit_op), home=0),
        *(Thread(0, (busy, exit_op), home=hart) for hart in range(1, harts)),
    )
    return Workload(threads, ("fence",), pinned=True, harts=harts, remote_fence=form)


def probes(symbols: dict[str, Symbol]) -> tuple[PhaseProbe, ...]:
    """The initiator's fence, and any trap into S-mode and M-mode, in the order of the indices."""

    def address(name: str) -> int:
        return symbols[name].address

    fence = address("remote_fence")
    return (
        PhaseProbe("initiator", fence, fence, PhaseEnd.RETURN),
        PhaseProbe(
            "s_trap", address("handle_exception"), address("trap_exit_sret"), PhaseEnd.AFTER, True
        ),
        PhaseProbe("m_trap", address("sbi_trap"), address("sbi_trap_mret"), PhaseEnd.AFTER, True),
    )


def rows(result: JobResult, harts: int, form: RemoteFence) -> list[dict]:
    """A row for each number of responders: medians of one fence, in cycles.

    Traps belong to the fence that began last before them; the loops of the responders take no
    other.
    """
    samples = result.samples
    fences = samples[samples["phase"] == _INITIATOR]
    rounds = WARM_UP + ROUNDS
    if len(fences) != rounds * (harts - 1):
        raise UserError(f"{len(fences)} fences instead of {rounds * (harts - 1)}", exit_code=1)
    # The call of the SBI is a trap inside the phase, and what it is about.
    lasted = fences["cycles"] + fences["nested_cycles"]
    traps = samples[(samples["phase"] != _INITIATOR) & (samples["hart"] > 0)]
    place = np.searchsorted(fences["begin"], traps["begin"], side="right") - 1
    found = []
    for others in range(1, harts):
        first = (others - 1) * rounds + WARM_UP
        measured = range(first, first + ROUNDS)
        responses = [
            int(traps["cycles"][(place == fence) & (traps["hart"] == hart)].sum())
            for fence in measured
            for hart in range(1, others + 1)
        ]
        found.append(
            {
                "form": form.name.lower(),
                "responders": others,
                "initiator": _median(lasted[first : first + ROUNDS].tolist()),
                "responder": _median(responses),
            }
        )
    return found


def _median(values: Sequence[int]) -> int:
    return nearest_rank(sorted(values), 50)


def measure(chosen: Preset, form: RemoteFence, image: Path) -> list[dict]:
    """Run one form and return its rows."""
    harts = chosen.soc.harts
    with tempfile.TemporaryDirectory(prefix="dynstack-") as name:
        directory = Path(name)
        blob = directory / "workload.bin"
        blob.write_bytes(encode(workload(harts, form)))
        symbols = elf.symbols(image)
        job = Job(
            image=image,
            soc=chosen.soc,
            straps=replace(chosen.straps, broadcast_fence=int(form is RemoteFence.BROADCAST)),
            max_cycles=_MAX_CYCLES,
            blobs=((WORKLOAD_ADDRESS, blob),),
            phases=probes(dict(symbols)),
            window=(symbols["workload_begin"].address, symbols["workload_end"].address),
        )
        result = machine.run(job, directory)
    check_status(f"remote fences by {form.name.lower()}", result)
    return rows(result, harts, form)


def print_rows(found: Sequence[dict], chosen: Preset) -> None:
    """Print one line for each number of responders, two columns for each form."""
    forms = list(dict.fromkeys(row["form"] for row in found))
    headings = [f"{form}\n{who}" for form in forms for who in ("initiator", "responder")]
    table = plain_table(
        f"Cycles of a fence of three pages on other harts, preset {chosen.name}, "
        f"{chosen.soc.harts} harts",
        ["responders"],
        headings,
    )
    for others in range(1, chosen.soc.harts):
        cells = [row for row in found if row["responders"] == others]
        table.add_row(
            str(others),
            *(number(row[who]) for row in cells for who in ("initiator", "responder")),
        )
    print_whole(console(), table)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--harts", type=int, default=MAX_HARTS, help="one more than responders")
    parser.add_argument("--preset", default="rocket", help=f"one of {', '.join(PRESETS)}")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the rows to this file")


def main(args: argparse.Namespace) -> int:
    if not 2 <= args.harts <= MAX_HARTS:
        raise UserError(f"--harts is {args.harts}: use 2 to {MAX_HARTS}")
    if args.json:
        require_writable(args.json)
    chosen = preset(args.preset)
    chosen = replace(chosen, soc=replace(chosen.soc, harts=args.harts).validate())
    found: list[dict] = []
    with Display(len(RemoteFence)) as display:
        image = firmware.build_kernel(POLICY, display.step)
        model.build(chosen.soc, display.step)
        for form in RemoteFence:
            display.step(f"{form.name.lower()}: 1 to {args.harts - 1} responders")
            found += measure(chosen, form, image)
    if args.json:
        write_json(args.json, {"rows": found})
    print_rows(found, chosen)
    return 0
