"""The tracks of a run, from the collector's events and the samples of the phases."""

from __future__ import annotations

import bisect
import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import BinaryIO

import numpy as np

from ..job import JobResult
from ..probes import CACHE_PAGES, RESERVE_PAGES, STACK_PAGES, THREADS
from ..statistics import PAGE_KIB
from . import flows, slices, threads
from .events import BEGIN, END, Kind, Sources, per_hart
from .perfetto import PerfettoWriter
from .slices import Slice
from .threads import ThreadNames


@dataclass(frozen=True)
class _Counter:
    """A track that follows a watch, in `factor` units for one of what is watched."""

    watch: str
    name: str
    unit: str = ""
    factor: int = 1


_COUNTERS = (
    _Counter(STACK_PAGES, "mapped stack", "KiB", PAGE_KIB),
    _Counter(CACHE_PAGES, "pages in caches"),
    _Counter(RESERVE_PAGES, "pages in reserves"),
    _Counter(THREADS, "threads"),
)
_ADDRESSES = ("pc", "vaddr", "used_paddr", "walked_paddr", "thread")
"""Of what a finding says."""
_HART_COUNTERS = ((CACHE_PAGES, "pages in cache"), (RESERVE_PAGES, "pages in reserve"))


@dataclass
class _Instant:
    cycle: int
    name: str
    flows: list[int]
    flow_ends: list[int]
    arguments: Mapping[str, int | str] = field(default_factory=dict)


class Tracks:
    """Everything about one run that its tracks show.

    Parameters
    ----------
    events : what the collector wrote, dtype `sim.timeline.events.EVENT`.
    names : of the phases, by the index that samples carry.
    """

    def __init__(
        self,
        events: np.ndarray,
        sources: Sources,
        result: JobResult,
        names: Sequence[str],
        thread_names: ThreadNames,
    ):
        self._sources = sources
        self._result = result
        self._names = names
        self._thread_names = thread_names
        self._harts = len(result.harts)
        self._cycles = result.harts[0].cycles
        self._watched = events[events["kind"] == Kind.WATCH]
        self._modes = events[events["kind"] == Kind.MODE]
        self._window = [
            [int(mark["cycle"]) for mark in sources.select(events, Kind.MARK, name)]
            for name in (BEGIN, END)
        ]
        traps = events[(events["kind"] == Kind.TRAP) | (events["kind"] == Kind.TRAP_RETURN)]
        self._traps = {hart: traps[traps["hart"] == hart] for hart in range(self._harts)}
        all_stays = threads.stays(events, sources, self._harts, self._cycles)
        self._stays = {
            hart: [stay for stay in all_stays if stay.hart == hart] for hart in range(self._harts)
        }
        self._threads = threads.by_thread(all_stays)
        self._wakes = threads.wakes(events, sources)
        self._woken: dict[int, list[int]] = {}
        for cycle, _, thread in self._wakes or ():
            self._woken.setdefault(thread, []).append(cycle)
        self._interrupts = list(flows.interprocessor_interrupts(events, sources))
        self._moves = list(flows.page_moves(events, sources))

    def write(self, file: BinaryIO) -> None:
        """Write the trace; a file that is to be opened must be complete."""
        writer = PerfettoWriter(file)
        instants = self._connect(writer)
        self._machine(writer)
        phases_of: dict[int, list[Slice]] = {thread: [] for thread in self._threads}
        for hart in range(self._harts):
            samples = self._result.samples
            phases = slices.phase_slices(samples[samples["hart"] == hart], self._names)
            self._hart(writer, hart, phases, instants[hart])
            for thread, part in slices.by_thread(phases, self._stays[hart]):
                phases_of[thread].append(part)
        group = writer.track("threads")
        for thread in sorted(self._threads, key=self._thread_names.order):
            self._thread(writer, group, thread, phases_of[thread])

    def _connect(self, writer: PerfettoWriter) -> list[list[_Instant]]:
        """Make the arrows, and return what happens on each hart at a moment."""
        instants: list[list[_Instant]] = [[] for _ in range(self._harts)]
        moments: dict[flows.Moment, _Instant] = {}

        def instant(moment: flows.Moment) -> _Instant:
            if moment not in moments:
                moments[moment] = _Instant(moment.cycle, moment.name, [], [])
                instants[moment.hart].append(moments[moment])
            return moments[moment]

        for flow in (*self._interrupts, *self._moves):
            begin = instant(flow.begin)
            if flow.end is not None:
                arrow = writer.new_flow()
                begin.flows.append(arrow)
                instant(flow.end).flow_ends.append(arrow)
        for cycle, hart, thread in self._wakes or ():
            woken = instant(flows.Moment(hart, cycle, f"wakes {self._thread_names.name(thread)}"))
            own = self._threads.get(thread, [])
            later = bisect.bisect_right(own, cycle, key=lambda stay: stay.begin)
            if later < len(own):
                arrow = writer.new_flow()
                woken.flows.append(arrow)
                own[later].flow_ends.append(arrow)
        for own in self._threads.values():
            for before, after in itertools.pairwise(own):
                if before.hart != after.hart:
                    arrow = writer.new_flow()
                    before.flows.append(arrow)
                    after.flow_ends.append(arrow)
        for number, found in enumerate(self._result.findings):
            about = f"stale {number}: {found.kind} {found.access}"
            details = {
                name: f"{value:#x}" if name in _ADDRESSES and value is not None else str(value)
                for name, value in asdict(found).items()
            }
            instants[found.hart].append(_Instant(found.cycle, about, [], [], details))
        return instants

    def _machine(self, writer: PerfettoWriter) -> None:
        group = writer.track("machine")
        begins, ends = self._window
        if begins and ends:
            track = writer.track("measured window", group)
            _write_slices(writer, track, [Slice(begins[0] + 1, ends[0] + 1, "measured")])
        for counter in _COUNTERS:
            self._counter(writer, group, counter)

    def _hart(
        self, writer: PerfettoWriter, hart: int, phases: list[Slice], instants: list[_Instant]
    ) -> None:
        group = writer.track(f"hart {hart}")
        modes = self._modes[self._modes["hart"] == hart]
        _write_slices(writer, writer.track("mode", group), slices.modes(modes, self._cycles))
        stays = [
            Slice(stay.begin, stay.end, self._thread_names.name(stay.thread),
                  {}, stay.flows, stay.flow_ends)
            for stay in self._stays[hart]
        ]  # fmt: skip
        _write_slices(writer, writer.track("thread", group), stays)
        _write_lanes(writer, group, "phases", phases)
        track = writer.track("events", group)
        for event in sorted(instants, key=lambda event: event.cycle):
            writer.instant(
                track,
                event.cycle,
                event.name,
                arguments=event.arguments,
                flows=event.flows,
                flow_ends=event.flow_ends,
            )
        for watch, name in _HART_COUNTERS:
            self._counter(writer, group, _Counter(per_hart(watch, hart), name))

    def _thread(self, writer: PerfettoWriter, group: int, thread: int, phases: list[Slice]) -> None:
        own = self._threads[thread]
        parent = writer.track(self._thread_names.name(thread), group)
        states = [Slice(stay.begin, stay.end, f"on hart {stay.hart}") for stay in own]
        if not self._thread_names.is_idle(thread):
            woken = None if self._wakes is None else self._woken.get(thread, [])
            states += [Slice(begin, end, state) for state, begin, end in threads.waits(own, woken)]
        _write_slices(writer, writer.track("state", parent), states)
        _write_lanes(writer, parent, "kernel", [*slices.visits(own, self._traps), *phases])

    def _counter(self, writer: PerfettoWriter, group: int, counter: _Counter) -> None:
        names = [watched.name for watched in self._sources.watches]
        if counter.watch not in names:
            return
        track = writer.track(counter.name, group, counter.unit)
        for event in self._watched[self._watched["index"] == names.index(counter.watch)]:
            writer.counter(track, int(event["cycle"]) + 1, counter.factor * int(event["a"]))


def _write_lanes(writer: PerfettoWriter, group: int, name: str, shown: Iterable[Slice]) -> None:
    for number, lane in enumerate(slices.lanes(shown) or [[]]):
        title = f"{name} {number + 1}" if number else name
        _write_slices(writer, writer.track(title, group), lane)


def _write_slices(writer: PerfettoWriter, track: int, shown: Iterable[Slice]) -> None:
    """Write slices of one lane; times in nanoseconds are cycles."""
    open_ends: list[int] = []
    for item in sorted(shown, key=lambda item: (item.begin, -item.end)):
        while open_ends and open_ends[-1] <= item.begin:
            writer.end(track, open_ends.pop())
        writer.begin(
            track,
            item.begin,
            item.name,
            arguments=item.arguments,
            flows=item.flows,
            flow_ends=item.flow_ends,
        )
        open_ends.append(item.end)
    while open_ends:
        writer.end(track, open_ends.pop())
