"""pytest settings of the whole suite."""

import os

import pytest
from hypothesis import settings

# The same examples on every machine, however slow, and no file left in the project.
settings.register_profile("dynstack", deadline=None, derandomize=True, database=None)
settings.load_profile("dynstack")


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    """In CI everything is installed, so a skipped test hides a missing install step: fail it."""
    outcome = yield
    report = outcome.get_result()
    if report.skipped and os.environ.get("DYNSTACK_FAIL_ON_SKIP"):
        report.outcome = "failed"
        report.longrepr = f"skipped where nothing may be: {report.longrepr}"
