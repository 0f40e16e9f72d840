"""Builds cached by content: made once, whole or absent, whoever asks and whoever dies."""

from __future__ import annotations

import multiprocessing
import os
import time
from pathlib import Path

import pytest

from sim.cache import cached_build, digest


@pytest.fixture(autouse=True)
def build_root(tmp_path, monkeypatch) -> Path:
    monkeypatch.setenv("DYNSTACK_BUILD_DIR", str(tmp_path))
    return tmp_path


def test_a_build_is_made_once_for_each_key():
    built = []

    def build(directory: Path) -> None:
        built.append(directory)
        (directory / "artefact").write_text(f"number {len(built)}")

    first = cached_build("thing", {"source": b"one"}, build)
    assert cached_build("thing", {"source": b"one"}, build) == first
    second = cached_build("thing", {"source": b"two"}, build)
    assert [path.name for path in (first / "artefact", second / "artefact")] == ["artefact"] * 2
    assert ((first / "artefact").read_text(), (second / "artefact").read_text()) == (
        "number 1",
        "number 2",
    )


def test_a_build_that_fails_leaves_nothing_that_is_taken_for_a_result(build_root):
    def broken(directory: Path) -> None:
        (directory / "half").write_text("")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        cached_build("thing", {}, broken)
    assert not [path for path in build_root.iterdir() if not path.name.startswith(".")]

    def whole(directory: Path) -> None:
        assert not list(directory.iterdir()), "the scratch directory was not emptied"
        (directory / "artefact").write_text("whole")

    assert (cached_build("thing", {}, whole) / "artefact").read_text() == "whole"


def _build_slowly(log: Path) -> None:
    def build(directory: Path) -> None:
        with log.open("a") as file:
            file.write("built\n")
        time.sleep(0.3)
        (directory / "artefact").write_text("")

    assert (cached_build("slow", {}, build) / "artefact").exists()


def test_processes_that_want_the_same_build_make_it_once(tmp_path):
    log = tmp_path / "log"
    processes = [multiprocessing.Process(target=_build_slowly, args=(log,)) for _ in range(4)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    assert [process.exitcode for process in processes] == [0] * 4
    assert log.read_text() == "built\n"


def _die_while_building(started) -> None:
    def build(directory: Path) -> None:
        (directory / "half").write_text("")
        started.set()
        os.kill(os.getpid(), 9)

    cached_build("killed", {}, build)


def test_a_lock_dies_with_its_holder(tmp_path):
    started = multiprocessing.Event()
    process = multiprocessing.Process(target=_die_while_building, args=(started,))
    process.start()
    process.join()
    assert started.is_set()

    def build(directory: Path) -> None:
        (directory / "artefact").write_text("")

    made = cached_build("killed", {}, build)
    assert not (made / "half").exists()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"a": b"x", "b": b""}, {"a": b"", "b": b"x"}),
        ({"a": "1"}, {"a": 1}),
        ({"a": b"b:1:c"}, {"a": b"", "b": b"c"}),
    ],
)
def test_different_keys_have_different_digests(one, other):
    assert digest(one) != digest(other)
    assert digest(one) == digest(dict(reversed(one.items())))
