"""The code that decides what a run gives, beside its machine and its kernel.

Figures that are kept have it in their key: when it changes, they are no figures of it any more.
"""

from __future__ import annotations

import functools
from pathlib import Path

from .cache import sources_digest

_SIM = Path(__file__).parent
_NAMES = (
    *("cocotb_job.py", "cocotb_machine.py", "cocotb_runner.py"),
    *("job.py", "job_file.py", "machine.py", "measure.py"),
    *("probes.py", "statistics.py", "summary.py"),
)


@functools.cache
def key(*more: str) -> str:
    """Digest of the code of all runs, and of further files of `sim/` that decide in this one."""
    return sources_digest([_SIM / name for name in (*_NAMES, *more)])
