"""Charts as SVG, byte for byte the same for the same figures."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import matplotlib as mpl

from .results import new_file


def pyplot() -> Any:
    """Matplotlib's drawing functions, set up so that a chart depends on what is drawn alone."""
    mpl.use("svg")
    mpl.rcParams["svg.hashsalt"] = "dynstack"
    from matplotlib import pyplot as functions  # noqa: PLC0415 - takes a second to import

    return functions


def save(figure: Any, file: Path) -> Path:
    """Write a figure, without its date, and free it; the directory is made where it is missing."""
    with new_file(file) as output:
        figure.savefig(output, format="svg", metadata={"Date": None})
    pyplot().close(figure)
    return file
