"""H21: a trap between the change of sp and that of the current thread."""

from __future__ import annotations

from .claim import Claim, Decision, Figures, holds, limited, refuted
from .lab import Lab
from .trial import Change, Trial, trial
from .workloads import depth_of_pages, ping_pong

_ROUNDS = 40
_BEFORE = "    ld sp, THREAD_SP(a1)\n"
_COUNTED = """\
u64 claim_wrong_thread WATCHED;

void do_interrupt(struct pt_regs* regs) {
    struct thread* t = current_thread();
    bool user = user_mode(regs);
    claim_wrong_thread += (u64)regs < t->stack || (u64)regs >= stack_top(t);
"""


def _kernel(opened: bool) -> tuple[Change, ...]:
    """A software interrupt of the hart itself is pending in the window, which may be open."""
    allow = "    csrsi sstatus, 2\n    nop\n    nop\n    csrci sstatus, 2\n" if opened else ""
    begin = _COUNTED.split("\n\n", 1)[1].split("    claim_", 1)[0]
    return (
        Change("kernel/switch.S", _BEFORE, _BEFORE + "    csrsi sip, 2\n" + allow),
        Change("kernel/trap.c", begin, _COUNTED),
    )


def _trial(policy: str, opened: bool) -> Trial:
    return trial(
        policy,
        "yields",
        ping_pong(depth_of_pages(1), _ROUNDS, threads=3, sharing=2),
        changes=_kernel(opened),
        may_fail=True,
    )


def measure(lab: Lab) -> Figures:
    keys = [(policy, opened) for policy in ("P0", "P1") for opened in (False, True)]
    runs = dict(zip(keys, lab.run([_trial(*key) for key in keys]), strict=True))
    found: Figures = {}
    for (policy, opened), run in runs.items():
        complete = run["status"] == "pass"
        found[f"{policy}, window {'open' if opened else 'closed'}"] = {
            "completed": complete,
            "traps_of_the_wrong_thread": run["watches"]["claim_wrong_thread"]["last"]
            if complete
            else None,
            "console": [] if complete else run["console"],
        }
    return found


def _wrong(row: dict) -> bool:
    return bool(not row["completed"] or row["traps_of_the_wrong_thread"])


def decide(figures: Figures) -> Decision:
    def words(row: dict) -> str:
        if row["completed"]:
            return f"{row['traps_of_the_wrong_thread']} traps of the wrong thread"
        return f"the run ended: {' '.join(row['console'][-1:])}"

    because = "; ".join(f"{name}: {words(row)}" for name, row in figures.items())
    closed = [_wrong(row) for name, row in figures.items() if name.endswith("closed")]
    opened = [_wrong(row) for name, row in figures.items() if name.endswith("open")]
    if all(opened) and not any(closed):
        return holds(because)
    return limited(because) if any(opened) and not any(closed) else refuted(because)


def evidence(lab: Lab, _figures: Figures) -> list[str]:
    return [lab.window("H21", _trial("P0", True), "phase:switch:10", margin=200)]


CLAIM = Claim(
    text="A trap in the window between the switch of SP and the update of `current` is taken for "
    "one of the wrong thread; on RISC-V the window is closed.",
    origin="G2",
    decided_by="holds if only the opened window misattributes",
    note="An interrupt is pending in each window. P0 goes on with the wrong thread; P1 compares sp "
    "with that thread's lowest mapped address. limited where not both do so.",
    measure=measure,
    decide=decide,
    evidence=evidence,
)
