"""Privilege modes and the CSR state that address translation depends on."""

from amaranth.lib import data, enum


class Privilege(enum.Enum, shape=2):
    """Privilege modes, encoded as in mstatus.MPP."""

    U = 0
    S = 1
    M = 3


class TranslationContext(data.Struct):
    """What a translation depends on beside the address, sampled when the access is made.

    `privilege` is the effective mode: for loads and stores mstatus.MPRV is already applied.
    `translate` is set where that mode is S or U and satp.MODE is Sv39. `hardware_ad_update` is
    menvcfg.ADUE: the walker sets A and D bits (Svadu).
    """

    privilege: Privilege
    translate: 1
    sum: 1
    mxr: 1
    hardware_ad_update: 1
    asid: 16
    root_ppn: 44
