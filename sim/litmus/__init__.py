"""Litmus tests of the memory model."""
