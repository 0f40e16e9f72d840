"""The windows of P4 against the collector: the same cycles, stores and fences in both."""

from dataclasses import replace
from functools import cached_property
from pathlib import Path

import numpy as np
import pytest

from cocotb_tests.waveforms.dump import Dump, Record, save_file_signals
from rtl.mem.ports import MemoryCommand
from rtl.presets import preset
from sim import elf, firmware, machine, model
from sim.display import Display
from sim.job import EVENTS, SAMPLE, PhaseEnd, PhaseProbe
from sim.measure import Run, job
from sim.probes import kernel_probes
from sim.statistics import SAMPLE_EVENTS
from sim.waveforms.capture import write_windows
from sim.waveforms.labels import USER_TEXT
from sim.waveforms.windows import trap_probes
from sim.waves import small_workload
from sim.workload.format import encode

MARGIN = 40
PTE_VALID = 1
MAPPED_PAGES = 3
"""P4 maps all pages of a stack but the topmost."""

MEM_TO_RETIRE = 2
"""Cycles from a D$ access in MEM to its record: write-back, and the register of the port."""

COLUMNS = dict(zip(EVENTS, SAMPLE_EVENTS, strict=True))


def once(record: Record) -> PhaseProbe:
    """A phase that ends whenever the instruction of this record retires, and takes no time."""
    return PhaseProbe(f"at_{record.pc:x}", record.pc, record.pc, PhaseEnd.AFTER)


class P4:
    """Policy P4 on the small workload: windows by path, and what the collector counted."""

    def __init__(self, directory: Path):
        image = firmware.build_kernel("P4")
        self.directory = directory
        self.symbols = elf.symbols(image)
        self.run = Run("P4", "small", small_workload(), image, preset("rocket"))
        with Display(4) as display:
            windows = write_windows(
                self.run, None, margin=MARGIN, root=directory, suffix=".fst", display=display
            )
        self.windows = {window.interval.name: window for window in windows}
        self.interval = self.windows["map"].interval
        self.dump = Dump(self.windows["map"].dump)
        self.records = self.dump.records()

    def is_stack_pte(self, address: int) -> bool:
        table = self.symbols["kstack_pt"]
        return table.address <= address < table.address + table.size

    @cached_property
    def pte_stores(self) -> list[Record]:
        return [r for r in self.records if r.mem_write and self.is_stack_pte(r.mem_paddr)]

    @cached_property
    def fences(self) -> list[Record]:
        return [record for record in self.records if record.is_sfence_vma]

    @cached_property
    def samples(self) -> dict[str, np.ndarray]:
        """Samples by phase, of a run without tracing that also times PTE stores and fences."""
        blob = self.directory / "workload.bin"
        blob.write_bytes(encode(self.run.workload))
        whole = job(self.run, kernel_probes(self.symbols, "kernel"), blob)
        timed = {record.pc: once(record) for record in (*self.pte_stores, *self.fences)}
        whole = replace(whole, phases=(*whole.phases, *timed.values()))
        result = machine.run(whole, self.directory / "run")
        assert result.status == "pass"
        return {
            probe.name: result.samples[result.samples["phase"] == index]
            for index, probe in enumerate(whole.phases)
        }

    def sample(self, name: str) -> np.void:
        """The one sample that a window is about."""
        interval, samples = self.windows[name].interval, self.samples[name]
        same = samples[(samples["begin"] == interval.begin) & (samples["end"] == interval.end)]
        assert len(same) == 1
        return same[0]


@pytest.fixture(scope="module")
def p4(tmp_path_factory):
    if model.trace_suffix() != ".fst":
        pytest.skip("no headers for FST: apt-get install liblz4-dev zlib1g-dev")
    return P4(tmp_path_factory.mktemp("p4"))


def test_every_path_of_p4_has_a_window(p4):
    assert list(p4.windows) == ["map", "invalidate", "unmap"]
    for window in p4.windows.values():
        dumped = Dump(window.dump)
        assert (dumped.first, dumped.last) == (window.first, window.last)
        assert dumped.first == window.interval.begin + 1 - MARGIN
        assert dumped.last == window.interval.end + MARGIN


def test_map_begins_and_ends_with_the_records_that_the_collector_saw(p4):
    records = p4.records
    address = p4.symbols["policy_map"].address
    entry = next(i for i, record in enumerate(records) if record.pc == address and not record.trap)
    call = [record for record in records[:entry] if record.rd_valid and record.rd == 1][-1]
    back = next(i for i, record in enumerate(records) if i > entry and record.pc == call.rd_data)
    begin, end = records[entry - 1].cycle, records[back - 1].cycle

    sample = p4.sample("map")
    assert (begin, end) == (sample["begin"], sample["end"])
    assert end - begin == sample["cycles"]
    assert back - entry == sample["instructions"]


def test_pte_stores_and_fences_lie_at_the_cycles_that_the_collector_counts(p4):
    begin, end = p4.interval.begin, p4.interval.end
    stores = [record for record in p4.pte_stores if begin < record.cycle <= end]
    fences = [record for record in p4.fences if begin < record.cycle <= end]
    assert len(stores) == MAPPED_PAGES
    assert all(record.mem_wdata & PTE_VALID for record in stores)
    assert len({record.mem_paddr for record in stores}) == MAPPED_PAGES
    assert len(fences) == p4.sample("map")["fences"] > 0
    assert stores[-1].cycle < fences[0].cycle

    for name, expected in (("PTE stores", stores), ("fences", fences)):
        counted = [
            int(cycle)
            for probe in {once(record) for record in expected}
            for cycle in p4.samples[probe.name]["end"]
            if begin < cycle <= end
        ]
        assert sorted(counted) == [record.cycle for record in expected], name


def test_the_d_cache_takes_each_pte_store_before_it_retires(p4):
    port = "testbench.soc.hart0.pipeline.dcache__"
    done = (
        (p4.dump.values(f"{port}s1_valid") == 1)
        & (p4.dump.values(f"{port}s1_done") == 1)
        & (p4.dump.values(f"{port}s1_command") == MemoryCommand.STORE.value)
    )
    addresses = p4.dump.values(f"{port}s1_paddr")
    writes = [
        (cycle + MEM_TO_RETIRE, int(addresses[cycle - p4.dump.first]))
        for cycle in p4.dump.cycles_where(done)
        if p4.is_stack_pte(int(addresses[cycle - p4.dump.first]))
    ]
    assert writes == [(record.cycle, record.mem_paddr) for record in p4.pte_stores]


def test_stalls_and_events_of_every_window_are_those_of_its_sample(p4):
    assert set(COLUMNS.values()) <= set(SAMPLE.names or ())
    for name, window in p4.windows.items():
        dumped, sample = Dump(window.dump), p4.sample(name)
        begin, end = window.interval.begin, window.interval.end
        assert dumped.stalls(begin, end) == sample["stalls"].tolist()
        counted = {event: dumped.events(event, begin, end) for event in COLUMNS}
        assert counted == {event: sample[column] for event, column in COLUMNS.items()}


def test_save_files_show_signals_and_labels_that_exist(p4):
    for window in p4.windows.values():
        widths = Dump(window.dump).widths()
        shown = save_file_signals(window.save_file)
        assert len(shown) > 60
        assert {name: widths.get(name) for name in shown} == shown
        for line in window.save_file.read_text().splitlines():
            if line.startswith("^"):
                assert Path(line.partition(" ")[2]).stat().st_size


def test_every_pc_and_instruction_in_the_window_has_a_text(p4):
    def texts(name: str) -> dict[int, str]:
        lines = (p4.directory / "P4" / "labels" / f"{name}.txt").read_text().splitlines()
        return {int(value, 16): text for value, text in (line.split(" ", 1) for line in lines)}

    pcs, insns = texts("pc"), texts("insn")
    assert all(record.pc in pcs and record.insn in insns for record in p4.records)
    assert pcs[p4.symbols["policy_map"].address] == "policy_map"
    assert pcs[USER_TEXT + 4].endswith("+0x4")
    assert all("sfence.vma" in insns[record.insn] for record in p4.fences)


def test_traps_are_found_at_the_handlers_of_both_modes(p4):
    assert len(trap_probes(p4.symbols)) == 2


def test_markers_of_the_save_file_are_the_cycles_of_the_phase(p4):
    text = p4.windows["map"].save_file.read_text()
    times = next(line for line in text.splitlines() if line.startswith("*")).split()[2:]
    begins, ends = (int(time) // 1000 for time in times[:2])
    assert (begins, ends) == (p4.interval.begin + 1, p4.interval.end + 1)
    assert "[markername] Amap begins" in text
    assert "invalidate begins" in text
