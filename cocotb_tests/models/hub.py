"""The outside of one coherent cache: a hub with DRAM, and other harts that want its lines.

It plays TileLink's manager on the bus of a D$ with every freedom that the protocol leaves: any
delay, probes at any time. It asserts what the protocol asks of the client, and that written data
is never lost: whenever the client has no permission to write, DRAM holds what memory should.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field

from rtl.mem.bus import Acquire, Grant, Permission, Probe, Release

from .memory import Memory
from .payload import Payload

ACQUIRE, PROBE, RELEASE, GRANT = map(Payload, (Acquire, Probe, Release, Grant))
NONE, BRANCH, TRUNK = (int(permission.value) for permission in Permission)


@dataclass
class Freedom:
    """Probabilities per cycle, and delays in cycles: what the manager does to the client."""

    acquire_ready: float = 1.0
    release_ready: float = 1.0
    grant_beat: float = 1.0
    grant_delay: tuple[int, int] = (0, 0)
    release_ack_delay: tuple[int, int] = (0, 0)
    probe: float = 0.0
    probe_to_none: float = 0.5
    foreign_write: float = 0.5
    """After a probe to None: another hart writes the line before it gives it back."""
    grant_branch: float = 0.0
    """A request for Branch is granted Branch although Trunk would do."""


@dataclass
class Wires:
    """The bus in one cycle: what the client drives, and what the manager answers."""

    acquire: dict[str, int] | None = None
    release: dict[str, int] | None = None
    probe_ready: bool = False
    grant_ready: bool = False
    grant_ack: bool = False
    acquire_ready: bool = False
    release_ready: bool = False
    probe: dict[str, int] | None = None
    grant: dict[str, int] | None = None


@dataclass
class ManagerModel:
    """Call `drive()` and `observe()` once a cycle each.

    `truth` is memory as the program sees it, `dram` what was written back; lines are numbered by
    address // line_bytes. `on_foreign_write(address)` reports a write by another hart.
    """

    truth: Memory
    line_bytes: int
    freedom: Freedom
    probe_lines: list[int]
    on_foreign_write: Callable[[int], None] = lambda address: None
    random: random.Random = field(default_factory=random.Random)
    dram: dict[int, list[int]] = field(default_factory=dict)
    permissions: dict[int, int] = field(default_factory=dict)
    probes_answered: int = 0
    probes_with_data: int = 0
    writes_back: int = 0
    probes_crossing_release: int = 0
    longest_probe_wait: int = 0
    next_probe: tuple[int, int] | None = None
    """A probe (line, to) to be offered as soon as it is legal, for directed tests."""
    _acquire: tuple[int, int] | None = None
    _grant_in: int = 0
    _beats: list[dict[str, int]] = field(default_factory=list)
    _granted_line: int | None = None
    _grant_offered: bool = False
    _probe: tuple[int, int] | None = None
    _probe_taken: bool = False
    _probe_wait: int = 0
    _message: list[int] = field(default_factory=list)
    _released: int | None = None
    _release_ack_in: int = 0

    @property
    def probing(self) -> bool:
        """A probe is to be sent, or not answered yet."""
        return self._probe is not None or self.next_probe is not None

    def line_in_dram(self, line: int) -> list[int]:
        if line not in self.dram:
            self.dram[line] = self.truth.line(line * self.line_bytes, self.line_bytes)
        return self.dram[line]

    def _chance(self, probability: float) -> bool:
        return probability >= 1 or self.random.random() < probability

    def check_written_back(self, line: int) -> None:
        truth = self.truth.line(line * self.line_bytes, self.line_bytes)
        assert self.line_in_dram(line) == truth, (
            f"line {line:#x}: DRAM holds {self.dram[line]}, memory should be {truth}"
        )

    def drive(self) -> Wires:
        """What the manager drives in this cycle, from what it knew at its begin."""
        freedom = self.freedom
        wires = Wires(
            acquire_ready=self._acquire is None
            and self._granted_line is None
            and self._chance(freedom.acquire_ready),
            release_ready=self._chance(freedom.release_ready),
        )
        self._start_grant()
        self._start_probe()
        if self._probe is not None and not self._probe_taken:
            line, to = self._probe
            wires.probe = {"address": line * self.line_bytes, "to": to}
        in_burst = self._granted_line is not None and len(self._beats) < self._line_beats
        if (
            self._released is not None
            and self._release_ack_in == 0
            and not (in_burst or self._grant_offered)
        ):
            wires.grant = {"last": 1, "release_ack": 1}
        elif self._beats and (self._grant_offered or self._chance(freedom.grant_beat)):
            self._grant_offered = True
            wires.grant = self._beats[0]
        return wires

    @property
    def _line_beats(self) -> int:
        return self.line_bytes // 8

    def _start_grant(self) -> None:
        if self._acquire is None or self._beats or self._granted_line is not None:
            return
        line, to = self._acquire
        if self._grant_in > 0:
            self._grant_in -= 1
            return
        if self._probe is not None and self._probe[0] == line:
            return
        self.check_written_back(line)
        granted = to
        if to == BRANCH and not self._chance(self.freedom.grant_branch):
            granted = TRUNK
        words = self.line_in_dram(line)
        self._beats = [
            {"data": word, "last": number == len(words) - 1, "to": granted}
            for number, word in enumerate(words)
        ]
        self._acquire = None
        self._granted_line = line
        self.permissions[line] = granted

    def _start_probe(self) -> None:
        if self._probe is not None:
            return
        if self.next_probe is None and self.freedom.probe and self._chance(self.freedom.probe):
            to = NONE if self._chance(self.freedom.probe_to_none) else BRANCH
            self.next_probe = (self.random.choice(self.probe_lines), to)
        if self.next_probe is not None and self.next_probe[0] != self._granted_line:
            self._probe, self.next_probe = self.next_probe, None
            self._probe_taken = False
            self._probe_wait = 0
            self.probes_crossing_release += self._released == self._probe[0]

    def observe(self, wires: Wires) -> None:
        """What the client did in this cycle, just before the clock edge."""
        if wires.acquire and wires.acquire_ready:
            line = wires.acquire["address"] // self.line_bytes
            assert wires.acquire["address"] % self.line_bytes == 0
            assert line != self._released, f"Acquire of line {line:#x} before its ReleaseAck"
            self._acquire = (line, wires.acquire["to"])
            self._grant_in = self.random.randint(*self.freedom.grant_delay)
        if wires.grant and wires.grant_ready:
            if wires.grant.get("release_ack"):
                self._released = None
            else:
                self._beats.pop(0)
                self._grant_offered = False
        if wires.grant_ack:
            assert self._granted_line is not None, "GrantAck without a Grant"
            assert not self._beats, "GrantAck before the last beat"
            self._granted_line = None
        if self._released is not None and self._release_ack_in:
            self._release_ack_in -= 1
        if wires.probe:
            self._probe_wait += 1
            self.longest_probe_wait = max(self.longest_probe_wait, self._probe_wait)
            if wires.probe_ready:
                self._probe_taken = True
        if wires.release and wires.release_ready:
            self._take_release(wires.release)

    def _take_release(self, beat: dict[str, int]) -> None:
        line = beat["address"] // self.line_bytes
        if beat["has_data"]:
            self._message.append(beat["data"])
        if not beat["last"]:
            return
        words, self._message = self._message, []
        if beat["has_data"]:
            assert len(words) == self._line_beats, f"{len(words)} beats for line {line:#x}"
            assert self.permissions.get(line) == TRUNK, f"data of line {line:#x} without Trunk"
            self.dram[line] = words
        self.check_written_back(line)
        if beat["probe"]:
            self._take_probe_ack(line, beat)
        else:
            assert self._released is None, "two Releases without an answer"
            self.writes_back += 1
            self.permissions[line] = beat["to"]
            self._released = line
            self._release_ack_in = self.random.randint(*self.freedom.release_ack_delay)

    def _take_probe_ack(self, line: int, beat: dict[str, int]) -> None:
        assert self._probe is not None, "ProbeAck without a Probe"
        assert self._probe_taken, "ProbeAck before its Probe was taken"
        assert line == self._probe[0], f"ProbeAck of line {line:#x}, not of {self._probe[0]:#x}"
        assert line != self._released, f"ProbeAck of line {line:#x} before its ReleaseAck"
        to = self._probe[1]
        held = self.permissions.get(line, NONE)
        assert beat["to"] <= min(to, held), f"ProbeAck keeps {beat['to']}: held {held}, cap {to}"
        self.permissions[line] = beat["to"]
        self._probe = None
        self.probes_answered += 1
        self.probes_with_data += beat["has_data"]
        if to == NONE and self._chance(self.freedom.foreign_write):
            address = line * self.line_bytes + 8 * self.random.randrange(self._line_beats)
            self.truth.set_word(address, self.random.getrandbits(64))
            self.dram[line] = self.truth.line(line * self.line_bytes, self.line_bytes)
            self.on_foreign_write(address)
