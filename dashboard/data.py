"""What the pages show, read from the database through results_db, read-only and kept in
memory by what the database holds: after an ingest nothing old is shown."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import ParamSpec, TypeVar

import streamlit as st
from sqlalchemy.orm import Session

from dashboard.looks import Look, screen_looks
from results_db.comparison import Comparison
from results_db.comparison import compare as build_comparison
from results_db.data_version import data_version
from results_db.database import DatabaseError, open_for_reading, read_session
from results_db.leaderboard import Leaderboard, Row, leaderboard
from results_db.ledger import LedgerRow, RunRecord
from results_db.ledger import ledger as read_ledger
from results_db.ledger import run_record as read_run_record
from results_db.method_data import MethodData, load_curves, load_methods
from results_db.missing import Comparable, Missing, comparable
from results_db.query import final_episodes, suites_submitted_to
from results_db.reported_rows import reported_labels, with_reported
from results_db.stats.curves import CurveData
from suites.registry import SUITES, all_suites, known_as, load_suite
from suites.spec import Suite

P = ParamSpec("P")
T = TypeVar("T")

KEPT = 12
"""Answers of each kind that are kept in memory."""


def kept(
    words: str | None = None, *, entries: int = KEPT
) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """Keeps what a function returns, shared by all readers; nobody may change it.

    Args:
        words: shown while it works.
        entries: how many answers are kept.
    """

    def keep(function: Callable[P, T]) -> Callable[P, T]:
        cached: Callable[P, T] = st.cache_resource(
            function, max_entries=entries, show_spinner=words or False
        )
        return cached

    return keep


def database() -> str:
    """The database's file or URL, as `podium dashboard` was given it."""
    return os.environ.get("PODIUM_DB", "podium.db")


def runs_folder() -> str:
    """The folder of the run files, from which progress is read."""
    return os.environ.get("PODIUM_RUNS", "runs")


@dataclass(frozen=True)
class SuiteData:
    """One suite at one state of the database."""

    suite: Suite
    board: Leaderboard
    """With what papers report."""
    methods: dict[str, MethodData]
    """Label -> every method with runs, planned or imported."""
    found: Comparable
    looks: dict[str, Look]
    """Label -> how it is drawn on every page, reported methods included."""

    @property
    def name(self) -> str:
        """By what the suite is chosen and read again."""
        return known_as(self.suite)

    def row(self, label: str) -> Row:
        """Raises KeyError for a label that is not on the board."""
        for row in self.board.rows:
            if row.method == label:
                return row
        raise KeyError(label)


@contextmanager
def session_of(name: str) -> Iterator[Session]:
    """A fresh connection every time: the file may have been made anew."""
    engine = open_for_reading(name)
    try:
        with read_session(engine) as session:
            yield session
    finally:
        engine.dispose()


def version() -> str:
    """The state of the database; part of the key of all that is kept.

    Raises:
        DatabaseError: no usable database; the message says what to do.
    """
    with session_of(database()) as session:
        return data_version(session)


def suite_names() -> list[str]:
    """The suites, benchmarks first."""
    return [suite.name for suite in all_suites()]


@kept()
def older_versions(name: str, at: str) -> list[str]:
    """Ids of suites that have a newer version, of those with submissions."""
    try:
        with session_of(name) as session:
            submitted = suites_submitted_to(session)
    except DatabaseError:
        return []
    newest = {suite.id for suite in all_suites()}
    return sorted(one for one in submitted if one in SUITES and one not in newest)


@kept()
def first_with_runs(name: str, at: str) -> str | None:
    """The first suite that something was submitted to; None without any."""
    try:
        with session_of(name) as session:
            submitted = suites_submitted_to(session)
    except DatabaseError:
        return None
    return next((suite.name for suite in all_suites() if suite.id in submitted), None)


@kept("Reading results …")
def suite_data(name: str, at: str, suite_name: str, missing: Missing) -> SuiteData:
    """A suite's leaderboard and what the statistics take, of one state.

    Args:
        name: the database.
        at: its state, by `version`.

    Raises:
        DatabaseError: no usable database.
    """
    suite = load_suite(suite_name)
    with session_of(name) as session:
        board = leaderboard(session, suite, missing=missing)
        methods = load_methods(session, suite)
    published = reported_labels(suite, methods)
    return SuiteData(
        suite=suite,
        board=with_reported(board, published),
        methods=methods,
        found=comparable(suite, methods, missing),
        looks=screen_looks([*methods], [*published]),
    )


@kept("Reading curves …", entries=2)
def curves(name: str, at: str, suite_name: str) -> dict[str, CurveData]:
    """Label -> normalised curves of its runs."""
    suite = load_suite(suite_name)
    with session_of(name) as session:
        return load_curves(session, suite, load_methods(session, suite))


@dataclass(frozen=True)
class Compared:
    """What is compared: as the options of `podium compare`."""

    suite: str
    labels: tuple[str, ...]
    missing: Missing
    next_seeds: bool = False


@kept("Comparing …")
def comparison(
    name: str,
    at: str,
    asked: Compared,
) -> Comparison:
    """As `podium compare`.

    Raises:
        Misused: these methods cannot be compared; the message says why.
    """
    with session_of(name) as session:
        return build_comparison(
            session,
            load_suite(asked.suite),
            asked.labels,
            missing=asked.missing,
            next_seeds=asked.next_seeds,
        )


@kept()
def task_episodes(
    name: str, at: str, suite_name: str, task: str
) -> dict[str, list[float]]:
    """Measured method -> returns of the final evaluations' episodes on a task."""
    suite = load_suite(suite_name)
    with session_of(name) as session:
        methods = load_methods(session, suite)
        runs = {
            label: [final.run_id for final in method.finals if final.task == task]
            for label, method in methods.items()
            if not method.foreign
        }
        every = [run for ids in runs.values() for run in ids]
        episodes = final_episodes(session, every, suite.scoring.split)
    return {
        label: [value for run in ids for value in episodes.get(run, {}).values()]
        for label, ids in runs.items()
        if ids
    }


@kept()
def ledger(name: str, at: str, suite_name: str) -> list[LedgerRow]:
    """Every run of a suite."""
    with session_of(name) as session:
        return read_ledger(session, load_suite(suite_name).id)


@kept()
def run_record(name: str, at: str, run_id: int) -> RunRecord | None:
    """All that is recorded of a run."""
    with session_of(name) as session:
        return read_run_record(session, run_id)
