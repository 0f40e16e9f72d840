"""Instruction fetch: F0 chooses the address, F1 translates it and gets the word."""

from amaranth.hdl import Cat, Const, Module, Mux, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out, connect, flipped

from rtl.config import BranchPredictorConfig
from rtl.isa.privilege import TranslationContext
from rtl.mem.ports import ICachePortSignature
from rtl.mmu.ports import AccessType, TranslationFault, TranslationSignature
from rtl.trace.cycle import StallCause

from .align import FetchedSignature, InstructionAligner
from .fetch_queue import FetchQueue
from .prediction import OutcomeSignature
from .predictor import BranchPredictor, NoPrediction


class FetchUnit(wiring.Component):
    """F0, F1, the fetch queue and the cutting into instructions.

    An access fetches the aligned word that the pc is in.

    Fetch goes where the predictor says until it is redirected.

    Parameters
    ----------
    config : BranchPredictorConfig, or None
        None: nothing is predicted.

    Members
    -------
    reset_pc : In(64)
        Address of the first fetch.
    redirect : In(1), redirect_pc : In(64), redirect_cause : In(StallCause)
        Drop everything and go on at another address, whose F0 is in the same cycle. The cause is
        charged with the cycles until the first instruction from there could be in decode.
    context : In(TranslationContext)
    translation : Out(TranslationSignature()), icache : Out(ICachePortSignature())
        `flush` of the I$ is not driven here.
    valid : Out(1), head : Out(FetchedSignature()), take : In(1)
        The instruction for decode.
    empty_cause : Out(StallCause)
        Why `valid` is low.
    next_pc : Out(64)
        Of the instruction that decode gets next, whether it is here yet or not.
    outcome : In(OutcomeSignature())
    """

    reset_pc: In(64)
    redirect: In(1)
    redirect_pc: In(64)
    redirect_cause: In(StallCause)
    context: In(TranslationContext)
    translation: Out(TranslationSignature())
    icache: Out(ICachePortSignature())
    valid: Out(1)
    head: Out(FetchedSignature())
    take: In(1)
    empty_cause: Out(StallCause)
    next_pc: Out(64)
    outcome: In(OutcomeSignature())

    def __init__(self, config: BranchPredictorConfig | None):
        self._config = config
        super().__init__()

    def elaborate(self, platform):
        m = Module()
        m.submodules.queue = queue = FetchQueue()
        m.submodules.aligner = aligner = InstructionAligner()
        m.submodules.predictor = predictor = (
            NoPrediction() if self._config is None else BranchPredictor(self._config)
        )
        translation, icache = self.translation, self.icache

        # F0
        out_of_reset = Signal(init=1)
        f1_pc = Signal(64)
        f1_active = Signal()
        f1_complete = Signal()
        f0_pc = Signal(64)
        with m.If(self.redirect):
            m.d.comb += f0_pc.eq(self.redirect_pc)
        with m.Elif(out_of_reset):
            m.d.comb += f0_pc.eq(self.reset_pc)
        with m.Elif(predictor.redirect):
            m.d.comb += f0_pc.eq(predictor.redirect_pc)
        with m.Elif(f1_complete & predictor.taken):
            m.d.comb += f0_pc.eq(predictor.target)
        with m.Elif(f1_complete):
            m.d.comb += f0_pc.eq(Cat(Const(0, 2), f1_pc[2:] + 1)[:64])
        with m.Else():
            m.d.comb += f0_pc.eq(f1_pc)
        m.d.comb += [
            icache.s0_valid.eq(f1_active | self.redirect | out_of_reset),
            icache.s0_index.eq(Cat(Const(0, 2), f0_pc[2:12])),
        ]

        # F1
        f1_read = Signal()
        wanted = Signal()
        faulted = Signal()
        m.d.sync += [
            out_of_reset.eq(0),
            f1_pc.eq(f0_pc),
            f1_read.eq(icache.s0_valid & icache.s0_ready),
        ]
        m.d.comb += [
            wanted.eq(f1_active & queue.room & ~self.redirect & ~predictor.redirect),
            translation.valid.eq(wanted),
            translation.vaddr.eq(Cat(Const(0, 2), f1_pc[2:])),
            translation.access.eq(AccessType.FETCH),
            translation.context.eq(self.context),
            faulted.eq(translation.ready & (translation.fault != TranslationFault.NONE)),
            icache.s1_valid.eq(wanted & f1_read & translation.ready & ~faulted),
            icache.s1_paddr.eq(translation.paddr),
            f1_complete.eq(wanted & (faulted | (icache.s1_valid & icache.s1_done))),
        ]
        # What follows a faulting fetch is never wanted: wait for the redirect that it causes.
        with m.If(self.redirect | out_of_reset):
            m.d.sync += f1_active.eq(1)
        with m.Elif(f1_complete & faulted):
            m.d.sync += f1_active.eq(0)

        empty_cause = Signal(StallCause, init=StallCause.RESET)
        m.d.comb += self.empty_cause.eq(empty_cause)
        with m.If(self.redirect):
            m.d.sync += empty_cause.eq(self.redirect_cause)
        # Behind a jump that was foreseen there may be only the first half of an instruction.
        with m.Elif(predictor.redirect | (f1_complete & predictor.taken)):
            m.d.sync += empty_cause.eq(StallCause.MISPREDICT)
        with m.Elif(wanted & ~f1_complete):
            m.d.sync += empty_cause.eq(
                Mux(translation.ready, StallCause.FETCH_MISS, StallCause.ITLB_WALK)
            )

        connect(m, queue.head, aligner.word)
        connect(m, aligner.head, flipped(self.head))
        m.d.comb += [
            queue.flush.eq(self.redirect),
            queue.push.eq(f1_complete),
            queue.pushed.pc.eq(f1_pc),
            queue.pushed.word.eq(icache.s1_word),
            queue.pushed.fault.eq(translation.fault),
            queue.pushed.ppn.eq(translation.paddr[12:]),
            queue.pushed.pte.eq(translation.pte),
            queue.pushed.level.eq(translation.level),
            queue.pushed.translated.eq(self.context.translate),
            queue.pushed.prediction.eq(predictor.prediction),
            queue.last_valid.eq(predictor.last_valid),
            queue.last_stop.eq(predictor.last_stop),
            queue.take.eq(aligner.word_take),
            aligner.flush.eq(self.redirect),
            aligner.word_valid.eq(queue.valid),
            aligner.word_stop.eq(queue.head_stop),
            aligner.take.eq(self.take),
            self.valid.eq(aligner.valid),
            self.next_pc.eq(Mux(aligner.begun, aligner.head.pc, f1_pc)),
            predictor.pc.eq(f1_pc),
            predictor.fetched.eq(f1_complete),
            predictor.faulted.eq(faulted),
            predictor.word.eq(icache.s1_word),
            predictor.flush.eq(self.redirect),
            predictor.idle.eq(queue.short),
        ]
        connect(m, flipped(self.outcome), predictor.outcome)
        return m
