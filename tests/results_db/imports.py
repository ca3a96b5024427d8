"""Files as others would hand them over, and who imports them."""

import gzip
import json

from results_db.database import open_for_reading, read_session
from results_db.import_format import ImportedData
from results_db.import_read import parse
from results_db.imports import import_file
from results_db.ingest import ingest
from results_db.method_data import load_methods
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


class Importer:
    """Imports texts under a runs folder and a database of its own."""

    def __init__(self, folder):
        self.folder = folder
        self.runs = folder / "runs"
        self.database = str(folder / "x.db")

    def __call__(self, content=SCORES, *, suite=TOY, name="theirs.csv", **options):
        file = self.folder / name
        file.write_bytes(content.encode() if isinstance(content, str) else content)
        options = {"unit": "raw", "evaluation": "final", **options}
        return import_file(
            file, suite, runs=self.runs, database=self.database, **options
        )

    def stored(self, suite=TOY):
        with read_session(open_for_reading(self.database)) as session:
            methods = load_methods(session, suite)
        return [method for method in methods.values() if method.foreign]

    def files(self):
        return {
            str(path.relative_to(self.runs)): path.read_bytes()
            for path in self.runs.rglob("*")
            if path.is_file() and path.name != "lock"
        }

    def ingest(self):
        return ingest(self.runs, self.database)

    def folders(self):
        return sorted((self.runs / "imports").glob("????????????"))


def change(path, **values):
    """Changes what a kept import declares, as somebody with an editor would."""
    document = json.loads((path / "import.json").read_text())
    (path / "import.json").write_text(json.dumps({**document, **values}))
