"""Raises on import."""

raise RuntimeError("half of me is missing")
