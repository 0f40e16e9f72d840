"""DRAM behind the hub, and what a cache that is not coherent may return."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from .memory import Memory


@dataclass
class DramRequest:
    """What the hub drives in one cycle."""

    request: bool
    write: bool
    address: int
    write_data: int | None


@dataclass
class DramModel:
    """The first beat of a read comes `latency()` cycles after its request, a write is done as many
    cycles after its last beat. A read returns what was there at its request, a write takes effect
    when it is done: whoever does not wait gets the old line. Words that were never written are
    those of `initial`.
    """

    initial: Memory
    beats: int
    latency: Callable[[], int]
    words: dict[int, int] = field(default_factory=dict)
    reads: int = 0
    writes: int = 0
    _cycle: int = 0
    _read_beats: deque[tuple[int, int]] = field(default_factory=deque)
    _writes: deque[tuple[int, list[int]]] = field(default_factory=deque)
    _done: deque[tuple[int, int, list[int]]] = field(default_factory=deque)

    def word(self, address: int) -> int:
        return self.words.setdefault(address, self.initial.word(address))

    def answers(self) -> tuple[int | None, bool]:
        """What DRAM drives in this cycle: a beat of a read, and whether a write is done."""
        beat = None
        if self._read_beats and self._read_beats[0][0] <= self._cycle:
            beat = self._read_beats.popleft()[1]
        done = bool(self._done) and self._done[0][0] <= self._cycle
        if done:
            _, address, words = self._done.popleft()
            for number, word in enumerate(words):
                self.words[address + 8 * number] = word
        return beat, done

    def take(self, request: DramRequest) -> None:
        """What the hub did in this cycle, just before the clock edge."""
        if request.request and request.write:
            self._writes.append((request.address, []))
            self.writes += 1
        elif request.request:
            self.reads += 1
            first = self._cycle + self.latency()
            for beat in range(self.beats):
                word = self.word(request.address + 8 * beat)
                self._read_beats.append((first + beat, word))
        if request.write_data is not None:
            address, words = self._writes[0]
            words.append(request.write_data)
            if len(words) == self.beats:
                self._writes.popleft()
                self._done.append((self._cycle + self.latency(), address, words))
        self._cycle += 1


@dataclass
class FetchView:
    """Values that a fetch may return: any that the word held since the last fence.i."""

    memory: Memory
    since_fence: dict[int, set[int]] = field(default_factory=dict)

    def fence(self) -> None:
        self.since_fence.clear()

    def before_write(self, address: int) -> None:
        """A word is about to change."""
        self.since_fence.setdefault(address >> 3, set()).add(self.memory.word(address))

    def check(self, address: int, word: int) -> None:
        """`word` was fetched from `address`, a multiple of 4."""
        values = self.since_fence.get(address >> 3, set()) | {self.memory.word(address)}
        allowed = {value >> 8 * (address & 4) & 0xFFFF_FFFF for value in values}
        assert word in allowed, f"fetched {word:#x} from {address:#x}, not one of {allowed}"
