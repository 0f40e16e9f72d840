"""A bench that fails, for the test of what runs benches."""

import cocotb


@cocotb.test()
async def fails(_dut):
    raise AssertionError("on purpose")
