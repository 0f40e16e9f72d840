"""Reference of the CSR file: what each register keeps of a write, traps, returns, interrupts.

State is kept as the specification describes it, one value for each register that is not a view of
another; reads compose the views.
"""

from __future__ import annotations

from .csr_listing import M, S, U
from .pmp import Pmp

ONES = (1 << 64) - 1
SSI, MSI, STI, MTI, SEI, MEI = 1, 3, 5, 7, 9, 11
PRIORITY = (MEI, MSI, MTI, SEI, SSI, STI)
DELEGABLE = 1 << SSI | 1 << STI | 1 << SEI

SIE, MIE, SPIE, MPIE, SPP, MPP, FS, MPRV, SUM, MXR, TVM, TW, TSR = (
    *(1 << 1, 1 << 3, 1 << 5, 1 << 7, 1 << 8, 3 << 11, 3 << 13),
    *(1 << 17, 1 << 18, 1 << 19, 1 << 20, 1 << 21, 1 << 22),
)
UXL_64, SXL_64, SD = 2 << 32, 2 << 34, 1 << 63
SSTATUS_WRITABLE = SIE | SPIE | SPP | FS | SUM | MXR
MSTATUS_WRITABLE = SSTATUS_WRITABLE | MIE | MPIE | MPP | MPRV | TVM | TW | TSR
FIOM, ADUE, STCE = 1, 1 << 61, 1 << 63

MISA = 2 << 62 | sum(1 << ord(letter) - ord("A") for letter in "ACIMSU")
EXCEPTIONS_BELOW_M = (1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 13, 15)
"""Those that can occur in U- or S-mode: the rest of medeleg is read-only zero."""
INSTRUCTION_ALIGNMENT = 2
PMP_ENTRIES, PMP_GRAIN = 4, 10
"""Entries that work, and G."""

PLAIN_MASKS = {
    "medeleg": sum(1 << code for code in EXCEPTIONS_BELOW_M),
    "mideleg": DELEGABLE,
    "mie": sum(1 << code for code in PRIORITY),
    **{f"{mode}tvec": ONES ^ 2 for mode in "ms"},
    **{f"{mode}epc": ONES ^ (INSTRUCTION_ALIGNMENT - 1) for mode in "ms"},
    **{f"{mode}{name}": ONES for mode in "ms" for name in ("scratch", "cause", "tval")},
    "mcounteren": 0xFFFF_FFFF,
    "scounteren": 0xFFFF_FFFF,
    "mcountinhibit": 0xFFFF_FFFD,
    "senvcfg": FIOM,
    "stimecmp": ONES,
    "mcycle": ONES,
    "minstret": ONES,
    **{f"mhpmevent{number}": 0xF for number in range(3, 11)},
    **{f"mhpmcounter{number}": ONES for number in range(3, 11)},
}
"""Registers of which a write keeps the same bits always."""


class CsrFileModel:
    """Every input and state of the file; `read` and `write` take names of the listing."""

    def __init__(self, *, hart_id: int = 0, honour_asid: bool = True, svadu: bool = False):
        self.mode = M
        self.time = self.msip = self.mtip = 0
        self._hart_id, self._honour_asid, self._svadu = hart_id, honour_asid, svadu
        self._mstatus = self._satp = self._menvcfg = self._software_mip = 0
        self._plain = dict.fromkeys(PLAIN_MASKS, 0)
        self.pmp = Pmp(PMP_ENTRIES, PMP_GRAIN)

    def write(self, name: str, value: int) -> None:
        if name == "pmpcfg0":
            self.pmp.write_config(value)
        elif name.startswith("pmpaddr"):
            self.pmp.write_address(int(name.removeprefix("pmpaddr")), value)
        elif name in PLAIN_MASKS:
            self._plain[name] = value & PLAIN_MASKS[name]
        elif name in ("mstatus", "sstatus"):
            mask = MSTATUS_WRITABLE if name == "mstatus" else SSTATUS_WRITABLE
            merged = self._mstatus & ~mask | value & mask
            if merged & MPP == 2 << 11:
                merged &= ~MPP
            self._mstatus = merged
        elif name == "sie":
            mask = self._plain["mideleg"]
            self._plain["mie"] = self._plain["mie"] & ~mask | value & mask
        elif name in ("mip", "sip"):
            mask = self._plain["mideleg"] & 1 << SSI if name == "sip" else DELEGABLE
            if self._menvcfg & STCE:
                mask &= ~(1 << STI)
            self._software_mip = self._software_mip & ~mask | value & mask
        elif name == "menvcfg":
            self._menvcfg = value & (FIOM | STCE | (ADUE if self._svadu else 0))
        elif name == "satp" and value >> 60 in (0, 8):
            self._satp = value if self._honour_asid else value & ~(0xFFFF << 44)

    def read(self, name: str) -> int:
        if name.startswith("hpmcounter"):
            name = "m" + name
        if name in self._plain:
            return self._plain[name]
        if name.startswith("pmpaddr"):
            return self.pmp.read_address(int(name.removeprefix("pmpaddr")))
        constants = {"misa": MISA, "mhartid": self._hart_id, "tinfo": 1, "time": self.time}
        views = {
            "mstatus": self._status,
            "sstatus": lambda: self._status() & (SSTATUS_WRITABLE | UXL_64 | SD),
            "mip": self._mip,
            "sip": lambda: self._mip() & self._plain["mideleg"],
            "sie": lambda: self._plain["mie"] & self._plain["mideleg"],
            "menvcfg": lambda: self._menvcfg,
            "satp": lambda: self._satp,
            "pmpcfg0": self.pmp.read_config,
            "cycle": lambda: self._plain["mcycle"],
            "instret": lambda: self._plain["minstret"],
        }
        return views[name]() if name in views else constants.get(name, 0)

    def _status(self) -> int:
        dirty = SD if self._mstatus & FS == FS else 0
        return self._mstatus | UXL_64 | SXL_64 | dirty

    def _mip(self) -> int:
        value = self._software_mip | self.msip << MSI | self.mtip << MTI
        if self._menvcfg & STCE:
            value = value & ~(1 << STI) | (self.time >= self._plain["stimecmp"]) << STI
        return value

    def clock(self, retired: bool, written: str = "", events: int = 0) -> None:
        """A cycle passes; the counter that an instruction writes does not count in it.

        Bit n of `events` is the event that selector n stands for.
        """
        counting = [("mcycle", 0, True), ("minstret", 2, retired)]
        for number in range(3, 11):
            selector = self._plain[f"mhpmevent{number}"]
            counting.append(
                (f"mhpmcounter{number}", number, bool(selector and events >> selector & 1))
            )
        for name, bit, counts in counting:
            inhibited = self._plain["mcountinhibit"] >> bit & 1
            if counts and not inhibited and written != name:
                self._plain[name] = self._plain[name] + 1 & ONES

    def target_of(self, code: int, is_interrupt: bool) -> int:
        """Mode that takes the trap."""
        delegation = self._plain["mideleg" if is_interrupt else "medeleg"]
        return S if self.mode != M and delegation >> code & 1 else M

    def vector(self, code: int, is_interrupt: bool) -> int:
        tvec = self._plain["stvec" if self.target_of(code, is_interrupt) == S else "mtvec"]
        offset = 4 * code if tvec & 1 and is_interrupt else 0
        return (tvec & ~3) + offset & ONES

    def trap(self, code: int, is_interrupt: bool, pc: int, value: int) -> None:
        status = self._mstatus
        if self.target_of(code, is_interrupt) == S:
            prefix = "s"
            status &= ~(SPP | SPIE | SIE)
            status |= SPP if self.mode == S else 0
            status |= SPIE if self._mstatus & SIE else 0
            self.mode = S
        else:
            prefix = "m"
            status &= ~(MPP | MPIE | MIE)
            status |= self.mode << 11
            status |= MPIE if self._mstatus & MIE else 0
            self.mode = M
        self._mstatus = status
        self._plain[f"{prefix}epc"] = pc
        self._plain[f"{prefix}cause"] = is_interrupt << 63 | code
        self._plain[f"{prefix}tval"] = value

    def mret(self) -> None:
        status = self._mstatus & ~(MIE | MPP) | MPIE
        status |= MIE if self._mstatus & MPIE else 0
        self.mode = (self._mstatus & MPP) >> 11
        # "If MPP != M, MRET also sets MPRV=0."
        self._mstatus = status if self.mode == M else status & ~MPRV

    def sret(self) -> None:
        status = self._mstatus & ~(SIE | SPP | MPRV) | SPIE
        status |= SIE if self._mstatus & SPIE else 0
        self.mode = S if self._mstatus & SPP else U
        self._mstatus = status

    def wakes(self) -> bool:
        """Whether wfi resumes: a locally enabled interrupt is pending."""
        return bool(self._mip() & self._plain["mie"])

    def interrupt(self) -> int | None:
        """Code of the interrupt that is taken before the next instruction."""
        ready = self._mip() & self._plain["mie"]
        status = self._mstatus
        return interrupt_choice(
            ready, self._plain["mideleg"], self.mode, bool(status & MIE), bool(status & SIE)
        )

    def data_mode(self) -> int:
        """Effective mode of loads and stores."""
        return (self._mstatus & MPP) >> 11 if self._mstatus & MPRV else self.mode


def interrupt_choice(ready: int, mideleg: int, mode: int, mie: bool, sie: bool) -> int | None:
    """Bits of mip & mie -> the interrupt that traps, by the rules for xIE, delegation, priority."""
    m_enabled = mode < M or (mode == M and mie)
    s_enabled = mode < S or (mode == S and sie)
    for_m = ready & ~mideleg if m_enabled else 0
    for_s = ready & mideleg if s_enabled else 0
    return next((code for code in PRIORITY if (for_m or for_s) >> code & 1), None)
