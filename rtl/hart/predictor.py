"""Branch prediction: where fetch goes behind each word.

Sizes, tables and their timing are those of Rocket's front end; see docs/hart.md.
"""

from amaranth.hdl import Cat, Const, Module, Mux, Signal, Value
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from rtl.config import BranchPredictorConfig

from .bht import BranchHistory
from .btb import BranchTargetBuffer
from .predecode import Predecoder
from .prediction import BranchKind, OutcomeSignature, Prediction
from .return_stack import ReturnStack


class _Predictor(wiring.Component):
    """What fetch asks, whoever answers.

    Members
    -------
    pc : In(64)
        Of the fetch in F1.
    taken : Out(1), target : Out(64), prediction : Out(Prediction)
        In the same cycle: the next fetch is at `target`.
    fetched : In(1), faulted : In(1), word : In(32)
        The fetch in F1 completes; a word that faulted holds no branch.
    flush : In(1)
        Fetch is redirected from outside: what completed in the last cycle does not count.
    redirect : Out(1), redirect_pc : Out(64)
        Fetch goes on elsewhere, behind the word that completed in the last cycle.
    last_valid : Out(1), last_stop : Out(1)
        A word completed in the last cycle; the upper half of it is not wanted.
    idle : In(1)
        Decode is short of instructions.
    outcome : In(OutcomeSignature())
    """

    pc: In(64)
    taken: Out(1)
    target: Out(64)
    prediction: Out(Prediction)
    fetched: In(1)
    faulted: In(1)
    word: In(32)
    flush: In(1)
    redirect: Out(1)
    redirect_pc: Out(64)
    last_valid: Out(1)
    last_stop: Out(1)
    idle: In(1)
    outcome: In(OutcomeSignature())

    def elaborate(self, platform):
        raise NotImplementedError


class NoPrediction(_Predictor):
    """Fetch goes straight on until it is redirected from outside."""

    def elaborate(self, platform):
        return Module()


class BranchPredictor(_Predictor):
    """Predicts in two steps: by address while a word is fetched, by its content a cycle later.

    In F1 the branch target buffer says whether the word holds a branch and where that goes. A
    cycle later the word is here: a branch, direct jump or return that the buffer did not know
    redirects the fetch then, and gets an entry if the queue is so empty that the redirection
    costs time. The return stack and the history move in that cycle too, whoever predicted.

    Nothing here changes what a program does: the MEM stage compares where fetch went with where
    each instruction leads.

    Parameters
    ----------
    config : BranchPredictorConfig
    """

    def __init__(self, config: BranchPredictorConfig):
        self._config = config
        super().__init__()

    def elaborate(self, platform):
        m = Module()
        m.submodules.btb = btb = BranchTargetBuffer(self._config.btb_entries)
        m.submodules.history = history = BranchHistory(self._config.bht_entries)
        m.submodules.returns = returns = ReturnStack(self._config.return_stack)
        m.submodules.predecoder = found = Predecoder()

        # By address.
        is_branch = btb.kind == BranchKind.BRANCH
        to_caller = (btb.kind == BranchKind.RETURN) & returns.valid
        m.d.comb += [
            btb.pc.eq(self.pc),
            history.pc.eq(self.pc),
            self.taken.eq(btb.hit & (~is_branch | history.taken)),
            self.target.eq(Mux(to_caller, returns.top, btb.target)),
            btb.used.eq(self.fetched & self.taken),
            self.prediction.hit.eq(btb.hit),
            self.prediction.entry.eq(btb.entry),
            self.prediction.history.eq(history.history),
        ]

        # By content, a cycle later.
        present = Signal()
        readable = Signal()
        pc = Signal(64)
        word = Signal(32)
        likely = Signal()
        was_hit = Signal()
        was_taken = Signal()
        was_high = Signal()
        was_entry = Signal.like(btb.entry)
        m.d.sync += present.eq(self.fetched)
        with m.If(self.fetched):
            m.d.sync += [
                readable.eq(~self.faulted),
                pc.eq(self.pc),
                word.eq(self.word),
                likely.eq(history.taken),
                was_hit.eq(btb.hit),
                was_taken.eq(self.taken),
                was_high.eq(btb.high),
                was_entry.eq(btb.entry),
            ]
        active = Signal()
        misplaced = Signal()
        known = Signal()
        is_return = Signal()
        elsewhere = Signal()
        m.d.comb += [
            active.eq(present & readable & ~self.flush),
            found.pc.eq(pc),
            found.word.eq(word),
            found.likely.eq(likely),
            found.step.eq(active),
            found.cut.eq(known | elsewhere),
            found.flush.eq(self.flush),
            # The buffer has a branch where no instruction ends.
            misplaced.eq(was_taken & ~Mux(was_high, found.high_ends, found.low_ends)),
            known.eq(was_taken & ~misplaced),
            is_return.eq(found.is_jump & (found.kind == BranchKind.RETURN)),
            elsewhere.eq(~known & found.taken & (found.direct | (is_return & returns.valid))),
            self.redirect.eq(active & (elsewhere | misplaced)),
            self.last_valid.eq(present),
            self.last_stop.eq(readable & Mux(known, ~was_high, elsewhere & found.low)),
            btb.forget.eq(active & misplaced),
            btb.forgotten.eq(was_entry),
        ]
        next_word = Cat(Const(0, 2), (pc[2:] + 1)[:62])
        with m.If(~elsewhere):
            m.d.comb += self.redirect_pc.eq(next_word)
        with m.Elif(is_return):
            m.d.comb += self.redirect_pc.eq(returns.top)
        with m.Else():
            m.d.comb += self.redirect_pc.eq(found.target)

        # Behind a jump to an unknown place comes what will not be executed.
        lost = Signal()
        moves = Signal()
        with m.If(self.flush):
            m.d.sync += lost.eq(0)
        with m.Elif(active & ~known & found.taken & ~elsewhere):
            m.d.sync += lost.eq(1)
        m.d.comb += [
            moves.eq(active & ~lost),
            returns.push.eq(moves & found.is_jump & (found.kind == BranchKind.CALL)),
            returns.pop.eq(moves & is_return),
            returns.address.eq(Mux(found.low, Cat(Const(0b10, 2), pc[2:]), next_word)),
            history.advance.eq(moves & found.has_branch),
            history.predicted.eq(likely),
        ]
        found_pc = Cat(Const(0, 1), ~found.low, pc[2:])
        self._learn_history(m, history)
        self._learn_target(m, btb, moves & elsewhere & ~was_hit & self.idle, found_pc, found.kind)
        return m

    def _learn_history(self, m, history) -> None:
        outcome = self.outcome
        m.d.comb += [
            history.learn.eq(outcome.valid & outcome.is_branch),
            history.learn_pc.eq(outcome.last_pc),
            history.learn_history.eq(outcome.prediction.history),
            history.learn_taken.eq(outcome.taken),
            history.restore.eq(outcome.valid & outcome.wrong),
            history.restored.eq(outcome.prediction.history),
        ]
        with m.If(outcome.is_branch):
            m.d.comb += history.restored.eq(Cat(outcome.prediction.history[1:], outcome.taken))

    def _learn_target(self, m, btb, found: Value, found_pc: Value, found_kind: Value) -> None:
        """From the MEM stage, which wins, or from a branch that was found in a word.

        The target is where the fetch is a cycle later.
        """
        outcome, update = self.outcome, btb.update
        is_cfi = outcome.is_jump | outcome.is_branch
        from_memory = Signal()
        valid = Signal()
        m.d.comb += [
            from_memory.eq(outcome.valid & outcome.wrong & (outcome.taken | ~is_cfi)),
            update.valid.eq(valid),
            update.target.eq(self.pc),
        ]
        m.d.sync += valid.eq(from_memory | found)
        fields = {
            "remember": (is_cfi, 1),
            "pc": (outcome.last_pc, found_pc),
            "kind": (outcome.kind, found_kind),
            "hit": (outcome.prediction.hit, 0),
            "entry": (outcome.prediction.entry, 0),
        }
        for name, (of_memory, of_word) in fields.items():
            register = Signal.like(getattr(update, name), name=f"update_{name}")
            m.d.comb += getattr(update, name).eq(register)
            m.d.sync += register.eq(Mux(from_memory, of_memory, of_word))
