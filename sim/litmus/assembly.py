"""The assembly of litmus tests: for each thread a function, and one that looks at memory.

Both are called by `sw/litmus/runtime.S`, which says what is in which register. They are written as
short as they can be: what is before the first access and after the last lets the harts drift.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from .definition import Litmus
from .instruction import LOCATIONS, REGISTERS, Instruction, Op
from .packing import MEMORY, fields

_POINTERS = dict(zip(LOCATIONS, ("s0", "s1", "s2", "s3"), strict=True))
_CONSTANTS: tuple[str, ...] = ("t1", "t2", "t3", "t4")
_SEEN = "s5"


def program(tests: Sequence[Litmus], harts: int) -> str:
    """The functions of the tests and `litmus_table`: for each a row of the functions of its
    harts, those that it has no thread for included, and that of memory."""
    lines = [f"#define HARTS {harts}", '#include "litmus/runtime.S"', ".text"]
    rows = [".section .rodata", ".balign 8", ".globl litmus_table", "litmus_table:"]
    for number, test in enumerate(tests):
        lines.append(f"// {test.name}: {test.condition}")
        names = []
        for thread in range(len(test.threads)):
            names.append(f"t{number}_{thread}")
            lines += _function(names[-1], _thread(test, thread))
        names += ["litmus_bystander"] * (harts - len(names))
        names.append(f"t{number}_memory")
        lines += _function(names[-1], _memory(test))
        rows.append(f"    .dword {', '.join(names)}")
    return "\n".join([*lines, *rows]) + "\n"


def access_labels(test: Litmus, number: int) -> Iterator[tuple[int, str, str]]:
    """(thread, symbol, text) of each instruction of a test, by its number in the program."""
    for thread, insns in enumerate(test.threads):
        for place, insn in enumerate(insns):
            yield thread, f"t{number}_{thread}_{place}", insn.text


def _function(name: str, body: Iterator[str]) -> list[str]:
    # A function begins a line of the I$, so that it is fetched at once.
    lines = [".balign 64", f"{name}:"]
    for line in body:
        lines.append(line.replace("@", name) if line.startswith("@") else f"    {line}")
    return [*lines, "    ret"]


def _thread(test: Litmus, thread: int) -> Iterator[str]:
    insns = test.threads[thread]
    numbers = {i.data for i in insns if i.stores and isinstance(i.data, int) and i.data}
    constants = dict(zip(sorted(numbers), _CONSTANTS, strict=False))
    for value, register in constants.items():
        yield f"li {register}, {value}"
    for place, insn in enumerate(insns):
        *before, access = _instruction(insn, constants)
        yield from before
        yield f"@_{place}:"
        yield access
    yield from _pack(test, thread, {name: name for name in test.registers(thread)})


def _instruction(insn: Instruction, constants: dict[int, str]) -> Iterator[str]:
    if insn.op == Op.FENCE:
        yield insn.text
        return
    if insn.op == Op.BRANCH:
        yield f"bnez {insn.condition}, 1f; 1:"
        return
    pointer = _POINTERS[insn.location]
    if insn.address:
        yield f"xor t0, {insn.address}, {insn.address}"
        yield f"add t0, t0, {pointer}"
        pointer = "t0"
    width = "w" if insn.size == 4 else "d"
    if insn.op == Op.LOAD:
        yield f"l{width} {insn.rd}, {insn.offset}({pointer})"
        return
    data = insn.data if isinstance(insn.data, str) else constants.get(insn.data, "zero")
    if insn.data_depends:
        yield f"xor t5, {insn.data_depends}, {insn.data_depends}"
        yield f"add t5, t5, {data}"
        data = "t5"
    if insn.op == Op.STORE:
        yield f"s{width} {data}, {insn.offset}({pointer})"
        return
    order = "aq" * insn.aq + "rl" * insn.rl
    suffix = f".{width}{'.' * bool(order)}{order}"
    if insn.op == Op.LR:
        yield f"lr{suffix} {insn.rd}, ({pointer})"
        return
    name = "sc" if insn.op == Op.SC else f"amo{insn.amo}"
    yield f"{name}{suffix} {insn.rd}, {data}, ({pointer})"


def _memory(test: Litmus) -> Iterator[str]:
    """Read the locations, and give them their initial values again."""
    registers = dict(zip(test.locations, REGISTERS, strict=False))
    for name, register in registers.items():
        value = test.initial_value(name)
        if value:
            yield f"li t0, {value}"
        # One access, which asks for the line once.
        yield f"amoswap.d {register}, {'t0' if value else 'zero'}, ({_POINTERS[name]})"
    yield from _pack(test, MEMORY, registers)


def _pack(test: Litmus, thread: int, registers: dict[str, str]) -> Iterator[str]:
    """Put the values into a0 as a byte, and join them to what has been seen."""
    placed = fields(test, thread)
    if not placed:
        yield "li a0, 0"
    for name, first, bits in placed:
        register = registers[name]
        yield f"or {_SEEN}, {_SEEN}, {register}"
        if bits == 4:
            # The upper word comes down beside the lower one.
            yield f"srli t0, {register}, 30"
            yield f"or {register}, {register}, t0"
            yield f"andi {register}, {register}, 15"
        if first:
            yield f"slli {register}, {register}, {first}"
    joined = [registers[name] for name, _, _ in placed]
    for register in joined[1:]:
        yield f"or {joined[0]}, {joined[0]}, {register}"
    if joined and joined[0] != "a0":
        yield f"mv a0, {joined[0]}"
