"""CSR file against its reference: WARL patterns of every register, then random histories."""

import random

import cocotb

from cocotb_tests.hart.csr_driver import Csrs
from cocotb_tests.models.csr_file import ONES, CsrFileModel
from cocotb_tests.models.csr_listing import ADDRESS_OF, REGISTERS, M
from rtl.isa.privilege import TranslationContext
from rtl.trace.cycle import EventSignature

WRITABLE = [row.name for row in REGISTERS.values() if row.writable]
HART_ID = 3
EVENTS = tuple(EventSignature().members)
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
        self.events = 0

    async def reset(self, **straps: int) -> None:
        await self.csrs.reset(**straps)
        self.model = CsrFileModel(
            hart_id=HART_ID, **{name: bool(value) for name, value in straps.items()}
        )
        self.set_inputs(time=0x1234, msip=0, mtip=0, set_ssip=0)
        self.set_events(0)

    def set_inputs(self, **inputs: int) -> None:
        for name, value in inputs.items():
            self.csrs.pins.write(name, value)
            setattr(self.model, name, value)

    def set_events(self, mask: int) -> None:
        """Bit n is the event that selector n stands for; those that do not exist stay low."""
        self.events = mask & (1 << len(EVENTS) + 1) - 2
        for index, name in enumerate(EVENTS):
            self.csrs.pins.write(f"events__{name}", self.events >> index + 1 & 1)

    async def clock(self, retired: int, written: str = "", **pulses: int) -> None:
        await self.csrs.step(retired=retired, **pulses)
        self.model.clock(bool(retired), written, self.events)

    async def write(self, name: str, value: int, retired: int = 1) -> None:
        access = {"address": ADDRESS_OF[name], "write_data": value}
        await self.clock(retired, name, write=1, **access)
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
        pair.set_events(source.getrandbits(16) if source.random() < 0.5 else 0)
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
            await pair.clock(0, trap=1)
            model.trap(code, bool(is_interrupt), pc, value)
            return action
        elif action in ("mret", "sret"):
            csrs.pins.write("port__sret", int(action == "sret"))
            await csrs.pins.settle()
            assert csrs.pins.read("port__return_pc") == model.read(f"{action[0]}epc")
            await pair.clock(1, "", **{action: 1})
            getattr(model, action)()
            return action
        await pair.clock(retired)
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
            context = TranslationContext.from_bits(pins.read(port))
            assert context.privilege.value == mode, port
            assert context.translate == (mode != M and satp >> 60 == 8), port
            assert context.sum == status >> 18 & 1, port
            assert context.mxr == status >> 19 & 1, port
            assert context.hardware_ad_update == model.read("menvcfg") >> 61 & 1, port
            assert context.asid == satp >> 44 & 0xFFFF, port
            assert context.root_ppn == satp & (1 << 44) - 1, port


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
