"""Structs as the netlist shows them: one vector."""

from __future__ import annotations

from typing import Any

from amaranth.lib import data


class Payload:
    """Packs and unpacks a struct that the netlist shows as one vector."""

    def __init__(self, struct: Any):
        layout = data.Layout.cast(struct)
        self._fields = {str(name): (field.offset, (1 << field.width) - 1) for name, field in layout}

    def unpack(self, bits: int) -> dict[str, int]:
        return {name: bits >> at & mask for name, (at, mask) in self._fields.items()}

    def pack(self, **values: int) -> int:
        return sum(
            (int(value) & self._fields[name][1]) << self._fields[name][0]
            for name, value in values.items()
        )
