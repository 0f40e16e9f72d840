"""The fetch queue keeps order, loses nothing and gives nothing twice.

One push, any, is marked; what is known of it is how many items are before it.
"""

from amaranth.hdl import Cat, Signal, Value

from rtl.hart.fetch_queue import FetchedWordSignature, FetchQueue
from rtl.onehot import select

from ..harness import Bench, Claim, Harness, Mutant

_PATH = "rtl/hart/fetch_queue.py"
_DEPTH = 4


def _build(bench: Bench) -> None:
    m = bench.m
    m.submodules.queue = queue = FetchQueue()
    bench.free(queue)
    bench.assume(~queue.push | queue.room)
    bench.assume(~queue.take | queue.valid)

    fields = {
        name: Value.cast(getattr(queue.head, name)) for name in FetchedWordSignature().members
    }
    pushed = Cat(Value.cast(getattr(queue.pushed, name)) for name in fields)
    head = Cat(fields.values())

    # How many items there are, whether the marked one is among them, and how many are before it.
    count = Signal(range(_DEPTH + 1))
    marked = Signal()
    before = Signal(range(_DEPTH))
    item = Signal(len(head))
    mark = bench.anything(1, "mark")
    at_head = marked & (before == 0)
    with m.If(queue.flush):
        m.d.sync += [count.eq(0), marked.eq(0)]
    with m.Else():
        m.d.sync += count.eq(count + queue.push - queue.take)
        with m.If(queue.push & mark & ~marked):
            m.d.sync += [marked.eq(1), before.eq(count - queue.take), item.eq(pushed)]
        with m.Elif(queue.take & marked):
            m.d.sync += [marked.eq(~at_head), before.eq(before - 1)]

    read = bench.inside("queue.read", 3)
    write = bench.inside("queue.write", 3)
    row = (read + before)[:2]
    rows = [
        Cat(bench.inside(f"queue.{name}[{number}]", len(field)) for name, field in fields.items())
        for number in range(_DEPTH)
    ]
    kept = select([row == number for number in range(_DEPTH)], rows)
    bench.invariant("count", ((write - read)[:3] == count) & (count <= _DEPTH))
    bench.invariant("before", ~marked | (before < count))
    bench.invariant("kept", ~marked | (kept == item))

    bench.claim("order", when=at_head & queue.take, then=queue.valid & (head == item))
    bench.claim("valid", when=count != 0, then=queue.valid)
    bench.claim("nothing_twice", when=count == 0, then=~queue.valid)
    bench.claim("room", when=count < _DEPTH, then=queue.room)
    bench.claim("no_overflow", when=count == _DEPTH, then=~queue.room)


HARNESS = Harness(
    name="fetch_queue",
    size=f"{_DEPTH} items, as built",
    build=_build,
    reach=8,
    claims=(
        Claim(
            "order",
            "an item comes out after those pushed before it, unchanged",
            Mutant(_PATH, "read.eq(read + self.take)", "read.eq(read + 3 * self.take)"),
        ),
        Claim(
            "valid",
            "what was pushed and not taken is there",
            Mutant(
                _PATH, "self.valid.eq(read != write)", "self.valid.eq((read != write) & ~self.push)"
            ),
        ),
        Claim(
            "nothing_twice",
            "nothing else is there, and nothing after a flush",
            Mutant(_PATH, "[read.eq(0), write.eq(0)]", "[read.eq(0), write.eq(self.push)]"),
        ),
        Claim(
            "room",
            "there is room until the queue is full",
            Mutant(_PATH, "!= _DEPTH),", "!= _DEPTH - 1),"),
        ),
        Claim(
            "no_overflow",
            "and none when it is",
            Mutant(_PATH, "!= _DEPTH),", "!= _DEPTH + 1),"),
        ),
    ),
)
