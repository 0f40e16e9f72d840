"""What xcause says, for people."""

from rtl.isa.causes import ExceptionCode, InterruptCode

INTERRUPT = 1 << 63
"""Bit of xcause."""

_TRAP_NAMES = {
    ExceptionCode.ECALL_U.value: "system call",
    ExceptionCode.ECALL_S.value: "SBI call",
}


def trap_name(cause: int) -> str:
    """Return a name such as `system call`, `exception load page` or `interrupt STI`."""
    if cause & INTERRUPT:
        code = cause ^ INTERRUPT
        known = {c.value: c.name for c in InterruptCode}
        return f"interrupt {known.get(code, code)}"
    names = {c.value: c.name.lower().replace("_", " ") for c in ExceptionCode}
    return _TRAP_NAMES.get(cause) or f"exception {names.get(cause, cause)}"
