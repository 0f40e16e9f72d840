"""Workloads: threads, system calls and stack depths as data, made from measurements."""

from .command import add_arguments, main

__all__ = ["add_arguments", "main"]
