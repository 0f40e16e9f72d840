"""Instructions of a litmus test: a line of text each, close to the assembler's syntax.

    ld a0, x            lw a0, x+4          sd 1, x             sd a0, x
    ld a0, x(a1)        the address depends on a1, and is x
    sd 1(a1), x         the data depends on a1, and is 1
    amoswap.d.aqrl a0, 1, x                 amoadd.d a0, 1, x
    lr.d.aq a0, x       sc.d.rl a1, 1, x
    fence rw, w         fence.tso
    bnez a0             branch to the next instruction: what follows depends on a0

A location has 8 bytes, of which words are the halves. Registers are a0 to a3.
"""

from __future__ import annotations

import enum
import re
from dataclasses import dataclass

REGISTERS: tuple[str, ...] = ("a0", "a1", "a2", "a3")
LOCATIONS: tuple[str, ...] = ("x", "y", "z", "w")


class Op(enum.Enum):
    LOAD = "load"
    STORE = "store"
    AMO = "amo"
    LR = "lr"
    SC = "sc"
    FENCE = "fence"
    BRANCH = "branch"


@dataclass(frozen=True)
class Instruction:
    """One instruction.

    `rd` is the register that it writes. `location`, `offset` and `size` (bytes) say what it
    accesses, `address` is the register that the address depends on. `data` is what it stores: the
    number, or the register; `data_depends` a register that the data depends on in vain. `amo` is
    swap, add or or. `before` and `after` are the sets of a fence, letters of "rw". A branch
    depends on `condition`.
    """

    op: Op
    text: str
    rd: str | None = None
    location: str = ""
    offset: int = 0
    size: int = 8
    address: str | None = None
    data: int | str = 0
    data_depends: str | None = None
    amo: str = ""
    aq: bool = False
    rl: bool = False
    before: str = ""
    after: str = ""
    tso: bool = False
    condition: str | None = None

    @property
    def loads(self) -> bool:
        return self.op in (Op.LOAD, Op.AMO, Op.LR)

    @property
    def stores(self) -> bool:
        return self.op in (Op.STORE, Op.AMO, Op.SC)

    @property
    def cells(self) -> tuple[tuple[str, int], ...]:
        """The words that it accesses, as (location, half)."""
        halves = range(2) if self.size == 8 else (self.offset // 4,)
        return tuple((self.location, half) for half in halves)


_PLACE = re.compile(rf"([{''.join(LOCATIONS)}])(\+4)?(?:\((a[0-3])\))?$")
_DATA = re.compile(r"(\w+)(?:\((a[0-3])\))?$")
_MNEMONIC = re.compile(r"(?:(l|s)(w|d)|(amoswap|amoadd|amoor|lr|sc)\.(w|d)(?:\.(aqrl|aq|rl))?)$")
_SETS = ("r", "w", "rw")


def parse(text: str) -> Instruction:
    """Return the instruction that a line of text is; ValueError names a line that is none."""
    mnemonic, _, rest = text.strip().partition(" ")
    operands = [word.strip() for word in rest.split(",")] if rest else []
    try:
        return _parse(text.strip(), mnemonic, operands)
    except (ValueError, IndexError):
        raise ValueError(f"'{text}' is no instruction of a litmus test") from None


def _parse(text: str, mnemonic: str, operands: list[str]) -> Instruction:
    if mnemonic == "bnez":
        (register,) = operands
        return Instruction(Op.BRANCH, text, condition=_register(register))
    if mnemonic.startswith("fence"):
        return _fence(text, mnemonic, operands)
    return _access(text, mnemonic, operands)


def _fence(text: str, mnemonic: str, operands: list[str]) -> Instruction:
    if mnemonic == "fence.tso":
        () = operands
        return Instruction(Op.FENCE, text, before="rw", after="rw", tso=True)
    before, after = operands
    if mnemonic != "fence" or before not in _SETS or after not in _SETS:
        raise ValueError
    return Instruction(Op.FENCE, text, before=before, after=after)


def _access(text: str, mnemonic: str, operands: list[str]) -> Instruction:
    *operands, where = operands
    found, place = _MNEMONIC.match(mnemonic), _PLACE.match(where)
    if not found or not place:
        raise ValueError
    plain, width, atomic, atomic_width, order = found.groups()
    op = {"l": Op.LOAD, "s": Op.STORE, "lr": Op.LR, "sc": Op.SC}.get(plain or atomic, Op.AMO)
    location, offset, address = place.groups()
    size = 4 if (width or atomic_width) == "w" else 8
    if size == 8 and offset:
        raise ValueError
    rd = None if op == Op.STORE else _register(operands.pop(0))
    data, data_depends = (0, None) if op in (Op.LOAD, Op.LR) else _data(operands.pop(0))
    () = operands
    return Instruction(
        op,
        text,
        rd=rd,
        location=location,
        offset=4 if offset else 0,
        size=size,
        address=address,
        data=data,
        data_depends=data_depends,
        amo=atomic.removeprefix("amo") if op == Op.AMO else "",
        aq="aq" in (order or ""),
        rl="rl" in (order or ""),
    )


def _register(name: str) -> str:
    if name not in REGISTERS:
        raise ValueError
    return name


def _data(text: str) -> tuple[int | str, str | None]:
    found = _DATA.match(text)
    if not found:
        raise ValueError
    value, depends = found.groups()
    return (value if value in REGISTERS else int(value, 0)), depends
