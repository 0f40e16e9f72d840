"""Integer arithmetic of RV64IM, written from the unprivileged specification's words."""

MASK = (1 << 64) - 1


def signed(value: int, bits: int = 64) -> int:
    """Two's complement value of the low `bits` bits."""
    value &= (1 << bits) - 1
    return value - (1 << bits) if value >> (bits - 1) else value


def sign_extend(value: int, bits: int = 32) -> int:
    """The low `bits` bits extended to a 64-bit register."""
    return signed(value, bits) & MASK


def _truncated_division(dividend: int, divisor: int) -> tuple[int, int]:
    """Quotient rounded towards zero, and the remainder, which has the sign of the dividend."""
    quotient = abs(dividend) // abs(divisor)
    if (dividend < 0) != (divisor < 0):
        quotient = -quotient
    return quotient, dividend - quotient * divisor


def divide(a: int, b: int, bits: int, is_signed: bool) -> tuple[int, int]:
    """Quotient and remainder; division by zero gives all ones and the dividend."""
    dividend, divisor = (
        (signed(a, bits), signed(b, bits))
        if is_signed
        else (a & ((1 << bits) - 1), b & ((1 << bits) - 1))
    )
    if divisor == 0:
        return -1, dividend
    return _truncated_division(dividend, divisor)


def muldiv(name: str, a: int, b: int) -> int:
    """Result of an instruction of the M extension for two 64-bit registers."""
    if name == "mul":
        return a * b & MASK
    if name == "mulw":
        return sign_extend(a * b)
    if name == "mulh":
        return signed(a) * signed(b) >> 64 & MASK
    if name == "mulhsu":
        return signed(a) * b >> 64 & MASK
    if name == "mulhu":
        return a * b >> 64
    bits = 32 if name.endswith("w") else 64
    stem = name.removesuffix("w")
    quotient, remainder = divide(a, b, bits, is_signed=not stem.endswith("u"))
    return sign_extend(quotient if stem.startswith("div") else remainder, bits)


def alu(name: str, a: int, b: int) -> int:
    """Result of an OP or OP-32 instruction of the base ISA."""
    if name.endswith("w"):
        amount = b & 31
        low = a & 0xFFFF_FFFF
        results = {
            "addw": a + b,
            "subw": a - b,
            "sllw": low << amount,
            "srlw": low >> amount,
            "sraw": signed(a, 32) >> amount,
        }
        return sign_extend(results[name])
    amount = b & 63
    results = {
        "add": a + b,
        "sub": a - b,
        "sll": a << amount,
        "slt": signed(a) < signed(b),
        "sltu": a < b,
        "xor": a ^ b,
        "srl": a >> amount,
        "sra": signed(a) >> amount,
        "or": a | b,
        "and": a & b,
    }
    return int(results[name]) & MASK
