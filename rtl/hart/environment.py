"""menvcfg, senvcfg, and stimecmp with the timer interrupt that menvcfg switches on."""

from amaranth.hdl import Module, Signal
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out

from rtl.isa.csr_address import CsrAddress
from rtl.isa.csr_layout import EnvironmentConfig

from .csr_bus import CsrWriteSignature


class EnvironmentRegisters(wiring.Component):
    """What a mode lets the modes below it see.

    FIOM can be written, as it must be with Sv39, and changes nothing: a fence orders accesses to
    devices and to memory whatever its bits say.

    Members
    -------
    csr : In(CsrWriteSignature())
    svadu : In(1)
        Strap: menvcfg.ADUE can be set. It does not change while the hart runs.
    time : In(64)
    menvcfg, senvcfg : Out(EnvironmentConfig)
    stimecmp : Out(64)
    timer_pending : Out(1)
        Sstc: time has reached stimecmp, both taken as unsigned.
    """

    csr: In(CsrWriteSignature())
    svadu: In(1)
    time: In(64)
    menvcfg: Out(EnvironmentConfig)
    senvcfg: Out(EnvironmentConfig)
    stimecmp: Out(64)
    timer_pending: Out(1)

    def elaborate(self, platform):
        m = Module()
        written = data.View(EnvironmentConfig, self.csr.data)
        machine_fiom, supervisor_fiom, adue, stce = (
            Signal(name=name) for name in ("menvcfg_fiom", "senvcfg_fiom", "adue", "stce")
        )
        with m.If(self.csr.valid), m.Switch(self.csr.address):
            with m.Case(CsrAddress.MENVCFG):
                m.d.sync += [
                    machine_fiom.eq(written.fiom),
                    adue.eq(written.adue & self.svadu),
                    stce.eq(written.stce),
                ]
            with m.Case(CsrAddress.SENVCFG):
                m.d.sync += supervisor_fiom.eq(written.fiom)
            with m.Case(CsrAddress.STIMECMP):
                m.d.sync += self.stimecmp.eq(self.csr.data)
        m.d.comb += [
            self.menvcfg.fiom.eq(machine_fiom),
            self.menvcfg.adue.eq(adue),
            self.menvcfg.stce.eq(stce),
            self.senvcfg.fiom.eq(supervisor_fiom),
            self.timer_pending.eq(self.time >= self.stimecmp),
        ]
        return m
