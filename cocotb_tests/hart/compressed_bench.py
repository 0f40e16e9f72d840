"""16-bit instructions in the pipeline: alignment, links, what is reported, halves that fault."""

import cocotb

from .programs import Bench
from .stand_in import HOLE, MEMORY_BASE, MEMORY_WORDS

_END = MEMORY_BASE + 8 * MEMORY_WORDS
"""Behind it every access faults."""

_PAGE_FAULT, _ACCESS_FAULT = 12, 1


@cocotb.test()
async def lengths_and_alignments(dut):
    """Every order of short and long instructions, entered at either half of a word."""
    body = "\n".join(
        f"{'short c.addi a0, 1' if order >> place & 1 else 'addi a0, a0, 1'}"
        for order in range(64)
        for place in range(6)
    )
    for entry in ("short c.nop", "nop"):
        run = await Bench(dut).run(f"""
    li a0, 0
    j start
    {entry}
start:
{body}
    finish 1
""")
        counted = [record.rd_data for record in run.records if record.rd == 10]
        assert counted == list(range(6 * 64 + 1))


@cocotb.test()
async def pc_and_raw_bits_of_each_record(dut):
    run = await Bench(dut).run("""
first: short c.li a0, 5
second: addi a0, a0, 1
third: short c.addi a0, 2
    finish 1
""")
    symbols = run.program.symbols
    insns = {record.pc: record.insn for record in run.records}
    assert [insns[symbols[name]] for name in ("first", "second", "third")] == [
        0x4515,
        0x0015_0513,
        0x0509,
    ]
    assert symbols["third"] == symbols["first"] + 6


@cocotb.test()
async def links(dut):
    """A call links to the instruction behind it, whatever the length of the call."""
    run = await Bench(dut).run("""
    la s0, function
one: jal ra, function
two: jalr ra, s0
three: short c.jalr s0
four: finish 1
    short c.nop
function: short c.jr ra
""")
    symbols = run.program.symbols
    found = [record.rd_data for record in run.records if record.rd == 1]
    assert found == [symbols[name] for name in ("two", "three", "four")]


@cocotb.test()
async def refetch_behind_serialising_instructions(dut):
    """They may be in the upper half of a word: the next is fetched from the lower one."""
    run = await Bench(dut).run("""
    la t0, handler
    csrw mtvec, t0
    short c.li a0, 0
    csrsi mstatus, 0
    short c.addi a0, 1
    fence.i
    short c.addi a0, 1
    sfence.vma
    short c.addi a0, 1
    ecall
    short c.addi a0, 1
    finish 1
.balign 4
handler:
    csrr t0, mepc
    addi t0, t0, 4
    csrw mepc, t0
    mret
""")
    assert [record.rd_data for record in run.records if record.rd == 10] == [0, 1, 2, 3, 4]


def _crossing(address: int, first_half: int) -> str:
    """Jumps to `address`, the last parcel before a page that faults, and comes back."""
    return f"""
    la t0, handler
    csrw mtvec, t0
    li a0, 0
    li s0, {address}
    li t1, {first_half}
    sh t1, (s0)
    fence.i
    la s1, back
    jr s0
back: finish 1
.balign 4
handler:
    csrw mepc, s1
    mret
"""


@cocotb.test()
async def faulting_second_half(dut):
    """xepc is the instruction, xtval the half that faults, and a short one is not affected."""
    bench = Bench(dut)
    for behind, cause in ((HOLE, _PAGE_FAULT), (_END, _ACCESS_FAULT)):
        for stall in (False, True):
            run = await bench.run(_crossing(behind - 2, 0x0513), stall=stall)
            assert run.traps() == [(cause, behind - 2, behind)]
            run = await bench.run(_crossing(behind - 2, 0x4515), stall=stall)
            assert run.traps() == [(cause, behind, behind)]
            assert [r.rd_data for r in run.records if r.pc == behind - 2] == [5]
            run = await bench.run(_crossing(behind - 2, 0), stall=stall)
            assert run.traps() == [(2, behind - 2, 0)]


@cocotb.test()
async def faulting_first_half(dut):
    """What is in the page behind the fault is not asked for."""
    run = await Bench(dut).run(_crossing(HOLE + 0xFFE, 0).replace("sh t1, (s0)", ""))
    assert run.traps() == [(_PAGE_FAULT, HOLE + 0xFFE, HOLE + 0xFFE)]


@cocotb.test()
async def same_effects_under_random_stalls(dut):
    bench = Bench(dut)
    text = """
.option rvc
    la sp, cells
    li s0, 20
    li a0, 0
    li a3, 0
loop:
    sd s0, (sp)
    addi a1, s0, 100
    ld a2, (sp)
    add a1, a1, a2
    beqz a0, 1f
    addi a3, a3, 3
1:  xori a0, a0, 1
    jal function
    addiw s0, s0, -1
    bnez s0, loop
    finish 4
function:
    slli a4, a1, 3
    mul a5, a4, a1
    ret
.balign 8
cells: .dword 0
"""
    calm = await bench.run(text)
    stalled = await bench.run(text, stall=True)
    assert [record.effect for record in calm.records] == [
        record.effect for record in stalled.records
    ]
    assert stalled.records[-1].cycle > 1.3 * calm.records[-1].cycle, "nothing was stalled"
