"""Measured speed: each script prints one line, `make bench` runs them all."""
