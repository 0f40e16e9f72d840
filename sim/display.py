"""Progress on standard error: live on a terminal, a line per event elsewhere."""

from __future__ import annotations

import threading
from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn


class Display:
    """Shows what is being built and which runs are under way; safe to call from any thread.

    Parameters
    ----------
    total : number of runs.
    """

    def __init__(self, total: int):
        self._console = Console(stderr=True, highlight=False, markup=False)
        self._live = self._console.is_terminal
        self._lock = threading.Lock()
        self._tasks: dict[str, TaskID] = {}
        self._progress = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=30),
            TextColumn("{task.fields[note]}", markup=False),
            console=self._console,
            transient=True,
            disable=not self._live,
        )
        self._total = total
        self._done = 0
        self._all = self._progress.add_task("preparing", total=total, note="")

    def __enter__(self) -> Display:
        self._progress.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._progress.stop()

    def step(self, sentence: str) -> None:
        """Tell that a long step of building starts."""
        if self._live:
            self._progress.update(self._all, note=sentence)
        else:
            self._console.print(sentence, soft_wrap=True)

    def started(self, run: str) -> None:
        """Tell that a run starts. How many cycles it takes is not known: its bar pulses."""
        with self._lock:
            self._show_runs()
            self._tasks[run] = self._progress.add_task(f"  {run}", total=None, note="")

    def advanced(self, run: str, cycles: int) -> None:
        """Tell how many cycles a run has simulated."""
        with self._lock:
            self._progress.update(self._tasks[run], note=f"{cycles:,} cycles")

    def finished(self, run: str, note: str) -> None:
        """Tell that a run is complete, with its outcome in a few words.

        One that runs elsewhere need not have started here.
        """
        with self._lock:
            task = self._tasks.pop(run, None)
            if task is not None:
                self._progress.remove_task(task)
            self._done += 1
            self._show_runs()
        if not self._live:
            self._console.print(f"{run}: {note}", soft_wrap=True)

    def _show_runs(self) -> None:
        text = f"{self._done} of {self._total} runs"
        self._progress.update(self._all, completed=self._done, description=text, note="")
