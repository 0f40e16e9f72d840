"""Made-up figures for each claim, and the verdict that its rule has to give them.

They keep what the rule reads and no more, so that a rule that stops reading a figure fails here.
"""

from __future__ import annotations

from typing import Any

from sim.claims.claim import spread


def _sweep(*misses: float) -> dict[str, Any]:
    def row(pages: int, p4: float) -> dict[str, Any]:
        def figures(count: float) -> dict[str, float]:
            return {"dtlb_misses_per_call": count, "walk_cycles_per_call": 14 * count}

        return {"pages": pages, "P0": figures(0.01), "P4": figures(p4)}

    return {"by_pages": [row(pages, p4) for pages, p4 in enumerate(misses, start=1)]}


def _extra(*misses: float) -> dict[str, Any]:
    by_pages = {str(pages): value for pages, value in enumerate(misses, start=1)}
    return {"extra_dtlb_misses_per_call": by_pages, "extra_cycles_per_call": by_pages}


def _local_fence(home: int, away: int) -> dict[str, Any]:
    return {
        "stale_at_home": home,
        "stale_after_migration": away,
        "visits_at_home": 100,
        "damaged_frames_after_migration": away,
    }


def _spread(value: float) -> dict[str, float]:
    return {"min": 0.9 * value, "median": value, "max": 1.1 * value}


def _speculation(plain: int, seeded: int) -> dict[str, Any]:
    return {
        "stale_accesses": {
            "P2": {"plain": 0, "seeded": [0, 0]},
            "P3": {"plain": plain, "seeded": [0, seeded]},
        },
        "stale_accesses_with_a_fence_on_arrival": {"P2": 0, "P3": 0},
    }


def _fences(sbi: float, ipi: float) -> dict[str, Any]:
    shares = {"sbi": sbi, "ipi": ipi, "broadcast": 0.1}
    return {
        "share_of_a_switch": shares,
        "switch_cycles": {"median": 400},
        "null_call_cycles": 300.0,
        "fences": [
            {"form": form, "responders": 3, "all": round(400 * share)}
            for form, share in shares.items()
        ],
    }


def _entries(break_even: float) -> dict[str, Any]:
    return {
        "P4_cycles_per_entry": _spread(160),
        "break_even_entries_per_switch": {"P3": _spread(break_even)},
        "measured_entries_per_switch": {"a": 3.6, "b": 10.0, "c": 500.0},
    }


def _asleep(saves: float) -> dict[str, Any]:
    return {
        "share_asleep": 0.95,
        "P4_saves": {"1": saves, "2": -0.02},
        "P4_saves_where_threads_compute": 0.01,
        "kib_per_thread_by_pages_asleep": {"1": {"P0": 16.0, "P4": 16.0}},
    }


def _rarely_deep(measured: float, probability: float, p4: float) -> dict[str, Any]:
    return {
        "share_of_P0_pages_at_the_end_of_P1": {"2000": {"measured": measured, "by_the_law": 0.5}},
        "probability_at_90_percent": probability,
        "calls_of_a_life_for_1e-3": 2015,
        "kib_per_thread": {"P1": 10.0, "P3": 8.0, "P4": p4},
    }


def _drift(local: list[float], returned: list[float]) -> dict[str, Any]:
    def row(variances: list[float]) -> dict[str, Any]:
        return {
            "variance_of_pages_by_length": variances,
            **{
                f"{name}_by_length": [1, 2, 4]
                for name in ("cache_refills", "cache_drains", "pages_returned")
            },
        }

    return {"P4-local": row(local), "P4": row(returned)}


def _reserve(lasts: bool, cured: bool) -> dict[str, Any]:
    row = {
        "completed_without_refill": lasts,
        "entries_until_empty": 1,
        "completed_with_refill_before_rescheduling": cured,
    }
    return {"threads": 6, "reserves": {"3": row, "6": row}}


def _fault_times(count: int, p99: int) -> dict[str, Any]:
    warm = {"count": count, "min": 200, "median": 210, "p99": p99, "max": p99}
    return {"warm": warm, "with_misses": warm}


def _pre_mapping(share: float) -> dict[str, Any]:
    row = {
        "switch_of_P0": 100,
        "map": round(100 * share),
        "invalidate_in_map": 2,
        "dcache_misses_per_map": 0.0,
        "share_of_a_switch": share,
    }
    return {"median_cycles_by_processes": {"1": row, "2": row}}


def _atomic(extra: float, stale: int) -> dict[str, Any]:
    return {
        "extra_cycles_per_pte": extra,
        "stale_accesses_with_plain_stores": stale,
        "cycles_per_pte": {"plain": 20.0, "atomic": 20.0 + extra},
        "pages_taken_back_in_passages": 50,
    }


def _uaccess(share: float) -> dict[str, Any]:
    return {"share_of_a_fault": share, "extra_cycles": 100, "fault_cycles": {"median": 1000}}


def _check(comparison: int) -> dict[str, Any]:
    return {
        "entry_from_the_kernel": {"P0": {"median": 60}},
        "added_by_the_comparison": comparison,
        "added_by_the_stack_of_the_hart": 100,
    }


def _probes(osv: tuple[float, float, float], call: float) -> dict[str, Any]:
    def row(low: float, middle: float, high: float) -> dict[str, Any]:
        share = {"min": low, "median": middle, "max": high}
        return {
            "share_of_a_call": share,
            "extra_cycles_per_call": {name: 1000 * value for name, value in share.items()},
            "extra_instructions_per_call": _spread(4),
        }

    return {
        "cycles_per_call_of_P1": _spread(1000),
        "placements": {"P6-irqoff": row(*osv), "P6-call": row(call, call, call)},
    }


def _pools(three_last: bool, bigger: bool, refills: bool) -> dict[str, Any]:
    return {
        "outcome_by_pages": {
            str(size): "lasts" if lasts else "used up"
            for size, lasts in ((2, False), (3, three_last), (4, bigger))
        },
        "completed_where_refills_fail": {"P1": {"10 %": refills}},
    }


def _refills(three: bool, six: bool) -> dict[str, Any]:
    def rows(completed: bool) -> dict[str, Any]:
        share = 0.1 if completed else None
        return {"10 %": {"share_of_time": share, "fewest_pages": 0, "completed": completed}}

    return {"P1": rows(three), "P1-reserve": rows(six)}


def _window(closed: int, p0: int, p1_completes: bool) -> dict[str, Any]:
    def row(wrong: int, completed: bool = True) -> dict[str, Any]:
        return {
            "completed": completed,
            "traps_of_the_wrong_thread": wrong if completed else None,
            "console": [] if completed else ["panic"],
        }

    return {
        "P0, window closed": row(closed),
        "P0, window open": row(p0),
        "P1, window closed": row(closed),
        "P1, window open": row(0, p1_completes),
    }


def _lost(naive: int, guarded: int) -> dict[str, Any]:
    return {
        "naive": {"overwritten": naive, "traps": 100, "completed": not naive},
        "guarded": {"overwritten": guarded, "traps": 100, "completed": True},
    }


def _negative(rocket: int, cva6: int) -> dict[str, Any]:
    return {
        "faults_until_mapped_page_is_seen": {"rocket": rocket, "cva6": cva6},
        "kernel_without_fence": {"rocket": "timeout", "cva6": "pass"},
    }


def _buffered(none: int, some: int, spurious: int) -> dict[str, Any]:
    def row(window: int, met: int) -> dict[str, Any]:
        return {
            "warm": {"window_cycles": 0},
            "cold": {"window_cycles": window, "most_faults": 1},
            "kernel": {"spurious_faults": met, "stack_faults": 24},
        }

    return {"0": row(none, 0), "2": row(some, spurious)}


def _latch(traps: int) -> dict[str, Any]:
    return {"first_touches": 48, "traps": {"rocket": traps, "svadu": 0}, "cycles_of_a_trap": 300}


def _forms(three_each: int, threshold: int | None) -> dict[str, Any]:
    def row(three: int) -> dict[str, int]:
        return {"1": 5, "3": three, "16": 100, "64": 400}

    whole = {"none": dict.fromkeys(("1", "3", "16", "64"), 0), "each": row(three_each)}
    whole |= {"all": row(50), "batch": row(20)}
    return {
        "cycles_with_loads_of_these_and_four_pages": whole,
        "full_is_cheaper_from_pages": threshold,
    }


def _napot(measured: float, deep: float) -> dict[str, Any]:
    def row(share: float) -> dict[str, float]:
        return {"share": share, "dtlb_misses_per_call": 1.0, "saved_per_call": share}

    return {"16": {"as measured": row(measured), "one in 5 deep": row(deep)}}


def _reuse(break_even: float) -> dict[str, Any]:
    return {
        "break_even_reuse_probability": break_even,
        "refault_rate": {"50": 0.5},
        "cycles_per_page": {"50": {"reclaim": 60.0, "refault": 300.0}},
    }


def _sharing(break_even: float) -> dict[str, Any]:
    return {
        "break_even_sharing": _spread(break_even),
        "upkeep_cycles_per_exit": _spread(20),
        "fence_cycles_per_exit": _spread(500),
    }


def _ratios(*ratios: float) -> dict[str, Any]:
    named = {str(number): ratio for number, ratio in enumerate(ratios)}
    return {
        "reserve_of_6_pages_over_static": named,
        "threads_per_hart": dict.fromkeys(named, 20.0),
        "threads_per_hart_for_1_percent": 200.0,
    }


def _schedule(p4: int, *remedies: int) -> dict[str, Any]:
    names = ("P4", "P4-migfence", "P4-ipi", "P11-epoch")
    stale = dict(zip(names, (p4, *remedies), strict=True))
    return {
        "stale_accesses": stale,
        "damaged_frames": stale,
        "price_cycles_per_call": dict.fromkeys(names[1:], spread([10.0])),
    }


def _fronts(*fronts: list[str]) -> dict[str, Any]:
    cells = [{"front": front, "front_for_some_seed": front} for front in fronts]
    return {"seeds": [1, 2], "cells": cells}


def _ours(front: list[str], stale: int, shared: int | None) -> dict[str, Any]:
    return {
        # The second cell has two seeds, of which one is enough.
        "rows": [
            {"cell": ["a", 1, 1], "front": ["P12"]},
            {"cell": ["a", 2, 1], "front": ["P1"]},
            {"cell": ["a", 2, 1], "front": front},
        ],
        "stale_accesses": stale,
        "stale_accesses_with_shared_objects": shared,
    }


CASES: dict[str, dict[str, dict[str, Any]]] = {
    "H1": {"holds": _sweep(0.01, 0.015), "refuted": _sweep(0.01, 1.01)},
    "H2": {
        "holds": _extra(0, 1, 2, 3),
        "limited": _extra(0, 1, 2, 4),
        "refuted": _extra(1, 2, 3, 4),
    },
    "H3": {
        "holds": _local_fence(0, 0),
        "limited": _local_fence(0, 5),
        "refuted": _local_fence(1, 5),
    },
    "H4": {
        "holds": {"stale_accesses": {"P4": 3, "P4-ipi": 0, "P4-shared": 0}},
        "limited": {"stale_accesses": {"P4": 3, "P4-ipi": 1}},
        "refuted": {"stale_accesses": {"P4": 0, "P4-ipi": 0}},
    },
    "H5": {
        "holds": _speculation(0, 2),
        "limited": _speculation(1, 2),
        "refuted": _speculation(0, 0),
    },
    "H6": {"holds": _fences(2.0, 0.6), "refuted": _fences(2.0, 0.4)},
    "H7": {"holds": _entries(3.0), "refuted": _entries(20.0)},
    "H8": {"holds": _asleep(0.05), "refuted": _asleep(0.2)},
    "H9": {
        "holds": _rarely_deep(0.5, 1e-4, 9.0),
        "limited": _rarely_deep(0.5, 1e-4, 17.0),
        "refuted": _rarely_deep(0.5, 1e-2, 9.0),
    },
    "H10": {
        "holds": _drift([1, 2, 4], [1, 1, 1]),
        "limited": _drift([1, 2, 4], [1, 2, 4]),
        "refuted": _drift([1, 1, 1], [1, 1, 1]),
    },
    "H11": {
        "holds": _reserve(True, True),
        "limited": _reserve(False, True),
        "refuted": _reserve(False, False),
    },
    "H12": {
        "holds": _fault_times(200, 215),
        "refuted": _fault_times(200, 400),
        "undecided": _fault_times(20, 215),
    },
    "H13": {"holds": _pre_mapping(0.04), "refuted": _pre_mapping(0.6)},
    "H14": {"holds": _atomic(3, 1), "limited": _atomic(3, 0), "refuted": _atomic(0, 0)},
    "H15": {"holds": _uaccess(0.1), "refuted": _uaccess(0.02)},
    "H16": {"holds": _check(8), "refuted": _check(120)},
    "H17": {
        "holds": _probes((0, 0, 0), 0.05),
        "limited": _probes((0.005, 0.009, 0.02), 0.001),
        "refuted": _probes((0, 0, 0), 0.001),
    },
    "H18": {
        "holds": _probes((0, 0.002, 0.004), 0.05),
        "refuted": _probes((0.01, 0.02, 0.03), 0.05),
        "limited": _probes((-0.02, 0.002, 0.03), 0.05),
    },
    "H19": {
        "holds": _pools(False, True, True),
        "limited": _pools(True, True, False),
        "refuted": _pools(True, True, True),
        "undecided": _pools(False, False, True),
    },
    "H20": {
        "holds": _refills(False, False),
        "limited": _refills(False, True),
        "refuted": _refills(True, True),
    },
    "H21": {
        "holds": _window(0, 5, False),
        "limited": _window(0, 0, False),
        "refuted": _window(3, 5, False),
    },
    "H22": {"holds": _lost(50, 0), "limited": _lost(50, 1), "refuted": _lost(0, 0)},
    "H23": {
        "holds": _negative(8, 1),
        "limited": _negative(8, 2),
        "refuted": _negative(1, 1),
    },
    "H24": {
        "holds": _buffered(0, 10, 2),
        "limited": _buffered(0, 10, 0),
        "refuted": _buffered(0, 0, 0),
    },
    "H25": {"holds": _latch(48), "refuted": _latch(20)},
    "H26": {
        "holds": _forms(20, None),
        "limited": _forms(20, 16),
        "refuted": _forms(60, 2),
    },
    "H27": {"holds": _napot(0.1, 0.2), "limited": _napot(0, 0.2), "refuted": _napot(0, 0)},
    "H28": {"holds": _reuse(0.3), "refuted": _reuse(0.95)},
    "H29": {"holds": _sharing(0.9), "refuted": _sharing(-0.2)},
    "H30": {
        "holds": _ratios(0.005, 0.001),
        "limited": _ratios(0.005, 0.1),
        "refuted": _ratios(0.05, 0.1),
    },
    "H31": {
        "holds": _schedule(5, 0, 0, 0),
        "limited": _schedule(5, 1, 0, 0),
        "refuted": _schedule(0, 0, 0, 0),
    },
    "H32": {
        "holds": _fronts(["P1", "P12"], ["P12"]),
        "refuted": _fronts(["P12"], ["P12"]),
    },
    "H33": {
        "holds": _ours(["P1", "P12"], 0, 0),
        "limited": _ours(["P1", "P12"], 0, 4),
        "refuted": _ours(["P1"], 0, 0),
    },
}
