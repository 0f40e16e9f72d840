"""The pipeline with the simplest surroundings that obey its ports, for directed programs.

    0x8000_0000  64 KiB of memory, with a hole at 0x8000_e000: a page that faults
    0x1000_0000  device: a store ends the run, with the value as its code
    0x1000_0008  device: bit 0 drives msip, bit 1 mtip
    0x9xxx_xxxx  page fault
    elsewhere    access fault

Addresses are physical; the context of each translation is visible at the ports.
"""

from typing import Any

from amaranth.hdl import Cat, Const, Module, Mux, ResetInserter, Signal
from amaranth.lib import wiring
from amaranth.lib.memory import Memory
from amaranth.lib.wiring import In, Out, connect, flipped

from rtl.config import HartConfig
from rtl.hart.pipeline import Pipeline
from rtl.hart.store_buffer import StoreBuffer
from rtl.mem.amo import AmoAlu
from rtl.mem.ports import DCachePortSignature, MemoryCommand
from rtl.mem.requesters import RequesterMux
from rtl.mmu.ports import FenceSignature, TranslationFault
from rtl.trace.cycle import StallCause
from rtl.trace.retire import RetireSignature

MEMORY_BASE = 0x8000_0000
MEMORY_WORDS = 8192
DEVICE_BASE = 0x1000_0000
HOLE = MEMORY_BASE + 0xE000


class PipelineBench(wiring.Component):
    """Pipeline and stand-ins.

    Parameters
    ----------
    store_buffer_entries : int
        As in `HartConfig`.

    Members
    -------
    load : In(1), load_word : In(13), load_data : In(64)
        Writes memory, while the pipeline is in reset.
    hold_reset : In(1)
        Keeps the pipeline in reset.
    stall : In(1)
        Every answer is withheld now and then, at random.
    msip : In(1)
        Raises the software interrupt from outside.
    retire : Out(RetireSignature()), cause : Out(StallCause), fence : Out(FenceSignature())
    icache_flush : Out(1)
    data_privilege : Out(2)
        Effective privilege of loads and stores.
    finished : Out(1), finish_code : Out(64)
    protocol_error : Out(1)
        The pipeline broke a rule of its ports, at any time before.
    """

    load: In(1)
    load_word: In(13)
    load_data: In(64)
    hold_reset: In(1)
    stall: In(1)
    msip: In(1)
    retire: Out(RetireSignature())
    cause: Out(StallCause)
    fence: Out(FenceSignature())
    icache_flush: Out(1)
    data_privilege: Out(2)
    finished: Out(1)
    finish_code: Out(64)
    protocol_error: Out(1)

    def __init__(self, store_buffer_entries: int = 0):
        self._config = HartConfig(store_buffer_entries=store_buffer_entries)
        super().__init__()

    def elaborate(self, platform):
        m = Module()
        pipeline = Pipeline(self._config)
        m.submodules.pipeline = ResetInserter(self.hold_reset)(pipeline)
        connect(m, pipeline.retire, flipped(self.retire))
        connect(m, pipeline.fence, flipped(self.fence))
        m.d.comb += [
            pipeline.reset_pc.eq(MEMORY_BASE),
            self.cause.eq(pipeline.cause),
            self.icache_flush.eq(pipeline.icache.flush),
            self.data_privilege.eq(pipeline.data.context.privilege),
        ]

        random = Signal(32, init=0x1234_5678)
        m.d.sync += random.eq(Cat(random[31] ^ random[21] ^ random[1] ^ random[0], random[:31]))
        withheld = Signal(6)
        m.d.comb += withheld.eq(
            Cat(random[3 * bit] & random[3 * bit + 1] & self.stall for bit in range(6))
        )

        m.submodules.memory = memory = Memory(shape=64, depth=MEMORY_WORDS, init=[])
        write_port = memory.write_port()
        fetch_port = memory.read_port(domain="comb")
        data_port = memory.read_port(domain="comb")
        for translation, answer in ((pipeline.fetch, withheld[0]), (pipeline.data, withheld[1])):
            self._translate(m, translation, answer)
        self._fetch(m, pipeline.icache, fetch_port, withheld)
        dcache = pipeline.dcache
        if self._config.store_buffer_entries:
            dcache = self._with_store_buffer(m, pipeline)
        self._access(m, dcache, data_port, write_port, withheld)
        self._device(m, pipeline)
        with m.If(self.load):
            m.d.comb += [
                write_port.en.eq(1),
                write_port.addr.eq(self.load_word),
                write_port.data.eq(self.load_data),
            ]
        return m

    def _translate(self, m, translation, withheld):
        vaddr = translation.vaddr
        in_memory = vaddr[16:] == MEMORY_BASE >> 16
        in_device = vaddr[4:] == DEVICE_BASE >> 4
        # An entry may go at any time: walks that nobody asked for fill the TLB too. What a TLB
        # that misses says beside that is meaningless.
        m.d.comb += [
            translation.ready.eq(translation.valid & ~withheld),
            translation.paddr.eq(Mux(translation.ready, vaddr, ~vaddr)),
            translation.cacheable.eq(in_memory ^ ~translation.ready),
        ]
        hole = vaddr[12:] == HOLE >> 12
        with m.If((vaddr[28:] == 0x9) | hole):
            m.d.comb += translation.fault.eq(TranslationFault.PAGE)
        with m.Elif(~(in_memory | in_device)):
            m.d.comb += translation.fault.eq(TranslationFault.ACCESS)

    def _fetch(self, m, port, memory, withheld):
        accepted = Signal()
        index = Signal(12)
        m.d.sync += [accepted.eq(port.s0_valid & port.s0_ready), index.eq(port.s0_index)]
        m.d.comb += [
            port.s0_ready.eq(~withheld[2]),
            memory.addr.eq(port.s1_paddr[3:]),
            port.s1_done.eq(port.s1_valid & ~withheld[3]),
            port.s1_word.eq(Mux(port.s1_paddr[2], memory.data[32:], memory.data[:32])),
        ]
        with m.If(port.s1_valid & (~accepted | (index != port.s1_paddr[:12]))):
            m.d.sync += self.protocol_error.eq(1)

    def _with_store_buffer(self, m, pipeline):
        """The port that the pipeline shares with its store buffer."""
        buffer = StoreBuffer(self._config.store_buffer_entries)
        m.submodules.store_buffer = ResetInserter(self.hold_reset)(buffer)
        m.submodules.requesters = requesters = RequesterMux(2)
        connect(m, pipeline.stores, buffer.port)
        connect(m, pipeline.dcache, requesters.ports[0])
        connect(m, buffer.dcache, requesters.ports[1])
        port: Any = DCachePortSignature().create(path=("shared",))
        m.d.comb += [
            port.s0_valid.eq(pipeline.dcache.s0_valid | buffer.dcache.s0_valid),
            port.s0_index.eq(requesters.s0_index),
            requesters.s0_free.eq(port.s0_ready),
            *(
                getattr(port, name).eq(getattr(requesters, name))
                for name in ("s1_valid", "s1_command", "s1_paddr", "s1_size", "s1_wdata")
            ),
            *(
                getattr(requesters, name).eq(getattr(port, name))
                for name in ("s1_done", "s1_rdata", "s1_wresult")
            ),
        ]
        return port

    def _access(self, m, port, read, write, withheld):
        m.submodules.amo = amo = AmoAlu()
        accepted = Signal()
        index = Signal(12)
        reserved = Signal()
        mask = Signal(64)
        bit_offset = Cat(Const(0, 3), port.s1_paddr[:3])
        size_mask = Cat(
            Const(0xFF, 8),
            (port.s1_size >= 1).replicate(8),
            (port.s1_size >= 2).replicate(16),
            (port.s1_size == 3).replicate(32),
        )
        is_load = port.s1_command == MemoryCommand.LOAD
        is_lr = port.s1_command == MemoryCommand.LR
        is_sc = port.s1_command == MemoryCommand.SC
        m.d.sync += [accepted.eq(port.s0_valid & port.s0_ready), index.eq(port.s0_index)]
        m.d.comb += [
            port.s0_ready.eq(~withheld[4]),
            read.addr.eq(port.s1_paddr[3:]),
            port.s1_done.eq(port.s1_valid & ~withheld[5]),
            amo.command.eq(port.s1_command),
            amo.is_word.eq(port.s1_size == 2),
            amo.memory.eq(read.data >> bit_offset),
            amo.operand.eq(port.s1_wdata),
            port.s1_rdata.eq(Mux(is_sc, ~reserved, amo.memory)),
            port.s1_wresult.eq(amo.result),
            mask.eq(size_mask << bit_offset),
            write.en.eq(port.s1_done & ~is_load & ~is_lr & ~(is_sc & ~reserved)),
            write.addr.eq(port.s1_paddr[3:]),
            write.data.eq((read.data & ~mask) | ((amo.result << bit_offset)[:64] & mask)),
        ]
        with m.If(port.s1_done & (is_lr | is_sc)):
            m.d.sync += reserved.eq(is_lr)
        with m.If(port.s1_valid & (~accepted | (index != port.s1_paddr[:12]))):
            m.d.sync += self.protocol_error.eq(1)

    def _device(self, m, pipeline):
        """Answers in the third cycle of a request."""
        mmio = pipeline.mmio
        age = Signal(2)
        lines = Signal(2)
        is_lines = mmio.paddr[3]
        m.d.sync += age.eq(Mux(mmio.valid & ~mmio.done, age + 1, 0))
        m.d.comb += [
            mmio.done.eq(age == 2),
            mmio.error.eq(mmio.size != 3),
            mmio.rdata.eq(lines),
            pipeline.msip.eq(lines[0] | self.msip),
            pipeline.mtip.eq(lines[1]),
        ]
        with m.If(mmio.done & mmio.write & ~mmio.error):
            with m.If(is_lines):
                m.d.sync += lines.eq(mmio.wdata)
            with m.Else():
                m.d.sync += [self.finished.eq(1), self.finish_code.eq(mmio.wdata)]
        with m.If((age != 0) & ~mmio.valid):
            m.d.sync += self.protocol_error.eq(1)
        with m.If(self.hold_reset):
            m.d.sync += [age.eq(0), lines.eq(0), self.finished.eq(0)]
