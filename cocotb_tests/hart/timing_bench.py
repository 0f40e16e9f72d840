"""Cycles per instruction: distances between retirements with memories that always answer."""

import cocotb

from rtl.trace.cycle import StallCause

from .programs import Bench

TABLE = {
    "independent addi": ("nop", 1),
    "dependent addi": ("addi a0, a0, 1", 1),
    "load, then its use": ("ld a0, (sp)\n add a0, a0, sp\n sub a0, a0, a0", 4),
    "chained loads": ("ld sp, (sp)", 2),
    "independent loads": ("ld a0, (sp)\n ld a3, (sp)", 2),
    "loads into one register": ("ld a0, (sp)", 2),
    "load of a byte, then its use": ("lbu a0, (sp)\n add a0, a0, zero", 4),
    "AMO with rl, behind a load": ("ld a0, (sp)\n amoadd.d.rl a3, zero, (sp)", 5),
    "load behind an AMO with aq": ("amoadd.d.aq a3, zero, (sp)\n ld a4, (sp)", 5),
    "load behind an AMO": ("amoadd.d a3, zero, (sp)\n ld a4, (sp)", 2),
    "load behind a fence": ("ld a0, (sp)\n fence\n ld a3, (sp)", 5),
    "stores": ("sd a0, 8(sp)", 1),
    "csrr, chained": ("csrrs a0, mscratch, a0", 3),
    "csrr, independent": ("csrr a0, mscratch\n csrr a3, mscratch\n csrr a4, mscratch", 3),
    "csrr into one register": ("csrr a0, mscratch", 3),
    "csrw without side effects": ("csrw mscratch, a0", 1),
    "csrs with side effects": ("csrs mstatus, zero\n csrs mstatus, a1", 6),
    "sfence.vma": ("sfence.vma sp", 5),
    "jump, met for the first time": ("j 1f\n 1:", 2),
    "branch not taken": ("bne zero, zero, 2f\n 2:", 1),
    "branch taken, met for the first time": ("beq zero, zero, 3f\n nop\n 3:", 4),
    "mul, all digits": ("mul a3, a2, a2", 10),
    "mul, early out": ("mul a1, a1, a1", 4),
    "divu 1/1": ("divu a1, a1, a1", 5),
    "divu by zero": ("divu a3, a2, zero", 67),
    "divu, what does not need it": ("divu a3, a2, zero\n addi a4, a4, 1\n addi a5, a5, 1", 67),
    "divu, its register overwritten": ("divu a3, a2, zero\n li a3, 0", 68),
    "divu on the wrong path, killed in EX": (
        "auipc a4, 0\n jr 12(a4)\n divu a3, a2, zero\n divu a3, a1, a1\n add a4, a3, zero",
        1 + 4 + 5 + 1,
    ),
    "divu behind a trap, killed in MEM": (
        "ecall\n divu a3, a2, zero\n add a4, a3, zero",
        15 + 67 + 1,
    ),
    "mul, one that needs it": ("mul a3, a2, a2\n addi a3, a3, 1", 11),
    "mul to x0": ("mul zero, a2, a2\n add a3, zero, a2", 10),
    "mul of rs1 with few digits": ("mul a3, a1, a2", 4),
    "mulw": ("mulw a3, a2, a2", 6),
    "mul, and others that take the write port": ("mul a3, a1, a2\n nop\n nop\n nop", 7),
    "trap and return": ("ecall", 5 + 3 + 1 + 1 + 5),
}
"""Code and its cycles, from its first instruction to the first of its repetition."""

LOOPS = {
    "loop of two": ("addi s0, s0, -1\n bnez s0, loop", 2),
    "loop of two, entered at an upper half": (
        "short c.nop\nloop: short c.addi s0, -1\n short c.bnez s0, loop",
        2,
    ),
    "jump in a loop": ("j 1f\n nop\n1: addi s0, s0, -1\n bnez s0, loop", 3),
    "call of a function at once: its return is not known yet": (
        "jal ra, function\n addi s0, s0, -1\n bnez s0, loop",
        7,
    ),
    "call of a longer function": (
        "jal ra, longer\n addi s0, s0, -1\n bnez s0, loop",
        5,
    ),
    "indirect jump to one place": ("jr s1\n nop\nthere: addi s0, s0, -1\n bnez s0, loop", 3),
    "indirect jump to two places in turn": (
        "xor s1, s1, s2\n jr s1\nother: nop\nthere: addi s0, s0, -1\n bnez s0, loop",
        7.5,
    ),
    "branch never taken": ("bnez zero, loop\n addi s0, s0, -1\n bnez s0, loop", 3),
}
"""Loops and the cycles of a turn, as a mean of two, when the predictor has seen many."""

_REPEATS = 3
_TURNS = 60


def _program(code: str) -> str:
    return f"""
    la t0, handler
    csrw mtvec, t0
    la sp, cell
    li a1, 1
    li a2, -1
    li a0, 0
start:
    {code}
    {code}
    {code}
end:
    {code}
    finish 0
.balign 8
handler:
    csrr t0, mepc
    addi t0, t0, 4
    csrw mepc, t0
    mret
function: ret
.balign 8
cell: .dword cell
    .dword 0
"""


@cocotb.test()
async def cycles_per_instruction(dut):
    bench = Bench(dut)
    found = {}
    for name, (code, _) in TABLE.items():
        run = await bench.run(_program(code))
        found[name] = (run.cycle_of("end") - run.cycle_of("start")) / _REPEATS
    expected = {name: cycles for name, (_, cycles) in TABLE.items()}
    wrong = {name: (found[name], expected[name]) for name in TABLE if found[name] != expected[name]}
    assert not wrong, wrong


@cocotb.test()
async def every_cycle_has_a_cause(dut):
    """A record leaves in exactly the cycles called RETIRING; bubbles carry what made them."""
    bench = Bench(dut)
    expected = {
        "ld a0, (sp)\n addi a0, a0, 1": {StallCause.INTERLOCK: 3},
        "j 1f\n 1:": {StallCause.MISPREDICT: 3},
        "mul a3, a2, a2": {StallCause.MULDIV: 27},
        "csrs mstatus, a1": {StallCause.CSR_SERIALISE: 12},
        "sfence.vma": {StallCause.FENCE_DRAIN: 12},
        "fence.i": {StallCause.FENCE_DRAIN: 12},
    }
    for code, stalls in expected.items():
        run = await bench.run(_program(code))
        retired = {record.cycle for record in run.records}
        begin, end = run.cycle_of("start"), run.cycle_of("end")
        for cycle, cause in enumerate(run.causes):
            assert (cause is StallCause.RETIRING) == (cycle in retired)
        window = run.causes[begin:end]
        counted = {cause: window.count(cause) for cause in window}
        del counted[StallCause.RETIRING]
        assert counted == stalls, code


def _loop(code: str) -> str:
    before, _, body = code.rpartition("loop:")
    return f"""
    li s0, {_TURNS}
    la s1, there
    la s2, other
    xor s2, s2, s1
    jal ra, enter               # never returns: something is on the return stack
.balign 64
enter:
    {before}
loop:
    {body}
    finish 0
.balign 64
function: ret
.balign 64
longer: nop
    ret
"""


@cocotb.test()
async def cycles_per_turn(dut):
    """Once it is known where a branch goes, it costs what it costs on Rocket."""
    bench = Bench(dut)
    found = {}
    for name, (code, _) in LOOPS.items():
        text = _loop(code)
        labels = "".join(f"{label}:" for label in ("there", "other") if f"{label}:" not in text)
        run = await bench.run(text + labels)
        begin = run.program.symbols["loop"]
        turns = [record.cycle for record in run.records if record.pc == begin]
        assert len(turns) == _TURNS
        found[name] = (turns[-1] - turns[-3]) / 2
    expected = {name: cycles for name, (_, cycles) in LOOPS.items()}
    wrong = {name: (found[name], expected[name]) for name in LOOPS if found[name] != expected[name]}
    assert not wrong, wrong
