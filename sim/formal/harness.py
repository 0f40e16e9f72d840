"""What a proof consists of: a design with free inputs, claims about it, and a mutant for each."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from amaranth.hdl import (
    Assert,
    Assume,
    Cat,
    ClockDomain,
    ClockSignal,
    Const,
    Cover,
    Elaboratable,
    Module,
    Signal,
)

# Public until Amaranth 0.4; there is no other way to say "any value" (the version is pinned).
from amaranth.hdl._ast import AnyConst, AnySeq, Value
from amaranth.lib import wiring

INVARIANT = "invariant_"
"""How the names of assertions start that only make the induction go through."""


@dataclass(frozen=True)
class Mutant:
    """A fault in the RTL: in file `path`, `old`, which must be there once, becomes `new`.

    `sooner`: a second such change, that of a constant, with which the fault shows in a few cycles.
    """

    path: str
    old: str
    new: str
    sooner: tuple[str, str] | None = None


@dataclass(frozen=True)
class Claim:
    """One row of the table: what is proved, and a fault that must make the proof fail.

    `name` is that of the `Bench.claim` calls of the harness; several calls may share it. `late`:
    the mutant cannot break it before this cycle, and is not looked at earlier.
    """

    name: str
    says: str
    mutant: Mutant
    late: int = 0


@dataclass(frozen=True)
class Harness:
    """Claims about one design, proved together by k-induction.

    Attributes
    ----------
    build : puts the design and the claims into a bench.
    size : what the proof holds for, for people.
    depth : k. The base case covers the first `depth` cycles.
    reach : cycles within which every antecedent occurs, and every mutant is caught (after `late`).
    """

    name: str
    size: str
    build: Callable[[Bench], None]
    claims: tuple[Claim, ...]
    depth: int = 2
    reach: int = 6


_ALWAYS: Any = Const(1, 1)


class _Assertion(Elaboratable):
    """A module of its own, because Yosys names an assertion after the module that has it."""

    def __init__(self, when: Value, then: Value, covered: bool):
        self._when = when
        self._then = then
        self._covered = covered

    def elaborate(self, platform) -> Module:
        m = Module()
        m.d.comb += Assert(~self._when | self._then, None)
        if self._covered:
            m.d.comb += Cover(self._when, None)
        return m


class Bench:
    """The top module of a proof. It starts in the state after reset, and is never reset again.

    Attributes
    ----------
    m : Module
        For submodules and statements of the harness.
    clk : Signal
        The only input beside those of `looks`.
    looks : dict
        Signals of the design that the harness looks at, see `inside`.
    """

    def __init__(self):
        self.m = Module()
        self.looks: dict[str, Signal] = {}
        self.clk = Signal()
        self.m.domains += ClockDomain("sync", reset_less=True)
        self.m.d.comb += ClockSignal("sync").eq(self.clk)
        self._counts: dict[str, int] = {}
        self._started: Signal | None = None

    def constant(self, shape, name: str) -> Any:
        """An arbitrary value that never changes: what is proved of it is proved of all values."""
        return self._named(AnyConst(_width(shape)), shape, name)

    def anything(self, shape, name: str) -> Any:
        """An arbitrary value in every cycle."""
        return self._named(AnySeq(_width(shape)), shape, name)

    def _named(self, value: Value, shape, name: str) -> Any:
        signal = Signal(shape, name=name)
        self.m.d.comb += Value.cast(signal).eq(value)
        return signal

    def free(self, interface, *but: str) -> None:
        """Drive every input of a component with anything, except the members named in `but`."""
        for path, _member, value in interface.signature.flatten(interface):
            name = "__".join(str(part) for part in path)
            skipped = any(name == other or name.startswith(f"{other}__") for other in but)
            if _member.flow is wiring.In and not skipped:
                raw = Value.cast(value)
                self.m.d.comb += raw.eq(AnySeq(len(raw)))

    def past(self, value) -> Any:
        """`value` one cycle ago. In the first cycle zero: see `started`."""
        previous = Signal.like(value, name=f"past{self._count('past')}")
        raw = Value.cast(previous)
        self.m.d.sync += raw.eq(Value.cast(value))
        return previous

    @property
    def started(self) -> Value:
        """Low in the first cycle only."""
        if self._started is None:
            self._started = Signal(name="started")
            self.m.d.sync += self._started.eq(1)
        return self._started

    def inside(self, path: str, width: int) -> Signal:
        """A signal inside the design, by the names of its submodules: `bank.hits`.

        A row of a memory is `bank.tags[0]`. For invariants only: claims are about members that
        are declared.
        """
        if path not in self.looks:
            self.looks[path] = Signal(width, name=f"look{len(self.looks)}")
        return self.looks[path]

    def claim(self, name: str, *, then, when=_ALWAYS) -> None:
        """Prove that `then` holds in every cycle in which `when` does, which must happen."""
        self._assertion(name, when, then, covered=True)

    def claim_of_each(self, name: str, pairs: Iterable[tuple[Any, Any]]) -> None:
        """Prove a claim of parts that are alike, given as (when, then); one `when` must happen.

        One cover for all of them: each would be looked for on its own.
        """
        cases = [(Value.cast(when).any(), Value.cast(then).any()) for when, then in pairs]
        kept = Cat(~when | then for when, then in cases).all()
        self.claim(name, when=Cat(when for when, _ in cases).any(), then=kept)

    def invariant(self, name: str, condition) -> None:
        """Something that holds in every reachable state, and that the induction needs to know."""
        self._assertion(INVARIANT + name, _ALWAYS, condition, covered=False)

    def assume(self, condition) -> None:
        """What the surroundings of the design must keep to."""
        self.m.d.comb += Assume(condition, None)

    def _assertion(self, name: str, when, then, covered: bool) -> None:
        number = self._count(name)
        bits = [Value.cast(when).any(), Value.cast(then).any()]
        self.m.submodules[f"{name}__{number}"] = _Assertion(bits[0], bits[1], covered)

    def _count(self, name: str) -> int:
        self._counts[name] = self._counts.get(name, 0) + 1
        return self._counts[name]


def _width(shape) -> int:
    return len(Value.cast(Signal(shape)))


def at_most_one(bits: Value) -> Value:
    """No two of `bits` are set."""
    return (bits & (bits - 1)) == 0


def same(one, other) -> Value:
    """Two records are equal, bit for bit."""
    return Value.cast(one) == Value.cast(other)
