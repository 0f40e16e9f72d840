"""Every kind of step: who emits it, where it may stand, and how many traps it can cause."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from . import (
    aimed,
    arithmetic,
    csr_steps,
    entangled,
    interrupts,
    memory,
    paging,
    self_modifying,
    traps,
)
from .layout import Mode
from .writer import Writer

_ALL = frozenset(Mode)
_MACHINE = frozenset({Mode.M})
_SUPERVISOR = frozenset({Mode.S, Mode.M})


@dataclass(frozen=True)
class StepKind:
    """`traps` is the most that one execution can cause; `calls` how often it enters the code
    region; `interrupts` how many other harts it interrupts; `weight` how often it is drawn, `modes`
    where."""

    emit: Callable[[Writer], None]
    weight: float
    traps: int = 0
    calls: int = 0
    interrupts: int = 0
    modes: frozenset[Mode] = _ALL


STEPS: dict[str, StepKind] = {
    "arithmetic": StepKind(arithmetic.arithmetic, 14),
    "multiply": StepKind(arithmetic.multiply_divide, 4),
    "constant": StepKind(arithmetic.constant, 2),
    "skip": StepKind(arithmetic.branch_over, 6),
    "switch": StepKind(arithmetic.jump_table, 2),
    "call": StepKind(arithmetic.local_call, 2),
    "stack": StepKind(memory.stack_accesses, 7),
    "access": StepKind(memory.window_accesses, 10, traps=3),
    "atomic": StepKind(memory.window_atomics, 5, traps=2),
    "reserve": StepKind(memory.reservation, 2, traps=2),
    "region": StepKind(memory.region_accesses, 3, traps=2, modes=_MACHINE),
    "mprv": StepKind(memory.machine_through_windows, 7, traps=2, modes=_MACHINE),
    "visit": StepKind(memory.visit_code_window, 6, traps=4, calls=1),
    "absent": StepKind(memory.absent_address, 1, traps=1),
    "edit": StepKind(paging.edit, 6, traps=1, modes=_SUPERVISOR),
    "edit_and_use": StepKind(aimed.edit_and_use, 10, traps=4, calls=1, modes=_SUPERVISOR),
    "edit_for_user": StepKind(aimed.edit_for_user, 7, traps=9, calls=1, modes=_SUPERVISOR),
    "fence": StepKind(paging.idle_fence, 2, traps=1),
    "reshape": StepKind(paging.reshape_view, 1, traps=1, modes=_SUPERVISOR),
    "repair": StepKind(aimed.repair, 2, traps=7, modes=_SUPERVISOR),
    "illegal": StepKind(traps.illegal, 2, traps=1),
    "breakpoint": StepKind(traps.breakpoint_, 1, traps=1),
    "plain_call": StepKind(traps.environment_call, 1, traps=1),
    "privileged": StepKind(traps.privileged, 1.5, traps=1),
    "status": StepKind(csr_steps.status_bits, 3, modes=_SUPERVISOR),
    "csr": StepKind(csr_steps.machine_csr, 6, modes=_MACHINE),
    "scsr": StepKind(csr_steps.supervisor_csr, 2, traps=8, modes=_SUPERVISOR),
    "protection": StepKind(csr_steps.protection, 1.5, modes=_MACHINE),
    "counter": StepKind(csr_steps.counter, 1, traps=1),
    "absent_csr": StepKind(csr_steps.forbidden, 1.5, traps=1),
    "patch": StepKind(self_modifying.patch_here, 2),
    "patch_region": StepKind(self_modifying.patch_region, 1.5, modes=_SUPERVISOR),
    "arm": StepKind(interrupts.arm, 4, traps=4, modes=_MACHINE),
    "soft": StepKind(interrupts.supervisor_software, 1, traps=1, modes=_SUPERVISOR),
    "open": StepKind(interrupts.machine_window, 2.5, traps=4, modes=_MACHINE),
    "wait": StepKind(interrupts.wait, 1, traps=1, modes=_SUPERVISOR),
    "fences": StepKind(memory.ordering, 1),
}

ENTANGLED_STEPS: dict[str, StepKind] = {
    "contend": StepKind(entangled.contend, 80),
    "sweep": StepKind(entangled.sweep, 6),
    "hot_page": StepKind(entangled.hot_page, 50, traps=2),
    "answer": StepKind(entangled.answer, 8, modes=_SUPERVISOR),
    "publish": StepKind(entangled.publish_edit, 8, traps=4, calls=1, modes=_SUPERVISOR),
    "publish_by_interrupt": StepKind(
        entangled.publish_edit_by_interrupt, 8, traps=4, calls=1, interrupts=1, modes=_SUPERVISOR
    ),
    "publish_code": StepKind(entangled.publish_code, 5, modes=_SUPERVISOR),
}
"""Drawn where there are several harts."""
STEPS |= ENTANGLED_STEPS
