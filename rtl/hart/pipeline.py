"""The core proper: the stages put together.

    F0 - F1 -> fetch queue -> ID - EX - MEM - WB

Everything behind a stage that holds is held. A redirect from MEM (branch) or WB (trap, return,
refetch) has its F0 in the same cycle and kills everything younger. A cycle in which write-back has
no instruction is charged to the cause that its bubble got where it was created.
"""

from amaranth.hdl import Module, Mux, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out, connect, flipped

from rtl.config import HartConfig
from rtl.isa.pmp import PMP_ENTRIES
from rtl.mem.ports import DCachePortSignature, ICachePortSignature, MmioPortSignature
from rtl.mmu.pmp import PmpRegionSignature
from rtl.mmu.ports import FenceSignature, TranslationSignature
from rtl.trace.cycle import EventSignature, StallCause
from rtl.trace.retire import RetireSignature

from .csr_file import CsrFile
from .decode_stage import DecodeStage
from .execute_stage import ExecuteStage
from .fetch import FetchUnit
from .memory_stage import MemoryStage
from .store_buffer import StoreBufferSignature
from .write_back_stage import WriteBackStage


class Pipeline(wiring.Component):
    """RV64IMAC Zicsr Zifencei Zicntr Zihpm Sstc Svinval with M, S and U mode.

    Parameters
    ----------
    config : HartConfig

    Members
    -------
    reset_pc : In(64)
        Address of the first instruction, executed in M-mode.
    hart_id : In(16), honour_asid, svadu : In(1), time : In(64),
    msip, mtip, set_ssip : In(1), broadcast_fence : In(1)
        mhartid, the straps, the `time` CSR, and the interrupt lines of the ACLINT.
    events : In(EventSignature())
        Those of the cycle port, back to the event counters.
    pmp : Out(PmpRegionSignature()).array(PMP_ENTRIES)
    fetch, data : Out(TranslationSignature()), fence : Out(FenceSignature())
    broadcast : Out(FenceSignature()), broadcast_done : In(1)
        See `rtl.mmu.ports.BroadcastSignature`.
    icache : Out(ICachePortSignature()), dcache : Out(DCachePortSignature())
    mmio : Out(MmioPortSignature()), stores : Out(StoreBufferSignature())
    retire : Out(RetireSignature())
    cause : Out(StallCause), privilege : Out(2)
    fence_retired, mispredict, exception_taken, interrupt_taken : Out(1)
        For the cycle port, in step with `retire`: one cycle behind what they report.
    """

    reset_pc: In(64)
    hart_id: In(16)
    honour_asid: In(1)
    svadu: In(1)
    broadcast_fence: In(1)
    time: In(64)
    msip: In(1)
    mtip: In(1)
    set_ssip: In(1)
    events: In(EventSignature())
    pmp: Out(PmpRegionSignature()).array(PMP_ENTRIES)
    fetch: Out(TranslationSignature())
    data: Out(TranslationSignature())
    fence: Out(FenceSignature())
    broadcast: Out(FenceSignature())
    broadcast_done: In(1)
    icache: Out(ICachePortSignature())
    dcache: Out(DCachePortSignature())
    mmio: Out(MmioPortSignature())
    stores: Out(StoreBufferSignature())
    retire: Out(RetireSignature())
    cause: Out(StallCause)
    privilege: Out(2)
    fence_retired: Out(1)
    mispredict: Out(1)
    exception_taken: Out(1)
    interrupt_taken: Out(1)

    def __init__(self, config: HartConfig):
        super().__init__()
        self._config = config

    def elaborate(self, platform):
        m = Module()
        m.submodules.fetch_unit = fetch = FetchUnit(self._config.branch)
        m.submodules.decode = decode = DecodeStage()
        m.submodules.execute = execute = ExecuteStage()
        m.submodules.memory = memory = MemoryStage(buffered=self._config.store_buffer_entries > 0)
        m.submodules.write_back = write_back = WriteBackStage()
        m.submodules.csrs = csrs = CsrFile()

        connect(m, fetch.translation, flipped(self.fetch))
        connect(m, memory.translation, flipped(self.data))
        connect(m, memory.dcache, flipped(self.dcache))
        connect(m, memory.mmio, flipped(self.mmio))
        connect(m, memory.stores, flipped(self.stores))
        connect(m, write_back.fence, flipped(self.fence))
        connect(m, write_back.broadcast, flipped(self.broadcast))
        connect(m, write_back.retire, flipped(self.retire))
        connect(m, write_back.csrs, csrs.port)
        connect(m, flipped(self.events), csrs.events)
        for inner, outer in zip(csrs.pmp, self.pmp, strict=True):
            connect(m, inner, flipped(outer))
        connect(m, execute.occupancy, memory.from_execute)
        connect(m, execute.executed, memory.executed)
        connect(m, memory.occupancy, write_back.from_memory)
        connect(m, memory.finished, write_back.finished)
        connect(m, decode.occupancy, execute.from_decode)
        connect(m, decode.issued, execute.issued)
        connect(m, execute.result, decode.execute)
        connect(m, memory.result, decode.memory)
        connect(m, write_back.result, decode.write_back)
        connect(m, fetch.head, decode.fetched)
        connect(m, memory.outcome, fetch.outcome)

        m.d.comb += [
            self.icache.s0_valid.eq(fetch.icache.s0_valid),
            self.icache.s0_index.eq(fetch.icache.s0_index),
            self.icache.s1_valid.eq(fetch.icache.s1_valid),
            self.icache.s1_paddr.eq(fetch.icache.s1_paddr),
            self.icache.flush.eq(write_back.icache_flush),
            fetch.icache.s0_ready.eq(self.icache.s0_ready),
            fetch.icache.s1_done.eq(self.icache.s1_done),
            fetch.icache.s1_word.eq(self.icache.s1_word),
        ]

        # Write-back is older than memory: its redirect wins.
        redirect_cause = Signal(StallCause)
        m.d.comb += [
            redirect_cause.eq(Mux(write_back.flush, write_back.flush_cause, StallCause.MISPREDICT)),
            fetch.reset_pc.eq(self.reset_pc),
            fetch.redirect.eq(write_back.flush | memory.redirect),
            fetch.redirect_pc.eq(Mux(write_back.flush, write_back.flush_pc, memory.redirect_pc)),
            fetch.redirect_cause.eq(redirect_cause),
            fetch.context.eq(csrs.fetch_context),
            execute.kill.eq(fetch.redirect),
            execute.kill_cause.eq(redirect_cause),
            execute.memory_hold.eq(memory.hold),
            execute.memory_kill.eq(write_back.flush),
            execute.port_used.eq(write_back.port_used),
            memory.kill.eq(write_back.flush),
            memory.kill_cause.eq(write_back.flush_cause),
            memory.context.eq(csrs.data_context),
            write_back.context.eq(csrs.data_context),
            memory.younger_pc.eq(Mux(execute.holds, execute.executed.pc, fetch.next_pc)),
        ]

        m.d.comb += [
            decode.fetched_valid.eq(fetch.valid),
            decode.empty_cause.eq(fetch.empty_cause),
            fetch.take.eq(decode.fetched_take),
            decode.hold.eq(execute.hold),
            decode.pending.eq(execute.pending),
            decode.pending_rd.eq(execute.pending_rd),
            decode.execute_accesses.eq(execute.accesses),
            decode.memory_accesses.eq(memory.accesses),
            decode.write_back_accesses.eq(write_back.accesses),
            decode.interrupt_pending.eq(csrs.interrupt_pending),
            decode.interrupt_code.eq(csrs.interrupt_code),
            decode.privilege.eq(csrs.privilege),
            decode.mstatus.eq(csrs.mstatus),
            decode.mcounteren.eq(csrs.mcounteren),
            decode.scounteren.eq(csrs.scounteren),
            decode.stce.eq(csrs.stce),
            csrs.hart_id.eq(self.hart_id),
            csrs.honour_asid.eq(self.honour_asid),
            csrs.svadu.eq(self.svadu),
            csrs.time.eq(self.time),
            csrs.msip.eq(self.msip),
            csrs.mtip.eq(self.mtip),
            csrs.set_ssip.eq(self.set_ssip),
            write_back.broadcast_fence.eq(self.broadcast_fence),
            write_back.broadcast_done.eq(self.broadcast_done),
            self.cause.eq(write_back.cause),
            self.privilege.eq(write_back.cycle_privilege),
            self.fence_retired.eq(write_back.fence_retired),
            self.exception_taken.eq(write_back.exception_taken),
            self.interrupt_taken.eq(write_back.interrupt_taken),
        ]
        m.d.sync += self.mispredict.eq(memory.redirect & ~write_back.flush)
        return m
