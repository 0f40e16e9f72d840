"""Builds cached by content: one directory per digest of everything that decides its bytes.

A build happens in a scratch directory that is renamed when it is complete, under a lock that the
kernel releases when its holder dies. An interrupted build therefore leaves nothing that could be
mistaken for a result, and two processes that want the same build make it once.
"""

from __future__ import annotations

import functools
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

from filelock import FileLock, Timeout

from .errors import UserError

PROJECT_ROOT = Path(__file__).resolve().parent.parent

Progress = Callable[[str], None]
"""Called with a short sentence whenever a long step starts."""


def silent(_message: str) -> None:
    """Progress for callers that show none."""


def build_root() -> Path:
    """Where builds are kept: `$DYNSTACK_BUILD_DIR`, or `build/` in the project."""
    return _usable(Path(os.environ.get("DYNSTACK_BUILD_DIR") or PROJECT_ROOT / "build"))


@functools.cache
def _usable(root: Path) -> Path:
    """Made where it is missing; a lock would be waited for without end where none can be made."""
    try:
        root.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=root):
            pass
    except OSError as error:
        raise UserError(f"cannot write builds to {root}: {error.strerror}") from None
    return root.resolve()


def digest(key: Mapping[str, object]) -> str:
    """Digest of a key; bytes count by their content, anything else by its JSON text."""
    state = hashlib.sha256()
    for name in sorted(key):
        value = key[name]
        raw = value if isinstance(value, bytes) else json.dumps(value, sort_keys=True).encode()
        state.update(f"{name}:{len(raw)}:".encode())
        state.update(raw)
    return state.hexdigest()[:16]


def sources_digest(paths: list[Path]) -> str:
    """Digest of files by name and content, for use inside a key; their directory does not count."""
    return digest({f"{index}:{path.name}": path.read_bytes() for index, path in enumerate(paths)})


def cached_build(
    kind: str,
    key: Mapping[str, object],
    build: Callable[[Path], None],
    progress: Progress = silent,
) -> Path:
    """Return the directory of this build, making it first where it is missing.

    `build(directory)` fills an empty directory; what it writes must not depend on the
    directory's name, which changes when the build is complete.
    """
    root = build_root()
    target = root / f"{kind}-{digest(key)}"
    if target.is_dir():
        return target
    lock = FileLock(root / f".{target.name}.lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        progress(f"waiting for another process that builds {target.name}")
        lock.acquire()
    try:
        if not target.is_dir():
            scratch = root / f".{target.name}.partial"
            shutil.rmtree(scratch, ignore_errors=True)
            scratch.mkdir()
            build(scratch)
            scratch.rename(target)
    finally:
        lock.release()
    return target
