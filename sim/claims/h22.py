"""H22: an event that is lost because the stack was not there."""

from __future__ import annotations

from .claim import Claim, Decision, Figures, holds, limited, refuted
from .h12 import dives
from .lab import Lab
from .trial import Change, Trial, trial

_CYCLES = 1_500_000
_THREADS = 8
_CHECK = "    bltu sp, t0, handle_stack_fault\n"


def _trial(guarded: bool) -> Trial:
    return trial(
        "P1",
        f"dives-of-{_THREADS}",
        dives(_THREADS, 1),
        changes=() if guarded else (Change("policies/stack_fault.h", _CHECK, ""),),
        may_fail=True,
        max_cycles=_CYCLES,
    )


def measure(lab: Lab) -> Figures:
    naive, guarded = lab.run([_trial(False), _trial(True)])

    def row(run: dict) -> dict:
        passed = run["passed"]
        kept = passed["trap_entry_done"] + passed["stack_fault_sret"]
        return {
            "completed": run["status"] == "pass",
            "traps": passed["handle_exception"],
            "frames_or_faults_completed": kept,
            "overwritten": passed["handle_exception"] - kept,
        }

    return {"naive": row(naive), "guarded": row(guarded)}


def decide(figures: Figures) -> Decision:
    naive, guarded = figures["naive"], figures["guarded"]
    because = (
        f"an entry that stores first: {naive['overwritten']:,} of {naive['traps']:,} traps end in "
        "another trap before sepc and scause are saved, and the run "
        f"{'completes' if naive['completed'] else 'goes round for ever'}; one that compares first: "
        f"{guarded['overwritten']} of {guarded['traps']:,}"
    )
    loses, keeps = naive["overwritten"] > 0, guarded["completed"] and not guarded["overwritten"]
    if loses and keeps:
        return holds(because)
    return limited(because) if loses else refuted(because)


def evidence(lab: Lab, _figures: Figures) -> list[str]:
    return [lab.window("H22", _trial(True), "phase:stack_fault:0", margin=100)]


CLAIM = Claim(
    text="An asynchronous event can be lost when the stack is unmapped.",
    origin="AN4",
    decided_by="holds if the naive entry loses sepc or scause and the guarded entry never does",
    note="On RISC-V the store of the frame traps again, and sepc and scause are then those of the "
    "second trap. Traps that neither complete a frame nor a stack fault are counted. limited where "
    "the guarded entry loses one too.",
    measure=measure,
    decide=decide,
    evidence=evidence,
)
