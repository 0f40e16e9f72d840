"""The generator's encoder against LLVM's assembler, instruction by instruction."""

import random

import pytest

from cocotb_tests.assembler import assemble
from sim.torturing import encoding
from sim.torturing.compression import compress

_REGISTERS = (0, 1, 2, 5, 8, 9, 15, 31)
_IMMEDIATES = (0, 1, -1, 4, 8, 16, 31, 32, -32, -33, 64, 240, 248, 252, 496, -512, 2047, -2048)


def _operands(name: str, rng: random.Random) -> tuple[int, ...]:
    """Random operands; the corners of every field come often."""

    def register() -> int:
        return rng.choice(_REGISTERS) if rng.random() < 0.6 else rng.randrange(32)

    def immediate() -> int:
        return rng.choice(_IMMEDIATES) if rng.random() < 0.6 else rng.randrange(-2048, 2048)

    upper = (1, 31, 32, 0xFFFFF, 0xFFFE0, rng.randrange(1 << 20))
    draws = {
        encoding.REGISTER_OPERATIONS: (register, register, register),
        (*encoding.IMMEDIATE_OPERATIONS, *encoding.LOADS, *encoding.STORES, "jalr"): (
            *(register, register, immediate),
        ),
        encoding.SHIFTS: (register, register, lambda: rng.randrange(32 if name[-1] == "w" else 64)),
        encoding.BRANCHES: (register, register, lambda: 2 * rng.randrange(-2048, 2048)),
        ("lui", "auipc"): (register, lambda: rng.choice(upper)),
        ("jal",): (register, lambda: 2 * rng.randrange(-1 << 19, 1 << 19)),
        ("sfence.vma", "sinval.vma"): (register, register),
        ("fence",): (lambda: rng.randrange(1, 16), lambda: rng.randrange(1, 16)),
    }
    found = next((drawn for names, drawn in draws.items() if name in names), ())
    if name.startswith("csr"):
        found = (register, lambda: rng.choice((0x180, 0x300, 0x341, 0xC00)), register)
    if name.startswith(("amo", "lr.", "sc.")):
        source = register if name[:2] != "lr" else int
        found = (register, register, source, lambda: rng.randrange(4))
    return tuple(draw() for draw in found)


@pytest.mark.parametrize("compressing", [False, True])
def test_every_instruction_is_what_llvm_makes_of_its_text(compressing):
    rng = random.Random(1)
    lines = [".option arch, +svinval"]
    lines.append(".option rvc" if compressing else ".option norvc")
    expected = []
    for name in encoding.ENCODERS:
        # LLVM compresses branches and jumps too, which we leave alone.
        if name == ".word" or (compressing and name in (*encoding.BRANCHES, "jal")):
            continue
        for _ in range(60):
            operands = _operands(name, rng)
            text = encoding.text(name, operands)
            short = compress(name, operands) if compressing else None
            word = encoding.ENCODERS[name](*operands)
            size, word = (4, word) if short is None else (2, short)
            lines.append(text)
            expected.append((text, word.to_bytes(size, "little")))
    code, at = assemble(lines, "+m+a+c+zicsr+zifencei"), 0
    for text, word in expected:
        assert code[at : at + len(word)].hex() == word.hex(), text
        at += len(word)
    assert at == len(code)
