"""Compare: a few methods beside each other, who beats whom, and where."""

from dataclasses import replace

import streamlit as st

from dashboard import data
from dashboard.charts.html import show_html
from dashboard.charts.intervals import difference_chart, interval_chart
from dashboard.charts.lines import profile_chart
from dashboard.charts.matrix import improvement_chart
from dashboard.charts.page import dark, show
from dashboard.data import Compared, SuiteData
from dashboard.looks import repeated
from dashboard.page import Opened, by_token, tokens, with_results
from dashboard.selection import choose, choose_many, flag
from dashboard.words import score_name
from results_db.ahead import COMPARED, best_first
from results_db.comparison import Comparison, TaskDifference
from results_db.export.comparison import caption, tables
from results_db.export.escape import markdown, markdown_sentence, one_line
from results_db.export.figures.of_suite import thresholds
from results_db.export.tables import TITLES
from results_db.stats import stored
from results_db.stats.bootstrap import Estimate
from suites.messages import Misused

MOST = 8


def aggregates(found: SuiteData, comparison: Comparison) -> None:
    """The four aggregates, a panel each."""
    st.subheader("Aggregates")
    for column, (name, title) in zip(st.columns(4), TITLES.items(), strict=True):
        with column:
            show_html(
                interval_chart(
                    {
                        label: getattr(summary, name)
                        for label, summary in comparison.summaries.items()
                    },
                    found.looks,
                    title=title,
                    dark_page=dark(),
                ),
                alt=f"{title} of each method with its 95 % interval",
            )


def profiles(found: SuiteData, comparison: Comparison) -> None:
    """Performance profiles over the range that the runs reach."""
    st.subheader("Performance profiles")
    st.caption(
        "The share of runs that score above τ; higher is better everywhere. "
        "Bands: 95 %, point by point."
        + repeated(found.looks[label] for label in comparison.methods)
    )
    scores = comparison.found.scores
    taus = thresholds(scores)
    show(
        profile_chart(
            {
                label: stored.performance_profile(one, taus)
                for label, one in scores.items()
            },
            found.looks,
            score=score_name(found.suite),
            dark_page=dark(),
        ),
        key="profiles",
        alt="Share of runs above each score, a line a method",
    )


def matrix(found: SuiteData, comparison: Comparison) -> None:
    """P(improvement) of every pair."""
    st.subheader("Probability of improvement")
    st.caption(
        "How likely a run of the row's method scores higher than one of the column's "
        "on the same task. Asterisk: the 95 % interval excludes a half."
    )
    labels = list(comparison.methods)
    show_html(
        improvement_chart(
            comparison.improvements, labels, found.looks, dark_page=dark()
        ),
        alt="Probability of improvement of each method over each other; the table "
        "below has the same numbers with their intervals",
        role="group",
    )
    with st.expander("As a table, with tests"):
        _table(found, comparison, 0)


def by_task(found: SuiteData, comparison: Comparison) -> None:
    """Differences of one pair on every task."""
    st.subheader("Differences by task")
    labels = list(comparison.methods)
    options = tokens(labels, found)
    left, right = st.columns(2)
    first = by_token(labels)[choose("First", "first", options, where=left)]
    rest = {
        key: name for key, name in options.items() if by_token(labels)[key] != first
    }
    second = by_token(labels)[choose("Second", "second", rest, where=right)]
    rows = _differences(comparison, first, second)
    pairs = sum(row.pairs for row in rows)
    st.caption(
        f"Normalised; of {pairs} pairs of runs with the same seed, which played the "
        "same evaluation episodes."
        if pairs
        else "Normalised; differences of the means, because no runs share a seed and "
        "its evaluation episodes."
    )
    show_html(
        difference_chart(
            rows, first=found.looks[first], second=found.looks[second], dark_page=dark()
        ),
        alt="Difference of the two methods on each task with its 95 % interval, the "
        "largest first",
    )


def _differences(
    comparison: Comparison, first: str, second: str
) -> list[TaskDifference]:
    """First minus second, the largest first, whichever way round they are kept."""
    if (first, second) in comparison.differences:
        return list(comparison.differences[first, second])
    kept = comparison.differences[second, first]
    return [
        replace(row, estimate=_turned(row.estimate), runs=row.runs[::-1])
        for row in reversed(kept)
    ]


def _turned(estimate: Estimate) -> Estimate:
    if estimate.low is None or estimate.high is None:
        return Estimate(-estimate.value, None, None)
    return Estimate(-estimate.value, -estimate.high, -estimate.low)


def more_seeds(page: Opened, found: SuiteData, labels: tuple[str, ...]) -> None:
    """How many more seeds would tell the methods apart."""
    st.subheader("How many more seeds?")
    if not flag("Simulate it", "seeds", default=False, help="Takes some seconds"):
        return
    comparison = data.comparison(
        page.database,
        page.at,
        Compared(found.name, labels, found.board.missing, next_seeds=True),
    )
    _table(found, comparison, 2)
    st.caption(
        "Simulated by drawing from the measured runs until the interval of "
        "P(first > second) excludes a half; with few runs a rough guess. Hours: both "
        "methods' new runs, one after the other."
    )


def _table(found: SuiteData, comparison: Comparison, number: int) -> None:
    """One of the tables that `podium compare` prints."""
    _, columns, records = tables(comparison)[number]
    names = {label: look.name for label, look in found.looks.items()}
    st.dataframe(
        [
            {
                title: names.get(str(record.get(key)), str(record.get(key)))
                if key in ("first", "second", "method")
                else "–"
                if record.get(key) is None
                else str(record[key])
                for key, title in columns.items()
            }
            for record in records
        ],
        hide_index=True,
    )


page, found = with_results("Compare")
able = [row.method for row in found.board.rows if row.method in found.found.scores]
if len(able) < 2:
    st.info(
        f"A comparison needs two methods with runs of all {len(page.suite.tasks)} "
        f"tasks of {page.suite.id}; there {'is one' if able else 'is none'}. Above "
        "you can choose what is done with methods that lack runs."
    )
    st.stop()
chosen = choose_many(
    "Methods",
    "methods",
    tokens(able, found),
    default=list(tokens(best_first(found.board.rows, set(able), COMPARED), found)),
    most=MOST,
)
if len(chosen) < 2:
    others = list(tokens(best_first(found.board.rows, set(able), 9), found))
    chosen += [key for key in others if key not in chosen][: 2 - len(chosen)]
    names = ", ".join(tokens(able, found)[key] for key in chosen)
    st.caption(f"Two methods at least; shown: {markdown(names)}.")
labels = tuple(by_token(able)[key] for key in chosen)
try:
    comparison = data.comparison(
        page.database,
        page.at,
        Compared(page.name, labels, found.board.missing),
    )
except Misused as problem:
    st.warning(markdown_sentence(one_line(str(problem))))
    st.stop()
aggregates(found, comparison)
profiles(found, comparison)
matrix(found, comparison)
by_task(found, comparison)
more_seeds(page, found, labels)
with st.expander("What the numbers rest on"):
    st.markdown(markdown_sentence(one_line(caption(comparison))))
