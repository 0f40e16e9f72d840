"""The permission check is the specification's table, for every PTE, access and context.

The table is written down once more here, from the text of the privileged specification, as what
makes each kind of access legal; the check in the RTL says what makes it illegal.
"""

from rtl.isa.privilege import Privilege
from rtl.mmu.permission import PermissionCheck
from rtl.mmu.ports import AccessType

from ..harness import Bench, Claim, Harness, Mutant

_PATH = "rtl/mmu/permission.py"


def _build(bench: Bench) -> None:
    bench.m.submodules.check = check = PermissionCheck()
    bench.free(check)
    pte, context = check.pte, check.context
    user = context.privilege == Privilege.U
    supervisor = context.privilege == Privilege.S
    bench.assume(user | supervisor)
    granted = ~check.denied

    # 4.3.1: V, the modes that U admits, and what R, W and X each allow.
    present = pte.v
    own_page = (user & pte.u) | (supervisor & ~pte.u)
    lent_page = supervisor & pte.u & context.sum
    data_page = own_page | lent_page
    table = {
        AccessType.FETCH: present & own_page & pte.x,
        AccessType.LOAD: present & data_page & (pte.r | (pte.x & context.mxr)),
        AccessType.STORE: present & data_page & pte.w,
    }
    for access, permitted in table.items():
        asked = check.access == access
        # A, and D for a store: set already, or a page fault (Svade), or set by hardware (Svadu).
        recorded = pte.a & (pte.d if access is AccessType.STORE else 1)
        legal = permitted & (recorded | context.hardware_ad_update)
        bench.claim(f"{access.name.lower()}_table", when=asked & legal, then=granted)
        bench.claim(f"{access.name.lower()}_table", when=asked & ~legal, then=~granted)
        update = asked & legal & ~recorded
        bench.claim("update", when=update, then=check.needs_update)
        bench.claim("update", when=asked & ~update, then=~check.needs_update)


HARNESS = Harness(
    name="permission",
    size="one PTE, all inputs",
    build=_build,
    depth=1,
    reach=1,
    claims=(
        Claim(
            "fetch_table",
            "a fetch is allowed exactly where the specification's table allows it",
            Mutant(_PATH, "pte.u & (fetch | ~context.sum)", "pte.u & ~context.sum"),
        ),
        Claim(
            "load_table",
            "so is a load, with SUM and MXR",
            Mutant(_PATH, "pte.r | (context.mxr & pte.x)", "pte.r | context.mxr"),
        ),
        Claim(
            "store_table",
            "so is a store, which needs D",
            Mutant(_PATH, "recorded.eq(pte.a & pte.d)", "recorded.eq(pte.a)"),
        ),
        Claim(
            "update",
            "the walker is asked to set A or D where that is all that is missing, with Svadu",
            Mutant(_PATH, "needs_update.eq(permitted & ", "needs_update.eq(pte.v & "),
        ),
    ),
)
