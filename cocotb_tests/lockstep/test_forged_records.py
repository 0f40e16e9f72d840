"""Each kind of difference is found: correct records of a program, with one field changed."""

import pytest

from cocotb_tests.hart.programs import assemble
from cocotb_tests.lockstep.golden_library import DRAM_BASE, GoldenHart, load, result, store, trap

T0, T1, T2, T3, T4 = 5, 6, 7, 28, 29
DATA = DRAM_BASE + 0x1000
VECTOR = DRAM_BASE + 0x40
ECALL_M, ILLEGAL, LOAD_MISALIGNED, LOAD_ACCESS = 11, 2, 4, 5

PROGRAM = assemble(
    f"""
        li t0, -0x123
        lui t1, {DATA >> 12 & 0xFFFFF}
        slli t1, t1, 32
        srli t1, t1, 32
        sd t0, 8(t1)
        lbu t2, 9(t1)
        addi t1, t1, 8
        amoadd.w t4, t2, (t1)
        csrw mscratch, t0
        csrrw t3, mscratch, zero
        auipc t2, 0
        addi t2, t2, {VECTOR - DRAM_BASE - 40}
        csrw mtvec, t2
        ecall
        nop
        nop
    vector:
        csrr t3, mcause
        lw t3, 2(t1)
    """
)
VALUE = -0x123 % (1 << 64)
PCS = range(DRAM_BASE, VECTOR, 4)

RECORDS = [
    result(PCS[0], T0, VALUE),
    result(PCS[1], T1, DATA | 0xFFFF_FFFF_0000_0000),
    result(PCS[2], T1, DATA << 32),
    result(PCS[3], T1, DATA),
    store(PCS[4], VALUE, DATA + 8),
    load(PCS[5], T2, VALUE >> 8 & 0xFF, DATA + 9, size=0),
    result(PCS[6], T1, DATA + 8),
    load(
        *(PCS[7], T4, VALUE, DATA + 8),
        size=2,
        mem_write=1,
        mem_wdata=(VALUE + 0xFE) & 0xFFFF_FFFF,
    ),
    {"pc": PCS[8]},
    result(PCS[9], T3, VALUE),
    result(PCS[10], T2, PCS[10]),
    result(PCS[11], T2, VECTOR),
    {"pc": PCS[12]},
    trap(PCS[13], ECALL_M),
    result(VECTOR, T3, ECALL_M),
    trap(VECTOR + 4, LOAD_MISALIGNED, DATA + 10),
    result(VECTOR, T3, LOAD_MISALIGNED),
]

FORGERIES = {
    "pc": (3, {"pc": PCS[4]}, "pc: RTL 0x80000010, Spike 0x8000000c"),
    "instruction": (0, {"insn": 0x13}, "insn: RTL 0x13, Spike 0xedd00293"),
    "privilege": (2, {"privilege": 1}, "privilege: RTL 0x1, Spike 0x3"),
    "rd data": (0, {"rd_data": VALUE ^ 1 << 63}, "rd data: RTL 0x7ff"),
    "rd": (0, {"rd": T1}, "rd: RTL 0x6, Spike 0x5"),
    "no rd": (0, {"rd_valid": 0}, "rd: RTL 0, Spike 0x5"),
    "rd where there is none": (4, {"rd_valid": 1, "rd": T0}, "rd: RTL 0x5, Spike 0"),
    "memory data": (4, {"mem_wdata": 0}, "memory data: RTL 0, Spike 0xf"),
    "memory data of an AMO": (7, {"mem_wdata": VALUE}, "memory data: RTL 0xfffffedd"),
    "physical address": (4, {"mem_paddr": DATA + 16}, "physical address: RTL 0x80001010"),
    "virtual address": (5, {"mem_vaddr": DATA + 8}, "virtual address: RTL 0x80001008"),
    "bytes": (5, {"mem_size": 1}, "bytes accessed: RTL 0x2, Spike 0x1"),
    "value read": (5, {"mem_rdata": 1}, "value read: RTL 0x1, Spike 0xfe"),
    "no access": (4, {"mem_write": 0}, "memory write: RTL 0, Spike 0x1"),
    "half an AMO": (7, {"mem_read": 0}, "memory read: RTL 0, Spike 0x1"),
    "CSR": (9, {"rd_data": 0}, "rd data: RTL 0, Spike 0xf"),
    "trap cause": (13, {"cause": 8}, "cause: RTL 0x8, Spike 0xb"),
    "trap value": (15, {"tval": DATA + 8}, "tval: RTL 0x80001008, Spike 0x8000100a"),
    "missing trap": (15, {"trap": 0}, "trap: RTL 0, Spike 0x1"),
    "trap where there is none": (3, trap(PCS[3], ILLEGAL), "trap: RTL 0x1, Spike 0"),
    "interrupt where there is none": (3, trap(PCS[3], 1 << 63 | 7), "trap: RTL 0x1, Spike 0"),
    "saved cause": (14, {"rd_data": 8}, "rd data: RTL 0x8, Spike 0xb"),
}
"""Number of the record, the fields that are changed, and what the report says of it."""


def test_the_program_as_it_is():
    hart = GoldenHart(PROGRAM)
    for record in RECORDS:
        assert hart.step(record), hart.report()
    assert hart.exceptions() == {}


@pytest.mark.parametrize("name", FORGERIES)
def test_a_difference_is_found_and_named(name):
    number, fields, sentence = FORGERIES[name]
    hart = GoldenHart(PROGRAM)
    for record in RECORDS[:number]:
        assert hart.step(record), hart.report()
    assert not hart.step({**RECORDS[number], **fields})
    report = hart.report()
    assert sentence in report.split("\nRTL:")[0]
    assert report.count("\n  cycle ") == number + 1


def test_the_report_shows_the_last_20_records():
    loop = assemble("1: addi t0, t0, 1\n j 1b")
    hart = GoldenHart(loop)
    for number in range(40):
        record = (
            {"pc": DRAM_BASE + 4}
            if number % 2
            else result(DRAM_BASE, T0, number // 2 + 1 + (number == 38))
        )
        if not hart.step({**record, "cycle": 100 + number}):
            break
    lines = hart.report().splitlines()
    assert lines[0] == "the RTL and Spike differ in"
    (shown,) = (
        lines[index + 1 :] for index, line in enumerate(lines) if line.startswith("last records")
    )
    assert len(shown) == 20
    assert shown[0].split()[:2] == ["cycle", str(100 + 19)]
    assert "addi    t0, t0, 1" in shown[-1]
    assert shown[-1].endswith("x5=0x15")
