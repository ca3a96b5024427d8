"""A comparison as tables for people, and as records for programs."""

from typing import Any

from results_db.comparison import Comparison, Pair, TaskDifference
from results_db.export.tables import FILLED, interval, number
from results_db.stats import compare, permutation, ranking
from results_db.stats.bootstrap import CONFIDENCE, Estimate
from results_db.stats.next_seeds import POWER

Table = tuple[str, dict[str, str], list[dict[str, Any]]]
"""Title, field -> column title, and rows."""


def tables(found: Comparison) -> list[Table]:
    """What is printed, in order: pairs, methods, seeds, and the tasks of every pair."""
    result = [_pairs(found), _methods(found)]
    if found.more:
        result.append(_more(found))
    return result + [_tasks(found, pair) for pair in found.differences]


def _pairs(found: Comparison) -> Table:
    columns = {
        "first": "first",
        "second": "second",
        "improvement": "P(first > second)",
        "p": "p",
        "adjusted": "p, Holm",
    }
    rows = [
        {
            "first": pair.first,
            "second": pair.second,
            "improvement": interval(pair.estimate),
            "p": p_shown(pair.p_value),
            "adjusted": p_shown(pair.adjusted_p),
        }
        for pair in found.improvements
    ]
    return f"{found.suite.id}: probability of improvement", columns, rows


def p_shown(p_value: float | None) -> str | None:
    """`0.031`, or `< 0.001`."""
    if p_value is None:
        return None
    return "< 0.001" if p_value < 0.001 else f"{p_value:.3f}"


def _methods(found: Comparison) -> Table:
    columns = {"method": "method", "iqm": "IQM", "ranks": "rank set", "runs": "runs"}
    rows = [
        {
            "method": label,
            "iqm": interval(found.summaries[label].iqm),
            "ranks": "{}-{}".format(*found.rank_sets[label]),
            "runs": f"{len(method.finals)}/{method.info.planned_runs}",
        }
        for label, method in found.methods.items()
    ]
    return "The methods", columns, rows


def _more(found: Comparison) -> Table:
    columns = {
        "first": "first",
        "second": "second",
        "seeds": "more seeds each",
        "power": "told apart in",
        "hours": "hours",
    }
    rows = []
    for (first, second), more in found.more.items():
        row: dict[str, Any] = {"first": first, "second": second}
        if more is None:
            row["seeds"] = "unknown: one run"
        else:
            answer = more.seeds.more
            row["seeds"] = f"> {more.seeds.cap}" if answer is None else answer
            row["power"] = f"{more.seeds.power:.0%}"
            row["hours"] = None if more.hours is None else f"{more.hours:.1f}"
        rows.append(row)
    return f"Seeds that would tell them apart in {POWER:.0%} of cases", columns, rows


def _tasks(found: Comparison, pair: Pair) -> Table:
    first, second = pair
    columns = {
        "task": "task",
        "difference": "difference",
        "improvement": "P(first > second)",
        "pairs": "pairs",
    }
    improvement = _of_pair(found, pair)
    rows = [
        {
            "task": row.task,
            "difference": interval(row.estimate),
            "improvement": number(improvement[row.task]),
            "pairs": _pairs_shown(row),
        }
        for row in found.differences[pair]
    ]
    return f"{first} minus {second} by task, normalised", columns, rows


def _pairs_shown(row: TaskDifference) -> str:
    """`5`; where some runs are in no pair `2 of 10/2`, without pairs `0 of 10/4`."""
    if (row.pairs, row.pairs) == row.runs:
        return str(row.pairs)
    return "{} of {}/{}".format(row.pairs, *row.runs)


def _of_pair(found: Comparison, pair: Pair) -> dict[str, float]:
    for improvement in found.improvements:
        if (improvement.first, improvement.second) == pair:
            return improvement.tasks
    raise KeyError(pair)


def caption(found: Comparison) -> str:
    """What the numbers are and depend on, in plain text."""
    suite = found.suite
    summary = next(iter(found.summaries.values()))
    return " ".join(
        [
            "P(first > second): that a run of the first scores higher than one of the "
            "second on the same task, ties half, averaged over "
            f"{len(found.found.tasks)} tasks (Agarwal et al. 2021).",
            f"Brackets: {CONFIDENCE:.0%} percentile bootstrap intervals over runs "
            f"({summary.resamples:,} resamples, seed {summary.seed}).",
            "p: two-sided stratified permutation test; Holm: adjusted for "
            f"{len(found.improvements)} pairs.",
            "Rank set: the ranks that the intervals leave open, all methods together "
            f"with {CONFIDENCE:.0%} confidence (Mogstad et al. 2024).",
            "Differences by task are over pairs of runs with the same seed, which "
            "played the same evaluation episodes, where all runs of the side with "
            "fewer are in pairs, else of the means over all runs (pairs: how many, of "
            "how many runs of the first/second). Their intervals are not adjusted for "
            "the number of tasks.",
            *([FILLED] if any(found.found.filled.values()) else []),
            *_seeds_sentence(found),
            f"Measurement {suite.measurement_hash[:12]}, scoring "
            f"{suite.scoring_hash[:12]}.",
            *found.notes,
        ]
    )


def _seeds_sentence(found: Comparison) -> list[str]:
    if not found.more:
        return []
    return [
        "More seeds: simulated by drawing from the measured runs, until the interval "
        "of P(first > second) excludes 1/2; with few runs a rough guess. Hours: both "
        "methods' new runs one after the other, by the measured wall times."
    ]


def as_document(found: Comparison) -> dict[str, Any]:
    """All of it for JSON."""
    suite = found.suite
    return {
        "protocol": suite.id,
        "measurement_hash": suite.measurement_hash,
        "scoring_hash": suite.scoring_hash,
        "missing": found.found.policy,
        "tasks": list(found.found.tasks),
        "estimators": [compare.ESTIMATOR, permutation.ESTIMATOR, ranking.ESTIMATOR],
        "methods": [
            {
                "method": label,
                "runs": len(method.finals),
                "runs_planned": method.info.planned_runs,
                "filled": found.found.filled.get(label, 0),
                "rank_low": found.rank_sets[label][0],
                "rank_high": found.rank_sets[label][1],
                **_named("iqm", found.summaries[label].iqm),
                "data_digest": found.summaries[label].data_digest,
            }
            for label, method in found.methods.items()
        ],
        "pairs": [row for row in as_rows(found) if row["task"] is None],
        "differences": [row for row in as_rows(found) if row["task"] is not None],
        "notes": list(found.notes),
    }


def as_rows(found: Comparison) -> list[dict[str, Any]]:
    """A row for every pair, and for every task of it; `task` is None for all tasks."""
    rows = []
    for improvement in found.improvements:
        pair = (improvement.first, improvement.second)
        more = found.more.get(pair)
        absent = Estimate(None, None, None)  # type: ignore[arg-type]
        names: dict[str, Any] = {"first": pair[0], "second": pair[1]}
        rows.append(
            {
                **names,
                "task": None,
                **_named("improvement", improvement.estimate),
                "p_value": improvement.p_value,
                "holm_p": improvement.adjusted_p,
                **_named("difference", absent),
                "pairs": None,
                "first_runs": None,
                "second_runs": None,
                "episodes": None,
                "more_seeds": more and more.seeds.more,
                "more_seeds_power": more and more.seeds.power,
                "more_hours": more and more.hours,
            }
        )
        for row in found.differences[pair]:
            of_task = Estimate(improvement.tasks[row.task], None, None)
            rows.append(
                dict.fromkeys(rows[0])
                | {
                    **names,
                    "task": row.task,
                    **_named("improvement", of_task),
                    **_named("difference", row.estimate),
                    "pairs": row.pairs,
                    "first_runs": row.runs[0],
                    "second_runs": row.runs[1],
                    "episodes": row.episodes,
                }
            )
    return rows


def _named(name: str, estimate: Estimate) -> dict[str, float | None]:
    return {
        name: estimate.value,
        f"{name}_low": estimate.low,
        f"{name}_high": estimate.high,
    }
