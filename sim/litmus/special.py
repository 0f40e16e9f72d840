"""Litmus tests that are more than a shape: forwarding, single rules, atomicity, words.

"A" are figures of the unprivileged specification's appendix "RVWMO Explanatory Material".
"""

from __future__ import annotations

from .definition import Litmus

_WRITER = "sd 1, x; fence w, w; sd 1, y"

_SPECIAL: tuple[tuple[str, tuple[str, ...], str], ...] = (
    # A: a store is seen by its own hart first.
    (
        "SB+rfi-fence.r.r",
        ("sd 1, x; ld a0, x; fence r, r; ld a1, y", "sd 1, y; ld a0, y; fence r, r; ld a1, x"),
        "0:a0=1 & 0:a1=0 & 1:a0=1 & 1:a1=0",
    ),
    (
        "SB+rfi-addr",
        ("sd 1, x; ld a0, x; ld a1, y(a0)", "sd 1, y; ld a0, y; ld a1, x(a0)"),
        "0:a0=1 & 0:a1=0 & 1:a0=1 & 1:a1=0",
    ),
    # A: the sample litmus test, one store fewer.
    ("CoWWR", ("sd 1, x; sd 2, x; ld a0, x", "sd 3, x"), "0:a0=1"),
    # A: PPOCA, and its sister with an address dependency (Herding cats).
    (
        "PPOCA",
        (_WRITER, "ld a0, y; bnez a0; sd 1, z; ld a1, z; ld a2, x(a1)"),
        "1:a0=1 & 1:a1=1 & 1:a2=0",
    ),
    (
        "PPOAA",
        (_WRITER, "ld a0, y; sd 1, z(a0); ld a1, z; ld a2, x(a1)"),
        "1:a0=1 & 1:a1=1 & 1:a2=0",
    ),
    # A: fri-rfi; two loads that read from one store (RSW), or from different ones (RDW).
    (
        "MP+fence.w.w+fri-rfi-addr",
        (_WRITER, "ld a0, y; sd 2, y; ld a1, y; ld a2, x(a1)"),
        "1:a0=1 & 1:a1=2 & 1:a2=0",
    ),
    (
        "RSW",
        (_WRITER, "ld a0, y; ld a1, z(a0); ld a2, z; ld a3, x(a2)"),
        "1:a0=1 & 1:a1=0 & 1:a2=0 & 1:a3=0",
    ),
    (
        "RDW",
        (_WRITER, "ld a0, y; ld a1, z(a0); ld a2, z; ld a3, x(a2)", "sd 1, z"),
        "1:a0=1 & 1:a1=0 & 1:a2=1 & 1:a3=0",
    ),
    # A: a load that forwards waits for the store's data (rule 12), unless another store is between.
    (
        "MP+fence.w.w+data-rfi-addr",
        (_WRITER, "ld a0, y; sd a0, z; ld a1, z; ld a2, x(a1)"),
        "1:a0=1 & 1:a2=0",
    ),
    (
        "MP+fence.w.w+data-coi-rfi-addr",
        (_WRITER, "ld a0, y; sd a0, z; sd 1, z; ld a1, z; ld a2, x(a1)"),
        "1:a0=1 & 1:a2=0",
    ),
    # A: a store waits for addresses of what is older (rule 13).
    (
        "LB+fence.rw.rw+addr-po",
        ("ld a0, x; fence rw, rw; sd 1, y", "ld a0, y; ld a1, z(a0); sd 1, x"),
        "0:a0=1 & 1:a0=1",
    ),
    # Nothing is forwarded from an SC (rule 3), nor from an AMO.
    (
        "SB+sc-rfi-addr",
        (
            "lr.d a0, x; sc.d a1, 1, x; ld a2, x; ld a3, y(a2)",
            "lr.d a0, y; sc.d a1, 1, y; ld a2, y; ld a3, x(a2)",
        ),
        "0:a1=0 & 0:a2=1 & 0:a3=0 & 1:a1=0 & 1:a2=1 & 1:a3=0",
    ),
    (
        "SB+amo-rfi-addr",
        (
            "amoswap.d a0, 1, x; ld a1, x; ld a2, y(a1)",
            "amoswap.d a0, 1, y; ld a1, y; ld a2, x(a1)",
        ),
        "0:a1=1 & 0:a2=0 & 1:a1=1 & 1:a2=0",
    ),
    # An SC after its LR (rule 8): another address of the same reservation set.
    (
        "LB+fence.r.r-lrsc+data",
        ("ld a0, z; fence r, r; lr.d a1, x; sc.d a2, 1, y", "ld a0, y; sd 1(a0), z"),
        "0:a0=1 & 0:a2=0 & 1:a0=1",
    ),
    # aq of an SC and rl of an LR order nothing by themselves.
    (
        "SB+sc.aq+sc.aq",
        ("lr.d.rl a0, x; sc.d.aq a1, 1, x; ld a2, y", "lr.d.rl a0, y; sc.d.aq a1, 1, y; ld a2, x"),
        "0:a1=0 & 0:a2=0 & 1:a1=0 & 1:a2=0",
    ),
    # Atomicity: no increment is lost, no store of another hart comes between.
    ("AMO-AMO", ("amoadd.d a0, 1, x", "amoadd.d a0, 2, x"), "0:a0=0 & 1:a0=0"),
    ("AMO-AMO-AMO", ("amoadd.d a0, 1, x", "amoadd.d a0, 1, x", "amoadd.d a0, 1, x"), "x=2"),
    ("AMO-store", ("amoadd.d a0, 1, x", "sd 2, x; ld a0, x"), "0:a0=0 & x=1"),
    (
        "LRSC-LRSC",
        ("lr.d a0, x; sc.d a1, 1, x", "lr.d a0, x; sc.d a1, 2, x"),
        "0:a0=0 & 0:a1=0 & 1:a0=0 & 1:a1=0",
    ),
    ("LRSC-store", ("lr.d a0, x; sc.d a1, 1, x", "sd 2, x"), "0:a0=0 & 0:a1=0 & x=1"),
    ("LRSC-AMO", ("lr.d a0, x; sc.d a1, 2, x", "amoadd.d a0, 1, x"), "0:a0=0 & 0:a1=0 & 1:a0=0"),
    # Words: a store of one half, loads of the whole.
    (
        "MP+words",
        ("sw 1, x; fence w, w; sw 1, x+4", "ld a0, x; fence r, r; lw a1, x"),
        "1:a0=0x100000000",
    ),
    (
        "SB+words",
        ("sw 1, x; ld a0, x", "sw 2, x+4; ld a0, x"),
        "0:a0=1 & 1:a0=0x200000000",
    ),
    (
        "CoRR+words",
        ("sd 0x100000001, x", "lw a0, x+4; lw a1, x"),
        "1:a0=1 & 1:a1=0",
    ),
    (
        "AMO+words",
        ("amoadd.w a0, 1, x", "sw 2, x+4; amoadd.d a0, 1, x"),
        "0:a0=0 & 1:a0=0x200000000",
    ),
)


# A: a store depends on whether an SC succeeded. Its values begin at 1.
_SC_DATA = Litmus.make(
    "LB+data-sc-data+data",
    ("ld a0, x; lr.d a1, y; sc.d a2, a0, y; sd a2, z", "ld a0, z; sd a0, x"),
    "0:a0=0 & 0:a2=0 & 1:a0=0",
    {"x": 1, "z": 1},
)


def special_tests() -> list[Litmus]:
    return [*(Litmus.make(*fields) for fields in _SPECIAL), _SC_DATA]
