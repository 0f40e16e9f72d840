"""A second-level TLB: set-associative, for 4 KiB pages of both sides."""

from amaranth.hdl import Cat, Module, Mux, Signal, Value
from amaranth.lib import data, memory, wiring
from amaranth.lib.wiring import In, Out
from amaranth.utils import exact_log2

from rtl.config import L2TlbConfig
from rtl.onehot import lowest, select

from .ports import FenceSignature
from .pte import Pte
from .tlb_bank import ASID_BITS, TlbFillSignature, fence_vpn, fills_small_page
from .virtual_address import VPN_BITS

GENERATION_BITS = 12
PTE_BITS = 54
"""Bits of a valid PTE that can be set."""


class L2Tlb(wiring.Component):
    """Holds valid leaves of the last level, as Rocket's does; the walker looks here first.

    An entry belongs to the generation in which it was filled. A fence of all addresses begins a
    new one, for private entries alone or for global ones too, so that it takes one cycle whatever
    the size. When the number of a generation comes around, and after reset, all sets are emptied
    one by one; meanwhile nothing hits and nothing is filled.

    Parameters
    ----------
    config : L2TlbConfig

    Members
    -------
    lookup : In(1), vpn : In(27), asid : In(16)
        A walk begins. `vpn` and `asid` stay until its fill.
    hit : Out(1), pte : Out(Pte)
        One cycle after `lookup`.
    fill : In(TlbFillSignature)
        Result of that walk; what does not belong here is ignored, and so is all in the cycle of a
        fence.
    fence : In(FenceSignature)
        A fence of one address takes two cycles: no lookup in the cycle after it.
    """

    lookup: In(1)
    vpn: In(VPN_BITS)
    asid: In(ASID_BITS)
    hit: Out(1)
    pte: Out(Pte)
    fill: In(TlbFillSignature())
    fence: In(FenceSignature())

    def __init__(self, config: L2TlbConfig):
        self._config = config
        super().__init__()

    def elaborate(self, platform) -> Module:
        m = Module()
        set_bits = exact_log2(self._config.sets)
        fence, fill = self.fence, self.fill
        tag_layout = data.StructLayout(
            {
                "valid": 1,
                "is_global": 1,
                "generation": GENERATION_BITS,
                "asid": ASID_BITS,
                "vpn": VPN_BITS - set_bits,
            }
        )

        def set_of(vpn: Value) -> Value:
            return vpn[:set_bits]

        private_generation = Signal(GENERATION_BITS)
        global_generation = Signal(GENERATION_BITS)
        emptying = Signal(init=1)
        emptied_set = Signal(set_bits)
        answers = Signal()
        fences = Signal()
        fenced_space = Signal()
        key_vpn = Signal(VPN_BITS)
        key_asid = Signal(ASID_BITS)
        fence_all = fence.valid & ~fence.has_vaddr
        fence_page = fence.valid & fence.has_vaddr
        # A set that is emptied in the cycle in which it is read is read as it was before.
        m.d.sync += [answers.eq(self.lookup & ~emptying), fences.eq(fence_page)]
        with m.If(self.lookup):
            m.d.sync += [key_vpn.eq(self.vpn), key_asid.eq(self.asid)]
        with m.If(fence_page):
            m.d.sync += [
                key_vpn.eq(fence_vpn(fence)),
                key_asid.eq(fence.asid),
                fenced_space.eq(fence.has_asid),
            ]

        # The set is compared one cycle after it was read.
        live, matching, in_space = [], [], []
        rows, ptes = [], []
        read_set = Mux(fence_page, set_of(fence_vpn(fence)), set_of(self.vpn))
        write_way = Signal(self._config.ways)
        write_set = Signal(set_bits)
        written_tag: data.View = Signal(tag_layout)
        for way in range(self._config.ways):
            depth = self._config.sets
            m.submodules[f"tags{way}"] = tags = memory.Memory(
                shape=tag_layout, depth=depth, init=[]
            )
            m.submodules[f"ptes{way}"] = leaves = memory.Memory(
                shape=PTE_BITS, depth=depth, init=[]
            )
            for contents, outputs in ((tags, rows), (leaves, ptes)):
                port = contents.read_port()
                m.d.comb += [port.addr.eq(read_set), port.en.eq(self.lookup | fence_page)]
                outputs.append(port.data)
            for contents, value in ((tags, written_tag), (leaves, fill.pte.as_value()[:PTE_BITS])):
                port = contents.write_port()
                m.d.comb += [
                    port.addr.eq(write_set),
                    port.data.eq(value),
                    port.en.eq(write_way[way]),
                ]
        for row in rows:
            current = Mux(row.is_global, global_generation, private_generation)
            live.append(row.valid & (row.generation == current))
            matching.append(live[-1] & (row.vpn == key_vpn[set_bits:]))
            in_space.append(row.asid == key_asid)

        hits = Signal(self._config.ways)
        victim = Signal(self._config.ways, init=1)
        with m.If(answers & ~emptying):
            found = Cat(
                match & (row.is_global | same)
                for match, row, same in zip(matching, rows, in_space, strict=True)
            )
            # A page may be there twice: with the ASID, and for all address spaces.
            m.d.comb += hits.eq(lowest(found))
            dead = ~Cat(live)
            following = Cat(victim[-1], victim[:-1])
            m.d.sync += victim.eq(Mux(found.any(), hits, Mux(dead.any(), lowest(dead), following)))
        m.d.comb += [
            self.hit.eq(hits.any()),
            self.pte.eq(select(hits, ptes)),
        ]

        with m.If(emptying):
            m.d.comb += [write_way.eq(~0), write_set.eq(emptied_set)]
            m.d.sync += [
                emptied_set.eq(emptied_set + 1),
                emptying.eq(~emptied_set.all()),
            ]
        with m.Elif(fences):
            m.d.comb += [
                write_way.eq(
                    Cat(
                        match & (~fenced_space | (~row.is_global & same))
                        for match, row, same in zip(matching, rows, in_space, strict=True)
                    )
                ),
                write_set.eq(set_of(key_vpn)),
            ]
        with m.Elif(fill.valid & fill.pte.v & fills_small_page(fill) & ~fence.valid):
            m.d.comb += [
                write_way.eq(victim),
                write_set.eq(set_of(self.vpn)),
                written_tag.valid.eq(1),
                written_tag.is_global.eq(fill.pte.g),
                written_tag.generation.eq(Mux(fill.pte.g, global_generation, private_generation)),
                written_tag.asid.eq(fill.asid),
                written_tag.vpn.eq(self.vpn[set_bits:]),
            ]

        with m.If(fence_all):
            m.d.sync += private_generation.eq(private_generation + 1)
            with m.If(~fence.has_asid):
                m.d.sync += global_generation.eq(global_generation + 1)
            with m.If(private_generation.all() | (~fence.has_asid & global_generation.all())):
                m.d.sync += [emptying.eq(1), emptied_set.eq(0)]
        return m
