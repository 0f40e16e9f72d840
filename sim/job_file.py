"""The text in which a job reaches C++: one statement a line, read by sim/native/job.cpp."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from rtl.dev.address_map import DEVICES, SSWI
from rtl.isa.csr_layout import MISA
from rtl.isa.pmp import PMP_ENTRIES, PMP_GRAIN_BITS

from . import elf, golden
from .errors import UserError
from .job import Job, PhaseProbe


def _name(name: str) -> str:
    if not name or any(character.isspace() for character in name):
        raise UserError(f"'{name}' cannot name a phase, counter or watch: use one word")
    return name


def _path(path: Path) -> str:
    text = str(path.resolve())
    if "\n" in text:
        raise UserError(f"the path {text!r} contains a line break: rename it")
    return text


def _phase(probe: PhaseProbe) -> str:
    unless = "-" if probe.unless is None else f"{probe.unless:#x}"
    return (
        f"phase {_name(probe.name)} {probe.begin:#x} {probe.end:#x} {probe.end_kind.value} "
        f"{probe.begin_at_trap:d} {unless}"
    )


def _lines(job: Job) -> Iterator[str]:
    soc = job.soc
    yield f"image {_path(job.image)}"
    yield f"max_cycles {job.max_cycles}"
    if job.most_unreturned_traps is not None:
        yield f"most_unreturned_traps {job.most_unreturned_traps}"
    line_bytes = soc.hart.dcache.line_bytes
    yield f"dram {soc.dram_base:#x} {soc.dram_bytes:#x} {line_bytes} {job.straps.dram_latency}"
    for name, value in rtl_straps(job).items():
        yield f"strap {name} {value}"
    for address, path in job.blobs:
        yield f"blob {address:#x} {_path(path)}"
    for probe in job.phases:
        yield _phase(probe)
    for name, pc in job.counters:
        yield f"counter {_name(name)} {pc:#x}"
    for watch in job.watches:
        yield f"watch {_name(watch.name)} {watch.kind.value} {watch.base:#x} {watch.size:#x}"
    for base, size in job.page_lists:
        yield f"page_list {base:#x} {size:#x}"
    if job.window is not None:
        yield f"window {job.window[0]:#x} {job.window[1]:#x}"
    for name in ("tohost", "fromhost"):
        address = elf.find_symbol(job.image, name)
        if address is not None:
            yield f"{name} {address:#x}"
    if job.census:
        yield "census"
    if job.lockstep:
        isa = golden.isa(job.straps.svadu)
        grain = 4 << PMP_GRAIN_BITS
        buffered = soc.hart.store_buffer_entries > 0
        yield (
            f"lockstep {MISA:#x} {PMP_ENTRIES} {grain} {SSWI.base:#x} {buffered:d} {isa} "
            f"{_path(golden.library())}"
        )
        for device in DEVICES:
            yield f"device {device.base:#x} {device.size:#x}"
    if job.timeline is not None:
        yield f"timeline {_path(job.timeline.file)}"
        for pc in job.timeline.marks:
            yield f"mark {pc:#x}"
        for base, size in job.timeline.stores:
            yield f"stores {base:#x} {size:#x}"
    if job.waves is not None:
        yield f"waves {job.waves.first} {job.waves.last} {_path(job.waves.file)}"


def rtl_straps(job: Job) -> dict[str, int]:
    """Values of the top's strap ports: all straps but those of the memory outside the RTL."""
    return {name: value for name, value in job.straps.as_dict().items() if name != "dram_latency"}


def write_job_file(job: Job, path: Path) -> None:
    """Write the job as text; raise UserError or ConfigError for a job that cannot be run."""
    job.soc.validate()
    job.straps.validate(job.soc)
    if job.lockstep:
        golden.require(job)
    if job.max_cycles < 1:
        raise UserError(f"max_cycles is {job.max_cycles}: use at least 1")
    path.write_bytes(os.fsencode("\n".join(_lines(job)) + "\n"))  # paths are bytes
