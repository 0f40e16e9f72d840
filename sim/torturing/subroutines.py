"""The code region: subroutines that steps call through windows, with any page behind any address.

Every page looks alike: a subroutine every `ENTRY_BYTES`, and one instruction that begins in the
last two bytes of a page and ends in the first two of the next, whichever that is; a return follows.
Nothing in here depends on the address or the mode it runs in.
"""

from __future__ import annotations

import random

from . import encoding
from .arithmetic import operation
from .layout import (
    CODE_REGION,
    ENTRY,
    ENTRY_BYTES,
    PAGE,
    PAGES,
    POOL,
    RA,
    SCRATCH,
    SLOT,
    STRADDLE,
    TARGET,
    WINDOWS,
)
from .memory import access
from .plan import Plan
from .writer import Writer

_C_RETURN = 0x8002 | RA << 7


def code_region(plan: Plan) -> bytes:
    """The region's initial contents, one page more than its size: the last one's neighbour."""
    rng = random.Random(plan.seed ^ 0xC0DE)
    region = bytearray((PAGES + 1) * PAGE)
    for page in range(PAGES + 1):
        start = page * PAGE
        upper = rng.getrandbits(16) & ~0xF | rng.randrange(4, 16)
        region[start : start + 4] = (upper | _C_RETURN << 16).to_bytes(4, "little")
        low = encoding.i_type(0x13, rng.choice((0, 2, 4, 6, 7)), rng.choice(POOL), 8, 0)
        low |= rng.getrandbits(1) << 15
        region[start + STRADDLE : start + PAGE] = (low & 0xFFFF).to_bytes(2, "little")
        for entry in range(ENTRY, PAGE, ENTRY_BYTES):
            code = _subroutine(plan, rng.getrandbits(48), CODE_REGION + start + entry)
            region[start + entry : start + entry + len(code)] = code
    return bytes(region)


def _subroutine(plan: Plan, seed: int, address: int) -> bytes:
    w = Writer(plan, address)
    w.seed(seed)
    w.compressing = w.compressing and plan.straddles
    compressing, w.compressing = w.compressing, False
    operation(w)
    operation(w)
    assert w.here == address + SLOT
    operation(w)
    w.compressing = compressing
    for _ in range(w.rng.randrange(4)):
        operation(w)
    draw = w.rng.random()
    if draw < 0.25:
        window = w.rng.choice(WINDOWS)
        w.window_address(TARGET, window, code=False, size=8)
        access(w, TARGET, 0)
    elif draw < 0.3:
        w.op("ebreak")
    elif draw < 0.5:
        w.op("ld", SCRATCH, 2, 8 * w.rng.randrange(32))
        w.op("xor", w.pool(), SCRATCH, w.pool())
    operation(w)
    w.op("jalr", 0, RA, 0)
    code = w.finish()
    assert len(code) <= ENTRY_BYTES - ENTRY - 2
    return code
