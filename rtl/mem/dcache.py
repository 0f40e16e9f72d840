"""L1 data cache: virtually indexed, physically tagged, write-back, write-allocate, blocking.

    s0  read the set: tags and data of all ways
    s1  compare, check permission, select; loads complete; stores and AMOs make the new word
    w   write it

A store, SC or AMO completes in s1 when its line is Trunk. An access whose line is missing, or that
lacks permission, starts a refill and is presented again by its requester. While a line is on its
way loads that hit still complete; everything else waits.

Clean lines are dropped in silence: the hub keeps no directory that would have to know.
"""

from collections.abc import Sequence
from typing import Any

from amaranth.hdl import Cat, Module, Mux, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out, connect, flipped

from rtl.config import CacheConfig
from rtl.onehot import select
from rtl.trace.store import StoreSignature

from .arrays import WayArray
from .bus import CoherentBusSignature, Permission
from .geometry import Geometry
from .line_state import LineState, LineStates
from .pending_stores import PendingStores
from .ports import DCachePortSignature, MemoryCommand
from .probe import ProbeUnit
from .refill import Refill
from .refill_turn import RefillTurn
from .release import ReleaseUnit
from .replacement import Replacement
from .requesters import RequesterMux
from .reservation import Reservation
from .word_path import WordPath


class DCache(wiring.Component):
    """One hart's data cache.

    Parameters
    ----------
    config : CacheConfig
    requesters : int
        Number of ports.
    outsiders : sequence of int
        Ports that are not the hart's own: what they write ends its reservation.
    replaying : bool
        Reads of what was just written are executed again, see `rtl.mem.pending_stores`, and so is
        what misses and has to wait until a dirty victim is written back.

    Members
    -------
    ports : In(DCachePortSignature()).array(requesters)
        They take turns at s0.
    refuse : In(requesters)
        Ports that are not accepted at s0 now, see `rtl.mem.stall`.
    bus : Out(CoherentBusSignature())
    event_miss : Out(1)
        One cycle for each line asked for, to gain permission included.
    performed : Out(StoreSignature())
        The store that completes in this cycle.
    """

    ports: Any
    refuse: Signal
    bus: Any
    event_miss: Signal
    performed: Any

    def __init__(
        self,
        config: CacheConfig,
        requesters: int = 3,
        *,
        outsiders: Sequence[int] = (),
        replaying: bool = False,
    ):
        self._replaying = replaying
        self._geometry = Geometry(config)
        self._requesters = requesters
        self._outsiders = outsiders
        super().__init__(
            {
                "ports": In(DCachePortSignature()).array(requesters),
                "refuse": In(requesters),
                "bus": Out(CoherentBusSignature()),
                "event_miss": Out(1),
                "performed": Out(StoreSignature()),
            }
        )

    def elaborate(self, platform):
        m = Module()
        geometry = self._geometry
        ways = geometry.ways
        m.submodules.requesters = requesters = RequesterMux(self._requesters)
        m.submodules.tags = tags = WayArray(ways, geometry.sets, geometry.tag_bits)
        m.submodules.data = data = WayArray(ways, geometry.sets * geometry.beats, 64)
        m.submodules.states = states = LineStates(geometry)
        m.submodules.replacement = replacement = Replacement(ways)
        m.submodules.refill = refill = Refill(geometry)
        m.submodules.turn = turn = RefillTurn(self._requesters)
        m.submodules.release = release = ReleaseUnit(geometry)
        m.submodules.probe = probe = ProbeUnit(geometry)
        m.submodules.reservation = reservation = Reservation(geometry)
        m.submodules.words = words = WordPath(geometry)
        for port, inner in zip(self.ports, requesters.ports, strict=True):
            connect(m, flipped(port), inner)
        connect(m, flipped(self.bus.acquire), refill.acquire)
        connect(m, flipped(self.bus.grant), refill.grant)
        connect(m, flipped(self.bus.release), release.release)
        connect(m, flipped(self.bus.probe), probe.probe)
        m.d.comb += [
            self.bus.grant_ack.eq(refill.grant_ack),
            requesters.refuse.eq(self.refuse),
        ]

        # s0: an access, a probe, or the next word of a line that is sent away.
        installing = refill.install_way.any()
        store_drains = Signal()
        read_index = Signal(12)
        m.d.comb += [
            requesters.s0_free.eq(~release.busy & ~probe.accept & ~installing & ~store_drains),
            read_index.eq(
                Mux(
                    probe.accept,
                    geometry.address_of(probe.offered_line)[:12],
                    requesters.s0_index,
                )
            ),
            tags.read_en.eq(requesters.s0_accept | probe.accept),
            tags.read_row.eq(geometry.set_of(read_index)),
            data.read_en.eq(requesters.s0_accept | release.read_en),
            data.read_row.eq(Mux(release.read_en, release.read_row, geometry.word_of(read_index))),
        ]

        # s1: which way holds the line, and what may be done with it.
        s1_line = Signal(geometry.line_bits)
        s1_set = s1_line[: geometry.set_bits]
        s1_tag = s1_line[geometry.set_bits :]
        match = Signal(ways)
        s1_present = Signal()
        s1_writable = Signal()
        m.d.comb += [
            s1_line.eq(Mux(probe.lookup, probe.line, geometry.line_of(requesters.s1_paddr))),
            states.set.eq(s1_set),
            match.eq(Cat(tag == s1_tag for tag in tags.read_data) & states.present),
            s1_present.eq(match.any()),
            s1_writable.eq((match & states.writable).any()),
        ]

        # What the access wants. An LR asks for Trunk at once, so that its SC finds it.
        command = requesters.s1_command
        s1_valid = requesters.s1_valid
        is_load = Signal()
        is_lr = Signal()
        is_sc = Signal()
        m.d.comb += [
            is_load.eq(command == MemoryCommand.LOAD),
            is_lr.eq(command == MemoryCommand.LR),
            is_sc.eq(command == MemoryCommand.SC),
        ]
        sc_fails = Signal()
        allowed = Signal()
        victim_line = Signal(geometry.line_bits)
        victim_dirty = Signal()
        may_release = Signal()
        replay = Signal()
        may_complete = Signal()
        needs_refill = Signal()
        miss = Signal()
        fetch = Signal()
        write = Signal()
        m.d.comb += [
            sc_fails.eq(is_sc & ~reservation.matches),
            allowed.eq(Mux(is_load, s1_present, s1_writable)),
            may_complete.eq(~replay & (sc_fails | allowed & (is_load | refill.idle))),
            requesters.s1_done.eq(s1_valid & may_complete),
            needs_refill.eq(s1_valid & ~replay & ~sc_fails & ~allowed),
            miss.eq(
                needs_refill
                & turn.allowed
                & (refill.idle & probe.idle & ~probe.accept & may_release)
            ),
            turn.requester.eq(requesters.s1_requester),
            turn.misses.eq(needs_refill),
            turn.starts.eq(fetch),
            turn.done.eq(requesters.s1_done),
            turn.installed.eq(installing),
            write.eq(requesters.s1_done & ~is_load & ~is_lr & ~sc_fails),
            requesters.miss_pending.eq(miss | ~refill.idle),
            self.event_miss.eq(fetch),
        ]

        # What missed asks for its line at once, behind a dirty victim; or else it is executed again
        # when that is written back, and asks then.
        m.d.comb += [may_release.eq(~release.unacknowledged), fetch.eq(miss)]
        if self._replaying:
            is_released = release.release.payload.address == geometry.address_of(s1_line)
            m.d.comb += [
                may_release.eq(
                    ~release.busy & (~release.unacknowledged | (~victim_dirty & ~is_released))
                ),
                fetch.eq(miss & ~victim_dirty),
                requesters.s0_evicts.eq(release.busy),
                requesters.s1_replay.eq(replay | (miss & victim_dirty)),
            ]
            m.submodules.pending = pending = PendingStores()
            m.d.comb += [
                pending.s0_reads.eq(requesters.s0_reads),
                pending.s1_valid.eq(s1_valid),
                pending.s1_reads.eq(command != MemoryCommand.STORE),
                pending.s1_writes.eq(~is_load & ~is_lr),
                pending.s1_index.eq(requesters.s1_paddr[:12]),
                pending.s1_size.eq(requesters.s1_size),
                pending.performed.eq(write),
                replay.eq(pending.replay),
                store_drains.eq(pending.s0_block),
            ]

        # Data: from the way that matches, or from that of a line on its way out.
        array_word = Signal(64)
        m.d.comb += [
            array_word.eq(select(Mux(release.beat_valid, release.beat_way, match), data.read_data)),
            release.beat_data.eq(array_word),
            words.way.eq(match),
            words.row.eq(geometry.word_of(requesters.s1_paddr)),
            words.array_word.eq(array_word),
            words.command.eq(command),
            words.offset.eq(requesters.s1_paddr[:3]),
            words.size.eq(requesters.s1_size),
            words.wdata.eq(requesters.s1_wdata),
            words.write.eq(write),
            requesters.s1_rdata.eq(Mux(is_sc, sc_fails, words.rdata)),
            requesters.s1_wresult.eq(words.wresult),
            self.performed.valid.eq(write),
            self.performed.paddr.eq(requesters.s1_paddr),
            self.performed.size.eq(requesters.s1_size),
            self.performed.wdata.eq(words.wresult),
        ]
        # No store completes while a refill is under way, so the two never write at once.
        m.d.comb += [
            data.write_way.eq(words.write_way | refill.write_way),
            data.write_row.eq(Mux(refill.write_way.any(), refill.write_row, words.write_row)),
            data.write_data.eq(Mux(refill.write_way.any(), refill.write_data, words.write_data)),
            tags.write_way.eq(refill.install_way),
            tags.write_row.eq(refill.install_set),
            tags.write_data.eq(refill.install_tag),
        ]

        # A miss: the victim leaves at once, written back if dirty, then the line is acquired. A
        # line held without permission to write is its own victim.
        m.d.comb += [
            replacement.present.eq(states.present),
            replacement.step.eq(miss),
            refill.start.eq(fetch),
            refill.line.eq(s1_line),
            refill.way.eq(Mux(s1_present, match, replacement.victim)),
            refill.to.eq(Mux(is_load, Permission.BRANCH, Permission.TRUNK)),
            refill.write_back.eq(victim_dirty),
            refill.written_back.eq(release.done),
            victim_line.eq(Cat(s1_set, select(refill.way, tags.read_data))),
            victim_dirty.eq((refill.way & states.dirty).any()),
        ]

        # A probe: taken where its lookup meets no change of tags and its answer no write-back.
        probe_hits_dirty = (match & states.dirty).any()
        kept = s1_present & (probe.to == Permission.BRANCH)
        m.d.comb += [
            probe.may_accept.eq((refill.idle | refill.awaiting) & ~release.unacknowledged),
            probe.hold.eq(reservation.hold_probes),
            probe.refilled.eq(installing),
            probe.answered.eq(release.done),
        ]
        m.d.comb += [
            release.start.eq(probe.lookup | miss & victim_dirty),
            release.line.eq(Mux(probe.lookup, s1_line, victim_line)),
            release.way.eq(Mux(probe.lookup, match, refill.way)),
            release.has_data.eq(~probe.lookup | probe_hits_dirty),
            release.probe.eq(probe.lookup),
            release.to.eq(Mux(probe.lookup & kept, Permission.BRANCH, Permission.NONE)),
            release.release_ack.eq(refill.release_ack),
        ]

        # One change of state a cycle: nothing completes or is looked up in a cycle of another.
        m.d.comb += states.update_set.eq(s1_set)
        with m.If(installing):
            m.d.comb += [
                states.update_way.eq(refill.install_way),
                states.update_set.eq(refill.install_set),
                states.update_state.eq(refill.installed),
            ]
        with m.Elif(probe.lookup):
            m.d.comb += [
                states.update_way.eq(match),
                states.update_state.eq(Mux(kept, LineState.BRANCH, LineState.NONE)),
            ]
        with m.Elif(miss):
            m.d.comb += [
                states.update_way.eq(refill.way),
                states.update_state.eq(LineState.NONE),
            ]
        with m.Elif(write):
            m.d.comb += [
                states.update_way.eq(match),
                states.update_state.eq(LineState.DIRTY),
            ]

        completes = requesters.s1_done
        by_outsider = Cat(requesters.s1_requester[port] for port in self._outsiders).any()
        m.d.comb += [
            reservation.line.eq(s1_line),
            reservation.lr.eq(completes & is_lr),
            reservation.sc.eq(completes & is_sc),
            reservation.lost.eq(
                # Also by a probe that would leave us a copy, where an SC is acquiring the line
                # again and we have none: who asked may be granted it for writing, and then writes
                # without asking.
                (probe.lookup & ~kept)
                # The walker writes: an SC would undo its update.
                | (write & (by_outsider | (command == MemoryCommand.UPDATE_PTE)))
            ),
            reservation.evicted.eq(miss & ~s1_present & (refill.way & states.present).any()),
            reservation.evicted_line.eq(victim_line),
            reservation.probe_waits.eq(self.bus.probe.valid),
            reservation.probe_line.eq(probe.offered_line),
            reservation.probe_accepted.eq(probe.accept),
        ]
        return m
