"""One adapter a simulator, all behind the same vector interface (vector.py)."""
