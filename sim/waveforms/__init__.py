"""Waveform windows: which cycles to dump, and how a viewer shows them."""
