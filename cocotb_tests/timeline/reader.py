"""Reads a trace back with Perfetto's own message classes, and demands that it is well-formed."""

from __future__ import annotations

import importlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

# Generated classes, without stubs.
_trace = importlib.import_module("perfetto.protos.perfetto.trace.perfetto_trace_pb2")


@dataclass
class Event:
    """A slice, or with `end` None an instant, and the names of those around it."""

    track: tuple[str, ...]
    name: str
    begin: int
    end: int | None
    around: tuple[str, ...]
    arguments: dict[str, int | str]
    flows: list[int]
    flow_ends: list[int]


@dataclass
class Trace:
    """Tracks are named by the path from their topmost parent."""

    tracks: list[tuple[str, ...]] = field(default_factory=list)
    units: dict[tuple[str, ...], str] = field(default_factory=dict)
    events: list[Event] = field(default_factory=list)
    counters: dict[tuple[str, ...], list[tuple[int, int]]] = field(default_factory=dict)

    def on(self, *track: str) -> list[Event]:
        return [event for event in self.events if event.track == track]

    def arrows(self) -> list[tuple[Event, Event]]:
        """The two events of each flow, the earlier one first."""
        ends = {flow: event for event in self.events for flow in event.flow_ends}
        begins = {flow: event for event in self.events for flow in event.flows}
        assert begins.keys() == ends.keys(), "a flow has one end only"
        assert len(ends) == sum(len(event.flow_ends) for event in self.events)
        assert len(begins) == sum(len(event.flows) for event in self.events)
        pairs = [(begins[flow], ends[flow]) for flow in sorted(begins)]
        assert all(begin.begin < end.begin for begin, end in pairs), "a flow goes back in time"
        return pairs


def _arguments(event: Any) -> dict[str, int | str]:
    return {
        a.name: a.string_value if a.HasField("string_value") else a.uint_value
        for a in event.debug_annotations
    }


def read(path: Path) -> Trace:
    """Read a file as Perfetto does: packets sorted by time, those of equal times as they stand."""
    message = _trace.Trace()
    message.ParseFromString(path.read_bytes())
    names: dict[int, tuple[str, ...]] = {}
    trace = Trace()
    kind = _trace.TrackEvent.Type
    for packet in message.packet:
        assert packet.trusted_packet_sequence_id, "trace_processor drops events without a sequence"
        if packet.HasField("track_descriptor"):
            track = packet.track_descriptor
            assert track.uuid
            assert track.uuid not in names
            parent = names[track.parent_uuid] if track.HasField("parent_uuid") else ()
            names[track.uuid] = (*parent, track.name)
            trace.tracks.append(names[track.uuid])
            if track.HasField("counter"):
                trace.units[names[track.uuid]] = track.counter.unit_name
                trace.counters[names[track.uuid]] = []
    assert len(set(trace.tracks)) == len(trace.tracks), "two tracks have one name"
    packets = [packet for packet in message.packet if packet.HasField("track_event")]
    open_slices: dict[int, list[Event]] = {uuid: [] for uuid in names}
    for packet in sorted(packets, key=lambda packet: packet.timestamp):
        event, time = packet.track_event, packet.timestamp
        name, stack = names[event.track_uuid], open_slices[event.track_uuid]
        if event.type == kind.TYPE_COUNTER:
            trace.counters[name].append((time, event.counter_value))
            continue
        assert name not in trace.units
        if event.type == kind.TYPE_SLICE_END:
            stack.pop().end = time
            continue
        around = tuple(outer.name for outer in stack)
        one = Event(
            name, event.name, time, None, around, _arguments(event),
            list(event.flow_ids), list(event.terminating_flow_ids),
        )  # fmt: skip
        trace.events.append(one)
        if event.type == kind.TYPE_SLICE_BEGIN:
            stack.append(one)
        else:
            assert event.type == kind.TYPE_INSTANT
    assert not any(open_slices.values()), "a slice does not end"
    return trace
