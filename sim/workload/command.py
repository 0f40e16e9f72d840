"""`dynstack workload`: build a workload from a user's own measurements, or show one."""

from __future__ import annotations

import argparse
import hashlib
import sys
from collections import Counter
from pathlib import Path

from rich.table import Table

from ..errors import UserError
from ..report import console
from ..results import require_writable, write_file
from .applications import Mix
from .builtin import BUILTIN, DEFAULT_SEED, load
from .depth_table import read_depth_table
from .depths import FILE_SYSTEMS
from .format import MAX_BYTES, OP, encode
from .generate import Plan, generate
from .strace import mix_from_counts, read_strace
from .threads import MAX_THREADS, SYSTEM_CALLS, OpKind, ThreadKind, Workload


def add_arguments(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    build = actions.add_parser("build", help="build a workload from strace -c output")
    build.add_argument("--strace", type=Path, required=True, help="output of strace -c or -f -c")
    build.add_argument(
        "--depths",
        type=Path,
        help="CSV with system_call,min_bytes,mean_bytes,max_bytes[,sleep_bytes]; calls without "
        "a row take the depths measured on Linux 6.1",
    )
    build.add_argument("--out", type=Path, required=True, help="file to write")
    build.add_argument("--page-faults", type=_count, default=0, help="page faults of the same run")
    build.add_argument(
        "--voluntary-switches", type=_count, default=0, help="voluntary switches of the same run"
    )
    build.add_argument(
        "--involuntary-switches", type=_count, default=0, help="involuntary switches of the run"
    )
    build.add_argument("--calls", type=_count, default=2000, help="system calls of the workload")
    build.add_argument("--threads", type=_count, default=10, help="threads that make them")
    build.add_argument(
        "--socket-calls",
        default="",
        help="calls that act on sockets rather than files, with commas between: read,write",
    )
    build.add_argument("--file-system", choices=FILE_SYSTEMS, default="ext4")
    build.add_argument("--seed", type=_count, default=DEFAULT_SEED)
    show = actions.add_parser("show", help="say what a workload consists of")
    show.add_argument("workload", help=f"a file, or one of {', '.join(BUILTIN)}")


def main(args: argparse.Namespace) -> int:
    if args.action == "build":
        return _build(args)
    show(load(args.workload), args.workload)
    return 0


def _count(text: str) -> int:
    if not (text.isascii() and text.isdigit()):
        raise argparse.ArgumentTypeError(f"'{text}' is not a count: use a whole number from 0")
    return int(text)


def _build(args: argparse.Namespace) -> int:
    if not args.calls or not args.threads:
        raise UserError("a workload needs at least one call and one thread")
    if args.threads > MAX_THREADS:
        raise UserError(f"--threads is {args.threads}: the kernel has room for {MAX_THREADS}")
    if not args.out.parent.is_dir():
        raise UserError(f"cannot write {args.out}: there is no directory {args.out.parent}")
    require_writable(args.out, args.strace, args.depths)
    counts = read_strace(args.strace)
    socket_calls = frozenset(filter(None, args.socket_calls.split(",")))
    if absent := sorted(socket_calls - counts.keys()):
        raise UserError(f"--socket-calls has {', '.join(absent)}: not among those of {args.strace}")
    mix = mix_from_counts(
        args.strace.stem,
        counts,
        read_depth_table(args.depths) if args.depths else {},
        socket_calls=socket_calls,
        file_system=args.file_system,
        page_faults=args.page_faults,
        voluntary_switches=args.voluntary_switches,
        involuntary_switches=args.involuntary_switches,
    )
    plan = Plan(args.calls, args.threads)
    entries = plan.expected(mix.page_faults + mix.involuntary_switches, mix)
    if args.calls + entries > MAX_BYTES // OP.size:
        raise UserError(
            f"{args.calls + entries} calls, faults and switches are too many: the machine has room "
            f"for {MAX_BYTES // OP.size}; use a smaller --calls"
        )
    workload = generate(mix, plan, args.seed)
    for sentence in remarks(mix, plan, workload):
        print(f"dynstack: {sentence}", file=sys.stderr)
    write_file(args.out, encode(workload))
    show(workload, str(args.out))
    return 0


def remarks(mix: Mix, plan: Plan, workload: Workload) -> list[str]:
    """Return what the user should know: names that took the default, sleeps without a place."""
    sentences = []
    if mix.unknown_calls:
        sentences.append(
            f"no depth is known for {', '.join(mix.unknown_calls)}: the default of "
            "sim/data/system-call-scenarios.csv is used; give rows in --depths to change that"
        )
    sleeps = plan.expected(mix.voluntary_switches, mix)
    placed = workload.count(OpKind.SLEEP)
    if placed < sleeps:
        sentences.append(
            f"{sleeps - placed} of {sleeps} voluntary switches found no call that can sleep: "
            "give the calls that wait a sleep_bytes in --depths"
        )
    return sentences


def show(workload: Workload, name: str) -> None:
    """Print threads, totals, and every call with its depths."""
    output = console()
    threads = Counter(thread.kind for thread in workload.threads)
    digest = hashlib.sha256(encode(workload)).hexdigest()[:16]
    output.print(
        f"{name}: {threads[ThreadKind.USER]} user threads in {workload.processes} processes, "
        f"{threads[ThreadKind.KERNEL]} kernel threads; {workload.count(*SYSTEM_CALLS)} system "
        f"calls, {workload.count(OpKind.SLEEP)} of them sleep, {workload.count(OpKind.YIELD)} "
        f"give way; {workload.count(OpKind.FAULT)} page faults; a timer interrupt every "
        f"{workload.tick_interval} ticks; seed {workload.seed}; sha256 {digest}",
        soft_wrap=True,
    )
    table = Table(box=None, header_style="bold", pad_edge=False)
    table.add_column("call")
    for column in ("calls", "asleep", "min depth", "mean depth", "max depth", "max asleep"):
        table.add_column(column, justify="right")
    for call, text in enumerate(workload.calls):
        ops = [
            op
            for thread in workload.threads
            for op in thread.ops
            if op.call == call and op.kind is not OpKind.EXIT
        ]
        if ops:
            depths = [op.depth for op in ops]
            table.add_row(
                text,
                str(len(ops)),
                str(sum(op.kind is OpKind.SLEEP for op in ops)),
                str(min(depths)),
                str(sum(depths) // len(depths)),
                str(max(depths)),
                str(max(op.sleep_depth for op in ops) or "-"),
            )
    output.print(table)
