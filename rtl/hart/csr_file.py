"""The CSR file: its parts put together, reads, and the context of translations."""

from amaranth.hdl import Module, Mux, Signal
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out

from rtl.isa.csr_address import CsrAddress
from rtl.isa.csr_layout import MISA, EnvironmentConfig, Satp, SatpMode, Status
from rtl.isa.privilege import Privilege, TranslationContext

from .counters import Counters
from .csr_bus import CsrPortSignature
from .interrupts import InterruptControl
from .status import StatusRegister
from .traps import TrapDelegation, TrapRegisters


class CsrFile(wiring.Component):
    """State that CSR instructions, traps and returns change. Legality is `legality`'s business.

    Members
    -------
    hart_id : In(16), honour_asid : In(1), time : In(64), msip, mtip : In(1)
    port : In(CsrPortSignature())
    privilege : Out(Privilege), mstatus : Out(Status), mcounteren, scounteren : Out(3)
        For the legality check.
    interrupt_pending : Out(1), interrupt_code : Out(4)
        See `InterruptControl`.
    fetch_context, data_context : Out(TranslationContext)
    """

    hart_id: In(16)
    honour_asid: In(1)
    time: In(64)
    msip: In(1)
    mtip: In(1)
    port: In(CsrPortSignature())
    privilege: Out(Privilege)
    mstatus: Out(Status)
    mcounteren: Out(3)
    scounteren: Out(3)
    interrupt_pending: Out(1)
    interrupt_code: Out(4)
    fetch_context: Out(TranslationContext)
    data_context: Out(TranslationContext)

    def elaborate(self, platform):
        m = Module()
        m.submodules.status = status = StatusRegister()
        m.submodules.delegation = delegation = TrapDelegation()
        m.submodules.machine = machine = TrapRegisters(Privilege.M)
        m.submodules.supervisor = supervisor = TrapRegisters(Privilege.S)
        m.submodules.interrupts = interrupts = InterruptControl()
        m.submodules.counters = counters = Counters()
        port = self.port
        for part in (status, delegation, machine, supervisor, interrupts, counters):
            m.d.comb += [
                part.csr.valid.eq(port.write),
                part.csr.address.eq(port.address),
                part.csr.data.eq(port.write_data),
            ]

        m.d.comb += [
            delegation.privilege.eq(status.privilege),
            delegation.is_interrupt.eq(port.is_interrupt),
            delegation.code.eq(port.code),
            status.trap_to_m.eq(port.trap & ~delegation.to_supervisor),
            status.trap_to_s.eq(port.trap & delegation.to_supervisor),
            status.mret.eq(port.mret),
            status.sret.eq(port.sret),
            machine.trap.eq(status.trap_to_m),
            supervisor.trap.eq(status.trap_to_s),
            port.vector.eq(Mux(delegation.to_supervisor, supervisor.vector, machine.vector)),
            port.return_pc.eq(Mux(port.sret, supervisor.epc, machine.epc)),
            self.privilege.eq(status.privilege),
            port.privilege.eq(status.privilege),
            self.mstatus.eq(status.mstatus),
            interrupts.msip.eq(self.msip),
            interrupts.mtip.eq(self.mtip),
            interrupts.mideleg.eq(delegation.mideleg),
            interrupts.privilege.eq(status.privilege),
            interrupts.mstatus_mie.eq(status.mstatus.mie),
            interrupts.mstatus_sie.eq(status.mstatus.sie),
            self.interrupt_pending.eq(interrupts.pending),
            self.interrupt_code.eq(interrupts.code),
            port.wake.eq(interrupts.wake),
            counters.retired.eq(port.retired),
            self.mcounteren.eq(counters.mcounteren),
            self.scounteren.eq(counters.scounteren),
        ]
        for part in (machine, supervisor):
            m.d.comb += [
                part.is_interrupt.eq(port.is_interrupt),
                part.code.eq(port.code),
                part.pc.eq(port.pc),
                part.value.eq(port.value),
            ]

        satp = data.View(Satp, Signal(64, name="satp"))
        written_satp = data.View(Satp, port.write_data)
        supported_mode = (written_satp.mode == SatpMode.BARE.value) | (
            written_satp.mode == SatpMode.SV39.value
        )
        with m.If(port.write & (port.address == CsrAddress.SATP) & supported_mode):
            m.d.sync += satp.eq(written_satp)
            with m.If(~self.honour_asid):
                m.d.sync += satp.asid.eq(0)
        self._translation_contexts(m, satp, status.mstatus, status.privilege)
        menvcfg = self._environment_config(m, CsrAddress.MENVCFG)
        senvcfg = self._environment_config(m, CsrAddress.SENVCFG)

        readable = {
            CsrAddress.SSTATUS: status.sstatus,
            CsrAddress.SIE: interrupts.mie & delegation.mideleg,
            CsrAddress.STVEC: supervisor.tvec,
            CsrAddress.SCOUNTEREN: counters.scounteren,
            CsrAddress.SENVCFG: senvcfg,
            CsrAddress.SSCRATCH: supervisor.scratch,
            CsrAddress.SEPC: supervisor.epc,
            CsrAddress.SCAUSE: supervisor.cause,
            CsrAddress.STVAL: supervisor.tval,
            CsrAddress.SIP: interrupts.mip & delegation.mideleg,
            CsrAddress.SATP: satp,
            CsrAddress.MSTATUS: status.mstatus,
            CsrAddress.MISA: MISA,
            CsrAddress.MEDELEG: delegation.medeleg,
            CsrAddress.MIDELEG: delegation.mideleg,
            CsrAddress.MIE: interrupts.mie,
            CsrAddress.MTVEC: machine.tvec,
            CsrAddress.MCOUNTEREN: counters.mcounteren,
            CsrAddress.MENVCFG: menvcfg,
            CsrAddress.MCOUNTINHIBIT: counters.mcountinhibit,
            CsrAddress.MSCRATCH: machine.scratch,
            CsrAddress.MEPC: machine.epc,
            CsrAddress.MCAUSE: machine.cause,
            CsrAddress.MTVAL: machine.tval,
            CsrAddress.MIP: interrupts.mip,
            CsrAddress.MCYCLE: counters.mcycle,
            CsrAddress.MINSTRET: counters.minstret,
            CsrAddress.CYCLE: counters.mcycle,
            CsrAddress.TIME: self.time,
            CsrAddress.INSTRET: counters.minstret,
            CsrAddress.MHARTID: self.hart_id,
        }
        with m.Switch(port.address):
            for address, value in readable.items():
                with m.Case(address):
                    m.d.comb += port.read_data.eq(value)
        return m

    def _environment_config(self, m, csr):
        """A fence orders device accesses whatever FIOM says, but it may not read zero with Sv39."""
        register = data.View(EnvironmentConfig, Signal(64, name=csr.name.lower()))
        written = data.View(EnvironmentConfig, self.port.write_data)
        with m.If(self.port.write & (self.port.address == csr)):
            m.d.sync += register.fiom.eq(written.fiom)
        return register

    def _translation_contexts(self, m, satp, mstatus, privilege):
        data_privilege = Signal(Privilege)
        m.d.comb += data_privilege.eq(Mux(mstatus.mprv, Privilege(mstatus.mpp), privilege))
        for context, mode in (
            (self.fetch_context, privilege),
            (self.data_context, data_privilege),
        ):
            m.d.comb += [
                context.privilege.eq(mode),
                context.translate.eq((satp.mode == SatpMode.SV39.value) & (mode != Privilege.M)),
                context.sum.eq(mstatus.sum),
                context.mxr.eq(mstatus.mxr),
                context.asid.eq(satp.asid),
                context.root_ppn.eq(satp.ppn),
            ]
