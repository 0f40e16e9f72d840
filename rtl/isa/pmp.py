"""Physical memory protection: layout of its CSRs (privileged specification, section 3.7)."""

from amaranth.lib import data, enum

PMP_ENTRIES = 4
"""Entries that work; the other ones of the 16 that can be addressed read as zero."""

PMP_ADDRESSABLE = 16

PMP_GRAIN_BITS = 10
"""G: regions begin and end at multiples of 2**(G + 2) bytes: 4 KiB, one answer for a page."""

PMPADDR_BITS = 54
"""pmpaddr holds bits 55:2 of a physical address."""


class PmpMatching(enum.Enum, shape=2):
    """Field A of a configuration."""

    OFF = 0
    TOR = 1
    NA4 = 2
    """Not for a granularity above 4 bytes: a write of it becomes NAPOT, as in Spike."""
    NAPOT = 3


class PmpConfig(data.Struct):
    """One byte of pmpcfg."""

    r: 1
    w: 1
    x: 1
    a: PmpMatching
    reserved: 2
    locked: 1
