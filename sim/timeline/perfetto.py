"""Perfetto's trace format, as far as a timeline of tracks needs it.

A trace is a protobuf message `Trace` of packets; field numbers are those of
protos/perfetto/trace/{trace_packet,track_event/track_event,track_event/track_descriptor}.proto in
https://github.com/google/perfetto, where a number never changes its meaning. Packets may stand in
any order: readers sort by time, and keep the order of packets with equal times.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping, Sequence
from typing import BinaryIO

_VARINT, _FIXED64, _BYTES = 0, 1, 2
_U64 = (1 << 64) - 1

_TRACE_PACKET = 1
_TIMESTAMP, _SEQUENCE, _TRACK_EVENT, _SEQUENCE_FLAGS, _TRACK_DESCRIPTOR = 8, 10, 11, 13, 60
_STATE_CLEARED = 1
_ONE_SEQUENCE = 1

_EVENT_ARGUMENT, _EVENT_TYPE, _EVENT_TRACK, _EVENT_NAME = 4, 9, 11, 23
_EVENT_COUNTER, _EVENT_FLOW, _EVENT_FLOW_END = 30, 47, 48
_ARGUMENT_NAME, _ARGUMENT_UINT, _ARGUMENT_STRING = 10, 3, 6

_TRACK_UUID, _TRACK_NAME, _TRACK_PARENT, _TRACK_COUNTER = 1, 2, 5, 8
_TRACK_CHILD_ORDERING, _TRACK_RANK = 11, 12
_EXPLICIT_ORDER = 3
_COUNTER_UNIT_NAME = 6


class _Type(enum.IntEnum):
    SLICE_BEGIN = 1
    SLICE_END = 2
    INSTANT = 3
    COUNTER = 4


def _varint(value: int) -> bytes:
    value &= _U64
    result = bytearray()
    while value > 0x7F:
        result.append(value & 0x7F | 0x80)
        value >>= 7
    result.append(value)
    return bytes(result)


def _number(field: int, value: int) -> bytes:
    return _varint(field << 3 | _VARINT) + _varint(value)


def _fixed64(field: int, value: int) -> bytes:
    return _varint(field << 3 | _FIXED64) + value.to_bytes(8, "little")


def _bytes(field: int, value: bytes) -> bytes:
    return _varint(field << 3 | _BYTES) + _varint(len(value)) + value


def _text(field: int, value: str) -> bytes:
    return _bytes(field, value.encode())


class PerfettoWriter:
    """Writes tracks and what happens on them; times are in nanoseconds.

    On one track, events are to be written in the order of time, and ends before begins of the same
    time.

    Parameters
    ----------
    file : open for binary writing; nothing is kept in memory.
    """

    def __init__(self, file: BinaryIO):
        self._file = file
        self._tracks = 0
        self._ranks: dict[int, int] = {}
        self._flows = 0

    def track(self, name: str, parent: int = 0, unit: str | None = None) -> int:
        """Begin a track, below `parent` and behind its other children; a counter if with a unit."""
        self._tracks += 1
        rank = self._ranks[parent] = self._ranks.get(parent, -1) + 1
        descriptor = _number(_TRACK_UUID, self._tracks) + _text(_TRACK_NAME, name)
        if parent:
            descriptor += _number(_TRACK_PARENT, parent)
        if unit is not None:
            descriptor += _bytes(_TRACK_COUNTER, _text(_COUNTER_UNIT_NAME, unit) if unit else b"")
        descriptor += _number(_TRACK_CHILD_ORDERING, _EXPLICIT_ORDER) + _number(_TRACK_RANK, rank)
        flags = _number(_SEQUENCE_FLAGS, _STATE_CLEARED) if self._tracks == 1 else b""
        self._packet(_bytes(_TRACK_DESCRIPTOR, descriptor) + flags)
        return self._tracks

    def new_flow(self) -> int:
        """An arrow: give it to one event as `flows`, and to a later one as `flow_ends`."""
        self._flows += 1
        return self._flows

    def begin(
        self,
        track: int,
        time: int,
        name: str,
        *,
        arguments: Mapping[str, int | str] | None = None,
        flows: Sequence[int] = (),
        flow_ends: Sequence[int] = (),
    ) -> None:
        self._event(track, time, _Type.SLICE_BEGIN, _details(name, arguments, flows, flow_ends))

    def end(self, track: int, time: int) -> None:
        self._event(track, time, _Type.SLICE_END, b"")

    def instant(
        self,
        track: int,
        time: int,
        name: str,
        *,
        arguments: Mapping[str, int | str] | None = None,
        flows: Sequence[int] = (),
        flow_ends: Sequence[int] = (),
    ) -> None:
        self._event(track, time, _Type.INSTANT, _details(name, arguments, flows, flow_ends))

    def counter(self, track: int, time: int, value: int) -> None:
        self._event(track, time, _Type.COUNTER, _number(_EVENT_COUNTER, value))

    def _event(self, track: int, time: int, kind: _Type, details: bytes) -> None:
        event = _number(_EVENT_TYPE, kind) + _number(_EVENT_TRACK, track) + details
        self._packet(_number(_TIMESTAMP, time) + _bytes(_TRACK_EVENT, event))

    def _packet(self, body: bytes) -> None:
        self._file.write(_bytes(_TRACE_PACKET, body + _number(_SEQUENCE, _ONE_SEQUENCE)))


def _details(
    name: str,
    arguments: Mapping[str, int | str] | None,
    flows: Sequence[int],
    flow_ends: Sequence[int],
) -> bytes:
    result = _text(_EVENT_NAME, name)
    for key, value in (arguments or {}).items():
        content = (
            _text(_ARGUMENT_STRING, value)
            if isinstance(value, str)
            else _number(_ARGUMENT_UINT, value)
        )
        result += _bytes(_EVENT_ARGUMENT, _text(_ARGUMENT_NAME, key) + content)
    result += b"".join(_fixed64(_EVENT_FLOW, flow) for flow in flows)
    return result + b"".join(_fixed64(_EVENT_FLOW_END, flow) for flow in flow_ends)
