"""A pipeline diagram of a window: the instructions of one hart with what they were and did."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from ..probes import Symbol
from ..trap_names import trap_name
from ..waveforms import layout
from ..waveforms.dump import Dump
from ..waveforms.labels import code_labels
from ..waveforms.mnemonics import disassemble
from .kanata import Row, kanata_lines
from .stages import Passage, passages

_RETIRE = ("trap", "cause", "insn", "mem_read", "mem_write", "mem_vaddr", "mem_paddr")
_PRIVILEGES = {0: "U", 1: "S", 3: "M"}


def diagram(path: Path, hart: int, image: Path, symbols: Mapping[str, Symbol]) -> str:
    """Text of a Kanata log for what this hart did in the cycles of a dump.

    Cycles are those of the run.
    """
    dump = Dump(path)
    retire = {name: dump.values(layout.port(hart, "retire", name)) for name in _RETIRE}
    modes = dump.values(layout.port(hart, "cycle", "privilege"))
    names = code_labels(image, symbols)
    rows = []
    for passage in passages(dump, hart):
        record = passage.record
        fields = {n: int(v[record]) for n, v in retire.items()} if record is not None else {}
        insn = fields["insn"] if fields and not fields["trap"] else passage.insn
        mode = _PRIVILEGES[int(modes[min(passage.stages[-1][0], len(modes) - 1)])]
        rows.append(
            Row(
                _text(passage, insn, names),
                [(dump.first + cycle, stage) for cycle, stage in passage.stages],
                None if passage.end is None else dump.first + passage.end,
                retired=bool(fields) and not fields["trap"],
                details=f"{mode}-mode, {_fate(fields, passage, dump.first)}",
                thread=hart,
            )
        )
    return "\n".join(kanata_lines(rows, dump.first)) + "\n"


def _text(passage: Passage, insn: int | None, names: Mapping[int, str]) -> str:
    code = disassemble(insn) if insn is not None else None
    return f"{names.get(passage.pc, f'{passage.pc:#x}')}: {code or '?'}"


def _fate(fields: Mapping[str, int], passage: Passage, first: int) -> str:
    if not fields:
        return "not known how it ends" if passage.end is None else "killed"
    cycle = first + (passage.record or 0)
    if fields["trap"]:
        return f"trap in cycle {cycle}: {trap_name(fields['cause'])}"
    text = f"retired in cycle {cycle}"
    for access, name in (("mem_read", "load"), ("mem_write", "store")):
        if fields[access]:
            text += f", {name} {fields['mem_vaddr']:#x} at {fields['mem_paddr']:#x}"
    return text
