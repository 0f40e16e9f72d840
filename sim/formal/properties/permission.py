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

    # 4.3.1: V, the modes that U admits, and what R, W and X each allow; A and D as of Svade.
    present = pte.v & pte.a
    own_page = (user & pte.u) | (supervisor & ~pte.u)
    lent_page = supervisor & pte.u & context.sum
    data_page = own_page | lent_page
    table = {
        AccessType.FETCH: present & own_page & pte.x,
        AccessType.LOAD: present & data_page & (pte.r | (pte.x & context.mxr)),
        AccessType.STORE: present & data_page & pte.w & pte.d,
    }
    for access, legal in table.items():
        asked = check.access == access
        bench.claim(f"{access.name.lower()}_table", when=asked & legal, then=granted)
        bench.claim(f"{access.name.lower()}_table", when=asked & ~legal, then=~granted)


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
            Mutant(_PATH, "always & pte.w & pte.d", "always & pte.w"),
        ),
    ),
)
