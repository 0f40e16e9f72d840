"""What a machine with TLBs may still answer: the allowed-set reference.

Between a store to a PTE and the fence that covers it, a translation may use the old value or the
new one; after the fence only values that the PTE held since. Two references say so, one for a
whole MMU over page tables in memory, one for a TLB by itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from . import sv39
from .sv39 import ACCESS_FAULT, PAGE_FAULT, Access, Context, MemoryMap, Outcome


@dataclass(frozen=True)
class Fence:
    """sfence.vma; None stands for x0."""

    vaddr: int | None = None
    asid: int | None = None

    def covers_space(self, asid: int, is_global: bool) -> bool:
        return self.asid is None or (self.asid == asid and not is_global)

    def covers_page(self, vaddr: int, page_bits: int) -> bool:
        """The fence names an address in the page of that size around `vaddr`."""
        mask = (1 << 39 - page_bits) - 1
        return self.vaddr is None or (self.vaddr ^ vaddr) >> page_bits & mask == 0


@dataclass(frozen=True)
class _Request:
    vaddr: int
    access: Access
    context: Context
    asked_at: int


@dataclass
class PageTables:
    """Memory that remembers which values each PTE held, and the fences since.

    `caches_invalid`: a malformed PTE may be remembered like any other. Otherwise a page fault
    needs a PTE that was malformed at some time since the request was made. `napot_16k`: there are
    16 KiB pages, and each of the four PTEs of one may translate for all.
    """

    memory: MemoryMap
    caches_invalid: bool
    napot_16k: bool = False
    now: int = 0
    _history: dict[int, list[tuple[int, int]]] = field(default_factory=dict)
    _fences: list[tuple[int, Fence]] = field(default_factory=list)

    def read(self, paddr: int) -> int:
        history = self._history.get(paddr)
        return history[-1][1] if history else 0

    def write(self, paddr: int, pte: int) -> None:
        self.now += 1
        self._history.setdefault(paddr, [(0, 0)]).append((self.now, pte))

    def fence(self, fence: Fence) -> None:
        self.now += 1
        self._fences.append((self.now, fence))

    def translate(self, vaddr: int, access: Access, context: Context) -> Outcome:
        """What a machine without caches answers now."""
        return sv39.translate(
            self.read, self.memory, vaddr, access, context, napot_16k=self.napot_16k
        )

    def allowed(self, vaddr: int, access: Access, context: Context, asked_at: int) -> set[Outcome]:
        """Outcomes that are legal now for a request that was made at time `asked_at`."""
        if not context.translate or not sv39.is_canonical(vaddr):
            return {self.translate(vaddr, access, context)}
        request = _Request(vaddr, access, context, asked_at)
        root = context.root_ppn * sv39.PAGE_BYTES
        return set(self._outcomes(request, root, sv39.LEVELS - 1, self.now + 1))

    def _outcomes(
        self, request: _Request, table: int, level: int, pointers_until: int
    ) -> Iterator[Outcome]:
        """Outcomes below a table; its pointers all held their values until that time."""
        address = table + sv39.vpn_field(request.vaddr, level) * sv39.PTE_BYTES
        pointers_fenced = self._last_fence(request, is_global=False, page_bits=None)
        if not self.memory.is_dram(address):
            if pointers_until > pointers_fenced:
                yield ACCESS_FAULT
            return
        if level == 0 and self.napot_16k:
            for neighbour in {address & ~0x1F | 8 * page for page in range(4)} - {address}:
                for pte, until in self._values(neighbour):
                    well_formed = not sv39.is_malformed(pte, 0, True)
                    if well_formed and sv39.is_napot(pte, 0):
                        yield from self._leaf_outcomes(request, pte, 0, until, pointers_until)
        for pte, until in self._values(address):
            if sv39.is_malformed(pte, level, self.napot_16k):
                fenced = self._last_fence(request, is_global=False, page_bits=12)
                since = fenced if self.caches_invalid else request.asked_at
                if until > since and pointers_until > pointers_fenced:
                    yield PAGE_FAULT
            elif sv39.is_pointer(pte):
                next_table = sv39.ppn_of(pte) * sv39.PAGE_BYTES
                yield from self._outcomes(
                    request, next_table, level - 1, min(until, pointers_until)
                )
            else:
                yield from self._leaf_outcomes(request, pte, level, until, pointers_until)

    def _values(self, address: int) -> Iterator[tuple[int, int]]:
        """What the PTE has held, and until when."""
        history = self._history.get(address, [(0, 0)])
        ends = [start for start, _ in history[1:]] + [self.now + 1]
        for (_, pte), until in zip(history, ends, strict=True):
            yield pte, until

    def _leaf_outcomes(
        self, request: _Request, pte: int, level: int, until: int, pointers_until: int
    ) -> Iterator[Outcome]:
        """None for a PTE that has to be updated first: memory holds another value by then."""
        # A fence of one address space leaves a global translation alone, pointers too.
        is_global = bool(pte & sv39.G)
        leaf_fenced = self._last_fence(request, is_global, sv39.page_bits(pte, level))
        pointers_fenced = self._last_fence(request, is_global, page_bits=None)
        if until <= leaf_fenced or pointers_until <= pointers_fenced:
            return
        if sv39.denies(pte, request.access, request.context):
            yield PAGE_FAULT
        elif not sv39.ad_bits(request.access) & ~pte:
            paddr = sv39.leaf_paddr(pte, level, request.vaddr)
            yield self.memory.finish(paddr, request.access, pte, level)

    def _last_fence(self, request: _Request, is_global: bool, page_bits: int | None) -> int:
        """Time of the last fence that covers a PTE; without a page size it is a pointer."""
        for time, fence in reversed(self._fences):
            if page_bits is None:
                names_it = fence.vaddr is None
            else:
                names_it = fence.covers_page(request.vaddr, page_bits)
            if names_it and fence.covers_space(request.context.asid, is_global):
                return time
        return 0


@dataclass(frozen=True)
class TlbFill:
    """What a walk put into a TLB."""

    vpn: int
    asid: int
    level: int
    pte: int

    @property
    def is_global(self) -> bool:
        return self.pte & (sv39.G | sv39.V) == sv39.G | sv39.V

    @property
    def page_bits(self) -> int:
        return sv39.page_bits(self.pte if self.pte & sv39.V else 0, self.level)

    @property
    def is_small(self) -> bool:
        return self.page_bits == 12

    def translates(self, vpn: int, asid: int) -> bool:
        shift = self.page_bits - 12
        return self.vpn >> shift == vpn >> shift and (self.is_global or self.asid == asid)

    def is_covered(self, fence: Fence) -> bool:
        in_space = fence.covers_space(self.asid, self.is_global)
        return in_space and fence.covers_page(self.vpn << 12, self.page_bits)


@dataclass
class TlbReference:
    """Every fill that may still hit: a TLB of unlimited size."""

    fills: list[TlbFill] = field(default_factory=list)

    def fill(self, fill: TlbFill) -> None:
        self.fills.append(fill)

    def fence(self, fence: Fence) -> None:
        self.fills = [fill for fill in self.fills if not fill.is_covered(fence)]

    def candidates(self, vpn: int, asid: int) -> list[TlbFill]:
        """What a lookup may hit: the last 4 KiB page filled, or the last larger one."""
        fills = [fill for fill in self.fills if fill.translates(vpn, asid)]
        small = [fill for fill in fills if fill.is_small]
        large = [fill for fill in fills if not fill.is_small]
        return small[-1:] + large[-1:]
