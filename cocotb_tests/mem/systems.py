"""Configurations and small systems that the memory benches test."""

from rtl.config import CacheConfig

TINY_CACHE = CacheConfig(sets=2, ways=2, line_bytes=16)
"""Evicts and conflicts all the time."""

SMALL_CACHE = CacheConfig(sets=8, ways=4, line_bytes=64)
"""The default but for its number of sets, which costs nothing but time to build."""
