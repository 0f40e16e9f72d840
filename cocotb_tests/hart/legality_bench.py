"""What each privilege may do, against the rules of the privileged specification."""

import itertools

import cocotb
from cocotb.triggers import Timer

from rtl.hart.decode import SystemOp
from rtl.isa.csr_address import CsrAddress
from rtl.isa.privilege import Privilege

TVM, TW, TSR = 1 << 20, 1 << 21, 1 << 22
EXISTING = {csr.value for csr in CsrAddress} | set(range(0x323, 0x340)) | set(range(0xB03, 0xB20))
CSRRW, CSRRS = 1, 2


def csr_allowed(address, write, privilege, *, tvm=0, mcounteren=7, scounteren=0) -> bool:
    if address not in EXISTING:
        return False
    if privilege.value < address >> 8 & 3:
        return False
    if write and address >> 10 == 3:
        return False
    if address == CsrAddress.SATP.value and tvm and privilege is Privilege.S:
        return False
    if address in range(0xC00, 0xC03) and privilege is not Privilege.M:
        enabled = mcounteren & (scounteren if privilege is Privilege.U else 7)
        return bool(enabled >> (address & 31) & 1)
    return True


class Check:
    def __init__(self, dut):
        self._dut = dut

    async def __call__(self, word, system, privilege, *, mstatus=0, mcounteren=0, scounteren=0):
        dut = self._dut
        dut.word.value = word
        dut.system.value = system.value
        dut.privilege.value = privilege.value
        dut.mstatus.value = mstatus
        dut.mcounteren.value = mcounteren
        dut.scounteren.value = scounteren
        await Timer(1, unit="ns")
        return bool(int(dut.allowed.value))


@cocotb.test()
async def every_csr_address(dut):
    check = Check(dut)
    for address, privilege in itertools.product(range(4096), Privilege):
        word = address << 20 | CSRRS << 12 | 0x73
        allowed = await check(word, SystemOp.CSR, privilege, mcounteren=5, scounteren=3)
        expected = csr_allowed(address, False, privilege, mcounteren=5, scounteren=3)
        assert allowed == expected, (hex(address), privilege)


@cocotb.test()
async def writes_and_traps(dut):
    """CSRRW always writes, CSRRS and CSRRC unless the operand field is zero."""
    check = Check(dut)
    for address, privilege, tvm, (funct3, rs1) in itertools.product(
        sorted(EXISTING), Privilege, (0, TVM), ((CSRRW, 0), (CSRRS, 0), (CSRRS, 3))
    ):
        word = address << 20 | rs1 << 15 | funct3 << 12 | 0x73
        write = funct3 == CSRRW or rs1 != 0
        allowed = await check(word, SystemOp.CSR, privilege, mstatus=tvm, mcounteren=7)
        expected = csr_allowed(address, write, privilege, tvm=tvm)
        assert allowed == expected, (hex(address), privilege, write)


@cocotb.test()
async def privileged_instructions(dut):
    check = Check(dut)
    trapped_by = {
        SystemOp.SRET: TSR,
        SystemOp.SFENCE_VMA: TVM,
        SystemOp.WFI: TW,
    }
    for privilege, mstatus in itertools.product(Privilege, (0, TVM, TW, TSR)):
        for system, trap_bit in trapped_by.items():
            expected = privilege is Privilege.M or (
                privilege is Privilege.S and not mstatus & trap_bit
            )
            assert await check(0x73, system, privilege, mstatus=mstatus) == expected
        assert await check(0x73, SystemOp.MRET, privilege, mstatus=mstatus) == (
            privilege is Privilege.M
        )
        assert await check(0x100F, SystemOp.FENCE_I, privilege, mstatus=mstatus)


@cocotb.test()
async def refetch_only_where_needed(dut):
    """A read flushes nothing, nor does a write of a register that only traps use."""
    check = Check(dut)
    for csr, rs1, expected in (
        (CsrAddress.MSTATUS, 0, 0),
        (CsrAddress.MSTATUS, 1, 1),
        (CsrAddress.SATP, 1, 1),
        (CsrAddress.SSCRATCH, 1, 0),
        (CsrAddress.MEPC, 1, 0),
        (CsrAddress.SIP, 1, 1),
    ):
        await check(csr.value << 20 | rs1 << 15 | CSRRS << 12 | 0x73, SystemOp.CSR, Privilege.M)
        assert int(dut.refetch.value) == expected, csr
