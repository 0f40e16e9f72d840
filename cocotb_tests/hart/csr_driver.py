"""Drives the ports of `CsrFile` as write-back does."""

from cocotb_tests.mem.handles import Pins
from rtl.isa.csr_address import CsrAddress
from rtl.isa.privilege import Privilege
from rtl.trace.cycle import EventSignature

_PULSES = ("write", "trap", "mret", "sret", "retired")


class Csrs:
    """One CSR file. Every method that acts takes one cycle."""

    def __init__(self, dut):
        self.pins = Pins(dut)

    async def reset(self, honour_asid: int = 1, svadu: int = 0) -> None:
        """mhartid is 3 and time 0x1234."""
        inputs = {f"port__{name}": 0 for name in (*_PULSES, "is_interrupt", "code")}
        inputs |= {
            "port__read": 1,
            "msip": 0,
            "mtip": 0,
            "set_ssip": 0,
            "time": 0x1234,
            "hart_id": 3,
        }
        inputs |= {f"events__{name}": 0 for name in EventSignature().members}
        await self.pins.reset(inputs | {"honour_asid": honour_asid, "svadu": svadu})

    async def step(self, **inputs: int) -> None:
        """One cycle with these inputs of the port."""
        for name, value in inputs.items():
            self.pins.write(f"port__{name}", value)
        await self.pins.settle()
        await self.pins.clock_edge()
        for name in _PULSES:
            self.pins.write(f"port__{name}", 0)

    async def write(self, csr: CsrAddress, value: int) -> None:
        await self.step(write=1, address=csr.value, write_data=value)

    async def read(self, csr: CsrAddress) -> int:
        return await self.read_address(csr.value)

    async def read_address(self, address: int) -> int:
        self.pins.write("port__address", address)
        await self.pins.settle()
        return self.pins.read("port__read_data")

    async def privilege(self) -> Privilege:
        await self.pins.settle()
        return Privilege(self.pins.read("privilege"))

    async def enter(self, privilege: Privilege) -> None:
        """From M-mode, by mret."""
        await self.write(CsrAddress.MSTATUS, privilege.value << 11)
        await self.step(mret=1)
        assert await self.privilege() is privilege
