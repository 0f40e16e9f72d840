"""Who computes the points of a sweep: threads with a simulator each, or workers of Dask.

Both call `finished(point, row)` and `failed(point, error)` as points come in, in this thread.
A point that fails does not stop the others.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from urllib.parse import urlsplit

from rtl.config import ConfigError
from sim import simulator
from sim.display import Display
from sim.errors import UserError

from .point import Point, compute
from .table import Row

Finished = Callable[[Point, Row], None]
Failed = Callable[[Point, UserError], None]

CONNECT_SECONDS = 10


def require_address(text: str) -> None:
    """Raise UserError for what is no address of a Dask scheduler."""
    try:
        parts = urlsplit(text)
        usable = parts.scheme in ("tcp", "tls") and parts.hostname and parts.port
    except ValueError:
        usable = False
    if not usable:
        raise UserError(f"--scheduler is '{text}': use tcp://HOST:PORT, as `dask scheduler` says")


def run_locally(
    points: Sequence[Point], workers: int, display: Display, finished: Finished, failed: Failed
) -> None:
    """Compute the points here, so many at a time."""

    def work(point: Point) -> Row:
        display.started(point.label)
        return compute(point, lambda cycles: display.advanced(point.label, cycles))

    pool = ThreadPoolExecutor(max_workers=workers)
    futures: dict[Future[Row], Point] = {}
    try:
        for point in points:
            futures[pool.submit(work, point)] = point
        for future in as_completed(futures):
            try:
                result = future.result()
            except UserError as error:
                failed(futures[future], error)
            else:
                finished(futures[future], result)
    finally:
        simulator.stop_all(list(futures))
        pool.shutdown()


def run_on_dask(
    points: Sequence[Point], address: str, display: Display, finished: Finished, failed: Failed
) -> None:
    """Compute the points on the workers of a Dask scheduler.

    Points of a worker that dies go to another: the scheduler sees to that, and gives a point up
    when several workers in a row have died of it (`distributed.scheduler.allowed-failures`).
    """
    import distributed  # noqa: PLC0415 - takes a second, and only --scheduler needs it

    for name in ("distributed", "distributed.client"):
        # What matters of what they log is said in a sentence.
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
    try:
        client = distributed.Client(address, timeout=CONNECT_SECONDS, set_as_default=False)
    except OSError:
        raise UserError(
            f"no Dask scheduler answers at {address}: start one with `dask scheduler`, and workers "
            "with `dask worker ADDRESS`, from the .venv of this project"
        ) from None
    with client:
        if not client.scheduler_info(n_workers=-1)["workers"]:
            display.step(f"waiting for workers: start them with `dask worker {address}`")
        futures = {
            client.submit(compute, point, key=f"dynstack-{point.key}"): point for point in points
        }
        for future in distributed.as_completed(futures, loop=client.loop):
            if future.cancelled():
                raise UserError(
                    f"the Dask scheduler at {address} has gone, or has cancelled the sweep: run "
                    "it again with --resume, and what is finished is kept",
                    exit_code=1,
                )
            error = future.exception()
            if error is None:
                finished(futures[future], future.result())
            else:
                failed(futures[future], _explained(error))
            future.release()


def _explained(error: BaseException) -> UserError:
    """What went wrong on a worker, as an error for the person at the terminal."""
    import distributed  # noqa: PLC0415 - see run_on_dask

    if isinstance(error, UserError):
        return error
    if isinstance(error, ConfigError):
        return UserError(str(error))
    if isinstance(error, distributed.KilledWorker):
        return UserError("its workers died, one after the other", exit_code=1)
    return UserError(
        f"the worker cannot run it ({type(error).__name__}: {error}): does it have this project, "
        "in the same state?",
        exit_code=1,
    )
