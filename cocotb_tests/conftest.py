"""pytest settings of the whole suite."""

import os

import pytest


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    """In CI everything is installed, so a skipped test hides a missing install step: fail it."""
    outcome = yield
    report = outcome.get_result()
    if report.skipped and os.environ.get("DYNSTACK_FAIL_ON_SKIP"):
        report.outcome = "failed"
        report.longrepr = f"skipped where nothing may be: {report.longrepr}"
