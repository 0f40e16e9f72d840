"""docs/adding-a-policy.md, taken at its word."""

from __future__ import annotations

import os
import re
import shlex
import subprocess

from cocotb_tests.mutants.runner import copy_project
from cocotb_tests.sw.qemu import require_qemu
from sim.cache import PROJECT_ROOT, build_root

PAGE = PROJECT_ROOT / "docs" / "adding-a-policy.md"


def test_the_steps_of_the_page(tmp_path):
    require_qemu()
    blocks = re.findall(r"^```(c|sh)\n(.*?)^```$", PAGE.read_text(), re.MULTILINE | re.DOTALL)
    sources = [text for language, text in blocks if language == "c"]
    commands = [text.strip() for language, text in blocks if language == "sh"]
    assert len(sources) == 1
    assert len(commands) == 2

    copy_project(tmp_path)
    (tmp_path / ".venv").symlink_to(PROJECT_ROOT / ".venv")
    name, _, code = sources[0].partition("\n")
    (tmp_path / name.removeprefix("// ")).write_text(code)
    environment = {
        **os.environ,
        "PYTHONPATH": str(tmp_path),
        "DYNSTACK_BUILD_DIR": str(build_root()),
        "DYNSTACK_RESULTS_DIR": str(tmp_path / "results"),
    }
    measured, tested = (
        subprocess.run(
            shlex.split(command),
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        for command in commands
    )
    assert measured.returncode == 0, measured.stderr
    rows = [line.split() for line in measured.stdout.splitlines()]
    of_p12, of_p13 = (next(row for row in rows if row[:1] == [name]) for name in ("P12", "P13"))
    assert of_p12[1] == of_p13[1], "calls"
    assert of_p12[2:] != of_p13[2:], "P13 does something else"
    assert of_p12[-1] == of_p13[-1] == "0", "stale accesses"
    assert tested.returncode == 0, tested.stdout
    assert re.search(r"\d+ passed", tested.stdout)
