"""CSR file against its reference: WARL patterns of every register, then random histories."""

import random

import cocotb

from cocotb_tests.hart.csr_driver import Csrs
from cocotb_tests.models.csr_file import ONES, CsrFileModel
from cocotb_tests.models.csr_listing import ADDRESS_OF, REGISTERS

WRITABLE = [row.name for row in REGISTERS.values() if row.writable]
HART_ID = 3
FIELDS = {
    "mstatus": ((11, 4), (17, 6), (32, 4)),
    "sstatus": ((13, 4), (18, 2)),
    "mtvec": ((0, 3),),
    "stvec": ((0, 3),),
    "mepc": ((0, 3),),
    "sepc": ((0, 3),),
    "satp": ((60, 4),),
    "mip": ((0, 12),),
    "mie": ((0, 12),),
    "sie": ((0, 12),),
    "sip": ((0, 12),),
    "mideleg": ((0, 12),),
    "menvcfg": ((0, 8), (60, 4)),
    "senvcfg": ((0, 8), (60, 4)),
}
"""(low bit, width) of the fields whose every value is written; FS and MPP lie side by side."""


class Pair:
    """The device and its reference, moved together."""

    def __init__(self, dut):
        self.csrs = Csrs(dut)
        self.model = CsrFileModel()

    async def reset(self, **straps: int) -> None:
        await self.csrs.reset(**straps)
        self.model = CsrFileModel(
            hart_id=HART_ID, **{name: bool(value) for name, value in straps.items()}
        )
        self.set_inputs(time=0x1234, msip=0, mtip=0)

    def set_inputs(self, **inputs: int) -> None:
        for name, value in inputs.items():
            self.csrs.pins.write(name, value)
            setattr(self.model, name, value)

    async def write(self, name: str, value: int, retired: int = 1) -> None:
        await self.csrs.step(write=1, address=ADDRESS_OF[name], write_data=value, retired=retired)
        self.model.clock(bool(retired), written=name)
        self.model.write(name, value)

    async def compare(self, names) -> None:
        for name in names:
            value = await self.csrs.read_address(ADDRESS_OF[name])
            expected = self.model.read(name)
            assert value == expected, f"{name} is {value:#x}, not {expected:#x}"


def _patterns(name: str):
    """All-or-nothing, each bit on its own and missing, every value of the fields."""
    yield from (0, ONES)
    for bit in range(64):
        yield 1 << bit
        yield ONES ^ 1 << bit
    for low, width in FIELDS.get(name, ()):
        for value in range(1 << width):
            yield value << low
            yield ONES & ~((1 << width) - 1 << low) | value << low


@cocotb.test()
async def kept_of_each_pattern(dut):
    """Each register by itself, with everything delegable delegated or nothing."""
    pair = Pair(dut)
    for straps in ({"honour_asid": 1, "svadu": 0}, {"honour_asid": 0, "svadu": 1}):
        await pair.reset(**straps)
        for mideleg in (0, ONES):
            await pair.write("mideleg", mideleg)
            for name in WRITABLE:
                for value in _patterns(name):
                    await pair.write(name, value)
                    await pair.compare((name,))
                await pair.write(name, mideleg if name == "mideleg" else 0)
            await pair.compare(ADDRESS_OF)


class History:
    """Random traps, returns, writes and pins; everything that can be seen is compared."""

    def __init__(self, pair: Pair, source: random.Random):
        self._pair, self._source = pair, source

    def _value(self) -> int:
        source = self._source
        return source.choice(
            (
                source.getrandbits(64),
                source.getrandbits(64) & source.getrandbits(64),
                source.getrandbits(12),
                1 << source.randrange(64),
                ONES,
                0,
                self._pair.model.time + source.randrange(-2, 3) & ONES,
            )
        )

    async def step(self) -> str:
        pair, source = self._pair, self._source
        model, csrs = pair.model, pair.csrs
        action = source.choice(("write",) * 6 + ("trap", "trap", "mret", "sret", "pins", "idle"))
        retired = source.getrandbits(1)
        if action == "write":
            await pair.write(name := source.choice(WRITABLE), self._value(), retired)
            return f"write of {name}"
        if action == "pins":
            pair.set_inputs(
                msip=source.getrandbits(1), mtip=source.getrandbits(1), time=self._value()
            )
        elif action == "trap":
            is_interrupt, code = source.getrandbits(1), source.randrange(16)
            pc, value = source.getrandbits(63) << 2 & ONES, source.getrandbits(64)
            expected = model.vector(code, bool(is_interrupt))
            trap = {"is_interrupt": is_interrupt, "code": code, "pc": pc, "value": value}
            for name, driven in trap.items():
                csrs.pins.write(f"port__{name}", driven)
            await csrs.pins.settle()
            assert csrs.pins.read("port__vector") == expected
            await csrs.step(trap=1)
            model.clock(retired=False)
            model.trap(code, bool(is_interrupt), pc, value)
            return action
        elif action in ("mret", "sret"):
            csrs.pins.write("port__sret", int(action == "sret"))
            await csrs.pins.settle()
            assert csrs.pins.read("port__return_pc") == model.read(f"{action[0]}epc")
            await csrs.step(retired=1, **{action: 1})
            model.clock(retired=True)
            getattr(model, action)()
            return action
        await csrs.step(retired=retired)
        model.clock(bool(retired))
        return action

    async def compare(self, names) -> None:
        pair = self._pair
        pins, model = pair.csrs.pins, pair.model
        await pair.compare(names)
        assert pins.read("privilege") == model.mode
        assert pins.read("port__wake") == model.wakes()
        code = model.interrupt()
        assert pins.read("interrupt_pending") == (code is not None)
        assert code is None or pins.read("interrupt_code") == code
        assert int(pins.read("stce")) == model.read("menvcfg") >> 63
        self._compare_contexts()

    def _compare_contexts(self) -> None:
        pins, model = self._pair.csrs.pins, self._pair.model
        satp, status = model.read("satp"), model.read("mstatus")
        for port, mode in (("fetch_context", model.mode), ("data_context", model.data_mode())):
            expected = (
                mode
                | (mode != 3 and satp >> 60 == 8) << 2
                | (status >> 18 & 3) << 3
                | (model.read("menvcfg") >> 61 & 1) << 5
                | (satp >> 44 & 0xFFFF) << 6
                | (satp & (1 << 44) - 1) << 22
            )
            assert pins.read(port) == expected, port


@cocotb.test()
async def random_histories(dut):
    pair = Pair(dut)
    names = list(ADDRESS_OF)
    for seed in range(12):
        source = random.Random(seed)
        await pair.reset(honour_asid=seed & 1, svadu=seed >> 1 & 1)
        history = History(pair, source)
        for step in range(500):
            action = await history.step()
            try:
                await history.compare(source.sample(names, 6))
            except AssertionError as error:
                raise AssertionError(f"seed {seed}, step {step}, after {action}: {error}") from None
        await history.compare(names)
