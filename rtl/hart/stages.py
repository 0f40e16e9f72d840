"""What travels from stage to stage of the pipeline.

Records are interfaces of separate signals rather than structs: Verilator handles words of up to 64
bits far faster than wider ones.
"""

from typing import Any

from amaranth.lib import wiring
from amaranth.lib.wiring import Out

from rtl.isa.opcodes import AluFunct
from rtl.mem.ports import MemoryCommand
from rtl.trace.cycle import StallCause

from .branch import ControlFlow
from .decode import SystemOp
from .prediction import Prediction

_CARRIED = {
    "pc": Out(64),
    "insn": Out(32),
    "compressed": Out(1),
    "parcel": Out(16),
    "second_half": Out(1),
    "exception": Out(1),
    "is_interrupt": Out(1),
    "code": Out(4),
    "has_rd": Out(1),
    "writes_rd": Out(1),
    "system": Out(SystemOp),
    "refetch": Out(1),
    "fetch_ppn": Out(44),
    "fetch_pte": Out(64),
    "fetch_level": Out(2),
    "fetch_translated": Out(1),
}


def record(signature: wiring.Signature, name: str) -> Any:
    """The fields of a record as signals that are no port, for the registers of a stage."""
    return signature.create(path=(name,))


def carried(target, source):
    """Assignments of the fields that every stage hands on, for the stage to override."""
    return [getattr(target, name).eq(getattr(source, name)) for name in _CARRIED]


def all_fields(target, source):
    """Assignments of all fields of a record to those of another of the same signature."""
    return [getattr(target, name).eq(getattr(source, name)) for name in source.signature.members]


class OccupancySignature(wiring.Signature):
    """Whether a stage gives an instruction to the next, seen from the earlier one.

    Members
    -------
    valid : Out(1)
    bubble : Out(StallCause)
        Without `valid`: what the missing instruction is charged to.
    """

    def __init__(self):
        super().__init__({"valid": Out(1), "bubble": Out(StallCause)})


class IssuedSignature(wiring.Signature):
    """An instruction with its operands, from decode to execute.

    Members
    -------
    pc : Out(64)
    insn : Out(32)
        In its 32-bit form where it is `compressed`.
    compressed : Out(1), parcel : Out(16)
        It has 16 bits, which are `parcel`.
    second_half : Out(1)
        A fault of its fetch is one of the second half.
    exception : Out(1), is_interrupt : Out(1), code : Out(4)
        The instruction will trap, with this cause; everything that it would do is switched off.
    has_rd, writes_rd : Out(1)
        It takes the write port of the register file; for another register than x0.
    system : Out(SystemOp)
    refetch : Out(1)
        Younger instructions are to be fetched again when it retires.
    fetch_ppn, fetch_pte, fetch_level, fetch_translated
        Of the fetch, for the retire port.
    a, b : Out(64)
        Operands of the ALU, of a branch, or of mul and div.
    c : Out(64)
        Offset of a branch or jump, or else rs2: what is stored, or the ASID of a fence.
    alu_funct : Out(AluFunct), alternate, word_op : Out(1)
    flow : Out(ControlFlow), prediction : Out(Prediction)
    is_memory : Out(1), command : Out(MemoryCommand)
    is_muldiv : Out(1)
    """

    def __init__(self):
        super().__init__(
            {
                **_CARRIED,
                "a": Out(64),
                "b": Out(64),
                "c": Out(64),
                "alu_funct": Out(AluFunct),
                "alternate": Out(1),
                "word_op": Out(1),
                "flow": Out(ControlFlow),
                "prediction": Out(Prediction),
                "is_memory": Out(1),
                "command": Out(MemoryCommand),
                "is_muldiv": Out(1),
            }
        )


class ExecutedSignature(wiring.Signature):
    """An instruction from execute to memory.

    Members
    -------
    pc ... fetch_translated
        As in `IssuedSignature`.
    result : Out(64)
        For rd; for CSR instructions and fences the operand rs1.
    address : Out(64)
        Of a memory access.
    next_pc : Out(64)
        Of the instruction that follows, unless this one traps or returns from a trap.
    c : Out(64)
    flow : Out(ControlFlow), prediction : Out(Prediction)
    taken : Out(1)
        It is a jump or a branch that is taken.
    misaligned : Out(1)
        `address` is not aligned to the size of the access.
    is_memory : Out(1), command : Out(MemoryCommand)
    """

    def __init__(self):
        super().__init__(
            {
                **_CARRIED,
                "result": Out(64),
                "address": Out(64),
                "next_pc": Out(64),
                "c": Out(64),
                "flow": Out(ControlFlow),
                "prediction": Out(Prediction),
                "taken": Out(1),
                "misaligned": Out(1),
                "is_memory": Out(1),
                "command": Out(MemoryCommand),
            }
        )


class FinishedSignature(wiring.Signature):
    """An instruction from memory to write-back.

    Members
    -------
    pc ... fetch_translated
        As in `IssuedSignature`.
    replay : Out(1)
        It has done nothing, and is to be executed again.
    result, address, next_pc, c : Out(64)
        As in `ExecutedSignature`; the result of a load is extended.
    mem_read, mem_write : Out(1)
    mem_paddr : Out(56), mem_wdata, mem_pte : Out(64), mem_level : Out(2), mem_translated : Out(1)
        As in `RetireSignature`.
    """

    def __init__(self):
        super().__init__(
            {
                **_CARRIED,
                "replay": Out(1),
                "result": Out(64),
                "address": Out(64),
                "next_pc": Out(64),
                "c": Out(64),
                "mem_read": Out(1),
                "mem_write": Out(1),
                "mem_paddr": Out(56),
                "mem_wdata": Out(64),
                "mem_pte": Out(64),
                "mem_level": Out(2),
                "mem_translated": Out(1),
            }
        )


class ResultSignature(wiring.Signature):
    """The register that the instruction in a stage writes, for younger ones to use.

    Members
    -------
    valid : Out(1), rd : Out(5)
    late : Out(1)
        `data` is not known in this stage yet.
    data : Out(64)
    """

    def __init__(self):
        super().__init__({"valid": Out(1), "rd": Out(5), "late": Out(1), "data": Out(64)})
