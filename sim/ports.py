"""Access to the ports of the Verilated top, generated from its Amaranth signature.

A group of ports (`retire`, `dram`, ...) becomes a struct of references to the members of the
Verilated class. The references bind only to the exact type, so that a width that changes in the
RTL and not in C++ fails to compile.
"""

from __future__ import annotations

import re

from amaranth.hdl import Shape
from amaranth.lib import wiring

from .testbench import TOP

PREFIX = f"V{TOP}"
"""Name of the Verilated class."""

PORTS_HEADER, CONTROL_FILE = "ports.hpp", "public.vlt"

_PER_HART = ("retire", "cycle", "walk", "store", "fence")
_GROUPS = ("dram", "straps")


def mangled(name: str) -> str:
    """Verilator's C++ name of a Verilog name: it reserves the double underscore."""
    return re.sub("__", "___05F", name)


def _cpp_type(width: int) -> str:
    for limit, name in ((8, "CData"), (16, "SData"), (32, "IData"), (64, "QData")):
        if width <= limit:
            return name
    raise ValueError(f"a port of {width} bits: split it, C++ reads at most 64")


def _type_name(group: str) -> str:
    return f"{group.capitalize()}Ports"


def _struct(group: str, fields: dict[tuple[str, ...], str]) -> str:
    lines = "".join(f"    {cpp}& {'_'.join(path)};\n" for path, cpp in fields.items())
    return f"struct {_type_name(group)} {{\n{lines}}};\n\n"


def _instance(group: str, fields: dict[tuple[str, ...], str], *prefix: str) -> str:
    members = ", ".join(f"top.{mangled('__'.join((*prefix, *path)))}" for path in fields)
    return f"{_type_name(group)}{{{members}}}"


def control_file(testbench: wiring.Component) -> str:
    """Verilator control file that shows to VPI what cocotb uses, and no more: it costs speed."""
    straps = [
        "__".join(map(str, path))
        for path, _, _ in testbench.signature.flatten(testbench)
        if path[0] == "straps"
    ]
    names = ("clk", "rst", "run", "attention", *straps)
    lines = [f'public_flat_rw -module "{TOP}" -var "{name}"' for name in names]
    return "\n".join(("`verilator_config", *lines)) + "\n"


def ports_header(testbench: wiring.Component) -> str:
    """Text of `ports.hpp` for this top."""
    # Group -> path below it -> C++ type.
    groups: dict[str, dict[tuple[str, ...], str]] = {name: {} for name in (*_GROUPS, *_PER_HART)}
    harts = 0
    for path, member, _ in testbench.signature.flatten(testbench):
        group, *rest = map(str, path)
        if group in _PER_HART:
            harts = max(harts, int(rest[0]) + 1)
            rest = rest[1:]
        if rest:
            groups[group][tuple(rest)] = _cpp_type(Shape.cast(member.shape).width)
    structs = "".join(_struct(group, groups[group]) for group in ("dram", *_PER_HART))
    per_hart = ",\n        ".join(
        "HartPorts{"
        + ", ".join(_instance(group, groups[group], group, str(hart)) for group in _PER_HART)
        + "}"
        for hart in range(harts)
    )
    hart_members = "".join(f"    {_type_name(group)} {group};\n" for group in _PER_HART)
    straps = "".join(
        f'    if (name == "{path[0]}") {{\n'
        f"        top.{mangled(f'straps__{path[0]}')} = static_cast<{cpp}>(value);\n"
        "        return true;\n    }\n"
        for path, cpp in groups["straps"].items()
    )
    return f"""// Generated from the ports of `{TOP}`.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "{PREFIX}.h"

namespace dynstack {{

using Model = {PREFIX};
inline constexpr unsigned kHarts = {harts};

{structs}struct HartPorts {{
{hart_members}}};

inline std::array<HartPorts, kHarts> hart_ports(Model& top) {{
    return {{
        {per_hart}}};
}}

inline DramPorts dram_ports(Model& top) {{
    return {_instance("dram", groups["dram"], "dram")};
}}

inline bool set_strap(Model& top, std::string_view name, std::uint64_t value) {{
{straps}    return false;
}}

}}  // namespace dynstack
"""
