"""Published constants as tables, one CSV a benchmark, read when a suite is built."""

import csv
from pathlib import Path


def read_table(name: str) -> list[dict[str, str]]:
    """Rows of reference/NAME.csv, header as keys."""
    with (Path(__file__).parent / f"{name}.csv").open(newline="") as file:
        return list(csv.DictReader(file))
