"""Bugs that real cores shipped, as patches, and the proof that the tests find each of them."""
