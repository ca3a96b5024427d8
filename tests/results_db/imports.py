"""Files as others would hand them over."""

import gzip
import json

from results_db.import_format import ImportedData
from results_db.import_read import parse
from suites.registry import load_suite

TOY = load_suite("toy")
ATARI = load_suite("atari100k")
HEADER = "method,task,run,score"
SCORES = f"""{HEADER}
theirs,catch,0,0.5
theirs,catch,1,1
theirs,reach,0,-5
theirs,reach,1,-4.25
theirs,hurry,0,0.5
theirs,hurry,1,0.75
"""
"""A complete method on the toy suite."""


def record(task="atari_pong", seed=0, xs=(4, 8, 12), ys=(1, None, 3), method="d"):
    """One run of a score file."""
    return {
        "task": task,
        "method": method,
        "seed": seed,
        "xs": list(xs),
        "ys": list(ys),
    }


def score_file(*records):
    return gzip.compress(json.dumps(records).encode())


def read(content, suite=TOY, *, unit="raw", method=None) -> ImportedData:
    if isinstance(content, str):
        content = content.encode()
    return parse(content, suite, unit=unit, method=method)
