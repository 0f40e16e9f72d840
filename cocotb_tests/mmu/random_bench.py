"""Random page-table edits, fences and requests, against the allowed sets."""

import random
from dataclasses import dataclass, replace

import cocotb

from cocotb_tests.models import sv39
from cocotb_tests.models.sv39 import Access, Context
from cocotb_tests.models.tlb import Fence

from .driver import Request, start_clock
from .tables import KERNEL, RWX, USER, Tables, start_driver

ASIDS = (1, 2)
_CYCLES = 6_000
LEAF_FLAGS = (RWX, USER, RWX & ~sv39.D, RWX & ~sv39.A, RWX & ~sv39.W, 0, sv39.V | sv39.W)


@dataclass(frozen=True)
class Straps:
    """Those that change which answers are allowed."""

    cache_invalid_ptes: bool
    honour_asid: bool
    napot_16k: bool
    hardware_ad_update: bool


class Scenario:
    """A few pages, close enough to share sectors and tables; two private halves, one global."""

    def __init__(self, seed: int, straps: Straps):
        self.rng = random.Random(f"scenario {seed}")
        self.straps = straps
        self.tables = Tables(straps.cache_invalid_ptes, straps.napot_16k)
        self.one_space = not straps.honour_asid
        first = self.tables.new_table()
        self.roots = {asid: first if self.one_space else self.tables.new_table() for asid in ASIDS}
        self.private = [region | page << 12 for region in (0, 0x4000_0000) for page in range(6)]
        shared = -(1 << 30) & (1 << 39) - 1
        self.shared = [sv39.sign_extend(shared | page << 12) for page in range(6)]
        self._share(shared)
        for _ in range(60):
            self.edit()
        # Every fence before this point is as good as none: the machine has been reset.
        self.tables.fence(Fence())

    def _share(self, vaddr: int) -> None:
        """All address spaces have the same table for global pages."""
        self.tables.slot(self.roots[1], vaddr, 1)
        pointer = self.tables.read(self.tables.slot(self.roots[1], vaddr, 2))
        for root in self.roots.values():
            self.tables.write(self.tables.slot(root, vaddr, 2), pointer)

    def edit(self) -> None:
        """Change a leaf, or make a 2 MiB region a superpage or a table."""
        rng, tables = self.rng, self.tables
        root = self.roots[rng.choice(ASIDS)]
        ppn = 0x8_0000 + rng.randrange(64)
        vaddr, is_shared = self._some_address()
        level1 = tables.slot(root, vaddr, 1)
        if rng.random() < 0.1:
            flags = KERNEL if is_shared else rng.choice(LEAF_FLAGS)
            tables.write(level1, sv39.make_pte(0x8_0000 + 512 * rng.randrange(4), flags))
            return
        old = tables.read(level1)
        if not old & sv39.V or not sv39.is_pointer(old) or rng.random() < 0.05:
            tables.write(level1, sv39.make_pte(tables.new_table(), sv39.V))
        leaf = tables.slot(root, vaddr, 0)
        flags = rng.choice((KERNEL, 0, sv39.G)) if is_shared else rng.choice(LEAF_FLAGS)
        if self.straps.napot_16k and rng.random() < 0.3:
            ppn, flags = ppn & ~3 | 0b10, flags | sv39.N
        tables.write(leaf, sv39.make_pte(ppn, flags))

    def fence(self) -> Fence:
        """A fence of a random form. It is noted in the model, which has no ASIDs in one space."""
        rng = self.rng
        asid = rng.choice((None, None, *ASIDS))
        fence = Fence(rng.choice((None, self._some_address()[0])), asid)
        noted = replace(fence, asid=0) if self.one_space and asid is not None else fence
        self.tables.fence(noted)
        return fence

    def request(self, accesses: tuple[Access, ...]) -> Request:
        rng = self.rng
        asid = rng.choice(ASIDS)
        context = Context(
            rng.choice((sv39.U_MODE, sv39.S_MODE)),
            1,
            rng.randrange(2),
            rng.randrange(2),
            self.straps.hardware_ad_update,
            asid,
            self.roots[asid],
        )
        offset = rng.randrange(512) * 8
        return Request(self._some_address()[0] + offset, rng.choice(accesses), context)

    def allowed(self, request: Request, asked_at: int):
        context = replace(request.context, asid=0) if self.one_space else request.context
        return self.tables.allowed(request.vaddr, request.access, context, asked_at)

    def _some_address(self) -> tuple[int, bool]:
        if self.rng.random() < 0.3:
            return self.rng.choice(self.shared), True
        return self.rng.choice(self.private), False


@cocotb.test()
@cocotb.parametrize(seed=range(16))
async def answers_are_allowed(dut, seed: int):
    """Seeds differ in straps too: those that change what is allowed are the bits of the seed."""
    start_clock(dut)
    rng = random.Random(seed)
    straps = Straps(*(bool(seed >> bit & 1) for bit in range(4)))
    scenario = Scenario(seed, straps)
    driver = await start_driver(
        dut,
        scenario.tables,
        seed=seed,
        stall=rng.choice((0.0, 0.3)),
        cache_invalid_ptes=int(straps.cache_invalid_ptes),
        honour_asid=int(straps.honour_asid),
        napot_16k=int(straps.napot_16k),
        svvptc_bound=rng.choice((0, 1, 30)),
        speculative_walk_seed=rng.choice((0, seed + 1)),
        walk_cache_in_use=rng.choice((0, 1, 4)),
        itlb_sectors_in_use=rng.choice((1, 2, 3)),
        dtlb_sectors_in_use=rng.choice((1, 3, 4)),
    )
    sides = {"fetch": (Access.FETCH,), "data": (Access.LOAD, Access.STORE)}
    asked_at = dict.fromkeys(sides, 0)
    answers = 0
    for _ in range(_CYCLES):
        if rng.random() < 0.02:
            scenario.edit()
        if rng.random() < 0.01:
            driver.fence = scenario.fence()
        for side, accesses in sides.items():
            if getattr(driver, side) is None or rng.random() < 0.01:
                asked_at[side] = scenario.tables.now
                setattr(driver, side, scenario.request(accesses))
        fenced = driver.fence is not None
        sample = await driver.cycle()
        for side in sides:
            answer = getattr(sample, side)
            # A lookup in the cycle of a fence may still be answered as before it.
            if answer is not None:
                request = getattr(driver, side)
                setattr(driver, side, None)
                if not fenced:
                    answers += 1
                    allowed = scenario.allowed(request, asked_at[side])
                    assert answer in allowed, (side, request, answer, allowed)
    assert answers > 100
