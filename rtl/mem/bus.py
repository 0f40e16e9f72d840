"""Buses between the caches, the hub and DRAM, in the terms of TileLink (TL-C).

A line moves as `line_bytes / 8` beats of 64 bits, lowest address first.
"""

from amaranth.lib import data, enum, stream, wiring
from amaranth.lib.wiring import In, Out

BEAT_BYTES = 8


class Permission(enum.Enum, shape=2):
    """Permission on a line: TileLink's None, Branch (read only) and Trunk (read and write)."""

    NONE = 0
    BRANCH = 1
    TRUNK = 2


class Acquire(data.Struct):
    """Channel A. `to` NONE asks for an uncached copy of the line (TileLink's Get: the I$)."""

    address: 56
    to: Permission


class Probe(data.Struct):
    """Channel B: lower the permission on a line to `to`, and give back what was written."""

    address: 56
    to: Permission


class Release(data.Struct):
    """Channel C, one beat. A release without data has one beat.

    `probe` tells ProbeAck from a voluntary Release; `has_data` a ProbeAckData or ReleaseData.
    """

    address: 56
    data: 64
    has_data: 1
    last: 1
    probe: 1
    to: Permission


class Grant(data.Struct):
    """Channel D, one beat. `release_ack` answers a voluntary Release with a single beat."""

    data: 64
    last: 1
    release_ack: 1
    to: Permission


class CoherentBusSignature(wiring.Signature):
    """A client of the hub, seen from the client. The I$ uses `acquire` and `grant` only.

    Members
    -------
    acquire : Out(stream(Acquire)), release : Out(stream(Release))
    probe : In(stream(Probe)), grant : In(stream(Grant))
    grant_ack : Out(1)
        Channel E: one cycle after the last beat of a Grant was taken, the hub may go on.
    """

    def __init__(self):
        super().__init__(
            {
                "acquire": Out(stream.Signature(Acquire)),
                "probe": In(stream.Signature(Probe)),
                "release": Out(stream.Signature(Release)),
                "grant": In(stream.Signature(Grant)),
                "grant_ack": Out(1),
            }
        )


class DramSignature(wiring.Signature):
    """Memory outside the RTL, seen from the hub. Neither side ever waits for the other.

    Members
    -------
    request : Out(1), write : Out(1), address : Out(56), source : Out(4)
        A line read or write is asked for in this cycle; `address` is that of the line.
    write_valid : Out(1), write_data : Out(64)
        Beats of requested writes, in order, the first with its request or later.
    read_valid : In(1), read_source : In(4), read_data : In(64)
        Beats of a read, lowest address first, all beats of one read without another's between.
    write_done : In(1), write_source : In(4)
        The write has been performed.
    """

    def __init__(self):
        super().__init__(
            {
                "request": Out(1),
                "write": Out(1),
                "address": Out(56),
                "source": Out(4),
                "write_valid": Out(1),
                "write_data": Out(64),
                "read_valid": In(1),
                "read_source": In(4),
                "read_data": In(64),
                "write_done": In(1),
                "write_source": In(4),
            }
        )
