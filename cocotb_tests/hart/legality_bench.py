"""What each privilege may do, against the rules of the privileged specification."""

import itertools

import cocotb
from cocotb.triggers import Timer

from cocotb_tests.models.csr_listing import REGISTERS, Enables, is_legal
from rtl.hart.decode import SystemOp
from rtl.isa.csr_address import CsrAddress
from rtl.isa.privilege import Privilege

TVM, TW, TSR = 1 << 20, 1 << 21, 1 << 22
CSRRW, CSRRS = 1, 2


class Check:
    def __init__(self, dut):
        self._dut = dut

    async def __call__(self, word, system, privilege, *, mstatus=0, enables=None):
        dut, enables = self._dut, enables or Enables()
        dut.word.value = word
        dut.system.value = system.value
        dut.privilege.value = privilege.value
        dut.mstatus.value = mstatus | (TVM if enables.tvm else 0)
        dut.mcounteren.value = enables.mcounteren
        dut.scounteren.value = enables.scounteren
        dut.stce.value = enables.stce
        await Timer(1, unit="ns")
        return bool(int(dut.allowed.value))

    async def csr(self, address, privilege, enables, funct3=CSRRS, rs1=0):
        """Compares one access with the listing. CSRRW always writes, CSRRS if rs1 is not x0."""
        word = address << 20 | rs1 << 15 | funct3 << 12 | 0x73
        write = funct3 & 3 == CSRRW or rs1 != 0
        allowed = await self(word, SystemOp.CSR, privilege, enables=enables)
        expected = is_legal(address, write=write, mode=privilege.value, enables=enables)
        assert allowed == expected, (hex(address), privilege, write, enables)


@cocotb.test()
async def every_csr_address(dut):
    check = Check(dut)
    enables = Enables(mcounteren=0x5555_5557, scounteren=0x3333_3333, stce=True)
    for address, privilege, funct3, rs1 in itertools.product(
        range(4096), Privilege, (CSRRS, CSRRW), (0, 31)
    ):
        await check.csr(address, privilege, enables, funct3, rs1)


@cocotb.test()
async def every_form_of_access(dut):
    """All six instructions with and without an operand, on registers of each kind."""
    check = Check(dut)
    enables = Enables(mcounteren=7, scounteren=7)
    for address, privilege, funct3, rs1 in itertools.product(
        (0x100, 0x180, 0x300, 0x323, 0xB03, 0xC00, 0xC03, 0xF14),
        Privilege,
        (1, 2, 3, 5, 6, 7),
        (0, 1),
    ):
        await check.csr(address, privilege, enables, funct3, rs1)


@cocotb.test()
async def enables_of_registers(dut):
    """Each counter bit on its own, TVM and STCE, in every mode."""
    check = Check(dut)
    bits = [1 << number for number in range(32)]
    masks = [0, 0xFFFF_FFFF, *bits, *(0xFFFF_FFFF ^ bit for bit in bits)]
    for mask, swapped, address, privilege in itertools.product(
        masks, (False, True), range(0xC00, 0xC20), Privilege
    ):
        enables = Enables(
            mcounteren=0xFFFF_FFFF if swapped else mask, scounteren=mask if swapped else 0xFFFF_FFFF
        )
        await check.csr(address, privilege, enables)
    for tvm, stce, tm, address, privilege, rs1 in itertools.product(
        (False, True), (False, True), (0, 2, 0xFFFF_FFFD, 0xFFFF_FFFF), REGISTERS, Privilege, (0, 1)
    ):
        enables = Enables(tvm=tvm, stce=stce, mcounteren=tm, scounteren=0)
        await check.csr(address, privilege, enables, rs1=rs1)


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
        assert await check(0x1800_0073, SystemOp.INVAL_FENCE, privilege, mstatus=mstatus) == (
            privilege is not Privilege.U
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
