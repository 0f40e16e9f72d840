"""Traps: cause, pc and value of each kind, delegation, vectors, interrupts and returns."""

import cocotb

from cocotb_tests.hart.programs import Bench

INTERRUPT = 1 << 63

_SKIPPING_HANDLER = """
.balign 4
handler:
    csrr t0, mepc
    addi t0, t0, 4
    csrw mepc, t0
    mret
"""

_ENTER = """
.macro enter mode
    li t0, \\mode << 11
    li t1, 3 << 11
    csrc mstatus, t1
    csrs mstatus, t0
    la t0, 1f
    csrw mepc, t0
    mret
1:
.endm
"""


@cocotb.test()
async def exceptions(dut):
    """Each exception once, in M-mode: label of the instruction, cause, xtval."""
    cases = [
        (".word 0xffffffff", 2, 0xFFFF_FFFF),
        (".hword 0, 1", 2, 0),
        (".hword 0x9002, 1", 3, None),
        (".hword 0x2001, 1", 2, 0x2001),
        ("csrw mhartid, x0", 2, 0xF140_1073),
        ("ebreak", 3, None),
        ("ecall", 11, 0),
        ("ld a0, 1(s0)", 4, 1),
        ("lr.w a0, (s1)", 4, 2),
        ("sd a0, 4(s0)", 6, 4),
        ("amoadd.w a0, a0, (s1)", 6, 2),
        ("sc.d a0, a0, (s1)", 6, 2),
        ("lw a0, 0(s2)", 13, 0x9000_0000),
        ("sw a0, 4(s2)", 15, 0x9000_0004),
        ("lr.d a0, (s2)", 13, 0x9000_0000),
        ("amoswap.d a0, a0, (s2)", 15, 0x9000_0000),
        ("lw a0, 1(s2)", 4, 0x9000_0001),
        ("lw a0, 0(s3)", 5, 0xA000_0000),
        ("sw a0, 0(s3)", 7, 0xA000_0000),
        ("lr.w a0, (s3)", 5, 0xA000_0000),
        ("sc.w a0, a0, (s3)", 7, 0xA000_0000),
        ("amomax.d a0, a0, (s3)", 7, 0xA000_0000),
        # A device has no register of this size there, and takes plain accesses only.
        ("lw a0, 8(s4)", 5, 0x1000_0008),
        ("sb a0, 3(s4)", 7, 0x1000_0003),
        ("lr.d a0, (s4)", 5, 0x1000_0000),
        ("sc.d a0, a0, (s4)", 7, 0x1000_0000),
        ("amoadd.d a0, a0, (s4)", 7, 0x1000_0000),
    ]
    body = "\n".join(f"case{number}: {code}" for number, (code, _, _) in enumerate(cases))
    run = await Bench(dut).run(f"""
    la t0, handler
    csrw mtvec, t0
    li s0, 0
    li s1, 2
    li s2, 0x90000000
    li s3, 0xa0000000
    li s4, 0x10000000
    li a0, 77
{body}
    finish 1
{_SKIPPING_HANDLER}
""")
    pcs = [run.program.symbols[f"case{number}"] for number in range(len(cases))]
    assert run.traps() == [
        (cause, pc, pc if tval is None else tval)
        for (_, cause, tval), pc in zip(cases, pcs, strict=True)
    ]
    finished = [record for record in run.records if record.rd == 10]
    assert [record.rd_data for record in finished] == [77], "a trapping instruction wrote rd"


@cocotb.test()
async def fetch_faults(dut):
    """The pc of the faulting fetch is in xepc and xtval; a prefetch past the end does nothing."""
    run = await Bench(dut).run("""
    la t0, handler
    csrw mtvec, t0
    la s0, back
    li t1, 0x90000010
    jr t1
back:
    la s0, back2
    li t1, 0xa0000000
    jr t1
back2:
    finish 1
.balign 4
handler:
    csrw mepc, s0
    mret
""")
    assert run.traps() == [
        (12, 0x9000_0010, 0x9000_0010),
        (1, 0xA000_0000, 0xA000_0000),
    ]


@cocotb.test()
async def older_trap_stops_younger_store(dut):
    """What follows a trap has no effect, wherever in the pipeline the trap is found."""
    for trap in ("ecall", ".word 0", "ld a1, 1(zero)", "csrw cycle, x0"):
        run = await Bench(dut).run(f"""
    la t0, handler
    csrw mtvec, t0
    la s0, cell
    li a0, 5
    {trap}
    sd a0, (s0)
    amoadd.d a0, a0, (s0)
    li a0, 6
after:
    ld a2, (s0)
    mv a3, a0
    finish 1
.balign 4
handler:
    la t0, after
    csrw mepc, t0
    mret
.balign 8
cell: .dword 99
""")
        results = {record.rd: record.rd_data for record in run.records if record.rd}
        assert (results[12], results[13]) == (99, 5), trap


@cocotb.test()
async def delegation(dut):
    """ecall from U goes to S, its illegal instruction to M; M's own traps stay in M."""
    run = await Bench(dut).run(f"""
{_ENTER}
    la t0, handler
    csrw mtvec, t0
    la t0, s_handler
    csrw stvec, t0
    li t0, -1
    csrw medeleg, t0
in_m: ebreak
    li t0, 0x100
    csrw medeleg, t0
    enter 0
in_u: ecall
bad_in_u: .word 0
last: ecall
    finish 1
.balign 4
s_handler:
    csrr t0, sepc
    addi t0, t0, 4
    csrw sepc, t0
s_return:
    sret
{_SKIPPING_HANDLER}
""")
    symbols = run.program.symbols
    assert run.traps() == [
        (3, symbols["in_m"], symbols["in_m"]),
        (8, symbols["in_u"], 0),
        (2, symbols["bad_in_u"], 0),
        (8, symbols["last"], 0),
    ]
    modes = {record.pc: record.privilege for record in run.records}
    assert modes[symbols["s_return"]] == 1
    assert modes[symbols["handler"]] == 3
    assert modes[symbols["last"]] == 0


@cocotb.test()
async def interrupts_and_vectors(dut):
    """msip and mtip together: msip is taken first, each at its vector, before the next pc."""
    run = await Bench(dut).run("""
    la t0, vectors + 1
    csrw mtvec, t0
    li t0, 0x88
    csrw mie, t0
    lines 3
    li a0, 1
    csrsi mstatus, 8
interrupted:
    finish 1
.balign 4
vectors:
    .rept 3
    j wrong
    .endr
    j software
    .rept 3
    j wrong
    .endr
    j timer
wrong: finish 2
software:
    lines 2
    mret
timer:
    lines 0
    mret
""")
    pc = run.program.symbols["interrupted"]
    assert run.code == 1
    assert run.traps() == [(INTERRUPT | 3, pc, 0), (INTERRUPT | 7, pc, 0)]


@cocotb.test()
async def wfi(dut):
    """It waits for an enabled interrupt, taken or not; in U-mode it is illegal."""
    run = await Bench(dut).run(f"""
{_ENTER}
    la t0, handler
    csrw mtvec, t0
    li t0, 2
    csrw mie, t0
    csrsi mip, 2
first: wfi
    csrci mip, 2
    enter 0
second: wfi
    finish 1
{_SKIPPING_HANDLER}
""")
    assert run.traps() == [(2, run.program.symbols["second"], 0x1050_0073)]


@cocotb.test()
async def wfi_waits_for_a_line(dut):
    run = await Bench(dut).run(
        """
    li t0, 8
    csrw mie, t0
    wfi
    finish 1
""",
        wake_after=200,
    )
    idle = [cycle for cycle, cause in enumerate(run.causes) if cause.name == "IDLE"]
    assert len(idle) > 150
    assert run.code == 1


@cocotb.test()
async def privilege_of_data(dut):
    """MPRV lends loads and stores the mode in MPP, and mret to a lower mode clears it."""
    run = await Bench(dut).run(f"""
{_ENTER}
    la t0, handler
    csrw mtvec, t0
    la s0, cell
    li t0, 0x20800
    csrs mstatus, t0
as_s: ld a0, (s0)
    enter 0
as_u: ld a0, (s0)
    ecall
    finish 1
.balign 4
handler:
    csrr a1, mstatus
    csrr t0, mepc
    addi t0, t0, 4
    csrw mepc, t0
    mret
.balign 8
cell: .dword 1
""")
    symbols = run.program.symbols
    assert run.data_privileges[symbols["as_s"]] == 1
    assert run.data_privileges[symbols["as_u"]] == 0
    status = next(record.rd_data for record in run.records if record.rd == 11)
    assert not status >> 17 & 1


@cocotb.test()
async def fences(dut):
    """The four forms of sfence.vma at the fence port, and code written before a fence.i."""
    run = await Bench(dut).run("""
    li a0, 0x123456
    li a1, 7
    sfence.vma
    sfence.vma a0, zero
    sfence.vma zero, a1
    sfence.vma a0, a1
    la t0, patched
    li t1, 0x00300513      # li a0, 3
    sw t1, (t0)
    fence.i
patched: li a0, 2
    finish 1
""")
    assert run.fences == [(0, 0, 0, 0), (1, 0, 0x123456, 0), (0, 1, 0, 7), (1, 1, 0x123456, 7)]
    patched = run.program.symbols["patched"]
    assert [r.rd_data for r in run.records if r.pc == patched] == [3]


@cocotb.test()
async def fence_operands_are_waited_for(dut):
    """Both operands come from the instructions just before: loads, which have nothing to forward
    yet, and arithmetic."""
    run = await Bench(dut).run("""
    la s0, cells
    li a0, 1
    li a1, 2
    nop
    nop
    nop
    ld a1, 8(s0)
    ld a0, (s0)
    sfence.vma a0, a1
    ld a0, 16(s0)
    sfence.vma a0
    ld a1, 24(s0)
    sfence.vma zero, a1
    addi a0, a0, 0x10
    sfence.vma a0, a1
    finish 1
.balign 8
cells: .dword 0x5000, 9, 0x7000, 11
""")
    assert run.fences == [(1, 1, 0x5000, 9), (1, 0, 0x7000, 0), (0, 1, 0, 11), (1, 1, 0x7010, 11)]
