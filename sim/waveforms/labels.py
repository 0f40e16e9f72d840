"""Texts for the values in a waveform: encodings of the RTL, symbols and code of an image."""

from __future__ import annotations

import bisect
from collections.abc import Iterator, Mapping
from pathlib import Path

from elftools.elf.constants import P_FLAGS
from elftools.elf.elffile import ELFFile

from rtl.isa.causes import ExceptionCode, InterruptCode
from rtl.isa.privilege import Privilege
from rtl.mem.ports import MemoryCommand
from rtl.mmu.ports import TranslationFault
from rtl.mmu.walker import WalkerState
from rtl.trace.cycle import StallCause

from ..probes import Symbol
from .gtkwave import filter_file
from .mnemonics import disassemble

CAUSE, PRIVILEGE, TRAP, COMMAND, FAULT, WALKER, LEVEL, PC, INSN, ADDRESS = (
    "stall-cause", "privilege", "trap-cause", "memory-command", "translation-fault",
    "walker-state", "page-level", "pc", "insn", "physical-address",
)  # fmt: skip
"""Names of the filter files, without suffix."""

_STALL_COLOURS = {
    StallCause.RETIRING: "DarkGreen",
    StallCause.DCACHE_MISS: "firebrick",
    StallCause.DCACHE_PORT: "firebrick",
    StallCause.FETCH_MISS: "SaddleBrown",
    StallCause.ITLB_WALK: "DarkOrchid",
    StallCause.DTLB_WALK: "DarkOrchid",
    StallCause.FENCE_DRAIN: "RoyalBlue",
    StallCause.CSR_SERIALISE: "RoyalBlue",
    StallCause.TRAP_REDIRECT: "DarkCyan",
    StallCause.MISPREDICT: "DarkCyan",
}
_PTE_COLOUR = "chocolate"
_INSN_COLOURS = {"sfence.vma": "RoyalBlue", "sret": "DarkCyan", "mret": "DarkCyan"}

_INTERRUPT = 1 << 63
_RVC = 0x1
"""EF_RISCV_RVC of e_flags: instructions may begin at any even address."""

STACK_TABLES = "kstack_pt"
_PTE_BYTES = 8
_SLOT_PAGES, _STACK_PAGES = 8, 4
"""A kernel stack is the lower half of its slot, see sw/kernel/memory_layout.h."""

USER_TEXT, USER_TEXT_SYMBOL = 0x1_0000, "user_text_start"
"""Where every process has the page that begins at this symbol, see the same file."""
_PAGE = 4096


def _coloured(text: str, colour: str | None) -> str:
    return f"?{colour}?{text}" if colour else text


def _encodings() -> dict[str, tuple[int, dict[int, str]]]:
    """Filters that every image shares: width in bits, and the texts."""
    return {
        CAUSE: (
            4, {c.value: _coloured(c.name.lower(), _STALL_COLOURS.get(c)) for c in StallCause},
        ),
        PRIVILEGE: (2, {mode.value: mode.name for mode in Privilege}),
        TRAP: (
            64,
            {code.value: code.name.lower() for code in ExceptionCode}
            | {_INTERRUPT | code.value: f"interrupt {code.name}" for code in InterruptCode},
        ),
        COMMAND: (4, {command.value: command.name.lower() for command in MemoryCommand}),
        FAULT: (2, {fault.value: fault.name.lower() for fault in TranslationFault}),
        WALKER: (4, {state.value: state.name.lower() for state in WalkerState}),
        LEVEL: (2, {0: "4 KiB", 1: "2 MiB", 2: "1 GiB"}),
    }  # fmt: skip


def write_labels(directory: Path, image: Path, symbols: Mapping[str, Symbol]) -> None:
    """Write every filter file that rows may name into a directory."""
    directory.mkdir(parents=True, exist_ok=True)
    filters = _encodings()
    filters[PC] = (64, code_labels(image, symbols))
    filters[INSN] = (32, insn_labels(word for _, word in _code(image)))
    filters[ADDRESS] = (56, pte_labels(symbols))
    for name, (width, texts) in filters.items():
        filter_file(directory / f"{name}.txt", width, texts)


def _code(image: Path) -> Iterator[tuple[int, int]]:
    """Address and word of everything in the image that could be an instruction."""
    with image.open("rb") as file:
        elf = ELFFile(file)
        step = 2 if elf["e_flags"] & _RVC else 4
        for segment in elf.iter_segments("PT_LOAD"):
            if segment["p_flags"] & P_FLAGS.PF_X:
                data = segment.data()
                for offset in range(0, len(data) - step + 1, step):
                    word = int.from_bytes(data[offset : offset + 4], "little")
                    yield segment["p_vaddr"] + offset, word if word & 3 == 3 else word & 0xFFFF


def code_labels(image: Path, symbols: Mapping[str, Symbol]) -> dict[int, str]:
    """Names of all pcs of an image, also where processes have their code."""
    labels = pc_labels([address for address, _ in _code(image)], symbols)
    user = symbols.get(USER_TEXT_SYMBOL)
    if user:
        page = range(user.address, user.address + _PAGE)
        labels |= {pc - user.address + USER_TEXT: t for pc, t in labels.items() if pc in page}
    return labels


def pc_labels(addresses: list[int], symbols: Mapping[str, Symbol]) -> dict[int, str]:
    """Symbol and offset of each address; local labels and mapping symbols do not count.

    Of several symbols at one place the one with a size, a function, wins.
    """
    places: dict[int, tuple[bool, str]] = {}
    for name, symbol in symbols.items():
        if not name.startswith(("$", ".L")):
            better = (symbol.size > 0, name)
            places[symbol.address] = max(places.get(symbol.address, better), better)
    starts = sorted(places)
    labels = {}
    for address in addresses:
        index = bisect.bisect_right(starts, address) - 1
        if index >= 0:
            offset = address - starts[index]
            name = places[starts[index]][1]
            labels[address] = f"{name}+{offset:#x}" if offset else name
    return labels


def insn_labels(words: Iterator[int]) -> dict[int, str]:
    """Assembly text of each word that is an instruction."""
    labels = {}
    for word in words:
        text = disassemble(word)
        if text:
            labels[word] = _coloured(text, _INSN_COLOURS.get(text.split()[0]))
    return labels


def pte_labels(symbols: Mapping[str, Symbol]) -> dict[int, str]:
    """Names of the PTEs of kernel stacks by their physical address, short enough for one cycle.

    `PTE s5 p2` translates page 2 of stack 5; page 3 is the topmost.
    """
    tables = symbols.get(STACK_TABLES)
    if not tables:
        return {}
    labels = {}
    for index in range(tables.size // _PTE_BYTES):
        slot, page = divmod(index, _SLOT_PAGES)
        if page < _STACK_PAGES:
            text = f"PTE s{slot} p{page}"
            labels[tables.address + _PTE_BYTES * index] = _coloured(text, _PTE_COLOUR)
    return labels
