"""Retire port: one record for each instruction that leaves the pipeline, after RVFI.

RVFI's virtual-memory extension reports the page-table entries of an access; here each access
carries the leaf PTE that translated it and its level, and the walk port (`rtl.trace.walk`) shows
every PTE that a walk read.
"""

from amaranth.lib import wiring
from amaranth.lib.wiring import Out


class RetireSignature(wiring.Signature):
    """One record a cycle at most.

    Members
    -------
    valid : Out(1)
        An instruction retired, raised an exception, or gave way to an interrupt in this cycle.
    order : Out(64)
        Number of the record since reset.
    trap : Out(1)
        The record is a trap: nothing was written but the trap CSRs.
    cause, tval : Out(64)
        xcause (interrupt in bit 63) and xtval of the trap; undefined without `trap`.
    pc, insn : Out(64), Out(32)
        A 16-bit instruction is zero-extended. `insn` is undefined where the fetch itself faulted,
        or on an interrupt.
    privilege : Out(2)
        Mode in which the instruction executed (0: U, 1: S, 3: M).
    fetch_paddr, fetch_pte, fetch_level, fetch_translated
        Physical address of the instruction; leaf PTE and level (0: 4 KiB, 1: 2 MiB, 2: 1 GiB)
        where translation was on. All of its first half: where the second is on another page, how
        that one was translated is not shown.
    rd_valid, rd, rd_data : Out(1), Out(5), Out(64)
        Register write; never x0.
    mem_read, mem_write : Out(1)
        The access that was performed; an AMO sets both, a failed SC neither.
    mem_vaddr, mem_paddr : Out(64), Out(56)
        Exact byte address of the access.
    mem_size : Out(2)
        log2 of the bytes accessed.
    mem_rdata, mem_wdata : Out(64)
        Value read (extended as the instruction says) and value that memory holds afterwards, in
        the low bytes.
    mem_pte, mem_level, mem_translated
        As for the fetch.
    root_ppn : Out(44), asid : Out(16)
        satp as the instruction found it.
    data_privilege : Out(2), sum, mxr, hardware_ad_update : Out(1)
        What else loads and stores were translated with: the mode with mstatus.MPRV applied,
        mstatus.SUM and MXR, and menvcfg.ADUE.
    """

    def __init__(self):
        super().__init__(
            {
                "valid": Out(1),
                "order": Out(64),
                "trap": Out(1),
                "cause": Out(64),
                "tval": Out(64),
                "pc": Out(64),
                "insn": Out(32),
                "privilege": Out(2),
                "fetch_paddr": Out(56),
                "fetch_pte": Out(64),
                "fetch_level": Out(2),
                "fetch_translated": Out(1),
                "rd_valid": Out(1),
                "rd": Out(5),
                "rd_data": Out(64),
                "mem_read": Out(1),
                "mem_write": Out(1),
                "mem_vaddr": Out(64),
                "mem_paddr": Out(56),
                "mem_size": Out(2),
                "mem_rdata": Out(64),
                "mem_wdata": Out(64),
                "mem_pte": Out(64),
                "mem_level": Out(2),
                "mem_translated": Out(1),
                "root_ppn": Out(44),
                "asid": Out(16),
                "data_privilege": Out(2),
                "sum": Out(1),
                "mxr": Out(1),
                "hardware_ad_update": Out(1),
            }
        )
