"""The coherence hub: one writer or many readers, of the value last written, in bounded time.

Around it are two D$s and two I$s that do whatever TileLink lets them, see `_hub_world`.
"""

from rtl.mem.hub import Hub

from ..harness import Bench, Claim, Harness, Mutant
from ._hub_claims import BOUND, claim_all
from ._hub_world import BEATS, HARTS, LINE_BYTES, PATIENCE, World

_HUB = "rtl/mem/hub.py"
_WRITER = "rtl/mem/hub_writer.py"


def _build(bench: Bench) -> None:
    bench.m.submodules.hub = hub = Hub(HARTS, LINE_BYTES)
    claim_all(bench, World(bench, hub))


def _hub(name: str, says: str, old: str, new: str, late: int = 0) -> Claim:
    return Claim(name, says, Mutant(_HUB, old, new), late)


HARNESS = Harness(
    name="hub",
    size=f"{HARTS} harts, lines of {BEATS} beats, full widths; clients and DRAM that move within "
    f"{PATIENCE} cycles (for in_time)",
    build=_build,
    depth=2,
    reach=14,
    claims=(
        _hub(
            "taken",
            "where no Acquire is served, one that waits is taken at once",
            "port.ready.eq(idle & ready)",
            "port.ready.eq(idle & ready & ~port.payload.address[6])",
        ),
        _hub(
            "one_at_a_time",
            "one Acquire is served from its probes to its GrantAck",
            "m.d.comb += granting.eq(1)\n                with m.If(burst_done):\n"
            '                    m.next = "ACKNOWLEDGE"',
            "m.d.comb += granting.eq(1)\n                with m.If(burst_done):\n"
            '                    m.next = "IDLE"',
        ),
        _hub(
            "in_turn",
            "a client that asks without pause is overtaken once by each other client at most",
            "after=client)",
            "after=0 * client)",
        ),
        _hub(
            "probe_once",
            "each Acquire sends one probe to every D$ but the one that asks, not more",
            "unsent & ~Cat(dcache.probe.ready for dcache in dcaches)",
            "unsent",
        ),
        _hub(
            "probe_right",
            "it is for the line that is asked for, and takes as much as must be taken",
            "cap = Mux(to == Permission.TRUNK,",
            "cap = Mux(to != Permission.NONE,",
        ),
        _hub(
            "probe_all",
            "DRAM is read when every D$ that was to be probed has answered, written data included",
            "unanswered.eq(unanswered & ~writer.probe_ack)",
            "unanswered.eq(unanswered & ~writer.probe_ack & ~1)",
        ),
        Claim(
            "release_once",
            "a voluntary Release is answered when it has been written, once, and in the next cycle "
            "but for a burst under way",
            Mutant(
                _WRITER,
                "with m.If(self.release_ack_taken):",
                "with m.If(self.release_ack_taken & was_probe):",
            ),
        ),
        _hub(
            "granted",
            "the client that asked is granted the line's beats, no more, the last one marked",
            "last_beat.eq(beat == self._beats - 1)",
            "last_beat.eq(beat == 0)",
        ),
        _hub(
            "permission",
            "with what it asked for, or Trunk where it asked for Branch and nobody kept a copy",
            "(to == Permission.BRANCH) & shared",
            "(to == Permission.BRANCH) & ~shared",
        ),
        _hub(
            "burst",
            "nothing else is sent between the beats of a grant, and to one client at a time",
            "offers_ack.eq(release_ack.any() & ~in_burst)",
            "offers_ack.eq(release_ack.any() & ~(in_burst & ~last_beat))",
        ),
        _hub(
            "steady",
            "what is offered stays until it is taken",
            "with m.If(offers_beat):\n            m.d.sync += in_burst.eq(~burst_done)",
            "with m.If(line_buffer.r_en):\n            m.d.sync += in_burst.eq(~burst_done)",
        ),
        Claim(
            "one_each",
            "DRAM has one read and one write to do at most, and gets as many beats as a line has",
            Mutant(_WRITER, 'm.next = "WRITE"', 'm.next = "IDLE"'),
        ),
        _hub(
            "written_first",
            "no line is read from DRAM while it is being written",
            "unanswered.eq(~chosen[0::2]),",
            "unanswered.eq(0),",
            late=9,
        ),
        _hub(
            "one_writer",
            "who may write a line has the only copy",
            "unanswered.eq(~chosen[0::2]),",
            "unanswered.eq(0),",
            late=12,
        ),
        _hub(
            "readers",
            "every copy is what was last written",
            "line_buffer.w_data.eq(dram.read_data)",
            "line_buffer.w_data.eq(dram.read_data | dram.write_data)",
        ),
        _hub(
            "last_written",
            "what is granted is what was last written, to an I$ too",
            "line_buffer.w_data.eq(dram.read_data)",
            "line_buffer.w_data.eq(dram.write_data)",
        ),
        _hub(
            "in_time",
            f"while an Acquire is served something happens within {PATIENCE + 1} cycles, and it is "
            f"served within {BOUND} of being taken",
            "with m.If(~unanswered.any()):",
            "with m.If(~unanswered.any() & (to != Permission.BRANCH)):",
        ),
    ),
)
