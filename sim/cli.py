"""The `dynstack` command: finds the subcommand's module and turns errors into sentences."""

from __future__ import annotations

import argparse
import importlib
import os
import signal
import sys
from collections.abc import Sequence

from rtl.config import ConfigError

from .errors import UserError

_COMMANDS = {
    "measure": "run the policies on the workloads and print what each one costs",
    "run": "run a bare-metal ELF and report its verdict",
    "calibrate": "cycles of timed instruction sequences, beside those of real cores",
    "compare": "what moved between two files of measure --json, phase by phase",
    "sweep": "run policies over harts, presets, straps, workloads and seeds, here or on a cluster",
    "sensitivity": "how the cost of each policy moves with what is least certain",
    "soak": "run one policy for 200,000 system calls on two harts, with the oracle on",
    "answer": "which policy is worth its price where: all of them on all measured applications",
    "claims": "try what was claimed about dynamic kernel stacks, and print verdicts",
    "fences": "cycles of a fence on other harts, by the SBI, by an S-mode interrupt, and ideal",
    "waves": "write a waveform window around a path of a policy",
    "trace": "write a run as a timeline of harts and threads, or as a pipeline diagram",
    "workload": "build a workload from strace -c output and a depth table, or show one",
    "formal": "prove properties of the hart's parts without bound, at small sizes",
    "protocol": "search all schedules of a small model for one that breaks a policy",
    "torture": "run random programs in lockstep with Spike, and print what they cover",
    "doctor": "check this machine: what is missing, and the command that brings it",
    "litmus": "run litmus tests on several harts against the outcomes that RVWMO allows",
    "bench": "simulated cycles per second, with cocotb attached and in a bare C++ loop",
}
"""Name and help; the module is `sim.<name>` and has add_arguments(parser) and main(args) -> int."""


_BROKEN_PIPE = 128 + signal.SIGPIPE
"""What a shell makes of a program that a signal ends."""


def _parser(arguments: Sequence[str]) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="dynstack", description="What dynamic kernel stacks cost, in cycles and in memory."
    )
    subparsers = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for name, text in _COMMANDS.items():
        subparser = subparsers.add_parser(name, help=text, description=text)
        # Only the module of the command that is used gets imported: --help answers at once.
        if arguments and arguments[0] == name:
            importlib.import_module(f"sim.{name}").add_arguments(subparser)
    return parser


def _open_closed_streams() -> None:
    """Give standard output and error a descriptor where the caller has closed them (`>&-`)."""
    for name, descriptor in (("stdout", 1), ("stderr", 2)):
        if getattr(sys, name) is None:
            null = os.open(os.devnull, os.O_WRONLY)
            os.dup2(null, descriptor)
            setattr(sys, name, os.fdopen(descriptor, "w", closefd=False))


def main(arguments: Sequence[str] | None = None) -> int:
    """Entry point of the console script; returns the exit status."""
    arguments = sys.argv[1:] if arguments is None else list(arguments)
    _open_closed_streams()
    # `kill` ends a run as Ctrl-C does: simulators stop, scratch directories go.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        options = _parser(arguments).parse_args(arguments)
        return importlib.import_module(f"sim.{options.command}").main(options)
    except UserError as error:
        print(f"dynstack: {error}", file=sys.stderr)
        return error.exit_code
    except ConfigError as error:
        print(f"dynstack: {error}", file=sys.stderr)
        return 2
    except BrokenPipeError:
        # Who read it has seen enough; what is left in the buffer must not be flushed at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return _BROKEN_PIPE
    except OSError as error:
        print(f"dynstack: the system refused: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("dynstack: interrupted; nothing half-written was kept", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main())
