"""AMOs as the unprivileged specification (A extension) defines them, and the walker's update."""

from rtl.mem.ports import MemoryCommand

AMOS = tuple(command for command in MemoryCommand if command.name.startswith("AMO"))
READ_MODIFY_WRITE = (*AMOS, MemoryCommand.UPDATE_PTE)

ACCESSED_AND_DIRTY = 0xC0


def to_signed(value: int, bits: int) -> int:
    return value - (1 << bits) if value >> (bits - 1) & 1 else value


def amo_result(command: MemoryCommand, size: int, memory: int, operand: int) -> int:
    """Return what an AMO of `1 << size` bytes writes; arguments and result are unsigned."""
    bits = 8 << size
    mask = (1 << bits) - 1
    memory &= mask
    operand &= mask
    match command:
        case MemoryCommand.AMOSWAP:
            result = operand
        case MemoryCommand.AMOADD:
            result = memory + operand
        case MemoryCommand.AMOXOR:
            result = memory ^ operand
        case MemoryCommand.AMOAND:
            result = memory & operand
        case MemoryCommand.AMOOR:
            result = memory | operand
        case MemoryCommand.AMOMIN:
            result = min(memory, operand, key=lambda value: to_signed(value, bits))
        case MemoryCommand.AMOMAX:
            result = max(memory, operand, key=lambda value: to_signed(value, bits))
        case MemoryCommand.AMOMINU:
            result = min(memory, operand)
        case MemoryCommand.AMOMAXU:
            result = max(memory, operand)
        case MemoryCommand.UPDATE_PTE:
            same = memory | ACCESSED_AND_DIRTY == operand | ACCESSED_AND_DIRTY
            result = memory | operand if same else memory
        case _:
            raise ValueError(f"{command} is no AMO")
    return result & mask
