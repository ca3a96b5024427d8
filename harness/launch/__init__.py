"""Running many cells: a pool of worker processes, its progress, and a submission."""
