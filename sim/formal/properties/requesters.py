"""The arbiter in front of the D$ neither drops nor doubles an access, and nobody waits for ever."""

from amaranth.hdl import Cat, Signal

from rtl.mem.requesters import RequesterMux

from ..harness import Bench, Claim, Harness, Mutant, at_most_one

_PATH = "rtl/mem/requesters.py"
_PORTS = 3
_IN_S1 = ("s1_valid", "s1_command", "s1_paddr", "s1_size", "s1_wdata")


def _build(bench: Bench) -> None:
    m, past = bench.m, bench.past
    m.submodules.mux = mux = RequesterMux(_PORTS)
    bench.free(mux)
    asked = Cat(port.s0_valid for port in mux.ports)
    taken = Cat(port.s0_valid & port.s0_ready for port in mux.ports)
    served = Cat(port.s1_done for port in mux.ports)

    bench.claim("one_taken", when=asked.any(), then=at_most_one(taken))
    bench.claim("one_taken", when=mux.s0_accept, then=taken.any())
    bench.claim("one_taken", when=~mux.s0_accept, then=~taken.any())
    bench.claim("none_idle", when=mux.s0_free & (asked & ~mux.refuse).any(), then=mux.s0_accept)
    bench.claim("refused", when=(asked & mux.refuse).any(), then=(taken & mux.refuse) == 0)
    before = past(taken)
    for number, port in enumerate(mux.ports):
        bench.claim("address", when=taken[number], then=mux.s0_index == port.s0_index)
        mine = bench.started & before[number]
        same = Cat(getattr(mux, name) == getattr(port, name) for name in _IN_S1).all()
        bench.claim("in_s1", when=mine, then=same)
        bench.claim("answer", when=mine & mux.s1_done, then=served == (1 << number))
    bench.claim("answer", when=before == 0, then=(served == 0) & ~mux.s1_valid)
    _claim_turns(bench, mux, taken)


def _claim_turns(bench: Bench, mux: RequesterMux, taken) -> None:
    """Each port that keeps asking, and is not refused, sees every other one go first once."""
    last = bench.inside("mux.last", _PORTS)
    bench.invariant("last", at_most_one(last))
    for number, port in enumerate(mux.ports):
        overtaken = Signal(range(_PORTS + 2), name=f"overtaken{number}")
        waits = port.s0_valid & ~port.s0_ready & ~mux.refuse[number]
        with bench.m.If(~waits):
            bench.m.d.sync += overtaken.eq(0)
        with bench.m.Elif(mux.s0_accept):
            bench.m.d.sync += overtaken.eq(overtaken + 1)
        for other in range(_PORTS):
            ahead = (number - other - 1) % _PORTS
            bench.invariant("turn", ~last[other] | (overtaken + ahead < _PORTS))
        bench.invariant("turn", last.any() | (overtaken == 0))
        bench.claim("in_turn", when=waits & taken.any(), then=overtaken < _PORTS - 1)


HARNESS = Harness(
    name="requesters",
    size=f"{_PORTS} ports of the D$, full widths",
    build=_build,
    claims=(
        Claim(
            "one_taken",
            "what is accepted at s0 is of exactly one port, and that port is told so",
            Mutant(
                _PATH, "port.s0_ready.eq(self.s0_free & chosen)", "port.s0_ready.eq(self.s0_free)"
            ),
        ),
        Claim(
            "none_idle",
            "where something can be accepted, something is",
            Mutant(
                _PATH,
                "s0_chosen.eq(round_robin(s0_wanted, after=last))",
                "s0_chosen.eq(round_robin(s0_wanted, after=last) & ~last)",
            ),
        ),
        Claim(
            "refused",
            "a port that is refused is not accepted",
            Mutant(_PATH, "for port in ports) & ~self.refuse)", "for port in ports))"),
        ),
        Claim(
            "address",
            "the address read at s0 is that of the port",
            Mutant(
                _PATH, "self.s0_index.eq(select(s0_grant,", "self.s0_index.eq(select(s0_wanted,"
            ),
        ),
        Claim(
            "in_s1",
            "what is done in s1 is what the port accepted in the cycle before asks",
            Mutant(
                _PATH, "m.d.sync += s1_grant.eq(s0_grant)", "m.d.sync += s1_grant.eq(s0_wanted)"
            ),
        ),
        Claim(
            "answer",
            "the answer goes to that port, and without an access to nobody",
            Mutant(
                _PATH, "port.s1_done.eq(self.s1_done & granted)", "port.s1_done.eq(self.s1_done)"
            ),
        ),
        Claim(
            "in_turn",
            "a port that asks without pause is overtaken once by each other port at most",
            Mutant(_PATH, "last.eq(s0_grant)", "last.eq(s0_grant[:1])"),
        ),
    ),
)
