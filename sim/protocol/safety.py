"""What is known to break each policy: in the protocol model, and on the RTL.

One table for those who need it: the soak takes every other finding for a fault, the answer says who
is safe, and `cocotb_tests/protocol/test_verdicts.py` holds it to what Spin's search finds.
"""

from __future__ import annotations

import enum

from sim.protocol.conditions import Condition, Conditions
from sim.protocol.schedule import Fault

_S, _U, _N = Condition.SPECULATION, Condition.UNACCESSED, Condition.NEGATIVE
_OBJ, _M, _R = Condition.SHARED, Condition.MIGRATION, Condition.REORDER
_HARMFUL, _TRAP = Fault.HARMFUL, Fault.REMEMBERED

Breaks = dict[tuple[Condition, ...], Fault]
"""The least sets of conditions that break a policy, and what goes wrong under each."""

_AS_P0: Breaks = {(_S, _N, _OBJ): _TRAP}
"""What no policy escapes that does not answer a trap with a fence, not even P0."""
_AS_P3: Breaks = {(_OBJ,): _HARMFUL}
_P4_FAMILY: Breaks = {(_OBJ, _R): _HARMFUL, (_S, _N, _OBJ): _TRAP}

BREAKS: dict[str, Breaks] = {
    "P0": _AS_P0,
    "P1": _AS_P0,
    "P1-pool": _AS_P0,
    "P1-reserve": _AS_P0,
    "P1-trapstack": _AS_P0,
    "P2": {(_S, _OBJ): _HARMFUL},
    "P2-atomic": {(_S, _U, _OBJ): _HARMFUL, (_S, _N, _OBJ): _TRAP},
    "P3": _AS_P3,
    "P3-margin": _AS_P3,
    "P4": {(_M,): _HARMFUL, **_P4_FAMILY},
    "P4-ipi": {(_S, _N, _M): _TRAP, **_AS_P0},
    "P4-local": {(_M, _R): _HARMFUL, (_S, _N, _M): _TRAP, **_P4_FAMILY},
    "P4-migfence": {(_OBJ, _M): _HARMFUL, **_P4_FAMILY},
    "P4-shared": {
        (_S, _OBJ, _R): _HARMFUL,
        (_S, _M, _R): _HARMFUL,
        (_S, _N, _M): _TRAP,
        **_AS_P0,
    },
    "P5": _AS_P3,
    "P5-keep": _AS_P3,
    "P6-call": _AS_P0,
    "P6-entry": _AS_P0,
    "P6-irqoff": _AS_P0,
    "P7": _AS_P0,
    "P7-accessed": _AS_P0,
    "P8": {(_S, _OBJ): _HARMFUL},
    "P8-shrinker": _AS_P0,
    "P9": {},
    "P10": _AS_P3,
    "P11-epoch": {(_OBJ, _M): _HARMFUL, (_S, _N, _M): _TRAP, **_P4_FAMILY},
    "P11-pending": {},
    "P12": _AS_P3,
}

DIRECTED = {
    "h31": frozenset({"P4"}),
    "h4": frozenset({"P3", "P3-margin", "P4", "P4-migfence", "P5", "P10", "P12"}),
    "h4-epoch": frozenset({"P3", "P3-margin", "P4", "P4-migfence", "P10", "P11-epoch"}),
}
"""Whom the workload of this name breaks on the RTL with two harts, always (`docs/status.md`)."""

DIRECTED_CONDITIONS: dict[str, Conditions] = {
    "h31": frozenset({_M}),
    "h4": frozenset({_OBJ, _M}),
    "h4-epoch": frozenset({_OBJ, _M}),
}
"""What happens in these workloads, in the words of the protocol model."""


class Safety(enum.Enum):
    """Whether a thread, or who uses an object on its stack, can meet another thread's page.

    The value is the word of the answer's table. Traps of harts that remember invalid entries do
    not count: they end P0, too.
    """

    BROKEN = "no"
    """A directed schedule does it on the RTL."""
    BROKEN_IN_MODEL = "model no"
    """The model finds a schedule, on harts that translate what they access and nothing else."""
    SPECULATION = "no walks ahead"
    """Only with TLBs that fill by themselves, as the architecture allows."""
    SAFE = "yes"
    """Neither. Translations through entries with A clear, which RISC-V forbids, do not count."""
    UNKNOWN = "?"
    """The model does not have the policy."""


def may_meet_another_page(policy: str, conditions: Conditions) -> bool:
    """Whether the model finds a harmful schedule of a policy with no more than these conditions."""
    return any(
        fault is _HARMFUL and conditions.issuperset(least)
        for least, fault in BREAKS.get(policy, {}).items()
    )


def safety(policy: str) -> Safety:
    """What the table and the directed schedules say of a policy."""
    if any(policy in broken for broken in DIRECTED.values()):
        return Safety.BROKEN
    if policy not in BREAKS:
        return Safety.UNKNOWN
    risc_v = frozenset(Condition) - {_U}
    if may_meet_another_page(policy, risc_v - {_S}):
        return Safety.BROKEN_IN_MODEL
    return Safety.SPECULATION if may_meet_another_page(policy, risc_v) else Safety.SAFE
