"""What a D$ promises to the hub, and what its hart may do with a line: `hub` relies on the first.

The hub around it waits for as long as it likes, see `_dcache_world`.
"""

from amaranth.hdl import Cat, Mux, Value

from rtl.mem import probe
from rtl.mem.bus import Permission
from rtl.mem.dcache import DCache
from rtl.mem.ports import MemoryCommand

from ..harness import Bench, Claim, Harness, Mutant, at_most_one, same
from ._dcache_world import (
    BEATS,
    BRANCH,
    CONFIG,
    DIRTY,
    GEOMETRY,
    LINE,
    SETS,
    TRUNK,
    WAYS,
    Bus,
    Inside,
)

_PATH = "rtl/mem/dcache.py"
_IDLE, _WRITE_BACK, _ACQUIRE, _GRANT, _INSTALL = range(5)
_LOOKUP, _ANSWER = 1, 2


def _build(bench: Bench) -> None:
    m, past = bench.m, bench.past
    # How long a probe waits after a refill is no promise to the hub. It may come as late as it
    # likes, so whatever happens with a long wait happens with a short one, but within reach.
    probe.HOLD_AFTER_GRANT_CYCLES = 1
    m.submodules.dcache = dcache = DCache(CONFIG, requesters=1)
    bench.free(dcache)
    watched = bench.constant(LINE, "watched")
    bus = Bus(bench, dcache.bus, watched)
    port = dcache.ports[0]
    accepted = past(port.s0_valid & port.s0_ready) & bench.started
    bench.assume(~port.s1_valid | accepted)
    bench.assume(~port.s1_valid | (port.s1_paddr[:12] == past(port.s0_index)))
    inside = Inside(bench, watched)
    _claim_accesses(bench, port, bus, watched)
    _claim_messages(bench, dcache.bus, bus)
    _claim_acquires(bench, dcache.bus, bus, watched)
    _invariants_of_units(bench, dcache, bus, inside)
    _invariants_of_line(bench, bus, inside, watched)
    read_row = Mux(bus.takes_probe, GEOMETRY.line_of(dcache.bus.probe.payload.address)[0],
                   port.s0_index[GEOMETRY.offset_bits])  # fmt: skip
    row = past(read_row)
    occupied = inside.s1 | (inside.probe == _LOOKUP)
    bench.invariant("s1", ~inside.s1 | accepted)
    for way, tag in enumerate(inside.tags_read):
        bench.invariant("tags", ~occupied | (tag == inside.tag_of(way, row)))
    bench.invariant("row", (inside.probe != _LOOKUP) | (row == inside.probe_line[0]))


def _claim_accesses(bench: Bench, port, bus: Bus, watched: Value) -> None:
    """Nothing is done to a line without the permission that the hub gave."""
    command, here = port.s1_command, GEOMETRY.line_of(port.s1_paddr) == watched
    failed = (command == MemoryCommand.SC) & port.s1_rdata[0]
    reads = (command == MemoryCommand.LOAD) | (command == MemoryCommand.LR)
    done = port.s1_done & here & ~failed
    bench.m.d.comb += bus.wrote.eq(done & ~reads)
    kept = ~bus.begins_here | bus.kept.any()
    bench.claim("reads", when=done & reads, then=bus.permission.any() & kept)
    writable = (bus.permission == TRUNK) & ~bus.begins_here
    bench.claim("writes", when=done & ~reads, then=writable)
    bench.claim("reserves", when=done & (command == MemoryCommand.LR), then=writable)


def _claim_messages(bench: Bench, wires, bus: Bus) -> None:
    past = bench.past
    release = wires.release.payload
    is_last = ~release.has_data | (bus.this_beat == BEATS - 1)
    bench.claim("whole", when=bus.takes_release, then=release.last == is_last)
    unchanged = Cat(
        same(getattr(release, field), getattr(bus.message, field))
        for field in ("address", "has_data", "probe", "to")
    ).all()
    bench.claim("whole", when=bus.takes_release & bus.sending, then=unchanged)
    right = bus.owes & (bus.release_line == bus.probed) & (release.to.as_value() <= bus.cap)
    bench.claim("answers", when=bus.begins & release.probe, then=right)
    answer = bus.begins_here & release.probe
    bench.claim("gives_back", when=answer, then=release.has_data == bus.written)
    keeps = answer & (release.to != Permission.NONE)
    bench.claim("answers", when=keeps, then=release.to.as_value() <= bus.permission)
    given = release.has_data & (release.to == Permission.NONE)
    free = ~(bus.owes | bus.unacknowledged | bus.acquired) & bus.may_release
    bench.claim("releases", when=bus.voluntary, then=free & given)
    bench.claim("gives_back", when=bus.voluntary & bus.begins_here, then=bus.written)
    bench.claim("in_order", when=bus.takes_probe, then=~bus.unacknowledged)
    for offer, fields in (
        (wires.release, ("address", "has_data", "last", "probe", "to")),
        (wires.acquire, ("address", "to")),
    ):
        waits = bench.started & past(offer.valid & ~offer.ready)
        before = past(offer.payload)
        kept = Cat(same(getattr(offer.payload, one), getattr(before, one)) for one in fields).all()
        bench.claim("steady", when=waits, then=offer.valid & kept)
    waits = bench.started & past(wires.release.valid & ~wires.release.ready & release.has_data)
    bench.claim("steady", when=waits, then=release.data == past(release.data))


def _claim_acquires(bench: Bench, wires, bus: Bus, watched: Value) -> None:
    past, acquire = bench.past, wires.acquire
    to = acquire.payload.to.as_value()
    right = ~bus.acquired & ((to == BRANCH) | (to == TRUNK))
    bench.claim("one_acquire", when=acquire.valid, then=right)
    coming = bus.unacknowledged & (bus.released == bus.acquire_line)
    bench.claim("in_order", when=acquire.valid, then=~coming)
    asked = acquire.valid & (bus.acquire_line == watched)
    bench.claim("drops", when=asked, then=~bus.written)
    bench.claim("acknowledges", when=wires.grant_ack, then=past(bus.last_beat))
    bench.claim("acknowledges", when=bench.started & past(bus.last_beat), then=wires.grant_ack)


def _invariants_of_units(bench: Bench, dcache, bus: Bus, inside: Inside) -> None:
    """Refill, probe and release unit are where the messages say that they are."""
    refill = inside.refill
    bench.invariant("refill", refill <= _INSTALL)
    granting = bus.acquired & (bus.got < BEATS)
    bench.invariant("granting", granting == (refill == _GRANT))
    bench.invariant("granting", (bus.acquired & (bus.got == BEATS)) == (refill == _INSTALL))
    bench.invariant("granting", bus.got <= BEATS)
    bench.invariant("acquired", ~bus.acquired | (inside.refill_line == bus.line))
    bench.invariant("acquired", ~bus.acquired | (inside.refill_to == bus.to))
    bench.invariant("acquired", ~granting | (inside.refill_beat == bus.got))
    to = inside.refill_to
    bench.invariant("to", (refill == _IDLE) | (to == BRANCH) | (to == TRUNK))

    probing = inside.probe != _IDLE
    bench.invariant("probing", inside.probe <= _ANSWER)
    bench.invariant("probing", probing == bus.owes)
    bench.invariant("probing", ~probing | (inside.probe_line == bus.probed))
    bench.invariant("probing", ~probing | ((inside.probe_to == bus.cap) & (bus.cap <= BRANCH)))
    bench.invariant("probing", ~probing | (refill == _IDLE) | (refill == _ACQUIRE))
    bench.invariant("probing", ~probing | ~inside.unacknowledged)
    bench.invariant("probing", ~(inside.s1 & (inside.probe == _LOOKUP)))

    sends, answer = inside.release, inside.release_probe
    writes_back = sends & ~answer
    bench.invariant("sends", (sends & answer) == (inside.probe == _ANSWER))
    bench.invariant("sends", writes_back == (refill == _WRITE_BACK))
    bench.invariant("sends", ~writes_back | (inside.release_has_data & (inside.release_to == 0)))
    line = inside.release_line
    bench.invariant("sends", ~(sends & answer) | (line == bus.probed))
    bench.invariant("sends", ~(sends & answer) | (inside.release_to <= bus.cap))
    bench.invariant("sends", ~bus.sending | (sends & inside.release_has_data))
    bench.invariant("sends", ~bus.sending | ((bus.sent > 0) & (bus.sent < BEATS)))
    bench.invariant("sends", ~inside.beat_valid | (sends & inside.release_has_data))
    read = bus.this_beat + inside.beat_valid
    counted = Mux(inside.release_has_data, read, 0)
    bench.invariant("beats", ~sends | (inside.release_beat == counted))
    message = bus.message
    same_message = (
        (GEOMETRY.line_of(message.address) == line)
        & (message.address[: GEOMETRY.offset_bits] == 0)
        & message.has_data
        & (message.probe == answer)
        & (message.to.as_value() == inside.release_to)
    )
    bench.invariant("message", ~bus.sending | same_message)
    waits = (writes_back & ~bus.sending) | bus.unacknowledged
    bench.invariant("unacknowledged", inside.unacknowledged == waits)
    bench.invariant("unacknowledged", ~(writes_back & bus.sending) | bus.unacknowledged)
    bench.invariant("unacknowledged", ~(writes_back & ~bus.sending) | ~bus.unacknowledged)
    bench.invariant("unacknowledged", ~bus.sending | answer | (bus.released == line))
    waiting = (refill == _WRITE_BACK) | (refill == _ACQUIRE)
    bench.invariant(
        "other_line", ~(bus.unacknowledged & waiting) | (bus.released != inside.refill_line)
    )
    bench.invariant("other_line", ~writes_back | (line != inside.refill_line))
    bench.invariant("acquired", ~waiting | (inside.refill_beat == 0))
    released = (writes_back & bus.sending) | (refill == _ACQUIRE)
    bench.invariant("may_release", bus.may_release | released)


def _invariants_of_line(bench: Bench, bus: Bus, inside: Inside, watched: Value) -> None:
    hits = Cat(inside.hit)
    bench.invariant("one_way", at_most_one(hits))
    refilling = (inside.refill != _IDLE) & (inside.refill_line == watched)
    bench.invariant("refilled", ~refilling | ~hits.any())
    bench.invariant("refilled", ~refilling | at_most_one(inside.refill_way))
    pending = inside.release & ~bus.sending & (inside.release_line == watched)
    data = pending & inside.release_has_data
    dirty = Cat(hit & (state == DIRTY) for hit, state in zip(inside.hit, inside.state, strict=True))
    writable = Cat(
        hit & state[1] for hit, state in zip(inside.hit, inside.state, strict=True)
    ).any()
    bench.invariant("held", ~hits.any() | bus.permission.any())
    bench.invariant("held", ~writable | (bus.permission == TRUNK))
    bench.invariant("held", bus.permission <= TRUNK)
    bench.invariant("written", bus.written == (dirty.any() | data))
    bench.invariant("written", ~bus.written | (bus.permission == TRUNK))
    bench.invariant("pending", ~pending | ~writable)
    bench.invariant("pending", ~(pending & ~inside.release_probe) | ~hits.any())
    kept = Mux(pending, inside.release_to, BRANCH)
    bench.invariant("pending", ~pending | (kept <= BRANCH))
    bench.invariant("pending", ~(pending & hits.any()) | (inside.release_to == BRANCH))
    bench.invariant("pending", ~(pending & (inside.release_to == BRANCH)) | bus.permission.any())
    after = bus.sending & (GEOMETRY.line_of(bus.message.address) == watched)
    bench.invariant("sent", ~after | ~writable)
    installs = (inside.refill == _INSTALL) & (inside.refill_line == watched)
    bench.invariant("installs", ~installs | (bus.permission == inside.refill_granted))
    granted = inside.refill_granted
    installs = inside.refill == _INSTALL
    bench.invariant("installs", ~installs | (granted == BRANCH) | (granted == TRUNK))
    for way in range(WAYS):
        mine = (inside.refill != _IDLE) & inside.refill_way[way]
        emptied = inside.state_of(way, inside.refill_line[0])
        bench.invariant("emptied", ~mine | ~emptied.any())


HARNESS = Harness(
    name="dcache",
    size=f"{SETS} sets of {WAYS} way, lines of {BEATS} beats, one port, full widths",
    build=_build,
    depth=2,
    reach=15,
    claims=(
        Claim(
            "reads",
            "a load completes only on a line that the hub has granted and not taken back",
            Mutant(_PATH, "Mux(kept, LineState.BRANCH, LineState.NONE)", "LineState.BRANCH"),
        ),
        Claim(
            "writes",
            "a store, an SC or an AMO only on one granted for writing",
            Mutant(_PATH, "Mux(is_load, s1_present, s1_writable)", "s1_present"),
        ),
        Claim(
            "reserves",
            "an LR too",
            Mutant(
                _PATH,
                "Mux(is_load, s1_present, s1_writable)",
                "Mux(is_load | is_lr, s1_present, s1_writable)",
            ),
        ),
        Claim(
            "whole",
            "a message has the beats of a line, the last one marked, or is one beat without data",
            Mutant(
                "rtl/mem/release.py",
                "message.last.eq(all_read | ~has_data)",
                "message.last.eq(self.beat_valid | ~has_data)",
            ),
        ),
        Claim(
            "answers",
            "a probe is answered once, for its line, and no more permission kept than it allows",
            Mutant(
                _PATH,
                "kept = s1_present & (probe.to == Permission.BRANCH)",
                "kept = s1_present & (s1_writable | (probe.to == Permission.BRANCH))",
            ),
        ),
        Claim(
            "gives_back",
            "a line is sent with its data if the hart wrote it, and only then",
            Mutant(
                _PATH,
                "release.has_data.eq(~probe.lookup | probe_hits_dirty)",
                "release.has_data.eq(~probe.lookup | probe_hits_dirty & ~kept)",
            ),
        ),
        Claim(
            "releases",
            "a victim leaves with its data, one at a time, and the next after another Acquire",
            Mutant(
                _PATH,
                "release.has_data.eq(~probe.lookup | probe_hits_dirty)",
                "release.has_data.eq(probe.lookup & probe_hits_dirty)",
            ),
        ),
        Claim(
            "in_order",
            "no probe is taken, and the line not acquired again, before a Release is answered",
            Mutant(
                _PATH,
                "(refill.idle | refill.awaiting) & ~release.unacknowledged",
                "(refill.idle | refill.awaiting) & ~release.busy",
            ),
        ),
        Claim(
            "steady",
            "what is offered stays until it is taken",
            Mutant(
                "rtl/mem/refill.py",
                "self.acquire.payload.to.eq(to)",
                "self.acquire.payload.to.eq(self.to)",
            ),
        ),
        Claim(
            "one_acquire",
            "one line is acquired at a time, to read or to write",
            Mutant(
                "rtl/mem/refill.py",
                'with m.If(self.acquire.ready):\n                    m.next = "GRANT"',
                'with m.If(grant_beat):\n                    m.next = "GRANT"',
            ),
        ),
        Claim(
            "drops",
            "what is acquired has no data that is not in memory",
            Mutant(
                _PATH,
                "s1_present, s1_writable)",
                "s1_present, s1_writable & ~(match & states.dirty).any())",
                sooner=("(refill.way & states.dirty)", "(refill.way & ~match & states.dirty)"),
            ),
        ),
        Claim(
            "acknowledges",
            "a GrantAck follows the last beat of each Grant",
            Mutant(
                "rtl/mem/refill.py",
                "m.d.comb += [self.install_way.eq(way), self.grant_ack.eq(1)]",
                "m.d.comb += [self.install_way.eq(way), self.grant_ack.eq(to.as_value()[0])]",
            ),
        ),
    ),
)
