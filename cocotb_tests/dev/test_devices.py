"""Unit benches of the devices."""

from cocotb_tests.support import run_bench

from .systems import DeviceSystem


def test_devices():
    run_bench(DeviceSystem(), name="devices", module="cocotb_tests.dev.device_bench")
