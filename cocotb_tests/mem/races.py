"""Which races between harts have occurred: counted on the buses of the D$s."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from cocotb_tests.models.memory import Access, HartView
from cocotb_tests.models.payload import Payload
from rtl.mem.bus import Permission
from rtl.mem.ports import MemoryCommand

from .systems import LINE_NUMBER_BITS, BusTap

RACES = (
    "probe of a line whose Release has no answer yet",
    "probe of a line that is being acquired",
    "probe while another line is being acquired",
    "probe of a line that has just come",
    "probe takes written data",
    "probe leaves a copy of written data",
    "probe takes a copy for which more permission is being acquired",
    "two harts acquire more permission on one line",
    "two harts acquire one line",
    "Release of a line that another hart acquires",
    "probe waits for the SC of a reserved line, which succeeds",
    "probe takes a reserved line, and the SC fails",
    "SC acquires its line again and succeeds",
    "reserved line is evicted, and the SC fails",
    "walker writes a line that another hart has written",
)
"""Rows of the table; what is counted for each is in `Races`."""

RARE = {"SC acquires its line again and succeeds", "reserved line is evicted, and the SC fails"}
"""Those that `system_races` brings about, and few random programs do."""

_TAP = Payload(BusTap)
_BRANCH, _TRUNK = Permission.BRANCH.value, Permission.TRUNK.value
_JUST_CYCLES = 10


@dataclass
class _Bus:
    """What has happened on the bus of one D$. `missing`: its Acquire is not granted: line, to."""

    missing: tuple[int, int] | None = None
    upgrades: bool = False
    releasing: int | None = None
    permissions: dict[int, int] = field(default_factory=dict)
    came: dict[int, int] = field(default_factory=dict)
    held_off: bool = False
    """A probe of the reserved line waits."""
    reserved: int | None = None
    taken: bool = False
    """A probe has taken the reserved line."""
    lowered: bool = False
    """It has only been lowered, so that the SC needs it again."""


class Races:
    """Call `observe` in every cycle, and `complete` for every access before its view does.

    `counts` holds every row of `RACES` that occurred; a race counts once for each probe or access.
    """

    def __init__(self, views: Sequence[HartView], line_bytes: int):
        self.counts: Counter[str] = Counter()
        self._views = views
        self._line_bytes = line_bytes
        self._buses = [_Bus() for _ in views]
        self._last_writer: dict[int, int] = {}
        self._cycle = 0

    def _count(self, race: str) -> None:
        assert race in RACES, race
        self.counts[race] += 1

    def _line(self, address: int) -> int:
        return address // self._line_bytes & (1 << LINE_NUMBER_BITS) - 1

    def complete(self, hart: int, access: Access, rdata: int) -> None:
        bus, line = self._buses[hart], self._line(access.address)
        if access.command == MemoryCommand.LR:
            bus.reserved, bus.held_off, bus.taken, bus.lowered = line, False, False, False
        elif access.command == MemoryCommand.SC:
            if bus.reserved == line and rdata == 0:
                if bus.held_off:
                    self._count("probe waits for the SC of a reserved line, which succeeds")
                if bus.lowered:
                    self._count("SC acquires its line again and succeeds")
            if bus.reserved == line and rdata:
                if bus.taken:
                    self._count("probe takes a reserved line, and the SC fails")
                elif self._views[hart].reserved is not None:
                    self._count("reserved line is evicted, and the SC fails")
            bus.reserved = None
        if access.writes and not (access.command == MemoryCommand.SC and rdata):
            is_update = access.command == MemoryCommand.UPDATE_PTE
            if is_update and self._last_writer.get(line, hart) != hart:
                self._count("walker writes a line that another hart has written")
            self._last_writer[line] = hart

    def observe(self, taps: Sequence[int]) -> None:
        self._cycle += 1
        for hart, bits in enumerate(taps):
            tap, bus = _TAP.unpack(bits), self._buses[hart]
            if tap["acquire_offered"] and bus.missing is None:
                self._acquire(hart, bus, tap)
            if tap["probe_offered"]:
                self._probe(bus, tap)
            if tap["release_taken"]:
                self._release(hart, bus, tap)
            if tap["grant_last"] and bus.missing:
                line = bus.missing[0]
                bus.permissions[line] = tap["grant_to"]
                bus.came[line] = self._cycle
                bus.missing = None
            if tap["release_ack"]:
                bus.releasing = None

    def _others(self, hart: int) -> list[_Bus]:
        return [bus for number, bus in enumerate(self._buses) if number != hart]

    def _acquire(self, hart: int, bus: _Bus, tap: dict[str, int]) -> None:
        line, to = tap["acquire_line"], tap["acquire_to"]
        bus.missing = line, to
        bus.upgrades = to == _TRUNK and bus.permissions.get(line) == _BRANCH
        for other in self._others(hart):
            if other.missing and other.missing[0] == line:
                self._count("two harts acquire one line")
                if bus.upgrades and other.upgrades:
                    self._count("two harts acquire more permission on one line")
            if other.releasing == line:
                self._count("Release of a line that another hart acquires")

    def _probe(self, bus: _Bus, tap: dict[str, int]) -> None:
        line, to = tap["probe_line"], tap["probe_to"]
        if not tap["probe_taken"]:
            bus.held_off |= bus.reserved == line
            if bus.releasing == line:
                self._count("probe of a line whose Release has no answer yet")
            if self._cycle - bus.came.get(line, -_JUST_CYCLES) < _JUST_CYCLES:
                self._count("probe of a line that has just come")
            return
        if bus.missing:
            if bus.missing[0] != line:
                self._count("probe while another line is being acquired")
            else:
                self._count("probe of a line that is being acquired")
                if bus.upgrades and to == 0:
                    self._count("probe takes a copy for which more permission is being acquired")
        if bus.reserved == line:
            bus.taken |= to == 0
            bus.lowered |= to == _BRANCH

    def _release(self, hart: int, bus: _Bus, tap: dict[str, int]) -> None:
        line, to = tap["release_line"], tap["release_to"]
        bus.permissions[line] = to
        if tap["release_is_answer"]:
            if tap["release_last"] and tap["release_has_data"]:
                kept = to == _BRANCH
                what = "leaves a copy of" if kept else "takes"
                self._count(f"probe {what} written data")
            return
        if bus.releasing is None:
            bus.releasing = line
            for other in self._others(hart):
                if other.missing and other.missing[0] == line:
                    self._count("Release of a line that another hart acquires")
