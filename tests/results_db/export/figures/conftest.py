"""Made-up results of any methods, as the statistics would give them."""

from itertools import combinations

import numpy as np
import pytest

from results_db.export.figures.names import looks
from results_db.reported import ReportedSummary
from results_db.stats.bootstrap import Estimate, Summary
from results_db.stats.compare import Improvement
from results_db.stats.curves import Curve
from results_db.stats.profiles import Profile


class Results:
    """Summaries, profiles, curves and pairs of named methods."""

    def __init__(self, names):
        self.names = list(names)
        papers = ["From a paper", "Also (reported)"]
        self.looks = looks(self.names, dict.fromkeys(names, "5"), papers)
        value = Estimate(0.4, None, None)
        means = ReportedSummary(value, value, value, None, "digest")
        self.reported = dict.fromkeys(papers, means)
        levels = {n: 0.2 + 0.7 * i / len(self.names) for i, n in enumerate(self.names)}
        self.summaries = {n: self.summary(v) for n, v in levels.items()}
        self.profiles = {n: self.profile(v) for n, v in levels.items()}
        self.curves = {n: self.curve(v) for n, v in levels.items()}
        self.pairs = [
            Improvement(a, b, around(0.5 + (levels[a] - levels[b]) / 2), 0.1, 0.1, {})
            for a, b in combinations(self.names, 2)
        ]

    def summary(self, v):
        gap = around(1 - v)
        return Summary(around(v), around(v), around(2 * v), gap, 5, 100, 0, "digest")

    def profile(self, v):
        taus = np.linspace(0, 2, 21)
        share = 1 / (1 + np.exp(6 * (taus - v)))
        return Profile(taus, share, share * 0.9, share, "runs", 5)

    def curve(self, v, live=(15, 15, 15, 15)):
        steps = np.arange(1, 5) * 25_000
        value = v * steps / 100_000
        live_runs = np.array(live)
        return Curve(
            "iqm", steps, value, value - 0.1, value + 0.1, live_runs, 15, around(v)
        )


def around(value):
    return Estimate(value, value - 0.05, value + 0.05)


@pytest.fixture(params=[2, 5, 12])
def results(request):
    return Results([f"method {letter}" for letter in "abcdefghijkl"[: request.param]])
