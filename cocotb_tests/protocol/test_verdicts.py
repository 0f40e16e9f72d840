"""The table of what breaks each policy; and changes to the model that must show in its verdicts."""

from __future__ import annotations

import json

import pytest

from cocotb_tests.protocol.spin import SIZES, changed_model, require_spin, search
from sim import cli, firmware
from sim.protocol.conditions import Condition
from sim.protocol.program import MODEL
from sim.protocol.safety import BREAKS
from sim.protocol.schedule import Fault
from sim.protocol.verdict import decide, variants

S, U, OBJ, M, R = (
    Condition.SPECULATION,
    Condition.UNACCESSED,
    Condition.SHARED,
    Condition.MIGRATION,
    Condition.REORDER,
)
HARMFUL = Fault.HARMFUL


def test_every_policy_of_the_kernel_is_described():
    assert set(firmware.policies()) <= set(variants()) == set(BREAKS)


@pytest.mark.parametrize("variant", BREAKS)
def test_verdict(variant):
    require_spin()
    verdict = decide(variant, SIZES)
    found = {one.conditions: one.schedule.fault for one in verdict.breaks}
    assert found == {frozenset(least): fault for least, fault in BREAKS[variant].items()}
    # Every set of conditions is settled: it has a break in it, or is part of a safe one.
    for one in verdict.breaks:
        assert not any(one.conditions <= safe for safe in verdict.safe)
        assert one.schedule.steps[-1].hart is not None


KERNEL, STEPS = "kernel.pml", "steps.pml"
CHANGES = {
    "P4-migfence does not fence where it maps": (
        ("policies/p4.inc", "map(h, t); fence(h, t)", "map(h, t)"),
        ("P4-migfence", R),
        HARMFUL,
    ),
    "P3 does not fence where it maps": (
        ("policies/p3.inc", ":: fenced_on[t] -> fence(h, t)", ":: fenced_on[t]"),
        ("P3",),
        HARMFUL,
    ),
    "P12 does not fence what it takes away": (
        ("policies/p12.pml", "        fence(h, t); \\\n", ""),
        ("P12",),
        HARMFUL,
    ),
    "P4 gives no page back": (
        ("policies/p4.pml", "take_away(h, t); give(h, origin[t])", "take_away(h, t)"),
        ("P4",),
        Fault.PAGES,
    ),
    "P5-keep takes what a call has asked for": (
        ("policies/p5_keep.pml", " && !word[t]", ""),
        ("P5-keep",),
        Fault.MISSING,
    ),
    "a page is given back and stays mapped": (
        (STEPS, "hand[h] = pte[t];\n        set_entry(t, MISSING, 0);", "hand[h] = pte[t];"),
        ("P4",),
        Fault.PAGES,
    ),
    "the scheduler does not fence on arrival": (
        (KERNEL, "            MAY_USE(h, t) = 0;\n            printf", "            printf"),
        ("P12", M),
        HARMFUL,
    ),
    "addresses of dead threads are used again without a fence": (
        (KERNEL, "fresh:\n    fence_on_all(h, t);", "fresh:\n    fence(h, t);"),
        ("P1", OBJ),
        HARMFUL,
    ),
    "P8-shrinker leaves what it has mapped to the fence on arrival, which it does not ask for": (
        ("policies/p8_shrinker.pml", "    fenced_on[t] = 0; \\\n    fence_on_all(h, t); \\\n", ""),
        ("P8-shrinker", S, U, OBJ),
        HARMFUL,
    ),
}


@pytest.mark.parametrize("change", CHANGES)
def test_the_model_can_fail(change, tmp_path):
    require_spin()
    (file, old, new), (variant, *conditions), fault = CHANGES[change]
    as_it_is = decide(variant, SIZES)
    assert as_it_is.breaks_under(*conditions) is None
    found = search(changed_model(tmp_path, file, old, new), variant, *conditions).schedule
    assert found is not None
    assert found.fault is fault


def test_the_command(tmp_path, capsys):
    require_spin()
    file = tmp_path / "protocols.json"
    assert cli.main(["protocol", "P4", "P9", "--schedules", "--json", str(file)]) == 0
    printed = capsys.readouterr().out
    assert "hart 1 may go through a stale translation of thread 0's stack, to page 1" in printed
    assert "h31" in printed
    p4, p9 = json.loads(file.read_text())["protocols"]
    assert (p4["variant"], p4["verdict"], p9["verdict"]) == ("P4", "broken", "safe")
    assert p4["breaks"][0]["conditions"] == ["migration"]
    assert p4["breaks"][0]["length"] == len(p4["breaks"][0]["steps"])


def test_unusable_input_is_a_sentence(capsys, monkeypatch):
    require_spin()
    assert cli.main(["protocol", "P99"]) == 2
    assert "no policy 'P99' in the model" in capsys.readouterr().err
    assert cli.main(["protocol", "P9", "--harts", "9"]) == 2
    assert "--harts is 9: use 2 to 3" in capsys.readouterr().err
    assert cli.main(["protocol", "P0", "P9", "--workload", "x"]) == 2
    monkeypatch.setenv("PATH", str(MODEL))
    assert cli.main(["protocol", "P9"]) == 2
    assert "apt-get install spin" in capsys.readouterr().err
