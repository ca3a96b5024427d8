"""Databases to look at, and the dashboard as Streamlit's own driver runs it."""

import pytest
from streamlit.testing.v1 import AppTest

from results_db.ingest import ingest
from tests.conftest import ROOT
from tests.results_db.conftest import FULL, Writer

APP = str(ROOT / "dashboard" / "app.py")
BETTER = {"catch": [0.5, 0.8], "reach": [-3.0, -2.0], "hurry": [0.9, 0.95]}


class Site:
    """A runs folder, its database, and the pages on it."""

    def __init__(self, folder, monkeypatch):
        self.folder = folder
        self.runs = folder / "runs"
        self.database = str(folder / "podium.db")
        self.writer = Writer(self.runs)
        monkeypatch.setenv("PODIUM_DB", self.database)
        monkeypatch.setenv("PODIUM_RUNS", str(self.runs))

    def submit(self, name, scores=FULL, **more):
        """Finished runs of a method, ingested."""
        submission = self.writer.submission(name, scores=scores, **more)
        self.ingest()
        return submission

    def ingest(self):
        report = ingest(self.runs, self.database)
        assert not report.problems

    def open(self, view="leaderboard", **query):
        """A page with what stands in its address; it must not raise."""
        app = AppTest.from_file(APP, default_timeout=60)
        for name, value in {"suite": "toy", **query}.items():
            if value is not None:
                app.query_params[name] = value
        app.switch_page(f"views/{view}.py")
        app.run()
        assert not app.exception
        return app


@pytest.fixture
def site(tmp_path, monkeypatch):
    return Site(tmp_path, monkeypatch)


@pytest.fixture
def two(site):
    """Two complete methods, `better` above `steady`."""
    site.submit("steady")
    site.submit("better", BETTER)
    return site


def texts(app):
    """Everything that a page says, as one text."""
    kinds = ("title", "subheader", "markdown", "caption", "info", "warning", "error")
    return "\n".join(
        str(one.value) for kind in (*kinds, "code") for one in getattr(app, kind)
    )


def widget(app, label):
    """The select box, multiselect or switch with a label."""
    for kind in ("selectbox", "multiselect", "toggle", "text_input"):
        for one in getattr(app, kind):
            if one.label == label:
                return one
    raise KeyError(label)
