"""Memory access of one instruction in MEM: translation, then D$ or device."""

from amaranth.hdl import Cat, Module, Mux, Signal, Value
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from rtl.isa.causes import ExceptionCode
from rtl.isa.privilege import TranslationContext
from rtl.mem.ports import DCachePortSignature, MemoryCommand, MmioPortSignature
from rtl.mmu.ports import AccessType, TranslationFault, TranslationSignature
from rtl.trace.cycle import StallCause

from .store_buffer import StoreBufferSignature


def _extend(m: Module, value: Value, size: Value, unsigned: Value) -> Signal:
    """Low `1 << size` bytes of a 64-bit value, extended to all of it."""
    extended = Signal(64, name="extended")
    with m.Switch(size):
        for log2_bytes in range(3):
            width = 8 << log2_bytes
            with m.Case(log2_bytes):
                fill = (value[width - 1] & ~unsigned).replicate(64 - width)
                m.d.comb += extended.eq(Cat(value[:width], fill))
        with m.Default():
            m.d.comb += extended.eq(value)
    return extended


class LoadStoreUnit(wiring.Component):
    """Keeps whether the D$ has read the set for the access that is here now, and, while a device
    answers, where that is: an entry of the DTLB may be replaced at any time.

    Of the exceptions that one access can have misalignment comes first, before its translation.

    With a store buffer a store to memory is complete when the buffer takes it. A load gets its
    bytes from there where the youngest store of any of them wrote them all, and waits where it
    did not. LR, SC, AMOs and accesses to devices wait until the buffer is empty: so a device sees
    nothing before the stores that are older are performed.

    Parameters
    ----------
    buffered : bool
        There is a store buffer.

    Members
    -------
    next_valid : In(1), next_command : In(MemoryCommand), next_index : In(12)
        An access for s0 of the D$: it will be in MEM in the next cycle unless MEM holds.
    drain : In(1)
        What is in MEM is no access, and waits until the store buffer is empty.
    valid : In(1)
        An access is in MEM and held there while `hold`.
    kill : In(1)
        It must not have an effect. Only in the first cycle of an access.
    command, size, unsigned, address, wdata, misaligned : In
    context : In(TranslationContext)
    translation : Out(TranslationSignature())
    dcache : Out(DCachePortSignature()), mmio : Out(MmioPortSignature())
    stores : Out(StoreBufferSignature())
    hold : Out(1), cause : Out(StallCause)
        The access, or what drains the store buffer, is not complete, and what it waits for.
    replay : Out(1)
        The access was not performed, and its instruction is to be executed again.
    exception : Out(1), code : Out(ExceptionCode)
    rdata : Out(64)
        Extended.
    memory_read, memory_write : Out(1), memory_value : Out(64), paddr : Out(56), pte : Out(64),
    level : Out(2)
        For the retire port.
    """

    next_valid: In(1)
    next_command: In(MemoryCommand)
    next_index: In(12)
    drain: In(1)
    valid: In(1)
    kill: In(1)
    command: In(MemoryCommand)
    size: In(2)
    unsigned: In(1)
    address: In(64)
    wdata: In(64)
    misaligned: In(1)
    context: In(TranslationContext)
    translation: Out(TranslationSignature())
    dcache: Out(DCachePortSignature())
    mmio: Out(MmioPortSignature())
    stores: Out(StoreBufferSignature())
    hold: Out(1)
    replay: Out(1)
    cause: Out(StallCause)
    exception: Out(1)
    code: Out(ExceptionCode)
    rdata: Out(64)
    memory_read: Out(1)
    memory_write: Out(1)
    memory_value: Out(64)
    paddr: Out(56)
    pte: Out(64)
    level: Out(2)

    def __init__(self, *, buffered: bool = False):
        self._buffered = buffered
        super().__init__()

    def elaborate(self, platform):
        m = Module()
        translation, dcache, mmio = self.translation, self.dcache, self.mmio
        is_load = self.command == MemoryCommand.LOAD
        is_store = self.command == MemoryCommand.STORE
        is_lr = self.command == MemoryCommand.LR
        is_sc = self.command == MemoryCommand.SC
        for_read = Signal()
        is_plain = Signal()
        m.d.comb += [for_read.eq(is_load | is_lr), is_plain.eq(is_load | is_store)]

        wanted = Signal()
        translated = Signal()
        faulted = Signal()
        to_memory = Signal()
        to_device = Signal()
        # A request to a device is never withdrawn: once made it depends on nothing but itself.
        asked_device = Signal()
        m.d.comb += [
            wanted.eq(self.valid & ~self.misaligned & ~self.kill),
            translated.eq(wanted & ~asked_device & translation.ready),
            translation.valid.eq(wanted & ~asked_device),
            translation.vaddr.eq(self.address),
            translation.access.eq(Mux(for_read, AccessType.LOAD, AccessType.STORE)),
            translation.context.eq(self.context),
            faulted.eq(translated & (translation.fault != TranslationFault.NONE)),
            to_memory.eq(translated & ~faulted & translation.cacheable),
            to_device.eq(asked_device | (translated & ~faulted & ~translation.cacheable)),
        ]
        for out, now in (
            (self.paddr, translation.paddr),
            (self.pte, translation.pte),
            (self.level, translation.level),
        ):
            kept = Signal.like(out, name="kept")
            m.d.comb += out.eq(Mux(asked_device, kept, now))
            with m.If(to_device & ~asked_device):
                m.d.sync += kept.eq(now)
        m.d.sync += asked_device.eq(mmio.valid & ~mmio.done)

        # The access is one for the store buffer and not for the D$; the buffer completes it; what
        # is in MEM waits until there are no stores.
        for_buffer = Signal()
        buffer_completes = Signal()
        after_stores = Signal()
        if self._buffered:
            stores = self.stores
            m.d.comb += [
                stores.paddr.eq(translation.paddr),
                stores.size.eq(self.size),
                stores.wdata.eq(self.wdata),
                stores.push.eq(to_memory & is_store & stores.room),
                stores.loads.eq(dcache.s0_valid),
                for_buffer.eq(is_store | (to_memory & is_load & stores.overlaps)),
                buffer_completes.eq(stores.push | (to_memory & is_load & stores.forwards)),
                after_stores.eq(
                    ~stores.empty & (~is_plain | (to_device & ~asked_device) | self.drain)
                ),
            ]

        # The D$ reads the set one cycle earlier, again for as long as the access is not complete.
        set_read = Signal()
        met_write_back = Signal()
        m.d.sync += [
            set_read.eq(dcache.s0_valid & dcache.s0_ready),
            met_write_back.eq(dcache.s0_valid & ~dcache.s0_ready & dcache.s0_evicts),
        ]
        m.d.comb += [
            dcache.s0_valid.eq(
                Mux(self.hold, ~(to_device | for_buffer | after_stores), self.next_valid)
            ),
            dcache.s0_index.eq(Mux(self.hold, self.address[:12], self.next_index)),
            dcache.s0_reads.eq(Mux(self.hold, ~is_store, self.next_command != MemoryCommand.STORE)),
            dcache.s1_valid.eq(to_memory & set_read & ~for_buffer & ~after_stores),
            dcache.s1_command.eq(self.command),
            dcache.s1_paddr.eq(translation.paddr),
            dcache.s1_size.eq(self.size),
            dcache.s1_wdata.eq(self.wdata),
            mmio.valid.eq(to_device & is_plain & ~after_stores),
            mmio.write.eq(is_store),
            mmio.paddr.eq(self.paddr),
            mmio.size.eq(self.size),
            mmio.wdata.eq(self.wdata),
        ]

        performed = Signal()
        rdata = Signal(64)
        # Devices take plain loads and stores only.
        refused = to_device & (~is_plain | (mmio.done & mmio.error))
        m.d.comb += [
            performed.eq(
                (dcache.s1_valid & dcache.s1_done)
                | (mmio.valid & mmio.done & ~mmio.error)
                | buffer_completes
            ),
            self.replay.eq(
                (dcache.s1_valid & dcache.s1_replay)
                | (to_memory & met_write_back & ~for_buffer & ~after_stores)
            ),
            self.hold.eq(
                (wanted & ~faulted & ~refused & ~performed & ~self.replay)
                | (self.drain & after_stores & ~self.kill)
            ),
            rdata.eq(Mux(to_device, mmio.rdata, dcache.s1_rdata)),
            self.rdata.eq(_extend(m, rdata, self.size, self.unsigned)),
            self.memory_read.eq(performed & ~is_store & ~is_sc),
            self.memory_write.eq(performed & ~for_read & ~(is_sc & dcache.s1_rdata[0])),
            self.memory_value.eq(Mux(to_device | for_buffer, self.wdata, dcache.s1_wresult)),
        ]
        with m.If(for_buffer & ~to_device):
            m.d.comb += rdata.eq(self.stores.rdata)

        with m.If(self.drain):
            m.d.comb += self.cause.eq(StallCause.FENCE_DRAIN)
        with m.Elif(to_device & ~after_stores):
            m.d.comb += self.cause.eq(StallCause.MMIO)
        with m.Elif(~translated):
            m.d.comb += self.cause.eq(StallCause.DTLB_WALK)
        with m.Elif(dcache.busy_miss):
            m.d.comb += self.cause.eq(StallCause.DCACHE_MISS)
        with m.Else():
            m.d.comb += self.cause.eq(StallCause.DCACHE_PORT)

        m.d.comb += self.exception.eq(1)
        with m.If(self.valid & self.misaligned):
            m.d.comb += self.code.eq(
                Mux(for_read, ExceptionCode.LOAD_MISALIGNED, ExceptionCode.STORE_MISALIGNED)
            )
        with m.Elif(translated & (translation.fault == TranslationFault.PAGE)):
            m.d.comb += self.code.eq(
                Mux(for_read, ExceptionCode.LOAD_PAGE, ExceptionCode.STORE_PAGE)
            )
        with m.Elif(faulted | refused):
            m.d.comb += self.code.eq(
                Mux(for_read, ExceptionCode.LOAD_ACCESS, ExceptionCode.STORE_ACCESS)
            )
        with m.Else():
            m.d.comb += self.exception.eq(0)
        return m
