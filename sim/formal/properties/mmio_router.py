"""The way to the devices: every access reaches its device once, and its answer comes back once."""

from amaranth.hdl import Cat, Mux, Signal, Value

from rtl.dev.address_map import DEVICES
from rtl.mem.mmio import MmioRouter

from ..harness import Bench, Claim, Harness, Mutant, at_most_one, same

_PATH = "rtl/mem/mmio.py"
_HARTS = 2
_HELD = ("write", "paddr", "size", "wdata")


def _build(bench: Bench) -> None:
    m, past = bench.m, bench.past
    m.submodules.router = router = MmioRouter(_HARTS, DEVICES)
    bench.free(router, "latency")
    m.d.comb += router.latency.eq(bench.constant(8, "latency"))
    done = Cat(hart.done for hart in router.harts)
    reached = Cat(device.valid for device in router.devices)
    bench.claim("one_device", when=reached.any(), then=at_most_one(reached))
    bench.claim("one_answer", when=bench.started & past(reached).any(), then=done.any())
    bench.claim("one_answer", when=done.any(), then=at_most_one(done))

    for hart in router.harts:
        # The contract of the port: an access stays, unchanged, until it is done.
        waits = past(hart.valid & ~hart.done) & bench.started
        bench.assume(~waits | hart.valid)
        for name in _HELD:
            bench.assume(~waits | same(getattr(hart, name), past(getattr(hart, name))))

        bench.claim("answered", when=hart.done, then=past(hart.valid) & hart.valid)
        bench.claim("once", when=bench.started & past(hart.done), then=~hart.done)
        nowhere = hart.done
        for device, region in zip(router.devices, DEVICES, strict=True):
            low = region.size.bit_length() - 1
            there = (hart.paddr >= region.base) & (hart.paddr < region.base + region.size)
            nowhere &= ~there
            asked = past(
                device.valid
                & (device.write == hart.write)
                & (device.offset == hart.paddr[:low])
                & (device.size == hart.size)
                & (device.wdata == hart.wdata)
            )
            bench.claim("reaches", when=hart.done & there, then=asked)
            answer = (hart.rdata == past(device.rdata)) & (hart.error == past(device.error))
            bench.claim("answer", when=hart.done & there, then=answer)
        bench.claim("nowhere", when=nowhere, then=hart.error & ~past(reached.any()))
    other_first = Mux(done[0], past(router.harts[1].valid), past(router.harts[0].valid))
    bench.claim("one_answer", when=done.any() & other_first, then=at_most_one(done))
    _bound(bench, router, done)


def _bound(bench: Bench, router: MmioRouter, done: Value) -> None:
    """An access waits for one of the other hart, at most."""
    under_way = bench.inside("router.under_way", _HARTS)
    age = bench.inside("router.age", 8)
    passage = router.latency + 1
    bench.invariant("one_under_way", at_most_one(under_way))
    bench.invariant("one_done", at_most_one(done))
    bench.invariant("done_or_under_way", ~(done.any() & under_way.any()))
    bench.invariant("age", under_way.any() == (age != 0))
    bench.invariant("age", age <= router.latency)
    for number, hart in enumerate(router.harts):
        mine, others = under_way[number], under_way.any() & ~under_way[number]
        waited = Signal(10, name=f"waited{number}")
        counts = hart.valid & ~hart.done & (mine | ~router.refuse[number])
        bench.m.d.sync += waited.eq(Mux(counts, waited + 1, 0))
        bench.claim("in_time", when=hart.done, then=waited <= 2 * passage)
        bench.claim("in_time", when=waited == 2 * passage, then=hart.done)
        bench.invariant("valid", ~mine | hart.valid)
        bench.invariant("waited", ~mine | (waited <= passage + age))
        bench.invariant("waited", ~others | (waited <= age))
        after_another = Mux((done != 0) & ~hart.done, passage, 0)
        idle = ~under_way.any() & ~hart.done
        bench.invariant("waited", ~idle | (waited <= after_another))


HARNESS = Harness(
    name="mmio_router",
    size=f"{_HARTS} harts, the {len(DEVICES)} devices, full widths, any latency",
    build=_build,
    depth=4,
    reach=7,
    claims=(
        Claim(
            "one_device",
            "one device at most is accessed in a cycle",
            Mutant(_PATH, "arrives & is_selected", "arrives"),
        ),
        Claim(
            "one_answer",
            "an access that reaches a device is answered in the next cycle, to one hart",
            Mutant(_PATH, "m.d.sync += [done.eq(chosen)", "m.d.sync += [done.eq(wanted)"),
        ),
        Claim(
            "answered",
            "an answer is of an access that was there in the cycle before",
            Mutant(
                _PATH,
                "wanted.eq(Cat(hart.valid for hart in harts)",
                "wanted.eq(Cat(~hart.valid for hart in harts)",
            ),
        ),
        Claim(
            "once",
            "an access that is done is not made again",
            Mutant(
                _PATH,
                "for hart in harts) & ~done & ~self.refuse",
                "for hart in harts) & ~self.refuse",
            ),
        ),
        Claim(
            "reaches",
            "the device that owns the address was asked for just this access",
            Mutant(
                _PATH,
                "device.offset.eq(paddr[: region.size.bit_length() - 1])",
                "device.offset.eq(paddr[: region.size.bit_length() - 2])",
            ),
        ),
        Claim(
            "answer",
            "data and error of the answer are that device's",
            Mutant(
                _PATH,
                "error.eq(~(selected & Cat(~device.error for device in self.devices)).any())",
                "error.eq(0)",
            ),
        ),
        Claim(
            "nowhere",
            "an address without a device is an error that reaches none",
            Mutant(
                _PATH,
                "error.eq(~(selected & Cat(~device.error for device in self.devices)).any())",
                "error.eq((selected & Cat(device.error for device in self.devices)).any())",
            ),
        ),
        Claim(
            "in_time",
            "an access that is not refused is done after two passages of latency + 1 cycles",
            Mutant(_PATH, "after=last)", "after=last) & ~last"),
        ),
    ),
)
