"""Assembly text against the assembler that made the encodings."""

import struct

import pytest

from cocotb_tests.assembler import assemble
from sim.waveforms.compressed import expand
from sim.waveforms.mnemonics import disassemble

_LINES = """
lui a0, 0x80200
auipc s1, 0x12
jal ra, .+0x10
jal zero, .-0x8
jalr ra, -4(t1)
beq a0, a1, .+0x8
bgeu t6, zero, .-0x20
lb a0, -1(sp)
ld s0, 2040(sp)
lwu a5, 0(a4)
sb a0, -1(sp)
sd ra, -2048(sp)
addi sp, sp, -272
sltiu a0, a0, 1
xori a0, a1, -1
slli a0, a0, 63
srli t0, t1, 32
srai a2, a3, 1
addiw a0, a0, -5
slliw a0, a1, 31
sraiw a0, a1, 7
sub a0, a1, a2
sra s2, s3, s4
mulhsu a0, a1, a2
remu a0, a1, a2
subw a0, a1, a2
divuw a0, a1, a2
sraw a0, a1, a2
fence rw, w
fence iorw, iorw
fence.i
ecall
ebreak
sret
mret
wfi
csrrw tp, sscratch, tp
csrrs a0, scause, zero
csrrci a0, sstatus, 2
csrrwi zero, satp, 0
csrrw zero, 0x7c0, a0
sfence.vma zero, zero
sfence.vma a0, zero
sfence.vma a0, a1
lr.d.aq a0, (a1)
sc.w.rl a0, a2, (a1)
amoadd.w a0, a2, (a1)
amoswap.d.aqrl a0, a2, (a1)
amomaxu.d zero, a2, (a1)
""".strip().splitlines()


@pytest.fixture(scope="module")
def words():
    text = assemble(_LINES, "+m+a")
    return struct.unpack(f"<{len(text) // 4}I", text)


def test_text_is_what_was_assembled(words):
    assert [disassemble(word) for word in words] == _LINES


def test_what_is_no_instruction_has_no_text():
    for word in (0, 0xFFFF_FFFF, 0x0000_2063, 0x0000_7003, 0x4000_1013, 0x1020_0173):
        assert disassemble(word) is None


def _is_hint(parcel: int) -> bool:
    """It changes no register: one that is x0, or a shift or an addition by nothing."""
    word = expand(parcel)
    assert word is not None
    by_nothing = word & 0x7F == 0x13 and word >> 12 & 7 in (0, 1, 5) and word >> 20 & 63 == 0
    return word >> 7 & 31 == 0 or (by_nothing and word >> 15 & 31 == word >> 7 & 31)


def test_compressed_text_is_what_was_assembled():
    """The assembler finds the 16-bit form of each instruction that has one.

    Hints have several forms: the assembler takes one, or the 32-bit instruction. What c.addi16sp
    adds may also fit into c.addi.
    """
    parcels = [
        parcel
        for parcel in range(1 << 16)
        if parcel & 3 != 3 and expand(parcel) is not None and not _is_hint(parcel)
    ]
    texts = [disassemble(parcel) or "" for parcel in parcels]
    # An offset that is a number keeps its form; one relative to "." may get a longer one.
    offsets = (text.replace(".+", "").replace(".-", "-") for text in texts)
    code = assemble(offsets, "+m+a+c")
    assembled = struct.unpack(f"<{len(code) // 2}H", code)
    assert len(assembled) == len(parcels)
    different = [pair for pair in zip(parcels, assembled, strict=True) if pair[0] != pair[1]]
    assert {parcel & 0xEF83 for parcel, _ in different} == {0x6101}
    assert all(expand(parcel) == expand(other) for parcel, other in different)
