"""Page tables, harts and time around the translation oracle, for tests that feed it by hand."""

from __future__ import annotations

from dataclasses import dataclass

from cocotb_tests.models.sv39 import (
    S_MODE,
    A,
    Access,
    D,
    G,
    R,
    V,
    W,
    X,
    leaf_paddr,
    make_pte,
    vpn_field,
)

from .native_library import NativeAccess, NativeFinding, Oracle

BASE = 0x8000_0000
ROOT, OTHER_ROOT, MIDDLE, LEAVES, OTHER_LEAVES = (BASE + 0x1000 * page for page in range(1, 6))
PAGE_LIST = (BASE + 0x8000, 64)
FRAME_A, FRAME_B, FRAME_C = 0x8_0100, 0x8_0101, 0x8_0102
LEAF = V | R | W | X | A | D
GLOBAL = LEAF | G
VADDR, NEIGHBOUR = 0x4020_3123, 0x4020_4123
"""Two pages of one leaf table."""

FAULT_CAUSES = {Access.FETCH: 12, Access.LOAD: 13, Access.STORE: 15}
SRET = 0x1020_0073
NOP = 0x0000_0013
KINDS = ("stale", "harmful", "spurious")
TP = 0xFEED


@dataclass
class Space:
    """What a hart's translations are made with."""

    root: int = ROOT
    asid: int = 0
    privilege: int = S_MODE
    sum: int = 0
    mxr: int = 0


class World:
    """Two pages mapped by three tables; every event takes a cycle."""

    def __init__(self, harts: int = 2, *, napot_16k: bool = False):
        self.oracle = Oracle(harts, napot_16k, PAGE_LIST)
        self.cycle = 100
        for root in (ROOT, OTHER_ROOT):
            self.point(root, 2, MIDDLE)
        self.point(MIDDLE, 1, LEAVES)
        self.map(VADDR, FRAME_A)
        for table, level in ((ROOT, 2), (OTHER_ROOT, 2), (MIDDLE, 1), (LEAVES, 0)):
            self.oracle.walked(table, level)

    def store(self, address: int, value: int, size: int = 8) -> int:
        """Return the cycle of the store."""
        self.cycle += 1
        self.oracle.store(address, value, self.cycle, size)
        return self.cycle

    def entry(self, vaddr: int, level: int = 0, table: int | None = None) -> int:
        """Address of the entry for `vaddr` in a table, by default the one of that level."""
        table = table or (LEAVES, MIDDLE, ROOT)[level]
        return table + 8 * vpn_field(vaddr, level)

    def map(self, vaddr: int, frame: int, flags: int = LEAF, level: int = 0) -> int:
        return self.store(self.entry(vaddr, level), make_pte(frame, flags))

    def point(self, table: int, level: int, to: int) -> int:
        return self.store(self.entry(VADDR, level, table), make_pte(to >> 12, V))

    def unmap(self, vaddr: int) -> int:
        return self.store(self.entry(vaddr), 0)

    def fence(self, hart: int = 0, vaddr: int | None = None, asid: int | None = None) -> None:
        self.cycle += 1
        self.oracle.fence(hart, vaddr, asid, self.cycle)

    def use(
        self,
        frame: int,
        flags: int = LEAF,
        *,
        hart: int = 0,
        vaddr: int = VADDR,
        level: int = 0,
        access: Access = Access.LOAD,
        space: Space | None = None,
        paddr: int | None = None,
        insn: int = NOP,
    ) -> None:
        """An instruction that uses this translation; fetches are of the page itself."""
        pte = make_pte(frame, flags)
        paddr = leaf_paddr(pte, level, vaddr) if paddr is None else paddr
        record = self._record(space or Space(), insn)
        if access is Access.FETCH:
            record.pc = vaddr
            record.fetch_translated, record.fetch_level = 1, level
            record.fetch_paddr, record.fetch_pte = paddr, pte
        else:
            record.mem_translated, record.mem_level = 1, level
            record.mem_vaddr, record.mem_paddr, record.mem_pte = vaddr, paddr, pte
            record.mem_read, record.mem_write = access is Access.LOAD, access is Access.STORE
        self.retire(record, hart)

    def fault(
        self,
        access: Access = Access.LOAD,
        *,
        hart: int = 0,
        vaddr: int = VADDR,
        space: Space | None = None,
    ) -> None:
        """A page fault."""
        record = self._record(space or Space(), NOP)
        record.trap, record.cause, record.tval = 1, FAULT_CAUSES[access], vaddr
        self.retire(record, hart)

    def untranslated(self, hart: int = 0, insn: int = NOP) -> None:
        self.retire(self._record(Space(), insn), hart)

    def retire(self, record: NativeAccess, hart: int) -> None:
        self.cycle += 1
        self.oracle.record(hart, record, self.cycle, TP)

    def _record(self, space: Space, insn: int) -> NativeAccess:
        return NativeAccess(
            pc=0x1000,
            insn=insn,
            root_ppn=space.root >> 12,
            asid=space.asid,
            privilege=space.privilege,
            data_privilege=space.privilege,
            sum=space.sum,
            mxr=space.mxr,
        )

    def counts(self) -> dict[str, tuple[int, int]]:
        """Before and after the fence, without the zeros."""
        _, *values = self.oracle.counts()
        pairs = zip(KINDS, zip(values[::2], values[1::2], strict=True), strict=True)
        return {kind: pair for kind, pair in pairs if any(pair)}

    def findings(self) -> list[NativeFinding]:
        return self.oracle.findings()
