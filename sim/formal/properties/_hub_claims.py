"""What is claimed of the hub, and the invariants that the induction needs."""

from amaranth.hdl import Cat, Mux, Signal

from rtl.mem.bus import Permission

from ..harness import Bench, at_most_one, same
from ._hub_world import BEATS, HARTS, OFFSET_BITS, PATIENCE, World

_IDLE, _PROBE, _READ, _GRANT, _ACKNOWLEDGE = range(5)
_W_IDLE, _W_DATA, _W_ANSWER, _W_WRITE = range(4)

_ANSWER_EVENTS = BEATS + 1
"""Beats of an answer, and its write."""
_RELEASE_EVENTS = BEATS + 2
"""Of a voluntary Release; its answer, too."""
_READ_EVENTS = 2 + 2 * BEATS
"""DRAM is asked, every beat comes and is granted, the GrantAck."""
_EVENTS = HARTS * (_RELEASE_EVENTS + 1 + _ANSWER_EVENTS) + _RELEASE_EVENTS + _READ_EVENTS
"""Every D$ sends a voluntary Release, and one has just begun when the Acquire is taken."""
_PAUSE = PATIENCE + 1
BOUND = _EVENTS * _PAUSE


class _Inside:
    """What the invariants look at."""

    def __init__(self, bench: Bench):
        look = bench.inside
        self.state = look("hub.hub_state_state", 3)
        self.client = look("hub.client", 2 * HARTS)
        self.address = look("hub.address", 56)
        self.to = look("hub.to", 2)
        self.shared = look("hub.shared", 1)
        self.unsent = look("hub.unsent", HARTS)
        self.unanswered = look("hub.unanswered", HARTS)
        self.in_burst = look("hub.in_burst", 1)
        self.beat = look("hub.beat", (BEATS - 1).bit_length())
        self.level = look("hub.line_buffer.level", BEATS.bit_length())
        self.produce = look("hub.line_buffer.produce", (BEATS - 1).bit_length())
        self.consume = look("hub.line_buffer.consume", (BEATS - 1).bit_length())
        self.rows = [look(f"hub.line_buffer.storage[{row}]", 64) for row in range(BEATS)]
        self.writer_state = look("hub.writer.writer_state_state", 2)
        self.writer_client = look("hub.writer.client", HARTS)
        self.was_probe = look("hub.writer.was_probe", 1)
        self.was_shared = look("hub.writer.was_shared", 1)


class _Transaction:
    """What the Acquire that is served has brought about so far, seen from outside.

    Attributes
    ----------
    needed : D$s that have to be probed. probed, answered : were, and have answered to the end.
    kept : somebody keeps a copy.
    """

    def __init__(self, bench: Bench, world: World):
        m = bench.m
        self.needed = Signal(HARTS)
        self.probed = Signal(HARTS)
        self.answered = Signal(HARTS)
        self.kept = Signal()
        m.d.comb += self.needed.eq(~world.client[0::2])
        without_data, keeps = [], []
        for dcache in world.dcaches:
            release = dcache.client.release.payload
            without_data.append(dcache.begins & release.probe & ~release.has_data)
            keeps.append(dcache.begins & (release.to != Permission.NONE))
        written = world.dram.write_done & world.answers
        completes = Cat(without_data) | Mux(written, world.writer, 0)
        probes = Cat(dcache.takes_probe for dcache in world.dcaches)
        with m.If(world.acquired):
            m.d.sync += [self.probed.eq(0), self.answered.eq(0), self.kept.eq(0)]
        with m.Else():
            m.d.sync += [
                self.probed.eq(self.probed | probes),
                self.answered.eq(self.answered | completes),
                self.kept.eq(self.kept | Cat(keeps).any()),
            ]


def claim_all(bench: Bench, world: World) -> None:
    """Claims about submodule `hub` of a bench with a world around it."""
    inside = _Inside(bench)
    transaction = _Transaction(bench, world)
    _claim_turns(bench, world, inside)
    _claim_probes(bench, world, transaction, inside)
    _claim_releases(bench, world, inside)
    _claim_grants(bench, world, transaction, inside)
    _claim_memory(bench, world, transaction, inside)
    _claim_coherence(bench, world, transaction, inside)
    _claim_time(bench, world, transaction, inside)


def _claim_turns(bench: Bench, world: World, inside: _Inside) -> None:
    """An Acquire is taken as soon as the one before is over; nobody waits for ever."""
    m, count = bench.m, 2 * HARTS
    bench.claim("taken", when=~world.active & world.asks.any(), then=world.acquired)
    unanswered = Cat(dcache.owes | dcache.client.probe.valid for dcache in world.dcaches).any()
    alone = at_most_one(world.takes) & ~world.active & ~unanswered
    bench.claim("one_at_a_time", when=world.acquired, then=alone)
    bench.claim("one_at_a_time", when=world.beats.any(), then=~unanswered)
    bench.invariant("active", world.active == (inside.state != _IDLE))
    bench.invariant("states", inside.state <= _ACKNOWLEDGE)
    bench.invariant("one_hot", at_most_one(inside.client))
    bench.invariant("acquire", ~world.active | same(inside.address, world.address))
    bench.invariant("acquire", ~world.active | (inside.to == world.to.as_value()))
    served = (inside.client == world.client) & inside.client.any()
    bench.invariant("acquire", ~world.active | served)
    for hart in range(HARTS):
        bench.invariant("wanted", ~world.client[2 * hart] | (world.to != Permission.NONE))
        bench.invariant("wanted", ~world.client[2 * hart + 1] | (world.to == Permission.NONE))
    bench.invariant("wanted", world.to.as_value() <= Permission.TRUNK.value)
    turns = []
    for waiting in range(count):
        waits = world.asks[waiting] & ~world.takes[waiting]
        for other in set(range(count)) - {waiting}:
            overtaken = Signal(name=f"overtaken_{waiting}_{other}")
            with m.If(~waits):
                m.d.sync += overtaken.eq(0)
            with m.Elif(world.takes[other]):
                m.d.sync += overtaken.eq(1)
            turns.append((waits & world.takes[other], ~overtaken))
            # From the last one on, who waits comes before who was served meanwhile.
            for last in range(count):
                first = (waiting - last - 1) % count < (other - last - 1) % count
                bench.invariant("turn", ~inside.client[last] | ~overtaken | first)
            bench.invariant("turn", inside.client.any() | ~overtaken)
    bench.claim_of_each("in_turn", turns)


def _claim_probes(bench: Bench, world: World, transaction: _Transaction, inside) -> None:
    dues, rights = [], []
    for hart, dcache in enumerate(world.dcaches):
        probe = dcache.client.probe
        due = world.active & transaction.needed[hart] & ~transaction.probed[hart]
        dues.append((probe.valid, due))
        right = same(probe.payload.address, world.address)
        cap = Mux(world.to == Permission.TRUNK, Permission.NONE, Permission.BRANCH)
        rights.append((probe.valid, right & (probe.payload.to.as_value() == cap)))

        needed, sent = transaction.needed[hart], transaction.probed[hart]
        answered = transaction.answered[hart]
        in_probe = inside.state == _PROBE
        bench.invariant("unsent", ~in_probe | (inside.unsent[hart] == (needed & ~sent)))
        waits = needed & ~answered
        bench.invariant("unanswered", ~in_probe | (inside.unanswered[hart] == waits))
        later = world.active & ~in_probe
        bench.invariant("all_answered", ~later | (answered | ~needed))
        bench.invariant("answered", ~answered | sent)
        bench.invariant("probed", ~(world.active & sent) | needed)
        in_writer = (world.writer[hart] & world.answers) & (inside.writer_state != _W_IDLE)
        pending = world.active & sent & ~answered
        bench.invariant("owes", (dcache.owes | in_writer) == pending)
        ending = inside.writer_state == _W_WRITE
        bench.invariant("owes", ~(dcache.owes & in_writer & ending))
        bench.invariant("probe", ~dcache.owes | same(dcache.probed, world.address))
        bench.invariant("probe", ~dcache.owes | (dcache.cap.as_value() == cap))
        kept = Mux(in_writer, inside.was_shared, 0)
        bench.invariant("shared", ~kept | transaction.kept)
    bench.claim_of_each("probe_once", dues)
    bench.claim_of_each("probe_right", rights)
    asked = world.asks_read
    everybody = (transaction.answered | ~transaction.needed).all()
    bench.claim("probe_all", when=asked, then=world.active & everybody)
    writes_answer = world.answers & (inside.writer_state != _W_IDLE)
    counted = inside.shared | (writes_answer & inside.was_shared)
    bench.invariant("kept", ~world.active | (transaction.kept == counted))


def _claim_releases(bench: Bench, world: World, inside: _Inside) -> None:
    state = inside.writer_state
    bench.invariant("writer", (state == _W_IDLE) | same(inside.writer_client, world.writer))
    bench.invariant("writer", (state == _W_IDLE) | (inside.was_probe == world.answers))
    bench.invariant("writer", (state == _W_IDLE) | (at_most_one(world.writer) & world.writer.any()))
    bench.invariant("writing", world.writing == ((state == _W_DATA) | (state == _W_WRITE)))
    bench.invariant("sent", (state != _W_WRITE) | (world.sent == BEATS))
    bench.invariant("sent", (state != _W_DATA) | ((world.sent > 0) & (world.sent < BEATS)))
    bench.invariant("answer", (state != _W_ANSWER) | ~world.answers)
    of_answer = world.writing & world.answers
    bench.invariant("answer", ~of_answer | (world.active & same(world.write_line, world.address)))
    granting = world.active & (world.granted > 0) & (world.granted < BEATS)
    grants = [client.grant for client in world.clients]
    burst = granting | Cat(one.valid & ~one.payload.release_ack for one in grants).any()
    answered, prompt = [], []
    for hart, dcache in enumerate(world.dcaches):
        mine = world.writer[hart] & (state != _W_IDLE)
        sending = mine & (state == _W_DATA)
        message = dcache.message
        bench.invariant("sending", dcache.sending == sending)
        bench.invariant("sending", ~sending | (dcache.beat == world.sent))
        bench.invariant("sending", ~sending | (message.has_data & (message.probe == world.answers)))
        bench.invariant("sending", ~sending | same(message.address, world.write_line))
        bench.invariant("sending", ~(sending & world.answers) | dcache.owes)
        bench.invariant(
            "sending", ~(sending & world.answers) | same(message.address, dcache.probed)
        )
        shared = message.to != Permission.NONE
        bench.invariant("sending", ~sending | (shared == inside.was_shared))
        bench.invariant("unacknowledged", dcache.unacknowledged == (mine & ~world.answers))
        line = dcache.unacknowledged & world.writing
        bench.invariant("released", ~line | same(dcache.released, world.write_line))

        grant = dcache.client.grant
        offered = grant.valid & grant.payload.release_ack
        done = dcache.unacknowledged & ~world.writing
        answered.append((offered, done))
        written = bench.past(world.dram.write_done & ~world.answers & world.writer[hart])
        prompt.append((bench.started & written & ~burst, grant.valid))
        icache = world.clients[2 * hart + 1].grant
        answered.append((icache.valid & icache.payload.release_ack, 0))
    bench.claim_of_each("release_once", answered)
    bench.claim_of_each("release_once", prompt)


def _claim_grants(bench: Bench, world: World, transaction: _Transaction, inside: _Inside) -> None:
    past = bench.past
    valid = Cat(client.grant.valid for client in world.clients)
    bench.claim("burst", when=valid.any(), then=at_most_one(valid))
    granted, permissions, bursts, steady = [], [], [], []
    for number, client in enumerate(world.clients):
        grant = client.grant
        beat = grant.valid & ~grant.payload.release_ack
        mine = world.active & world.client[number] & (world.granted < BEATS)
        last = world.granted == BEATS - 1
        granted.append((beat, mine & (grant.payload.last == last)))
        alone = (world.to == Permission.BRANCH) & ~transaction.kept
        to = Mux(alone, Permission.TRUNK, world.to.as_value())
        permissions.append((beat, grant.payload.to.as_value() == to))
        middle = world.active & (world.granted > 0) & (world.granted < BEATS)
        bursts.append((grant.valid & middle, ~grant.payload.release_ack))
        for offer in (grant, client.probe) if number % 2 == 0 else (grant,):
            waits = bench.started & past(offer.valid & ~offer.ready)
            unchanged = same(offer.payload, past(offer.payload))
            if offer is grant:
                # An answer to a Release carries nothing else.
                is_ack, was_ack = offer.payload.release_ack, past(offer.payload.release_ack)
                unchanged = (is_ack == was_ack) & (is_ack | unchanged)
            steady.append((waits, offer.valid & unchanged))
    bench.claim_of_each("granted", granted)
    bench.claim_of_each("permission", permissions)
    bench.claim_of_each("burst", bursts)
    bench.claim_of_each("steady", steady)

    state = inside.state
    bench.invariant("granting", (state != _GRANT) | (world.granted < BEATS))
    bench.invariant("granting", (state != _ACKNOWLEDGE) | (world.granted == BEATS))
    before = (state == _PROBE) | (state == _READ)
    bench.invariant("granting", ~before | (world.granted == 0))
    bench.invariant("beat", inside.beat == Mux(state == _GRANT, world.granted, 0))
    bench.invariant("reading", ~world.reading | (state == _GRANT))
    bench.invariant("reading", ~world.reading | same(world.read_line, world.address))
    arriving = state == _GRANT
    bench.invariant("arrived", ~arriving | (world.reading == (world.arrived < BEATS)))
    bench.invariant("arrived", ~arriving | (world.arrived <= BEATS))
    bench.invariant("arrived", ~arriving | (world.arrived >= world.granted))
    bench.invariant("level", inside.level == Mux(arriving, world.arrived - world.granted, 0))
    arrived = Mux(arriving & (world.arrived < BEATS), world.arrived, 0)
    bench.invariant("level", inside.produce == arrived)
    bench.invariant("level", inside.consume == Mux(arriving, world.granted, 0))
    offered = arriving & (inside.level > 0)
    bench.invariant("in_burst", ~inside.in_burst | offered | (arriving & (world.granted > 0)))
    bench.invariant("in_burst", ~(arriving & (world.granted > 0)) | inside.in_burst)


def _claim_memory(bench: Bench, world: World, transaction: _Transaction, inside: _Inside) -> None:
    """DRAM is asked for one thing of each kind at a time, and never for a line on its way there."""
    dram = world.dram
    bench.claim("one_each", when=world.asks_read, then=~world.reading)
    bench.claim("one_each", when=world.asks_write, then=~world.writing)
    complete = (world.writing | world.asks_write) & (Mux(world.writing, world.sent, 0) < BEATS)
    bench.claim("one_each", when=dram.write_valid, then=complete)
    line = dram.address[OFFSET_BITS:]
    written = world.writing & (world.write_line[OFFSET_BITS:] == world.watched)
    read = world.active & world.here & (inside.state == _GRANT)
    asked = line == world.watched
    bench.claim("written_first", when=world.asks_read & asked, then=~written)
    bench.claim("written_first", when=world.asks_write & asked, then=~(read & world.reading))


def _claim_coherence(bench: Bench, world: World, transaction, inside: _Inside) -> None:
    state, here = inside.state, world.here
    held = [dcache.permission.as_value() for dcache in world.dcaches]
    writers, readers = [], []
    for hart, dcache in enumerate(world.dcaches):
        trunk = dcache.permission == Permission.TRUNK
        alone = Cat(one.any() for other, one in enumerate(held) if other != hart) == 0
        writers.append((trunk, alone))
        readers.append((held[hart].any(), dcache.copy == world.truth))
        _invariants_of_line(bench, world, transaction, inside, hart)
    bench.claim_of_each("one_writer", writers)
    bench.claim_of_each("readers", readers)
    of_word = here & world.beats.any() & (world.granted == world.word)
    data = world.clients[0].grant.payload.data
    bench.claim("last_written", when=of_word, then=data == world.truth)

    written = world.writing & (world.write_line[OFFSET_BITS:] == world.watched)
    dirty = Cat(dcache.written for dcache in world.dcaches).any()
    bench.invariant("memory", dirty | written | (world.memory == world.truth))
    sent = written & (world.sent > world.word)
    bench.invariant("pending", ~sent | (world.pending == world.truth))
    bench.invariant("written", ~written | ~dirty)
    later = here & ((state == _READ) | (state == _GRANT))
    bench.invariant("settled", ~later | ~(written | dirty))
    buffered = here & (state == _GRANT) & (world.arrived > world.word)
    row = Mux(world.word == 0, inside.rows[0], inside.rows[1])
    unread = buffered & (world.granted <= world.word)
    bench.invariant("row", ~unread | (row == world.truth))


def _invariants_of_line(bench: Bench, world: World, transaction, inside, hart: int) -> None:
    """What a D$ may still hold of the watched line."""
    dcache = world.dcaches[hart]
    here, held = world.here, dcache.permission.as_value()
    bench.invariant("held", held <= Permission.TRUNK.value)
    bench.invariant("dirty", ~dcache.written | (dcache.permission == Permission.TRUNK))
    asked = here & world.client[2 * hart]
    bench.invariant("requester", ~(asked & (world.granted < BEATS)) | (held == 0))
    answered = here & transaction.answered[hart]
    cap = Mux(world.to == Permission.TRUNK, Permission.NONE, Permission.BRANCH)
    bench.invariant("capped", ~answered | (held <= cap))
    bench.invariant("capped", ~(answered & held.any()) | transaction.kept)
    sending = dcache.sending & (dcache.message.address[OFFSET_BITS:] == world.watched)
    mine = world.writing & world.writer[hart]
    written = mine & (world.write_line[OFFSET_BITS:] == world.watched)
    bench.invariant("given_back", ~written | (held <= Mux(world.answers, cap, 0)))
    bench.invariant("given_back", ~(written & world.answers & held.any()) | transaction.kept)
    bench.invariant("sends", ~sending | (dcache.copy == world.truth))
    done = asked & (world.granted == BEATS)
    others = Cat(
        other.permission.as_value().any() for other in world.dcaches if other is not dcache
    )
    granted = Mux(
        (world.to == Permission.BRANCH) & ~transaction.kept,
        Permission.TRUNK.value,
        world.to.as_value(),
    )
    bench.invariant("granted", ~done | (held <= granted))
    bench.invariant("others", ~(asked & (granted == Permission.TRUNK.value))
                    | (inside.state == _PROBE) | ~others.any())  # fmt: skip
    early = asked & (world.granted > world.word) & (world.granted < BEATS)
    bench.invariant("copied", ~early | (dcache.copy == world.truth))
    # A line that is given back was nobody else's, and is not yet.
    bench.invariant("alone", ~written | ~others.any())


def _claim_time(bench: Bench, world: World, transaction: _Transaction, inside: _Inside) -> None:
    """Whatever is still to happen is counted: things that happened, and that are left."""
    m = bench.m
    quiet = Signal(range(2 * _PAUSE))
    events = Signal(range(2 * _EVENTS))
    waited = Signal(range(2 * BOUND))
    m.d.sync += quiet.eq(Mux(world.event | ~world.active, 0, quiet + 1))
    with m.If(~world.active):
        m.d.sync += [events.eq(0), waited.eq(0)]
    with m.Else():
        m.d.sync += [events.eq(events + world.event), waited.eq(waited + 1)]

    left = 0
    for hart, dcache in enumerate(world.dcaches):
        mine = world.writer[hart] & (inside.writer_state != _W_IDLE)
        writing = Mux(world.writing, BEATS + 1 - world.sent, 0)
        begun = Mux(mine & ~world.answers, writing + 1, 0)
        may = dcache.may_release & ~(world.active & world.client[2 * hart])
        left += begun + Mux(may, _RELEASE_EVENTS, 0)
        answer = Mux(mine & world.answers, writing, _ANSWER_EVENTS)
        due = transaction.needed[hart] & ~transaction.answered[hart]
        left += Mux(due, answer + ~transaction.probed[hart], 0)
    granting = 1 + (BEATS - world.granted) + (BEATS - world.arrived)
    left += Mux(
        inside.state == _GRANT, granting, Mux(inside.state == _ACKNOWLEDGE, 1, _READ_EVENTS)
    )
    # The sum must not wrap around, or it would say nothing.
    total = Signal(range(4 * _EVENTS))
    m.d.comb += total.eq(left)
    bench.invariant("left", ~world.active | (events + total <= _EVENTS))
    answered = (inside.state == _PROBE) & ~inside.unanswered.any()
    bench.invariant("quiet", ~answered | (quiet == 0))
    bench.invariant("quiet", ~world.active | (quiet <= world.waited + (inside.state == _READ)))
    bench.invariant("waited", waited <= events * _PAUSE + quiet)
    bench.claim("in_time", when=world.active, then=quiet < _PAUSE)
    bench.claim("in_time", when=world.active, then=waited < BOUND)
