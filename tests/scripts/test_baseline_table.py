"""docs/baselines.md says what the shipped runs say, beside published numbers."""

import json
import re
from pathlib import Path
from statistics import fmean

import pytest

from results_db.run_files import read_lines
from scripts.baseline_table import (
    COUNTERPARTS,
    PAGE,
    Reported,
    page,
    tolerance,
    verdict,
)
from suites.published import published
from suites.registry import load_suite
from tests.results_db.conftest import Writer

RESULTS = Path(__file__).parents[2] / "results"


def test_the_page_is_what_the_shipped_runs_give():
    text = page(RESULTS)
    assert PAGE.read_text() == text
    shown = re.findall(r"^## (\S+) on (\S+)$", text, re.MULTILINE)
    folders = {path.name.rsplit("-", 1)[0] for path in RESULTS.iterdir()}
    shipped = {name for name in folders if "@" in name and "-random" not in name}
    # Two versions of a method have sections of their own: der@1234567.
    names = {f"{suite}-{method.partition('@')[0]}" for method, suite in shown}
    assert names == shipped


def test_the_tolerance_is_of_students_distribution():
    paper = Reported(mean=300.0, runs=10, spread=70.0)
    # 2.262 (t of 9 degrees of freedom, in any table) * 70 * sqrt(1 / 2 + 1 / 10)
    assert tolerance(2, paper) == pytest.approx(122.65, abs=0.02)
    assert tolerance(2, paper._replace(spread=0.0)) == 0.0
    assert tolerance(2, paper._replace(spread=None)) is None
    assert tolerance(2, paper._replace(runs=1)) is None


@pytest.mark.parametrize(
    ("scores", "low", "said"),
    [
        ((350.0, 440.0), 68.0, "yes"),  # 95 from 300
        ((350.0, 500.0), 68.0, "**no**"),
        ((350.0, 440.0), 200.0, "cannot be told"),
        ((350.0, 500.0), 200.0, "**no**"),
    ],
)
def test_within_is_said_where_nothing_learnt_would_be_outside(scores, low, said):
    paper = Reported(mean=300.0, runs=10, spread=70.0)
    assert verdict(scores, paper, low) == said
    assert verdict(scores, paper._replace(spread=None), low) == "-"


def test_a_variant_answers_to_no_published_method(tmp_path):
    writer = Writer(tmp_path / "runs")
    for overrides in ({}, {"network": "simba"}):
        writer.submission(
            "sac",
            agent="sac",
            suite="dmc-proprio",
            scores={"cartpole_swingup": [860.0]},
            overrides=overrides,
        )
    assert page(tmp_path / "runs").count("Published: SAC") == 1


def test_only_a_variant_with_published_settings_is_judged_by_them(tmp_path):
    writer = Writer(tmp_path / "runs")
    settings = COUNTERPARTS["atari100k", "der"].taken_over
    for name, overrides in (
        ("as-published", settings),
        ("half", {"noise": settings["noise"]}),
        ("other", {**settings, "n_step": 3}),
        ("unlike", {"noise": 0.2}),
    ):
        writer.submission(
            name,
            agent="der",
            suite="atari100k",
            scores={"seaquest": [300.0]},
            overrides=overrides,
        )
    parts = page(tmp_path / "runs").split("\n## ")
    judged = {part.split()[0]: part for part in parts if "Published: DER" in part}
    assert sorted(judged) == ["as-published", "half"]
    assert "run with `--set noise=0.1`;" in judged["half"]
    assert "noise=0.1 --set target_every=8000`" in judged["as-published"]


def test_every_counterpart_is_published():
    for (suite, _), counterpart in COUNTERPARTS.items():
        names = {paper.method for paper in published(load_suite(suite))}
        assert counterpart.method in names


def test_ders_remark_is_what_its_runs_say():
    halfway = {"as shipped": [], "noise": [], "slow": []}
    final = {which: [] for which in halfway}
    for run in sorted(RESULTS.glob("atari100k@1-der-*/seaquest-s*")):
        overrides = json.loads((run / "spec.json").read_text())["method"]["overrides"]
        which = list(halfway)[len(overrides)]
        for row in read_lines(run / "evaluations.jsonl"):
            if row["agent_steps"] == 50_000:
                halfway[which].append(fmean(row["returns"]))
            if row["agent_steps"] == 100_000:
                final[which].append(fmean(row["returns"]))
    assert sorted(halfway["slow"]) == [104, 212]
    others = sorted(halfway["as shipped"] + halfway["noise"])
    assert (len(others), others[0], others[-1]) == (4, 342, 466)
    (paper,) = (p for p in published(load_suite("atari100k")) if p.method == "DER")
    away = {name: fmean(runs) - paper.means["seaquest"] for name, runs in final.items()}
    assert away["as shipped"] > away["noise"] > away["slow"] > 0
    assert away["slow"] < away["as shipped"] / 2
