"""Ports between a hart and its first-level caches.

Both caches are pipelined in two steps. In step s0 the set is read with the untranslated low bits
of the virtual address; in s1, the next cycle, the physical address decides. An access that s1
does not complete is presented again from s0 for as long as it is wanted: the cache keeps no
request of its own, so a killed access is simply not presented again.
"""

from amaranth.lib import enum, wiring
from amaranth.lib.wiring import Out


class MemoryCommand(enum.Enum, shape=4):
    """What an access does; AMO names are those of the unprivileged specification.

    UPDATE_PTE is the walker's: where the 64-bit word equals the operand but for the bits of A and
    D, those that the operand has are set; otherwise the word is left as it is.
    """

    LOAD = 0
    STORE = 1
    LR = 2
    SC = 3
    AMOSWAP = 4
    AMOADD = 5
    AMOXOR = 6
    AMOAND = 7
    AMOOR = 8
    AMOMIN = 9
    AMOMAX = 10
    AMOMINU = 11
    AMOMAXU = 12
    UPDATE_PTE = 13


class DCachePortSignature(wiring.Signature):
    """One requester of the L1 D$ (load/store unit, walker, host), seen from the requester.

    Members
    -------
    s0_valid : Out(1), s0_index : Out(12), s0_ready : In(1)
        An access may be in s1 in the next cycle iff valid and ready now. `s0_index` holds bits
        11:0 of the address.
    s0_evicts : In(1)
        Without `s0_ready`: a line is written back. An instruction is executed again then, as with
        `s1_replay`.
    s0_reads : Out(1)
        It is not a plain store: it takes data out of the cache.
    s1_valid : Out(1)
        The access that was accepted at s0 in the last cycle is performed now, unless low (killed,
        faulted, or not translated yet). Must be low when s0 was not accepted in the last cycle.
    s1_command : Out(MemoryCommand), s1_paddr : Out(56)
        `s1_paddr` is cacheable DRAM; bits 11:0 equal last cycle's `s0_index`.
    s1_size : Out(2)
        log2 of the bytes; the address is aligned to it.
    s1_wdata : Out(64)
        In the low bytes.
    s1_done : In(1)
        The access completes in this cycle. While it is low with `s1_valid` high, a miss or
        hazard is being dealt with: present the access again.
    s1_replay : In(1)
        With `s1_valid`, instead of `s1_done`: the access reads what a store before it has not
        brought to the arrays yet, see `rtl.mem.pending_stores`, or its line needs the place of one
        that is written back first. An instruction is executed again; other requesters present the
        access again.
    s1_rdata : In(64)
        Low bytes valid with `s1_done`: the value read, not extended; for SC 0 on success, 1 on
        failure.
    s1_wresult : In(64)
        With `s1_done` of a store, successful SC or AMO: the value that memory holds afterwards,
        low bytes.
    busy_miss, busy_port : In(1)
        Why the access does not complete: a line is on its way; the arrays or s0 are taken. For
        stall attribution only.
    """

    def __init__(self):
        super().__init__(
            {
                "s0_valid": Out(1),
                "s0_index": Out(12),
                "s0_reads": Out(1),
                "s0_ready": wiring.In(1),
                "s0_evicts": wiring.In(1),
                "s1_valid": Out(1),
                "s1_command": Out(MemoryCommand),
                "s1_paddr": Out(56),
                "s1_size": Out(2),
                "s1_wdata": Out(64),
                "s1_done": wiring.In(1),
                "s1_replay": wiring.In(1),
                "s1_rdata": wiring.In(64),
                "s1_wresult": wiring.In(64),
                "busy_miss": wiring.In(1),
                "busy_port": wiring.In(1),
            }
        )


class ICachePortSignature(wiring.Signature):
    """Instruction fetch of one aligned 32-bit word, seen from the fetch unit.

    Members
    -------
    s0_valid : Out(1), s0_index : Out(12), s0_ready : In(1)
        As for the D$.
    s1_valid : Out(1), s1_paddr : Out(56)
        As for the D$; not valid while the ITLB misses, or when the fetch is not wanted any more.
    s1_done : In(1), s1_word : In(32)
        The word arrived. Low with `s1_valid` high: a miss; present the fetch again.
    flush : Out(1)
        fence.i: drop every line, and any refill under way must not install what it fetched.
    """

    def __init__(self):
        super().__init__(
            {
                "s0_valid": Out(1),
                "s0_index": Out(12),
                "s0_ready": wiring.In(1),
                "s1_valid": Out(1),
                "s1_paddr": Out(56),
                "s1_done": wiring.In(1),
                "s1_word": wiring.In(32),
                "flush": Out(1),
            }
        )


class MmioPortSignature(wiring.Signature):
    """Uncached access to a device, seen from the hart: hold `valid` until `done`.

    Members
    -------
    valid, write : Out(1)
    paddr : Out(56), size : Out(2), wdata : Out(64)
        As for the D$ port; never withdrawn before `done`.
    done : In(1), rdata : In(64)
        One cycle; data in the low bytes.
    error : In(1)
        With `done`: no register there, or a size that it does not take: an access fault.
    """

    def __init__(self):
        super().__init__(
            {
                "valid": Out(1),
                "write": Out(1),
                "paddr": Out(56),
                "size": Out(2),
                "wdata": Out(64),
                "done": wiring.In(1),
                "rdata": wiring.In(64),
                "error": wiring.In(1),
            }
        )
