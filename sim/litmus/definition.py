"""A litmus test: short threads, where memory starts, and the outcome that it is about."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from .instruction import LOCATIONS, Instruction, parse

Outcome = tuple[int, ...]
"""Values of `Litmus.observed`, in this order."""

_SHAPE = re.compile(r"2\+2W|[^+]+")
_TERM = re.compile(r"(?:(\d):(a[0-3])|([a-z]))=(\w+)$")


@dataclass(frozen=True)
class Litmus:
    """A test.

    `condition` is the outcome that tells models apart, as terms joined by "&": `1:a0=1` is
    register a0 of thread 1, `x=2` memory at the end. Everything that a thread loads and all of
    memory is observed, whatever the condition says. Memory is zero but for `initial`.
    """

    name: str
    threads: tuple[tuple[Instruction, ...], ...]
    condition: str
    initial: tuple[tuple[str, int], ...] = ()

    @classmethod
    def make(
        cls,
        name: str,
        threads: Sequence[str],
        condition: str,
        initial: Mapping[str, int] | None = None,
    ) -> Litmus:
        """Each thread is text, its instructions parted by ";"."""
        parsed = tuple(tuple(parse(line) for line in text.split(";")) for text in threads)
        return cls(name, parsed, condition, tuple((initial or {}).items()))

    @property
    def shape(self) -> str:
        """The name without what orders the accesses."""
        found = _SHAPE.match(self.name)
        return found.group() if found else self.name

    @cached_property
    def locations(self) -> tuple[str, ...]:
        used = {insn.location for thread in self.threads for insn in thread}
        return tuple(name for name in LOCATIONS if name in used)

    @cached_property
    def halved(self) -> frozenset[str]:
        """Locations of which words are accessed: both halves of these can have values."""
        return frozenset(
            insn.location for thread in self.threads for insn in thread if insn.size == 4
        )

    def registers(self, thread: int) -> tuple[str, ...]:
        """What a thread loads, in the order of its instructions; failed SCs count as loads."""
        written = (insn.rd for insn in self.threads[thread] if insn.rd)
        return tuple(dict.fromkeys(written))

    @cached_property
    def observed(self) -> tuple[tuple[int, str], ...]:
        """(thread, register), then (-1, location): the parts of an outcome."""
        registers = [(t, name) for t in range(len(self.threads)) for name in self.registers(t)]
        return (*registers, *((-1, name) for name in self.locations))

    def is_wide(self, thread: int, name: str) -> bool:
        """The value of this part of an outcome is two words."""
        if thread < 0:
            return name in self.halved
        return any(
            insn.rd == name and insn.loads and insn.size == 8 and insn.location in self.halved
            for insn in self.threads[thread]
        )

    def initial_value(self, location: str) -> int:
        return dict(self.initial).get(location, 0)

    def matches(self, outcome: Outcome) -> bool:
        """Whether an outcome fulfils the condition."""
        return all(outcome[place] == value for place, value in self._terms)

    @cached_property
    def _terms(self) -> tuple[tuple[int, int], ...]:
        terms = []
        for text in self.condition.split("&"):
            found = _TERM.match(text.strip())
            if not found:
                raise ValueError(f"{self.name}: '{text}' is no term of a condition")
            thread, register, location, value = found.groups()
            part = (int(thread), register) if register else (-1, location)
            terms.append((self.observed.index(part), int(value, 0)))
        return tuple(terms)

    def describe(self, outcome: Outcome) -> str:
        """An outcome in the syntax of conditions."""
        parts = zip(self.observed, outcome, strict=True)
        return " ".join(
            f"{name}={_number(value)}" if thread < 0 else f"{thread}:{name}={_number(value)}"
            for (thread, name), value in parts
        )


def _number(value: int) -> str:
    return str(value) if value < 10 else f"{value:#x}"
