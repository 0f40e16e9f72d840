"""Expander: all 65,536 parcels against the table that disassembles them."""

import cocotb
from cocotb.triggers import Timer

from sim.waveforms.compressed import expand


@cocotb.test()
async def every_parcel(dut):
    legal = 0
    for parcel in range(1 << 16):
        if parcel & 3 == 3:
            continue
        dut.parcel.value = parcel
        await Timer(1, unit="ns")
        expected = expand(parcel)
        assert bool(int(dut.legal.value)) == (expected is not None), f"{parcel:#06x}"
        if expected is not None:
            assert int(dut.word.value) == expected, f"{parcel:#06x}"
            legal += 1
    assert legal > 20_000
