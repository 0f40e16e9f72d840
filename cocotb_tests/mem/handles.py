"""Fast access to the ports of a bench, and a clock that the bench turns by hand.

A cycle has two halves before the clock edge: `settle()` after driving what depends on registers
only, so that combinational answers can be read, and again after driving what depends on those.
"""

from __future__ import annotations

from typing import Any

from cocotb.triggers import Timer

_MOST_CYCLES = 2_000_000
"""Of one test, many times what any takes: a bench that waits for nothing has to fail."""


class Pins:
    """Reads and writes top-level ports as integers; a write of the same value costs nothing."""

    def __init__(self, dut: Any):
        self._dut = dut
        self._handles: dict[str, Any] = {}
        self._driven: dict[str, int] = {}
        self._cycles = 0

    def _handle(self, name: str) -> Any:
        handle = self._handles.get(name)
        if handle is None:
            handle = self._handles[name] = getattr(self._dut, name)
        return handle

    def read(self, name: str) -> int:
        return int(self._handle(name).value)

    def write(self, name: str, value: int) -> None:
        if self._driven.get(name) != value:
            self._driven[name] = value
            self._handle(name).value = value

    async def settle(self) -> None:
        await Timer(1, unit="ns")

    async def clock_edge(self) -> None:
        self._cycles += 1
        assert self._cycles < _MOST_CYCLES, "what the bench waits for never comes"
        self._dut.clk.value = 1
        await Timer(1, unit="ns")
        self._dut.clk.value = 0

    async def reset(self, inputs: dict[str, int] | None = None) -> None:
        """Two cycles of reset with these input values."""
        self._dut.clk.value = 0
        self._dut.rst.value = 1
        for name, value in (inputs or {}).items():
            self.write(name, value)
        for _ in range(2):
            await self.settle()
            await self.clock_edge()
        self._dut.rst.value = 0
