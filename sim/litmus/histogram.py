"""What the harts have written becomes counts of outcomes."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from . import packing
from .configurations import BATCH
from .definition import Litmus, Outcome

RECORD = np.dtype([("bytes", "u1", (2, 8)), ("memory", "u1", 8), ("seen", "<u8")])
"""Of one hart and batch, as `sw/litmus/runtime.S` lays it out. Bytes were shifted in: the first of
eight is the last in memory."""


@dataclass
class Histogram:
    """How often each outcome was seen, and the iteration in which it was seen first."""

    counts: dict[Outcome, int] = field(default_factory=dict)
    first: dict[Outcome, int] = field(default_factory=dict)
    stray: int | None = None
    """An iteration of the first batch in which a value was read that nobody has written."""


def decode(test: Litmus, harts: int, batches: int, raw: bytes) -> Histogram:
    """Count the outcomes in the streams of all harts, one after the other in `raw`."""
    records = np.frombuffer(raw, dtype=RECORD).reshape(harts, batches)
    share = BATCH // harts
    # Each hart looked at memory for its share of a batch's iterations.
    memory = records["memory"][:, :, share - 1 :: -1]
    code = np.moveaxis(memory, 0, 1).reshape(batches * BATCH).astype(np.uint64)
    threads = range(len(test.threads))
    for thread in threads:
        told = records["bytes"][thread, :, :, ::-1].reshape(batches * BATCH).astype(np.uint64)
        code |= told << np.uint64(8 * (thread + 1))
    codes, first, counts = np.unique(code, return_index=True, return_counts=True)
    histogram = Histogram()
    for value, iteration, count in zip(
        codes.tolist(), first.tolist(), counts.tolist(), strict=True
    ):
        told = {packing.MEMORY: value & 255}
        told |= {thread: value >> 8 * (thread + 1) & 255 for thread in threads}
        outcome = packing.unpack(test, told)
        histogram.counts[outcome] = count
        histogram.first[outcome] = iteration
    seen = np.bitwise_or.reduce(records["seen"], axis=0)
    stray = [batch for batch, value in enumerate(seen.tolist()) if packing.strays(test, value)]
    if stray:
        histogram.stray = stray[0] * BATCH
    return histogram
