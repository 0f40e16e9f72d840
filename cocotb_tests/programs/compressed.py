"""Tests of every instruction of C: each does what the instruction that it stands for does."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator

from cocotb_tests.hart.arithmetic import alu, sign_extend

from .writer import Test, operand

_MASK = (1 << 64) - 1
_SP = 2
_SHORT = tuple(range(8, 16))
"""The registers that three bits can name."""


def _short(test: Test, *avoid: int) -> int:
    return test.draw.choice([number for number in _SHORT if number not in avoid])


def _immediates(test: Test, low: int, high: int, *, step: int = 1, zero: bool = True) -> list[int]:
    """The ends of the range, what is next to zero, and some between."""
    values = [low, high, low + step, high - step, -step, step, 0]
    values += [test.draw.randrange(low, high + 1, step) for _ in range(12)]
    return [value for value in values if low <= value <= high and (zero or value)]


_ON_SELF: dict[str, tuple[str, range, bool]] = {
    "c.addi": ("add", range(-32, 32), False),
    "c.addiw": ("addw", range(-32, 32), True),
    "c.slli": ("sll", range(1, 64), False),
    "c.srli": ("srl", range(1, 64), False),
    "c.srai": ("sra", range(1, 64), False),
    "c.andi": ("and", range(-32, 32), True),
}
"""Instruction: the operation on rd and the immediate, the immediates, and whether 0 is one."""


def _on_self(test: Test, name: str) -> None:
    operation, limits, zero = _ON_SELF[name]
    short = name in ("c.srli", "c.srai", "c.andi")
    for immediate in _immediates(test, limits[0], limits[-1], zero=zero):
        test.begin_case()
        value = operand(test.draw)
        rd = _short(test) if short else test.register()
        test.load(rd, value)
        test.nops()
        test.code(f"{name} x{rd}, {immediate}")
        test.nops()
        test.expect(rd, alu(operation, value, immediate & _MASK))


def _constant(test: Test, name: str) -> None:
    limits = (-32, 31)
    for immediate in _immediates(test, *limits, zero=name == "c.li"):
        test.begin_case()
        rd = test.register(_SP)
        test.load(rd, operand(test.draw))
        written = immediate & 0xFFFFF if name == "c.lui" else immediate
        test.code(f"{name} x{rd}, {written}")
        test.nops()
        test.expect(rd, sign_extend(immediate << 12) if name == "c.lui" else immediate)


def _registers(test: Test, name: str) -> None:
    operation = name.removeprefix("c.")
    for _ in range(24):
        test.begin_case()
        a, b = operand(test.draw), operand(test.draw)
        wide = operation in ("add", "mv")
        rd = test.register() if wide else _short(test)
        rs = test.register() if wide else _short(test)
        test.load(rd, a)
        if rs == rd:
            b = a
        else:
            test.load(rs, b)
        test.nops()
        test.code(f"{name} x{rd}, x{rs}")
        test.nops()
        test.expect(rd, b if operation == "mv" else alu(operation, a, b))


def _stack_pointer(test: Test) -> None:
    for immediate in _immediates(test, -512, 496, step=16, zero=False):
        test.begin_case()
        value = operand(test.draw)
        test.load(_SP, value)
        test.code(f"c.addi16sp sp, {immediate}")
        test.expect(_SP, value + immediate)
    for immediate in _immediates(test, 4, 1020, step=4, zero=False):
        test.begin_case()
        value = operand(test.draw)
        rd = _short(test)
        test.load(_SP, value)
        test.code(f"c.addi4spn x{rd}, sp, {immediate}")
        test.expect(rd, value + immediate)


def _memory(test: Test, width: str, *, stack: bool) -> None:
    size = 4 if width == "w" else 8
    high = {(4, True): 252, (8, True): 504, (4, False): 124, (8, False): 248}[size, stack]
    for offset in _immediates(test, 0, high, step=size):
        test.begin_case()
        base = _SP if stack else _short(test)
        data = test.register(base) if stack else _short(test, base)
        back = test.register(base) if stack else _short(test, base)
        value = operand(test.draw)
        suffix = "sp" if stack else ""
        test.code(f"la x{base}, buffer_compressed")
        test.load(data, value)
        test.code(f"c.s{width}{suffix} x{data}, {offset}(x{base})")
        test.code(f"c.l{width}{suffix} x{back}, {offset}(x{base})")
        test.nops(1)
        test.expect(back, sign_extend(value, 8 * size), base)
        test.code(f"la x{base}, buffer_compressed")
        found = test.register(base)
        test.code(f"l{width} x{found}, {offset}(x{base})")
        test.expect(found, sign_extend(value, 8 * size))


def _branches(test: Test, name: str) -> None:
    fail = f"j fail_{test.name}"
    for value in (0, 1, _MASK, 1 << 63, 1 << 32, 0):
        for backwards in (False, True):
            test.begin_case()
            rs = _short(test)
            test.load(rs, value)
            test.nops()
            taken = (value == 0) == (name == "c.beqz")
            right, wrong = ("j 1f", fail) if taken else (fail, "j 1f")
            if backwards:
                test.code("j 3f", "2:", right, "3:", f"{name} x{rs}, 2b", wrong, "1:")
            else:
                test.code(f"{name} x{rs}, 2f", wrong, "2:", right, "1:")


def _jumps(test: Test) -> None:
    fail = f"j fail_{test.name}"
    for gap in (0, 1, 5, 400):
        test.begin_case()
        test.code("c.j 2f", *[fail] * gap, "2:", "j 3f", "4:", "j 1f", "3:", "c.j 4b", fail, "1:")
    for odd in (0, 1):
        for link in (False, True):
            test.begin_case()
            rs = test.register(*([] if link else [1]))
            test.code(f"la x{rs}, 2f", f"addi x{rs}, x{rs}, {odd}")
            test.nops()
            test.code(f"{'c.jalr' if link else 'c.jr'} x{rs}", "4:", fail, "2:")
            if link:
                other = test.register(1)
                test.code(f"la x{other}, 4b", f"bne x1, x{other}, fail_{test.name}")


def _alignment(test: Test) -> None:
    """32-bit instructions at every place of a cache line, and across two lines."""
    for halfwords in range(34):
        test.begin_case()
        rd = test.register()
        test.code("j 2f", ".balign 64", "2:", *["c.nop"] * halfwords)
        test.code(f"lui x{rd}, 0x12345", f"addi x{rd}, x{rd}, 0x678")
        test.expect(rd, 0x12345678)


def compressed_tests(seed: int) -> Iterator[Test]:
    """Every compressed instruction but c.ebreak, which traps (traps/compressed.c)."""

    def new(name: str, write: Callable[..., None], *args, **options) -> Test:
        test = Test(name.replace(".", "_"), random.Random(f"{seed} {name}"))
        write(test, *args, **options)
        return test

    for name in _ON_SELF:
        yield new(name, _on_self, name)
    for name in ("c.li", "c.lui"):
        yield new(name, _constant, name)
    for name in ("c.mv", "c.add", "c.sub", "c.xor", "c.or", "c.and", "c.subw", "c.addw"):
        yield new(name, _registers, name)
    yield new("c.addi16sp and c.addi4spn".replace(" ", "_"), _stack_pointer)
    for width in "wd":
        yield new(f"c.l{width} and c.s{width}".replace(" ", "_"), _memory, width, stack=False)
        yield new(f"c.l{width}sp and c.s{width}sp".replace(" ", "_"), _memory, width, stack=True)
    for name in ("c.beqz", "c.bnez"):
        yield new(name, _branches, name)
    yield new("c.j c.jr c.jalr".replace(" ", "_"), _jumps)
    yield new("instructions of 4 bytes at every halfword".replace(" ", "_"), _alignment)


BUFFERS = """
    .bss
    .balign 64
buffer_compressed:
    .zero   1024
"""


def assembly(tests: Iterable[Test]) -> str:
    """One assembly file with these tests, in which the assembler chooses short forms too."""
    return "    .option rvc\n" + "".join(test.text() for test in tests) + BUFFERS
