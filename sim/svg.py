"""Charts as SVG, byte for byte the same for the same figures."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import matplotlib as mpl

from .results import require_directory


def pyplot() -> Any:
    """Matplotlib's drawing functions, set up so that a chart depends on what is drawn alone."""
    mpl.use("svg")
    mpl.rcParams["svg.hashsalt"] = "dynstack"
    from matplotlib import pyplot as functions  # noqa: PLC0415 - takes a second to import

    return functions


def save(figure: Any, file: Path) -> Path:
    """Write a figure, without its date, and free it; the directory is made where it is missing."""
    require_directory(file.parent)
    figure.savefig(file, metadata={"Date": None})
    pyplot().close(figure)
    return file
