"""How write-back sees the CSR file, and how the parts of the CSR file see a write."""

from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from rtl.isa.privilege import Privilege


class CsrWriteSignature(wiring.Signature):
    """A write that is legal; each part picks the addresses that it implements.

    Members
    -------
    valid : Out(1), address : Out(12), data : Out(64)
        `data` is the new value of the whole register, before the rules of its fields.
    """

    def __init__(self):
        super().__init__({"valid": Out(1), "address": Out(12), "data": Out(64)})


class CsrPortSignature(wiring.Signature):
    """What an instruction does to the CSRs in write-back, seen from there.

    Members
    -------
    address : Out(12), read : Out(1), read_data : In(64)
        Combinational, zero where there is nothing, and without `read`, which spares the simulator
        the search for an address in most cycles.
    write : Out(1), write_data : Out(64)
        At the same address.
    retired : Out(1)
        An instruction retires in this cycle.
    trap : Out(1), is_interrupt : Out(1), code : Out(4), pc, value : Out(64)
        A trap is taken: xcause, xepc and xtval.
    vector : In(64)
        Where it goes.
    mret, sret : Out(1), return_pc : In(64)
    privilege : In(Privilege)
    wake : In(1)
        An interrupt is pending that ends wfi.
    """

    def __init__(self):
        super().__init__(
            {
                "address": Out(12),
                "read": Out(1),
                "read_data": In(64),
                "write": Out(1),
                "write_data": Out(64),
                "retired": Out(1),
                "trap": Out(1),
                "is_interrupt": Out(1),
                "code": Out(4),
                "pc": Out(64),
                "value": Out(64),
                "vector": In(64),
                "mret": Out(1),
                "sret": Out(1),
                "return_pc": In(64),
                "privilege": In(Privilege),
                "wake": In(1),
            }
        )
