"""Builds the kernel image of a policy, and bare-metal test programs, with the pinned compiler.

Images are reproducible: every command runs in `sw/` with relative names, and nothing of the
directory or the time of the build gets into the bytes.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from pathlib import Path

from .cache import PROJECT_ROOT, Progress, cached_build, silent
from .errors import UserError
from .kernel_objects import OFFSETS, KernelObjects
from .toolchain import run, versions, zig_cc

SOURCES = PROJECT_ROOT / "sw"

_TARGET = (
    "-target", "riscv64-freestanding-none", "-mcpu=generic_rv64+m+a+c+zicsr+zifencei+relax",
    "-mabi=lp64", "-mcmodel=medany",
)  # fmt: skip
_COMPILE = (
    "-std=gnu11", "-O2", "-fno-sanitize=undefined", "-fno-stack-protector", "-fomit-frame-pointer",
    "-fno-unwind-tables", "-fno-asynchronous-unwind-tables", "-ffreestanding", "-fno-builtin",
    "-fno-common", "-ffunction-sections", "-fdata-sections", "-fno-pic", "-g0", "-Wall", "-Wextra",
    "-Werror", "-I.",
)  # fmt: skip
_LINK = (
    "-nostdlib", "-static", "-flto", "-Wl,--build-id=none",
    "-Wl,-z,max-page-size=4096",
)  # fmt: skip

_COMPILE_FLAGS = re.compile(r"^// compile-flags:(.*)$", re.MULTILINE)
_SEVERAL_HARTS = re.compile(r"^// several harts:", re.MULTILINE)


def policies(sources: Path = SOURCES) -> list[str]:
    """Ids of the policies there are, by their numbers: `sw/policies/p4_local.c` is P4-local."""
    return sorted(_policy_files(sources), key=by_number)


def by_number(name: str) -> tuple[float, str]:
    """Sort ids of policies: P2 before P2-atomic, that before P10, and what has no number last."""
    number = re.match(r"P(\d+)", name)
    return float(number[1]) if number else math.inf, name


def distinct_policies(harts: int) -> list[str]:
    """Ids of the policies without those that do on so many harts what another does."""
    files = _policy_files(SOURCES)
    return [
        name
        for name in policies()
        if harts > 1 or not _SEVERAL_HARTS.search(files[name].read_text())
    ]


def require(policy: str, sources: Path = SOURCES) -> None:
    """Raise UserError for what is no id of a policy."""
    known = policies(sources)
    if policy not in known:
        raise UserError(f"no policy '{policy}': use one of {', '.join(known)}")


def chosen(text: str) -> list[str]:
    """Policies of an option: ids with commas between, or `all`; each once, in the order given."""
    known = policies()
    names = known if text == "all" else text.split(",")
    for name in names:
        if name not in known:
            raise UserError(f"no policy '{name}': use all, or some of {', '.join(known)}")
    return list(dict.fromkeys(names))


def build_kernel(
    policy: str, progress: Progress = silent, sources: Path = SOURCES, *, waits: bool = False
) -> Path:
    """Return the kernel image (ELF) of the policy with this id, built from the tree `sources`.

    With `waits` it has the operations by which threads wait for each other (`Workload.waits`).
    Others do without, so that these move neither code nor cycles.
    """
    known = _policy_files(sources)
    require(policy, sources)

    def build(directory: Path) -> None:
        progress(f"compiling the kernel with policy {policy}")
        _build_kernel(directory, policy, known[policy], sources, options)

    options = ("-DWAIT_OPERATIONS",) if waits else ()
    key = {
        "policy": policy,
        "tree": _tree(sources),
        "flags": [_TARGET, _COMPILE, _LINK, options],
        "zig": _zig(),
    }
    return cached_build("kernel", key, build, progress) / "kernel.elf"


def build_program(
    sources: list[Path],
    progress: Progress = silent,
    headers: Sequence[Path] = (),
    *,
    extensions: Sequence[str] = (),
    script: Path = SOURCES / "program.ld",
) -> Path:
    """Return the ELF of a bare-metal program: C and assembly files, linked by `script`.

    The program starts in M-mode at `_start`, which it defines itself. `headers` are all the files
    that it includes: a change of another one would not make a new program. `extensions` (such as
    "svinval") widen the ISA that the compiler may use.
    """
    wider = "".join(f"+{name}" for name in extensions)
    target = [flag + wider if flag.startswith("-mcpu=") else flag for flag in _TARGET]

    flags = [*target, *_COMPILE, "-nostdlib", "-static", "-Wl,--build-id=none"]

    def build(directory: Path) -> None:
        progress(f"compiling {sources[0].stem}")
        files = [str(path.resolve()) for path in sources]
        command = [*zig_cc(), *flags, f"-Wl,-T,{script.resolve()}", *files, "-o"]
        run(
            [*command, str(directory / "program.elf")],
            cwd=SOURCES,
            what=f"compiling {', '.join(path.name for path in sources)}",
        )

    key = {
        "sources": [[path.name, path.read_text()] for path in [*sources, *headers, script]],
        "flags": flags,
        "zig": _zig(),
    }
    return cached_build("program", key, build, progress) / "program.elf"


def _policy_files(sources: Path) -> dict[str, Path]:
    files = (sources / "policies").glob("*.c")
    return {path.stem.capitalize().replace("_", "-"): path for path in files}


def _zig() -> str:
    return versions()["ziglang"]


def _tree(sources: Path) -> dict[str, str]:
    """Every source below this directory by its relative name."""
    files = sorted(path for path in sources.rglob("*") if path.suffix in (".c", ".h", ".S", ".ld"))
    return {path.relative_to(sources).as_posix(): path.read_text() for path in files}


def _build_kernel(
    directory: Path, policy: str, source: Path, sources: Path, options: Sequence[str]
) -> None:
    found = _COMPILE_FLAGS.search(source.read_text())
    flags = [*_TARGET, *_COMPILE, *options, *(found.group(1).split() if found else ())]
    policy_file = f"policies/{source.name}"
    macros = {"POLICY_ID": f'"{policy}"', "POLICY_FILE": f'"{policy_file}"'}
    compiler = KernelObjects(sources, flags, macros)
    names = [
        *(name for name in _tree(sources) if name.startswith(("sbi/", "kernel/", "user/"))),
        policy_file,
    ]
    objects = []
    for name in names:
        if name == OFFSETS or not name.endswith((".c", ".S")):
            continue
        # M-mode and the library calls of the compiler stay out of link-time optimisation: the one
        # has a place of its own in the image, the others are wanted after it.
        whole = name.startswith("sbi/") or name == "kernel/string.c" or name.endswith(".S")
        objects.append(str(compiler.compile(name, *([] if whole else ["-flto"]))))

    image = str(directory / "kernel.elf")
    command = [*zig_cc(), *_TARGET, "-O2", *_LINK, "-Wl,-T,kernel.ld", *objects, "-o", image]
    run(command, cwd=sources, what=f"linking the kernel with policy {policy}")
