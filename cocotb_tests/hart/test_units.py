"""Parts of the hart that need no program."""

import pytest

from cocotb_tests.support import run_bench
from rtl.hart.alu import Alu
from rtl.hart.csr_file import CsrFile
from rtl.hart.decode import Decoder
from rtl.hart.expand import Expander
from rtl.hart.interrupts import InterruptControl
from rtl.hart.legality import PrivilegeCheck
from rtl.hart.muldiv import MulDiv


def test_alu():
    run_bench(Alu(), name="alu", module="cocotb_tests.hart.alu_bench")


def test_muldiv():
    run_bench(MulDiv(), name="muldiv", module="cocotb_tests.hart.muldiv_bench")


def test_decoder():
    run_bench(Decoder(), name="decoder", module="cocotb_tests.hart.decode_bench")


def test_expander():
    run_bench(Expander(), name="expander", module="cocotb_tests.hart.expand_bench")


def test_privilege_check():
    run_bench(PrivilegeCheck(), name="privilege_check", module="cocotb_tests.hart.legality_bench")


@pytest.mark.parametrize("bench", ["csr", "csr_random"])
def test_csr_file(bench):
    run_bench(CsrFile(), name="csr_file", module=f"cocotb_tests.hart.{bench}_bench")


def test_interrupts():
    run_bench(InterruptControl(), name="interrupts", module="cocotb_tests.hart.interrupt_bench")
