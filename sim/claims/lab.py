"""Runs trials for claims, and keeps what they brought back.

A reading is kept under a digest of all that decides it: model, image, workload, straps, what is
watched, and the code that reads it. So claims share runs, a second `dynstack claims` runs nothing
again, and one that was interrupted goes on where it stopped.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from rtl.config import SocConfig
from sim import elf, firmware, machine, measure, model, run_sources, simulator
from sim.cache import digest
from sim.display import Display
from sim.job import Job
from sim.probes import kernel_probes
from sim.results import results_root, waves_root, write_file, write_json
from sim.waveforms.capture import number_of_runs, write_windows
from sim.waveforms.windows import parse_place
from sim.workload.format import encode

from .reading import PASSED, read, resolved, watches_by_hart
from .trial import Trial

Reading = dict[str, Any]
"""The summary of a run as `dynstack measure --json` has it, and what `reading.read` adds."""


@dataclass
class Lab:
    """Builds and runs what claims ask for, as many runs at a time as there are processors.

    Attributes
    ----------
    root : where readings, workloads and verdicts are kept.
    """

    root: Path = field(default_factory=lambda: results_root() / "claims")
    _models: dict[str, Path] = field(default_factory=dict)

    def run(self, trials: Sequence[Trial]) -> list[Reading]:
        """Return the readings of the trials, running those that are not known yet."""
        images = [self._image(one) for one in trials]
        files = [
            self.root / "runs" / f"{self._key(one, image)}.json"
            for one, image in zip(trials, images, strict=True)
        ]
        todo = {
            file: (one, image)
            for one, image, file in zip(trials, images, files, strict=True)
            if _known(file) is None
        }
        if todo:
            with Display(len(todo)) as display:
                self._run_all(todo, display)
        return [json.loads(file.read_text()) for file in files]

    def remember(
        self,
        name: str,
        key: Mapping[str, object],
        compute: Callable[[], Any],
        code: Sequence[str],
    ) -> Any:
        """Return what `compute` gives, as JSON; kept under `name` for the key.

        `code` are the files of `sim/` that decide what is computed.
        """
        whole = {**key, "sources": run_sources.key(*code)}
        file = self.root / "runs" / f"{name}-{digest(whole)}.json"
        known = _known(file)
        if known is None:
            write_json(file, compute())
            known = json.loads(file.read_text())
        return known

    def model(self, soc: SocConfig) -> Path:
        """Directory of the model of a machine; built where it is missing."""
        name = digest({"soc": soc.as_dict()})
        if name not in self._models:
            self._models[name] = model.build(soc, _say)
        return self._models[name]

    def window(self, claim: str, one: Trial, place: str, margin: int) -> str:
        """Write a waveform window around a place of a trial, and say where it is."""
        image = self._image(one)
        root = waves_root() / "claims" / claim
        key = {"run": self._key(one, image), "place": place, "margin": margin, "root": str(root)}
        file = self.root / "runs" / f"window-{digest(key)}.json"
        known = _known(file)
        if not (known and Path(known["save_file"]).exists()):
            known = _write_window(_as_run(one, image), place, margin, root)
            write_json(file, known)
        where = f"{place} of {one.label}, cycles {known['first']:,} to {known['last']:,}"
        return f"waveform of {where}: {_short(Path(known['save_file']))}" + (
            f"; again with {self._command(one, place, margin)}" if one.is_plain else ""
        )

    def _command(self, one: Trial, place: str, margin: int) -> str:
        """The command that writes the window of a trial without changes."""
        file = self.root / "workloads" / f"{one.name}.bin"
        content = encode(one.workload)
        if not file.exists() or file.read_bytes() != content:
            write_file(file, content)
        return (
            f"dynstack waves --policy {one.policy} --workload {_short(file)} --preset "
            f"{one.machine.name} --harts {one.machine.soc.harts} --at {place} --margin {margin}"
        )

    def _image(self, one: Trial) -> Path:
        if not one.changes:
            return firmware.build_kernel(one.policy, _say, waits=one.workload.waits)
        with tempfile.TemporaryDirectory(prefix="dynstack-") as name:
            tree = Path(name) / "sw"
            shutil.copytree(firmware.SOURCES, tree)
            for change in one.changes:
                change.apply(tree)
            return firmware.build_kernel(one.policy, _say, tree, waits=one.workload.waits)

    def _key(self, one: Trial, image: Path) -> str:
        return digest(
            {
                "model": self.model(one.machine.soc).name,
                "image": hashlib.sha256(image.read_bytes()).hexdigest(),
                "workload": hashlib.sha256(encode(one.workload)).hexdigest(),
                "straps": one.machine.straps.as_dict(),
                "watched": repr((one.spans, one.keep, one.may_fail, one.max_cycles)),
                "readers": run_sources.key("claims/lab.py", "claims/reading.py"),
                **({"window": one.window} if one.window else {}),
            }
        )

    def _run_all(self, todo: Mapping[Path, tuple[Trial, Path]], display: Display) -> None:
        futures: list[Future[None]] = []
        pool = ThreadPoolExecutor(max_workers=min(len(todo), os.cpu_count() or 1))
        try:
            for file, (one, image) in todo.items():
                futures.append(pool.submit(_run_one, one, image, file, display))
            for future in wait(futures, return_when=FIRST_EXCEPTION).done:
                future.result()
        finally:
            simulator.stop_all(futures)
            pool.shutdown()


def _run_one(one: Trial, image: Path, file: Path, display: Display) -> None:
    display.started(one.label)
    with tempfile.TemporaryDirectory(prefix="dynstack-") as name:
        directory = Path(name)
        blob = directory / "workload.bin"
        blob.write_bytes(encode(one.workload))
        work, probes = _job(one, image, blob)
        result = machine.run(work, directory, lambda cycles: display.advanced(one.label, cycles))
    complete = result.status == "pass" and result.window is not None
    if not one.may_fail:
        measure.check_status(one.label, result)
    identity = _as_run(one, image).identity
    write_json(file, read(identity, probes, work, result, keep=one.keep, complete=complete))
    display.finished(one.label, f"{result.harts[0].cycles:,} cycles")


def _job(one: Trial, image: Path, blob: Path) -> tuple[Job, Any]:
    symbols = elf.symbols(image)
    probes = kernel_probes(symbols, image.name)
    probes = replace(
        probes,
        phases=(*probes.phases, *resolved(one.spans, symbols)),
        counters=(*probes.counters, *((n, symbols[n].address) for n in PASSED if n in symbols)),
        watches=(*probes.watches, *watches_by_hart(symbols, one.machine.soc.harts)),
    )
    if one.window:
        begin, end = (symbols[name].address for name in one.window)
        probes = replace(probes, window=(begin, end))
    work = measure.job(_as_run(one, image), probes, blob)
    if one.may_fail:  # what it does until its cycles run out is what it is run for
        work = replace(work, most_unreturned_traps=None)
    if one.max_cycles:
        work = replace(work, max_cycles=one.max_cycles)
    return work, probes


def _as_run(one: Trial, image: Path) -> measure.Run:
    return measure.Run(one.policy, one.name, one.workload, image, one.machine)


def _write_window(run: measure.Run, place: str, margin: int, root: Path) -> dict[str, Any]:
    parsed, suffix = parse_place(place), model.trace_suffix()
    model.build(run.preset.soc, _say, suffix)
    with Display(number_of_runs(run.image, parsed)) as display:
        (window,) = write_windows(
            run, parsed, margin=margin, root=root, suffix=suffix, display=display
        )
    return {
        "save_file": str(window.save_file),
        "first": window.first,
        "last": window.last,
        "note": window.interval.note,
    }


def _known(file: Path) -> Any:
    """What a file of an earlier run holds; None where there is none, or it was damaged since."""
    try:
        return json.loads(file.read_text())
    except (OSError, ValueError):
        return None


def _short(path: Path) -> str:
    here = Path.cwd()
    return str(path.relative_to(here) if path.is_relative_to(here) else path)


def _say(sentence: str) -> None:
    with Display(0) as display:
        display.step(sentence)
