"""What the benches of a whole memory system share: harts, DRAM, and memory to check against."""

from __future__ import annotations

import random
from collections.abc import Callable

from cocotb_tests.models.dram import DramModel, DramRequest, FetchView
from cocotb_tests.models.memory import Access, HartView, Memory

from .fetcher import Fetcher
from .handles import Pins
from .races import Races
from .requester import Completion, Requester
from .systems import HART, HOST, PORTS, WALKER

_TURN = 1000
"""Cycles of a hart's turn at a line that all want, with stalls and an LR that holds it: each waits
for all others. With 8 harts the longest that was seen is 2,695 in all."""


class SystemBench:
    """A `CoherentSystem` of `harts`, each with a fetcher and what uses its D$: hart, walker, host.

    Accesses are checked in the order of the cycles in which they complete: nothing is buffered,
    so memory must be one, not only per location. `stall_seed` is that of the strap.
    """

    def __init__(
        self,
        dut,
        harts: int,
        line_bytes: int,
        latency: int | Callable[[], int],
        *,
        seed: int,
        stall_seed: int = 0,
    ):
        self.pins = Pins(dut)
        self.random = random.Random(seed)
        self.memory = Memory(seed)
        self.dram = DramModel(
            Memory(seed), line_bytes // 8, latency if callable(latency) else lambda: latency
        )
        self.views = [HartView(self.memory, line_bytes) for _ in range(harts)]
        self.fetch_views = [FetchView(self.memory) for _ in range(harts)]
        for view in self.views:
            view.others = [other for other in self.views if other is not view]
            view.before_write = [fetch.before_write for fetch in self.fetch_views]
        self.races = Races(self.views, line_bytes)

        def port(hart: int, number: int) -> Requester:
            def complete(access: Access, rdata: int, wresult: int) -> None:
                self.races.complete(hart, access, rdata)
                self.views[hart].complete(access, rdata, wresult)
                if number == HOST and access.writes:
                    self.views[hart].written_by_others(access.address)

            return Requester(self.pins, f"data__{PORTS * hart + number}", complete, self.random)

        self.requesters = [port(hart, HART) for hart in range(harts)]
        self.walkers = [port(hart, WALKER) for hart in range(harts)]
        self.hosts = [port(hart, HOST) for hart in range(harts)]
        self.fetchers = [
            Fetcher(self.pins, f"fetch__{hart}", view.check, view.fence, self.random)
            for hart, view in enumerate(self.fetch_views)
        ]
        self._units = [*self.fetchers, *self.requesters, *self.walkers, *self.hosts]
        for unit in self._units:
            unit.patience = max(unit.patience, _TURN * harts)
        self._stall_seed = stall_seed
        self.cycle = 0

    async def reset(self) -> None:
        await self.pins.reset({"stall_seed": self._stall_seed})

    async def step(self) -> None:
        # A fence.i comes before the accesses of its cycle: what it forgets is settled first.
        units = self._units
        for unit in units:
            unit.drive_s1()
        beat, done = self.dram.answers()
        self.pins.write("dram__read_valid", int(beat is not None))
        self.pins.write("dram__read_data", beat or 0)
        self.pins.write("dram__write_done", int(done))
        await self.pins.settle()
        for unit in units:
            unit.drive_s0(self.cycle)
        await self.pins.settle()
        for unit in units:
            unit.end_cycle()
        read = self.pins.read
        self.races.observe([read(f"taps__{hart}") for hart in range(len(self.views))])
        self.dram.take(
            DramRequest(
                bool(read("dram__request")),
                bool(read("dram__write")),
                read("dram__address"),
                read("dram__write_data") if read("dram__write_valid") else None,
            )
        )
        await self.pins.clock_edge()
        self.cycle += 1

    async def run(self, limit: int = 100_000) -> None:
        """Until everything queued is complete."""
        end = self.cycle + limit
        while not all(unit.idle for unit in self._units):
            assert self.cycle < end, "accesses are still waiting at the cycle limit"
            await self.step()

    async def do(self, *accesses: Access, hart: int = 0) -> list[Completion]:
        """Queue these on one hart, run, and return their completions."""
        requester = self.requesters[hart]
        requester.queue.extend(accesses)
        await self.run()
        return requester.completions[-len(accesses) :]

    async def fetch(self, address: int, hart: int = 0) -> tuple[int, int]:
        """Fetch one word: its value, and the cycles that it took over a hit."""
        fetcher = self.fetchers[hart]
        fetcher.queue.append(address)
        await self.run()
        _, word, first, last = fetcher.done[-1]
        return word, last - first
