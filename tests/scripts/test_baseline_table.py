"""docs/baselines.md says what the shipped runs say, beside published numbers."""

import re
from pathlib import Path

from scripts.baseline_table import COUNTERPARTS, PAGE, Reported, agrees, page
from suites.published import published
from suites.registry import load_suite

RESULTS = Path(__file__).parents[2] / "results"


def test_the_page_is_what_the_shipped_runs_give():
    text = page(RESULTS)
    assert PAGE.read_text() == text
    shown = re.findall(r"^## (\S+) on (\S+)$", text, re.MULTILINE)
    folders = {path.name.rsplit("-", 1)[0] for path in RESULTS.iterdir()}
    shipped = {name for name in folders if "@" in name and "-random" not in name}
    assert {f"{suite}-{method}" for method, suite in shown} == shipped


def test_agreement_is_judged_by_the_published_deviation():
    paper = Reported("DER", mean=300.0, runs=100, spread=70.0)
    # 1.96 * 70 * sqrt(1 / 2 + 1 / 100) = 98
    assert agrees((350.0, 440.0), paper) is True
    assert agrees((350.0, 460.0), paper) is False
    assert agrees((300.0,), paper._replace(spread=None)) is None


def test_every_counterpart_is_published():
    for (suite, _), name in COUNTERPARTS.items():
        assert name in {paper.method for paper in published(load_suite(suite))}
