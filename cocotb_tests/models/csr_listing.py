"""Which CSRs exist, and who may access them: the listing of the privileged specification.

Each row is that of the specification ("Currently allocated RISC-V CSR addresses"), with the
lowest mode and the direction in its words, for the registers that a hart of this kind has.
"""

from __future__ import annotations

from dataclasses import dataclass

_LISTING = """
c00     URO cycle
c01     URO time
c02     URO instret
c03-c1f URO hpmcounter3
100     SRW sstatus
104     SRW sie
105     SRW stvec
106     SRW scounteren
10a     SRW senvcfg
140     SRW sscratch
141     SRW sepc
142     SRW scause
143     SRW stval
144     SRW sip
14d     SRW stimecmp
180     SRW satp
f11     MRO mvendorid
f12     MRO marchid
f13     MRO mimpid
f14     MRO mhartid
f15     MRO mconfigptr
300     MRW mstatus
301     MRW misa
302     MRW medeleg
303     MRW mideleg
304     MRW mie
305     MRW mtvec
306     MRW mcounteren
30a     MRW menvcfg
320     MRW mcountinhibit
323-33f MRW mhpmevent3
340     MRW mscratch
341     MRW mepc
342     MRW mcause
343     MRW mtval
344     MRW mip
3a0     MRW pmpcfg0
3a2     MRW pmpcfg2
3b0-3bf MRW pmpaddr0
7a0     MRW tselect
7a1     MRW tdata1
7a2     MRW tdata2
7a3     MRW tdata3
7a4     MRW tinfo
b00     MRW mcycle
b02     MRW minstret
b03-b1f MRW mhpmcounter3
"""

U, S, M = 0, 1, 3


@dataclass(frozen=True)
class Register:
    """A row; a range of the listing has one for each number, counted from that of its name."""

    address: int
    name: str
    lowest_mode: int
    writable: bool


def _rows():
    for line in _LISTING.split("\n"):
        if not line:
            continue
        addresses, access, name = line.split()
        first, _, last = addresses.partition("-")
        stem = name.rstrip("0123456789") if last else name
        start = int(name[len(stem) :] or 0)
        for offset in range(int(last or first, 16) - int(first, 16) + 1):
            number = str(start + offset) if last else ""
            yield Register(
                int(first, 16) + offset,
                stem + number,
                "US?M".index(access[0]),
                access[2] == "W",
            )


REGISTERS = {row.address: row for row in _rows()}
ADDRESS_OF = {row.name: row.address for row in REGISTERS.values()}


@dataclass(frozen=True)
class Enables:
    """State that decides about an access beside the mode."""

    tvm: bool = False
    mcounteren: int = 0
    scounteren: int = 0
    stce: bool = False


def is_legal(address: int, *, write: bool, mode: int, enables: Enables) -> bool:
    """Whether a CSR instruction with this access runs, or raises illegal-instruction."""
    register = REGISTERS.get(address)
    # "Attempts to access a non-existent CSR raise an illegal-instruction exception", as do those
    # "without appropriate privilege level" and those "to write a read-only register".
    if register is None or mode < register.lowest_mode or (write and not register.writable):
        return False
    if mode == M:
        return True
    # "attempts to read or write the satp CSR ... while executing in S-mode" with TVM=1.
    if register.name == "satp":
        return not enables.tvm
    # Sstc: in a mode below M both menvcfg.STCE and mcounteren.TM have to be set.
    if register.name == "stimecmp":
        return enables.stce and bool(enables.mcounteren >> 1 & 1)
    # "When the CY, TM, IR, or HPMn bit in the mcounteren register is clear, attempts to read the
    # cycle, time, instret, or hpmcountern register while executing in S-mode or U-mode" trap;
    # scounteren does the same for U-mode.
    if 0xC00 <= address < 0xC20:
        enabled = enables.mcounteren & (enables.scounteren if mode == U else -1)
        return bool(enabled >> (address - 0xC00) & 1)
    return True
