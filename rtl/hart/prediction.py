"""What fetch says about branches, and what the MEM stage answers."""

from amaranth.lib import data, enum, wiring
from amaranth.lib.wiring import Out

HISTORY_BITS = 8
MAX_BTB_ENTRIES = 64


class BranchKind(enum.Enum, shape=2):
    """How a branch or jump is predicted."""

    BRANCH = 0
    """Taken if the history says so."""
    JUMP = 1
    CALL = 2
    RETURN = 3


class Prediction(data.Struct):
    """What the MEM stage needs to teach the predictor: it travels with an instruction.

    It belongs to the word that holds the last parcel of the instruction.
    """

    hit: 1
    """`entry` of the branch target buffer matched."""
    entry: range(MAX_BTB_ENTRIES)
    history: HISTORY_BITS
    """Directions of the branches before, the last one in the top bit."""


class OutcomeSignature(wiring.Signature):
    """What an instruction did to the pc, seen from the MEM stage; once per instruction.

    Members
    -------
    valid : Out(1)
    wrong : Out(1)
        Fetch went elsewhere, and is redirected in this cycle.
    last_pc : Out(64)
        Address of the last parcel of the instruction.
    is_jump : Out(1), is_branch : Out(1), taken : Out(1), kind : Out(BranchKind)
        `taken` for a jump as well; neither jump nor branch: `kind` is undefined.
    prediction : Out(Prediction)
    """

    def __init__(self):
        super().__init__(
            {
                "valid": Out(1),
                "wrong": Out(1),
                "last_pc": Out(64),
                "is_jump": Out(1),
                "is_branch": Out(1),
                "taken": Out(1),
                "kind": Out(BranchKind),
                "prediction": Out(Prediction),
            }
        )
