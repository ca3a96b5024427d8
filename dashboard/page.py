"""What all pages begin with: the title, the suite, and a message where there is nothing
to show."""

from dataclasses import dataclass
from typing import Any

import streamlit as st

from dashboard import data
from dashboard.data import SuiteData
from dashboard.selection import choose, token
from results_db.database import DatabaseError, DatabaseMissing
from results_db.export.escape import markdown_sentence, one_line
from results_db.missing import POLICIES as KNOWN
from results_db.missing import Missing
from suites.registry import known_as, load_suite
from suites.spec import Suite
from suites.words import budget_sentence

WATCH_SECONDS = 4

POLICIES: dict[str, str] = {
    "refuse": "leave them unranked",
    "common": "compare on tasks that all have",
    "random": "count what is missing as random",
}


@dataclass(frozen=True)
class Opened:
    """A page with its suite, at one state of the database."""

    database: str
    at: str
    """The database's state, the key of what is kept."""
    suite: Suite

    @property
    def name(self) -> str:
        """By what the suite is chosen and read again."""
        return known_as(self.suite)


def opened(*, where: Any = st, without_database: bool = False) -> Opened:
    """Writes the head of a page; where there is no usable database, says what to do
    and ends the page.

    Args:
        where: the suite is chosen.
        without_database: goes on where there is none yet, with an empty state.
    """
    database = data.database()
    at, problem = "", None
    try:
        at = data.version()
    except DatabaseError as error:
        problem = error
    names = [*data.suite_names(), *data.older_versions(database, at)]
    first = data.first_with_runs(database, at)
    name = choose(
        "Suite",
        "suite",
        dict(zip(names, map(_suite_line, names), strict=True)),
        default=first,
        where=where,
    )
    suite = load_suite(name)
    if suite.kind != "benchmark":
        st.info(f"This is a {suite.kind} suite: no benchmark, no claims.")
    if problem is not None:
        _say(problem, suite)
        if not (without_database and isinstance(problem, DatabaseMissing)):
            st.stop()
    _watch(at, [True])
    return Opened(database, at, suite)


@st.fragment(run_every=WATCH_SECONDS)  # type: ignore[untyped-decorator]
def _watch(at: str, first: list[bool]) -> None:
    """Draws the page anew when an ingest has changed the database.

    Args:
        first: holds something while the page itself is drawn, which has just looked.
    """
    if first:
        first.clear()
        return
    try:
        now = data.version()
    except DatabaseError:
        now = ""
    if now != at:
        st.rerun()


def with_results(title: str) -> tuple[Opened, SuiteData]:
    """A page's head, and its suite's results under the chosen policy; ends the page
    where there are none."""
    st.title(title)
    left, right = st.columns([3, 2])
    page = opened(where=left)
    policy = missing_policy(right)
    try:
        found = data.suite_data(page.database, page.at, page.name, policy)
    except DatabaseError as error:
        _say(error, page.suite)
        st.stop()
    if not found.methods:
        how_to_start(page.suite)
    if not found.board.rows:
        st.stop()
    return page, found


def missing_policy(where: Any = st) -> Missing:
    """What is done with methods that lack runs."""
    value = choose("Methods that lack runs", "missing", POLICIES, where=where)
    return next(policy for policy in KNOWN if policy == value)


def tokens(labels: list[str], found: SuiteData) -> dict[str, str]:
    """Options of a widget: what stands in the address -> what is shown."""
    return {token(label): found.looks[label].name for label in labels}


def by_token(labels: list[str]) -> dict[str, str]:
    """What stands in the address -> label."""
    return {token(label): label for label in labels}


def how_to_start(suite: Suite) -> None:
    """What to do where nothing was measured yet."""
    st.info(
        f"Nothing was measured on {suite.id} yet "
        f"({markdown_sentence(budget_sentence(suite))} a run). The first submission:"
    )
    st.code(f"podium submit random --suite {known_as(suite)}", language="shell")


def _suite_line(name: str) -> str:
    suite = load_suite(name)
    older = " · an older version of the protocol" if name == suite.id else ""
    return f"{suite.id} · {suite.summary}{older}"


def _say(problem: DatabaseError, suite: Suite) -> None:
    st.warning(markdown_sentence(one_line(str(problem))))
    if isinstance(problem, DatabaseMissing):
        how_to_start(suite)
