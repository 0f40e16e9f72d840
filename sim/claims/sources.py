"""The messages that claims come from, by the keys that `Claim.origin` uses."""

from __future__ import annotations

import re

_LORE = "https://lore.kernel.org/all/"
MESSAGES = {
    "A1": ("Andy Lutomirski", _LORE + "3e180c07-53db-4acb-a75c-1a33447d81af@app.fastmail.com"),
    "A2": (
        "Andy Lutomirski, as quoted by Pasha Tatashin",
        _LORE + "CA+CK2bBU2zwu_V6hpOonswyuft5gWQh1H9tBbYP8efLRRAAdQQ@mail.gmail.com",
    ),
    "A4": ("Andy Lutomirski", _LORE + "11e673cf-8bfa-4493-ab86-2f1f97ddd732@app.fastmail.com"),
    "AN1": ("H. Peter Anvin", _LORE + "D4D747C5-2B0E-44B0-A550-BA05BE0AF2FA@zytor.com"),
    "AN2": ("H. Peter Anvin", _LORE + "2cb8f02d-f21e-45d2-afe2-d1c6225240f3@zytor.com"),
    "AN3": ("H. Peter Anvin", "his answer to " + _LORE + "ZfNTSjfE_w50Otnz@casper.infradead.org"),
    "AN4": ("H. Peter Anvin", _LORE + "39F17EC4-7844-4111-BF7D-FFC97B05D9FA@zytor.com"),
    "B1": (
        "Brian Gerst",
        _LORE + "CAMzpN2hZgEpJcyLqPhEqKSHy33j1G=FjzrOvnLPqiDeijanM=w@mail.gmail.com",
    ),
    "C2": ("arch/riscv/kernel/entry.S of Linux", "https://git.kernel.org/torvalds/c/503638e0babf"),
    "C3": (
        "Linux commit 503638e0babf, and the RTL of Rocket (TLB.scala) and CVA6 (cva6_ptw.sv)",
        _LORE + "20240717060125.139416-1-alexghiti@rivosinc.com",
    ),
    "C4": (
        "arch/riscv/mm/tlbflush.c of Linux, and the Svadu and Svnapot extensions",
        "https://github.com/riscv/riscv-isa-manual",
    ),
    "DH1": ("Dave Hansen", _LORE + "bedfa55b-b1d0-4e59-8c94-dbc5f8485a7f@intel.com"),
    "DL1": ("David Laight", _LORE + "bb203717ab644362a8eafe78aff23947@AcuMS.aculab.com"),
    "DL2": ("David Laight, 18 to 20 March 2024", "quoted in the answers to W4"),
    "DL3": ("David Laight", _LORE + "74c82d8a6b5f490784cc8f16fa7d2c12@AcuMS.aculab.com"),
    "G1": ("Thomas Gleixner", _LORE + "87frwwpcm1.ffs@tglx"),
    "G2": ("Thomas Gleixner", _LORE + "87v85qo2fj.ffs@tglx"),
    "GZ": (
        "Mateusz Guzik",
        _LORE + "CAGudoHERLX=X1r0q7yHM22O9udsR=6M+geix7TR3f8ZzHkb-hQ@mail.gmail.com",
    ),
    "LW": (
        "Linus Walleij, dynamic kernel stacks for arm64",
        "https://kernel.googlesource.com/pub/scm/linux/kernel/git/linusw/linux-integrator",
    ),
    "T1": (
        "Pasha Tatashin",
        _LORE + "CA+CK2bA22AP2jrbHjdN8nYFbYX2xJXQt+=4G3Rjw_Lyn5NOyKA@mail.gmail.com",
    ),
    "T2b": (
        "Pasha Tatashin",
        _LORE + "CA+CK2bC-yC-nF7aSxudDC0kd3i10BOhN-DDO6sSfgZTzVm+t5Q@mail.gmail.com",
    ),
    "T5": (
        "Pasha Tatashin",
        _LORE + "CA+CK2bATJ7_EUszq4nr0AuZXG76nUhDs9osbxPUs=mLPFtW8Zg@mail.gmail.com",
    ),
    "T6": ("Pasha Tatashin", _LORE + "CA+CK2bBTrrJerZMdJrKhg683H4VmnqbgkGu2VG2UuirWNm1TnA@"),
    "T8": (
        "Pasha Tatashin",
        _LORE + "CA+CK2bBX6HtP_=-GhTN3uV8mARZ1vjCWW+3-t-HFLiBcEMzmqg@mail.gmail.com",
    ),
    "T9": (
        "Pasha Tatashin",
        _LORE + "CA+CK2bAuNLXq4p8pjwAatuw2KuadhKjD6JRwJN8ZvSEd1d7ntA@mail.gmail.com",
    ),
    "T9b": ("Pasha Tatashin, 2024", "his answer to his own message T9"),
    "T10": ("Pasha Tatashin, 18 to 20 March 2024", "his answer to DL2"),
    "W4": ("Matthew Wilcox", _LORE + "Zfhblk609XJn5clL@casper.infradead.org"),
    "X1": ("Pasha Tatashin, 24 April 2026", "https://lkml.iu.edu/2604.3/01645.html"),
    "X3": (
        "Dave Hansen, 18 June 2026",
        "https://lkml.iu.edu/hypermail/linux/kernel/2606.2/05785.html",
    ),
    "X4": (
        "Thomas Gleixner, 19 June 2026",
        "https://lkml.iu.edu/hypermail/linux/kernel/2606.2/06467.html",
    ),
    "X6": (
        "Stevens, 20 June 2026",
        "https://lkml.iu.edu/hypermail/linux/kernel/2606.2/07188.html",
    ),
    "X7": ("O'Keefe, 22 June 2026", "https://lkml.iu.edu/2606.2/09991.html"),
}
"""Who, and where: an address, or words where no address is known."""


def described(origin: str) -> str:
    """Spell out the keys of an origin; words that are no keys stand as they are."""
    known = [key for key in re.findall(r"[A-Z]+\d*\w?|derived", origin) if key in MESSAGES]
    messages = "; ".join(f"{key}: {MESSAGES[key][0]}, {MESSAGES[key][1]}" for key in known)
    if not known:
        return origin
    prefix = "derived from " if origin.startswith("derived") else ""
    return prefix + messages
