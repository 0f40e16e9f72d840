"""What the benches of the D$ share: the cache between its requesters and the manager model."""

from __future__ import annotations

import random

from cocotb_tests.models.hub import ACQUIRE, GRANT, PROBE, RELEASE, Freedom, ManagerModel, Wires
from cocotb_tests.models.memory import Access, HartView, Memory

from .handles import Pins
from .requester import Requester

REQUESTERS = 3
HOST = 1
"""The requester that is not the hart."""


def sample_bus(pins: Pins, bus: str, wires: Wires) -> None:
    """Read what the client drives on `bus`."""
    if pins.read(f"{bus}__acquire__valid"):
        wires.acquire = ACQUIRE.unpack(pins.read(f"{bus}__acquire__payload"))
    if pins.read(f"{bus}__release__valid"):
        wires.release = RELEASE.unpack(pins.read(f"{bus}__release__payload"))
    wires.probe_ready = bool(pins.read(f"{bus}__probe__ready"))
    wires.grant_ready = bool(pins.read(f"{bus}__grant__ready"))
    wires.grant_ack = bool(pins.read(f"{bus}__grant_ack"))


def drive_bus(pins: Pins, bus: str, wires: Wires) -> None:
    """Drive what the manager answers on `bus`."""
    pins.write(f"{bus}__acquire__ready", int(wires.acquire_ready))
    pins.write(f"{bus}__release__ready", int(wires.release_ready))
    pins.write(f"{bus}__probe__valid", int(wires.probe is not None))
    pins.write(f"{bus}__grant__valid", int(wires.grant is not None))
    if wires.probe:
        pins.write(f"{bus}__probe__payload", PROBE.pack(**wires.probe))
    if wires.grant:
        pins.write(f"{bus}__grant__payload", GRANT.pack(**wires.grant))


class DCacheBench:
    """A D$ with its requesters on one side and the manager model on the other."""

    def __init__(self, dut, line_bytes: int, freedom: Freedom, probe_lines: list[int], seed: int):
        self.pins = Pins(dut)
        self.random = random.Random(seed)
        self.memory = Memory(seed)
        self.view = HartView(self.memory, line_bytes)
        self.manager = ManagerModel(
            self.memory,
            line_bytes,
            freedom,
            probe_lines,
            on_foreign_write=self.view.written_by_others,
            random=self.random,
        )
        self.requesters = [
            Requester(self.pins, f"ports__{number}", complete, self.random)
            for number, complete in enumerate(
                (self.view.complete, self._complete_of_host, self.view.complete)
            )
        ]
        self.refusal = 0.0
        """Probability that a port is not accepted at s0, for each port and cycle."""
        self.cycle = 0
        self.misses = 0

    def _complete_of_host(self, access: Access, rdata: int, wresult: int) -> None:
        """An access that is not the hart's own."""
        self.view.complete(access, rdata, wresult)
        if access.writes:
            self.view.written_by_others(access.address)

    async def reset(self) -> None:
        await self.pins.reset({"refuse": 0})

    async def step(self) -> None:
        for requester in self.requesters:
            requester.drive_s1()
        wires = self.manager.drive()
        drive_bus(self.pins, "bus", wires)
        if self.refusal:
            refuse = sum((self.random.random() < self.refusal) << n for n in range(REQUESTERS))
            self.pins.write("refuse", refuse)
        await self.pins.settle()
        for requester in self.requesters:
            requester.drive_s0(self.cycle)
        await self.pins.settle()
        for requester in self.requesters:
            requester.end_cycle()
        sample_bus(self.pins, "bus", wires)
        self.manager.observe(wires)
        self.misses += self.pins.read("event_miss")
        await self.pins.clock_edge()
        self.cycle += 1

    async def run(self, limit: int = 100_000) -> None:
        """Until every queued access is complete."""
        end = self.cycle + limit
        while not all(requester.idle for requester in self.requesters):
            assert self.cycle < end, "accesses are still waiting at the cycle limit"
            await self.step()

    async def do(self, *accesses: Access, port: int = 2):
        """Queue these on one port, run, and return their completions."""
        requester = self.requesters[port]
        requester.queue.extend(accesses)
        await self.run()
        return requester.completions[-len(accesses) :]

    async def take_back(self, lines: list[int]) -> None:
        """Probe every line to None, so that all written data arrives in DRAM, and compare."""
        self.manager.freedom = Freedom(foreign_write=0)
        # The run may have left a probe of any line under way.
        while self.manager.probing:
            await self.step()
        for line in lines:
            self.manager.next_probe = (line, 0)
            while self.manager.probing:
                await self.step()
            self.manager.check_written_back(line)
