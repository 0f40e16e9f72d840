"""Litmus tests made of a shape and, for each thread, the way in which its accesses are ordered.

Shapes are the cycles of the literature (Alglave, Maranget and Tautschnig, "Herding cats", TOPLAS
2014; Maranget, Sarkar and Sewell, "A tutorial introduction to the ARM and POWER relaxed memory
models"), with the names that they have there: `MP+fence.w.w+addr` is message passing, the writer
with a fence, the reader with an address dependency.
"""

from __future__ import annotations

from dataclasses import dataclass

from .definition import Litmus

SHAPES: dict[str, tuple[tuple[str, ...], str]] = {
    "CoWW": (("Wx1 Wx2",), "x=1"),
    "CoRW": (("Rx Wx1", "Wx2"), "0.0=2 & x=2"),
    "CoWR": (("Wx1 Rx", "Wx2"), "0.1=2 & x=1"),
    "CoRR": (("Wx1", "Rx Rx"), "1.0=1 & 1.1=0"),
    "MP": (("Wx1 Wy1", "Ry Rx"), "1.0=1 & 1.1=0"),
    "SB": (("Wx1 Ry", "Wy1 Rx"), "0.1=0 & 1.1=0"),
    "LB": (("Rx Wy1", "Ry Wx1"), "0.0=1 & 1.0=1"),
    "S": (("Wx2 Wy1", "Ry Wx1"), "1.0=1 & x=2"),
    "R": (("Wx1 Wy1", "Wy2 Rx"), "y=2 & 1.1=0"),
    "2+2W": (("Wx1 Wy2", "Wy1 Wx2"), "x=1 & y=1"),
    "WRC": (("Wx1", "Rx Wy1", "Ry Rx"), "1.0=1 & 2.0=1 & 2.1=0"),
    "RWC": (("Wx1", "Rx Ry", "Wy1 Rx"), "1.0=1 & 1.1=0 & 2.1=0"),
    "WWC": (("Wx2", "Rx Wy1", "Ry Wx1"), "1.0=2 & 2.0=1 & x=2"),
    "ISA2": (("Wx1 Wy1", "Ry Wz1", "Rz Rx"), "1.0=1 & 2.0=1 & 2.1=0"),
    "Z6.3": (("Wx1 Wy1", "Wy2 Wz1", "Rz Rx"), "y=2 & 2.0=1 & 2.1=0"),
    "IRIW": (("Wx1", "Rx Ry", "Wy1", "Ry Rx"), "1.0=1 & 1.1=0 & 3.0=1 & 3.1=0"),
}
"""Name to the accesses of each thread and the condition: `1.0` is what access 0 of thread 1 reads.

`Wx1` writes 1 to x, `Rx` reads it."""

VARIANTS: dict[str, str] = {
    "CoWW": "po amo lrsc",
    "CoRW": "po amo lrsc",
    "CoWR": "po amo lrsc",
    "CoRR": "po amo lrsc addr",
    "MP": "po+po fence.w.w+po po+addr fence.w.w+fence.r.r fence.rw.w+fence.r.rw "
    "fence.tso+fence.tso fence.w.w+addr fence.w.w+ctrl amo+amo rl+aq rl+po scrl+lraq lrsc+lrsc",
    "SB": "po+po fence.rw.rw+po fence.rw.rw+fence.rw.rw fence.w.r+fence.w.r fence.tso+fence.tso "
    "fence.rw.w+fence.rw.w amo+amo rl+rl aqrl+aqrl rl.aq+rl.aq lrsc+lrsc scrl.lraq+scrl.lraq",
    "LB": "po+po fence.r.w+fence.r.w fence.rw.rw+fence.rw.rw addr+addr data+data ctrl+ctrl "
    "data+po amo+amo aq+aq rl+rl lraq+scrl lrsc+lrsc",
    "S": "po+po fence.w.w+po fence.w.w+data fence.w.w+ctrl fence.rw.rw+addr rl+aq scrl+lrsc",
    "R": "po+po fence.rw.rw+fence.rw.rw fence.w.w+fence.rw.rw fence.w.w+fence.w.r amo+amo "
    "rl+rl.aq scrl+scrl.lraq",
    "2+2W": "po+po fence.w.w+fence.w.w fence.w.w+po fence.tso+fence.tso rl+rl amo+amo scrl+scrl",
    "WRC": "po+po data+addr fence.rw.rw+fence.rw.rw po+addr amo+amo scrl+lraq",
    "RWC": "po+po addr+fence.rw.rw fence.r.r+fence.w.r addr+po aq+rl.aq",
    "WWC": "po+po data+data addr+addr fence.rw.rw+ctrl aq+rl",
    "ISA2": "po+po+po fence.w.w+data+addr fence.w.w+ctrl+fence.r.r rl+aq+aq",
    "Z6.3": "po+po+po fence.w.w+fence.w.w+addr rl+rl+aq",
    "IRIW": "po+po addr+addr fence.r.r+fence.r.r fence.rw.rw+fence.rw.rw aq+aq amo+amo lraq+lraq",
}
"""For each shape the tests: one word of `_ORDERS` for each thread with two accesses."""


@dataclass(frozen=True)
class _Order:
    """How the first access of a thread is made, what is between, how the second is made.

    A form is "" (plain), or amo or lrsc with annotations: as amo a read adds nothing, with lrsc
    it is an LR, and a write has an LR before its SC.
    """

    first: str = ""
    link: str = ""
    second: str = ""


_ORDERS = {
    "po": _Order(),
    **{name: _Order(link=name) for name in ("addr", "data", "ctrl", "fence.tso")},
    **{
        f"fence.{before}.{after}": _Order(link=f"fence {before}, {after}")
        for before in ("r", "w", "rw")
        for after in ("r", "w", "rw")
    },
    "amo": _Order("amo", "", "amo"),
    "aq": _Order("amo.aq"),
    "rl": _Order(second="amo.rl"),
    "aqrl": _Order("amo.aqrl"),
    "rl.aq": _Order("amo.rl", "", "amo.aq"),
    "lrsc": _Order("lrsc", "", "lrsc"),
    "lraq": _Order("lrsc.aq"),
    "scrl": _Order(second="lrsc.rl"),
    "scrl.lraq": _Order("lrsc.rl", "", "lrsc.aq"),
}


def shaped_tests() -> list[Litmus]:
    """All tests that `VARIANTS` names."""
    return [
        build(shape, variant)
        for shape, variants in VARIANTS.items()
        for variant in variants.split()
    ]


def build(shape: str, variant: str) -> Litmus:
    """The test of a shape with these orders; KeyError for names that there are not."""
    threads, condition = SHAPES[shape]
    orders = iter(variant.split("+"))
    texts = []
    reads: dict[str, str] = {}
    terms = []
    for number, text in enumerate(threads):
        accesses = text.split()
        order = _ORDERS[next(orders)] if len(accesses) == 2 else _Order()
        thread = _Thread(order.link)
        for place, (access, form) in enumerate(
            zip(accesses, (order.first, order.second), strict=False)
        ):
            thread.access(access, form)
            reads[f"{number}.{place}"] = f"{number}:{thread.value}"
        texts.append("; ".join(thread.lines))
        terms += [f"{number}:{register}=0" for register in thread.conditionals]
    for term in condition.split(" & "):
        left, _, value = term.partition("=")
        terms.append(f"{reads.get(left, left)}={value}")
    return Litmus.make(f"{shape}+{variant}", texts, " & ".join(terms))


class _Thread:
    """Text of a thread in the making."""

    def __init__(self, link: str):
        self.lines: list[str] = []
        self.conditionals: list[str] = []
        """Registers that tell whether an SC succeeded."""
        self.value = ""
        """The register that the last access read into."""
        self._link = link
        self._used = 0

    def _register(self) -> str:
        self._used += 1
        return f"a{self._used - 1}"

    def access(self, access: str, form: str) -> None:
        kind, location, data = access[0], access[1], access[2:]
        depends = f"({self.value})"
        if self.lines and self._link.startswith("fence"):
            self.lines.append(self._link)
        if self.lines and self._link == "ctrl":
            self.lines.append(f"bnez {self.value}")
        place = location + (depends if self.lines and self._link == "addr" else "")
        data += depends if self.lines and self._link == "data" else ""
        name, _, order = form.partition(".")
        dotted = f".{order}" if order else ""
        match name, kind:
            case "", "R":
                self.value = self._register()
                self.lines.append(f"ld {self.value}, {place}")
            case "", _:
                self.lines.append(f"sd {data}, {place}")
            case "amo", _:
                self.value = self._register()
                operation = f"amoor.d{dotted} {self.value}, 0" if kind == "R" else ""
                operation = operation or f"amoswap.d{dotted} {self.value}, {data}"
                self.lines.append(f"{operation}, {place}")
            case _, "R":
                self.value = self._register()
                self.lines.append(f"lr.d{dotted} {self.value}, {place}")
            case _:
                self.value, flag = self._register(), self._register()
                self.lines.append(f"lr.d {self.value}, {place}")
                self.lines.append(f"sc.d{dotted} {flag}, {data}, {place}")
                self.conditionals.append(flag)
