"""Memories of an associative structure: its tags, all read at once, and its contents.

A memory costs simulated time only where it is read or written, a register in every cycle.
"""

from amaranth.hdl import Module, Value
from amaranth.lib import memory


def read_all(m: Module, rows: memory.Memory) -> list:
    """Every row, in the same cycle."""
    ports = [rows.read_port(domain="comb") for _ in range(rows.depth)]
    for number, port in enumerate(ports):
        m.d.comb += port.addr.eq(number)
    return [port.data for port in ports]


def read_row(m: Module, rows: memory.Memory, row: Value):
    """One row, in the same cycle."""
    port = rows.read_port(domain="comb")
    m.d.comb += port.addr.eq(row)
    return port.data


def write_row(m: Module, rows: memory.Memory, enable: Value, row: Value, value) -> None:
    """Write one row at the end of a cycle in which `enable` is set."""
    port = rows.write_port()
    m.d.comb += [port.en.eq(enable), port.addr.eq(row), port.data.eq(value)]
