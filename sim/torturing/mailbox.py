"""How harts ask each other for fences: a mailbox in memory, and an interrupt or patience.

A request is one of the four forms of sfence.vma, or fence.i. Who asks takes the lock and writes the
request, its form last; who is asked takes the form away, fences, counts the answer and gives the
lock back. A request that nobody waits for any more is answered all the same: no hart waits for
another without end.
"""

from __future__ import annotations

import struct

from .writer import Writer

LOCK, ANSWERS, ADDRESS, ASID, FORM = range(0, 40, 8)
"""Offsets in a mailbox."""
BY_ADDRESS, BY_ASID, FENCE_I = 1, 2, 4
"""Values of FORM: 0 to 3 are those of sfence.vma; negative: there is no request."""
EMPTY = struct.pack("<5q", 0, 0, 0, 0, -1)

_READ, _WRITE, _BOTH = 2, 1, 3
"""Sets of `fence`."""


def emit_answer(w: Writer, base: int, offset: int, temporaries: tuple[int, int, int]) -> None:
    """Do what the mailbox at offset(base) asks for, if anything; in a mode that may fence.

    An interrupt may come in between and find the same request: only one takes it.
    """
    a, b, form = temporaries
    labels = [w.new_label("form") for _ in range(4)]
    counted, done = w.new_label("fenced"), w.new_label("answered")
    w.op("ld", form, base, offset + FORM)
    w.branch("blt", form, 0, done)
    w.op("addi", a, base, offset + FORM)
    w.op("addi", b, 0, -1)
    w.op("amoswap.d", form, a, b, 2)
    w.branch("blt", form, 0, done)
    w.op("ld", a, base, offset + ADDRESS)
    w.op("ld", b, base, offset + ASID)
    for label in labels:
        w.branch("beq", form, 0, label)
        w.op("addi", form, form, -1)
    w.op("fence.i")
    w.jump(counted)
    for number, label in enumerate(labels):
        w.label(label)
        w.op("sfence.vma", a if number & BY_ADDRESS else 0, b if number & BY_ASID else 0)
        w.jump(counted)
    w.label(counted)
    w.op("ld", a, base, offset + ANSWERS)
    w.op("addi", a, a, 1)
    w.op("fence", _BOTH, _WRITE)
    w.op("sd", a, base, offset + ANSWERS)
    w.op("fence", _WRITE, _WRITE)
    w.op("sd", 0, base, offset + LOCK)
    w.label(done)


def emit_request(w: Writer, mailbox: int, temporaries: tuple[int, int], skip: str) -> None:
    """Take the lock of a mailbox, whose address is in this register, or go to `skip`; the second
    temporary gets the answers so far."""
    one, answers = temporaries
    w.op("addi", one, 0, 1)
    w.op("amoswap.d", one, mailbox, one, 2)
    w.branch("bne", one, 0, skip)
    w.op("ld", answers, mailbox, ANSWERS)


def emit_post(w: Writer, mailbox: int, form: int, temporary: int) -> None:
    """Post the request whose address and ASID are there."""
    w.op("addi", temporary, 0, form)
    w.op("fence", _BOTH, _WRITE)
    w.op("sd", temporary, mailbox, FORM)
