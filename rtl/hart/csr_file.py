"""The CSR file: its parts put together, and reads."""

from amaranth.hdl import Module, Mux, ValueLike
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out, connect, flipped

from rtl.isa.csr_address import (
    HPMCOUNTER_BASE,
    MHPMCOUNTER_BASE,
    MHPMEVENT_BASE,
    PMPADDR_BASE,
    CsrAddress,
)
from rtl.isa.csr_layout import MISA, TINFO_NO_TRIGGER, Status
from rtl.isa.pmp import PMP_ENTRIES
from rtl.isa.privilege import Privilege, TranslationContext
from rtl.mmu.pmp import PmpRegionSignature
from rtl.trace.cycle import EventSignature

from .address_translation import AddressTranslation
from .counters import Counters
from .csr_bus import CsrPortSignature
from .environment import EnvironmentRegisters
from .event_counters import COUNTERS, SELECTOR_BITS, EventCounters
from .interrupts import InterruptControl
from .pmp_registers import PmpRegisters
from .status import StatusRegister
from .traps import TrapDelegation, TrapRegisters


class CsrFile(wiring.Component):
    """State that CSR instructions, traps and returns change. Legality is `legality`'s business.

    Members
    -------
    hart_id : In(16), honour_asid, svadu : In(1), time : In(64),
    msip, mtip, set_ssip : In(1)
    events : In(EventSignature())
        What the event counters count.
    port : In(CsrPortSignature())
    privilege : Out(Privilege), mstatus : Out(Status), mcounteren, scounteren : Out(32),
    stce : Out(1)
        For the legality check.
    interrupt_pending : Out(1), interrupt_code : Out(4)
        See `InterruptControl`.
    fetch_context, data_context : Out(TranslationContext)
    pmp : Out(PmpRegionSignature()).array(PMP_ENTRIES)
    """

    hart_id: In(16)
    honour_asid: In(1)
    svadu: In(1)
    time: In(64)
    msip: In(1)
    mtip: In(1)
    set_ssip: In(1)
    events: In(EventSignature())
    port: In(CsrPortSignature())
    privilege: Out(Privilege)
    mstatus: Out(Status)
    mcounteren: Out(32)
    scounteren: Out(32)
    stce: Out(1)
    interrupt_pending: Out(1)
    interrupt_code: Out(4)
    fetch_context: Out(TranslationContext)
    data_context: Out(TranslationContext)
    pmp: Out(PmpRegionSignature()).array(PMP_ENTRIES)

    def elaborate(self, platform):
        m = Module()
        m.submodules.status = status = StatusRegister()
        m.submodules.delegation = delegation = TrapDelegation()
        m.submodules.machine = machine = TrapRegisters(Privilege.M)
        m.submodules.supervisor = supervisor = TrapRegisters(Privilege.S)
        m.submodules.interrupts = interrupts = InterruptControl()
        m.submodules.counters = counters = Counters()
        m.submodules.event_counters = event_counters = EventCounters()
        m.submodules.environment = environment = EnvironmentRegisters()
        m.submodules.translation = translation = AddressTranslation()
        m.submodules.pmp = pmp = PmpRegisters()
        port = self.port
        for inner, outer in zip(pmp.regions, self.pmp, strict=True):
            connect(m, inner, flipped(outer))
        for part in (
            *(status, delegation, machine, supervisor, interrupts),
            *(counters, event_counters, environment, translation, pmp),
        ):
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
            interrupts.set_ssip.eq(self.set_ssip),
            interrupts.stce.eq(environment.menvcfg.stce),
            interrupts.timer_pending.eq(environment.timer_pending),
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
            event_counters.inhibit.eq(counters.mcountinhibit),
            environment.svadu.eq(self.svadu),
            environment.time.eq(self.time),
            self.stce.eq(environment.menvcfg.stce),
            translation.honour_asid.eq(self.honour_asid),
            translation.privilege.eq(status.privilege),
            translation.mstatus.eq(status.mstatus),
            translation.adue.eq(environment.menvcfg.adue),
            self.fetch_context.eq(translation.fetch_context),
            self.data_context.eq(translation.data_context),
        ]
        connect(m, flipped(self.events), event_counters.events)
        for part in (machine, supervisor):
            m.d.comb += [
                part.is_interrupt.eq(port.is_interrupt),
                part.code.eq(port.code),
                part.pc.eq(port.pc),
                part.value.eq(port.value),
            ]

        readable: dict[CsrAddress | int, ValueLike] = {
            CsrAddress.SSTATUS: status.sstatus,
            CsrAddress.SIE: interrupts.mie & delegation.mideleg,
            CsrAddress.STVEC: supervisor.tvec,
            CsrAddress.SCOUNTEREN: counters.scounteren,
            CsrAddress.SENVCFG: environment.senvcfg,
            CsrAddress.SSCRATCH: supervisor.scratch,
            CsrAddress.SEPC: supervisor.epc,
            CsrAddress.SCAUSE: supervisor.cause,
            CsrAddress.STVAL: supervisor.tval,
            CsrAddress.SIP: interrupts.mip & delegation.mideleg,
            CsrAddress.STIMECMP: environment.stimecmp,
            CsrAddress.SATP: translation.satp,
            CsrAddress.MSTATUS: status.mstatus,
            CsrAddress.MISA: MISA,
            CsrAddress.MEDELEG: delegation.medeleg,
            CsrAddress.MIDELEG: delegation.mideleg,
            CsrAddress.MIE: interrupts.mie,
            CsrAddress.MTVEC: machine.tvec,
            CsrAddress.MCOUNTEREN: counters.mcounteren,
            CsrAddress.MENVCFG: environment.menvcfg,
            CsrAddress.MCOUNTINHIBIT: counters.mcountinhibit,
            CsrAddress.MSCRATCH: machine.scratch,
            CsrAddress.MEPC: machine.epc,
            CsrAddress.MCAUSE: machine.cause,
            CsrAddress.MTVAL: machine.tval,
            CsrAddress.MIP: interrupts.mip,
            CsrAddress.PMPCFG0: pmp.pmpcfg0,
            CsrAddress.TINFO: TINFO_NO_TRIGGER,
            CsrAddress.MCYCLE: counters.mcycle,
            CsrAddress.MINSTRET: counters.minstret,
            CsrAddress.CYCLE: counters.mcycle,
            CsrAddress.TIME: self.time,
            CsrAddress.INSTRET: counters.minstret,
            CsrAddress.MHARTID: self.hart_id,
        }
        for index, number in enumerate(COUNTERS):
            readable[MHPMEVENT_BASE + number] = event_counters.selectors.word_select(
                index, SELECTOR_BITS
            )
            for base in (MHPMCOUNTER_BASE, HPMCOUNTER_BASE):
                readable[base + number] = event_counters.counters[index]
        with m.If(port.read), m.Switch(port.address):
            for address, value in readable.items():
                with m.Case(address):
                    m.d.comb += port.read_data.eq(value)
            for number in range(PMP_ENTRIES):
                with m.Case(PMPADDR_BASE + number):
                    m.d.comb += port.read_data.eq(pmp.pmpaddr[number])
        return m
