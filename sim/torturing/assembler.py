"""Machine code in the making: instructions one after the other, labels, and a listing."""

from __future__ import annotations

from . import encoding
from .compression import compress


class Assembler:
    """Emits instructions from `base` upwards.

    Parameters
    ----------
    base : address of the first instruction.

    Attributes
    ----------
    compressing : bool
        Instructions that have a 16-bit form take it.
    """

    def __init__(self, base: int):
        self.base = base
        self.compressing = False
        self._code = bytearray()
        self._labels: dict[str, int] = {}
        self._fixups: list[tuple[int, str, tuple[int, ...], str]] = []
        self._listing: list[tuple[int, str, tuple[int, ...]]] = []
        self._notes: dict[int, list[str]] = {}
        self._unique = 0

    @property
    def here(self) -> int:
        """Address of the next instruction."""
        return self.base + len(self._code)

    @property
    def labels(self) -> dict[str, int]:
        return dict(self._labels)

    def new_label(self, stem: str) -> str:
        """A label that nobody else has; it still has to be placed."""
        self._unique += 1
        return f".{stem}{self._unique}"

    def label(self, name: str) -> str:
        assert name not in self._labels, f"label {name} is placed twice"
        self._labels[name] = self.here
        return name

    def note(self, text: str) -> None:
        """Text for the listing, above the next instruction."""
        self._notes.setdefault(self.here, []).append(text)

    def op(self, name: str, *operands: int) -> None:
        """Emit one instruction, as `encoding.ENCODERS` defines it."""
        short = compress(name, operands) if self.compressing else None
        self._listing.append((self.here, name, operands))
        if short is None:
            self._code += encoding.ENCODERS[name](*operands).to_bytes(4, "little")
        else:
            self._code += short.to_bytes(2, "little")

    def half(self, word: int) -> None:
        """Emit a 16-bit word as it is."""
        self._listing.append((self.here, ".half", (word,)))
        self._code += word.to_bytes(2, "little")

    def align(self) -> None:
        """Fill up to a multiple of 4 with c.nop."""
        if self.here % 4:
            self.half(0x0001)

    def branch(self, name: str, rs1: int, rs2: int, label: str) -> None:
        """A branch to a label within 4 KiB."""
        self._fixups.append((len(self._code), name, (rs1, rs2), label))
        self._code += bytes(4)

    def jump(self, label: str, rd: int = 0) -> None:
        """jal to a label."""
        self._fixups.append((len(self._code), "jal", (rd,), label))
        self._code += bytes(4)

    def address(self, rd: int, label: str) -> None:
        """Put the address of a label, as the running code sees it, into rd (auipc, addi)."""
        self._fixups.append((len(self._code), "la", (rd,), label))
        self._code += bytes(8)

    def address_of(self, rd: int, target: int) -> None:
        """As `address`, for a fixed place relative to the code."""
        offset = target - self.here
        self._wide("auipc", rd, offset + 0x800 >> 12)
        self._wide("addi", rd, rd, (offset & 0xFFF ^ 0x800) - 0x800)

    def constant(self, rd: int, value: int) -> None:
        """Load a 64-bit constant with lui, addi and slli, as few as it takes."""
        value = (value & (1 << 64) - 1 ^ 1 << 63) - (1 << 63)
        if -2048 <= value < 2048:
            self.op("addi", rd, 0, value)
            return
        low = (value & 0xFFF ^ 0x800) - 0x800
        if -(1 << 31) <= value < 1 << 31:
            self.op("lui", rd, value - low >> 12 & 0xFFFFF)
            if low:
                self.op("addiw", rd, rd, low)
            return
        rest, shift = value - low >> 12, 12
        while rest & 1 == 0:
            rest, shift = rest >> 1, shift + 1
        self.constant(rd, rest)
        self.op("slli", rd, rd, shift)
        if low:
            self.op("addi", rd, rd, low)

    def finish(self) -> bytes:
        """Resolve the labels and return the code."""
        for at, name, operands, label in self._fixups:
            address = self.base + at
            offset = self._labels[label] - address
            if name == "la":
                self._place(at, "auipc", operands[0], offset + 0x800 >> 12)
                low = (offset & 0xFFF ^ 0x800) - 0x800
                self._place(at + 4, "addi", operands[0], operands[0], low)
                continue
            reach = 1 << (20 if name == "jal" else 12)
            assert -reach <= offset < reach, f"{label} is too far from {address:#x}"
            self._place(at, name, *operands, offset)
        return bytes(self._code)

    def listing(self) -> str:
        """The program as text, once it is finished: address, word, instruction."""
        lines: list[str] = []
        for address, name, operands in sorted(self._listing):
            lines += [f"# {note}" for note in self._notes.get(address, ())]
            at = address - self.base
            size = 4 if self._code[at] & 3 == 3 else 2
            word = int.from_bytes(self._code[at : at + size], "little")
            lines.append(f"{address:#x}  {word:0{2 * size}x}  {encoding.text(name, operands)}")
        return "\n".join(lines) + "\n"

    def _wide(self, name: str, *operands: int) -> None:
        compressing, self.compressing = self.compressing, False
        self.op(name, *operands)
        self.compressing = compressing

    def _place(self, at: int, name: str, *operands: int) -> None:
        self._listing.append((self.base + at, name, operands))
        self._code[at : at + 4] = encoding.ENCODERS[name](*operands).to_bytes(4, "little")
