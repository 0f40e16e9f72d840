"""A TLB by itself: random fills and fences, every page probed after each."""

import itertools
import os
import random

import cocotb
from cocotb.clock import Clock
from cocotb.triggers import FallingEdge, ReadOnly

from cocotb_tests.models import sv39
from cocotb_tests.models.tlb import Fence, TlbFill, TlbReference

SECTORS = int(os.environ["BENCH_SECTORS"])
SECTOR_PAGES = int(os.environ["BENCH_SECTOR_PAGES"])
ASIDS = (0, 1, 2)
VPNS = [
    gigapage << 18 | megapage << 9 | page
    for gigapage, megapage, page in itertools.product((3, 0x103), (0, 1), (0, 1, 5))
]

Key = tuple[int, int]


class TlbDriver:
    """One operation a cycle; `probe` looks everything up without counting as a use."""

    def __init__(self, dut):
        self._dut = dut

    async def reset(self, sectors_in_use: int) -> None:
        dut = self._dut
        dut.sectors_in_use.value = sectors_in_use
        dut.fill__valid.value = 0
        dut.fence__valid.value = 0
        dut.used.value = 0
        dut.rst.value = 1
        await FallingEdge(dut.clk)
        await FallingEdge(dut.clk)
        dut.rst.value = 0

    async def lookup(self, vpn: int, asid: int, used: int = 1) -> tuple[int, int] | None:
        """PTE and level, or None."""
        dut = self._dut
        dut.vpn.value = vpn
        dut.asid.value = asid
        dut.used.value = used
        await ReadOnly()
        found = None
        if int(dut.hit.value):
            found = int(dut.pte.value), int(dut.level.value)
        await FallingEdge(dut.clk)
        dut.used.value = 0
        return found

    async def probe(self) -> dict[Key, tuple[int, int]]:
        found = {}
        for vpn, asid in itertools.product(VPNS, ASIDS):
            hit = await self.lookup(vpn, asid, used=0)
            if hit is not None:
                found[vpn, asid] = hit
        return found

    async def step(self, fill: TlbFill | None = None, fence: Fence | None = None) -> None:
        dut = self._dut
        if fill is not None:
            dut.fill__valid.value = 1
            dut.fill__vpn.value = fill.vpn
            dut.fill__asid.value = fill.asid
            dut.fill__level.value = fill.level
            dut.fill__pte.value = fill.pte
        if fence is not None:
            dut.fence__valid.value = 1
            dut.fence__has_vaddr.value = int(fence.vaddr is not None)
            dut.fence__has_asid.value = int(fence.asid is not None)
            dut.fence__vaddr.value = fence.vaddr or 0
            dut.fence__asid.value = fence.asid or 0
        await FallingEdge(dut.clk)
        dut.fill__valid.value = 0
        dut.fence__valid.value = 0


def _random_fill(rng: random.Random, serial: int) -> TlbFill:
    """Each has a PPN of its own, so that a hit tells whose contents it has."""
    level = rng.choice((0, 0, 0, 1, 2))
    if level == 0 and rng.random() < 0.3:
        napot = sv39.N | sv39.make_pte(serial << 2 | 0b10, rng.choice((0xCF, 0xEF)))
        return TlbFill(rng.choice(VPNS), rng.choice(ASIDS), 0, napot)
    flags = rng.choice((0xCF, 0xEF, 0x4B, 0x20, 0x00)) if level == 0 else rng.choice((0xCF, 0xEF))
    return TlbFill(rng.choice(VPNS), rng.choice(ASIDS), level, sv39.make_pte(serial, flags))


def _random_fence(rng: random.Random) -> Fence:
    vaddr = sv39.sign_extend(rng.choice(VPNS) << 12 | 0x678)
    return Fence(rng.choice((None, vaddr, vaddr)), rng.choice((None, *ASIDS)))


def _check_contents(reference: TlbReference, found: dict[Key, tuple[int, int]]) -> None:
    for (vpn, asid), hit in found.items():
        candidates = [(fill.pte, fill.level) for fill in reference.candidates(vpn, asid)]
        assert hit in candidates, (hex(vpn), asid, hit, candidates)


@cocotb.test()
@cocotb.parametrize(sectors_in_use=sorted({1, SECTORS - 1, SECTORS}))
async def fills_and_fences(dut, sectors_in_use: int):
    rng = random.Random(sectors_in_use)
    Clock(dut.clk, 2, unit="ns").start()
    driver = TlbDriver(dut)
    await driver.reset(sectors_in_use)
    reference = TlbReference()
    fills: dict[int, TlbFill] = {}
    before: dict[Key, tuple[int, int]] = {}
    for serial in range(1, 300):
        if rng.random() < 0.75:
            fill = _random_fill(rng, serial)
            reference.fill(fill)
            fills[fill.pte] = fill
            await driver.step(fill)
            found = await driver.probe()
            hit = found.get((fill.vpn, fill.asid))
            assert hit is not None, "what was filled does not hit"
            assert hit == (fill.pte, fill.level)
            small_pages = {pte for pte, _ in found.values() if fills[pte].is_small}
            assert len(small_pages) <= sectors_in_use * SECTOR_PAGES
        else:
            fence = _random_fence(rng)
            reference.fence(fence)
            with_fill = _random_fill(rng, serial) if rng.random() < 0.3 else None
            await driver.step(with_fill, fence)
            found = await driver.probe()
            # Exactly what the fence covers is gone: no hit has changed but to a miss, or to the
            # larger page under a 4 KiB page.
            for key, (pte, level) in before.items():
                fill = fills[pte]
                if fill.is_covered(fence):
                    now = found.get(key)
                    assert now is None or (fill.is_small and not fills[now[0]].is_small)
                else:
                    assert found.get(key) == (pte, level), (fence, fill)
        if rng.random() < 0.3:
            await driver.lookup(rng.choice(VPNS), rng.choice(ASIDS))
        _check_contents(reference, found)
        before = found


@cocotb.test()
async def most_recently_used_stays(dut):
    """A page that is used between all fills is never the one that makes room."""
    Clock(dut.clk, 2, unit="ns").start()
    driver = TlbDriver(dut)
    for in_use in range(2, SECTORS + 1):
        await driver.reset(in_use)
        keep = TlbFill(0x1000, 0, 0, sv39.make_pte(1, 0xCF))
        await driver.step(keep)
        for serial in range(2, 40):
            assert await driver.lookup(keep.vpn, 0) is not None
            await driver.step(TlbFill(serial << 4, 0, 0, sv39.make_pte(serial, 0xCF)))


@cocotb.test()
async def a_sector_holds_neighbours(dut):
    """All pages of all sectors fit at once, and equal use is spread over all entries."""
    Clock(dut.clk, 2, unit="ns").start()
    driver = TlbDriver(dut)
    await driver.reset(SECTORS)
    pages = range(SECTORS * SECTOR_PAGES)
    for page in pages:
        await driver.step(TlbFill(page, 1, 0, sv39.make_pte(page, 0xCF)))
    for page in pages:
        assert await driver.lookup(page, 1) == (sv39.make_pte(page, 0xCF), 0)
