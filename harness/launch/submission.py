"""A submission: plan, ledger, workers, ingest; issued again, it does the rest."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy.engine import Engine

from harness.devices import Slot
from harness.launch.pool import Listener, Terms, run_all
from harness.launch.worker_process import WorkerProcess
from harness.plan import Planned
from results_db.database import open_for_writing
from results_db.ingest import IngestReport, ingest_submission
from results_db.locks import hold
from results_db.outcomes import RESULTS, Outcome
from results_db.run_files import RunFolder
from results_db.submission_files import Plan, SubmissionFolder


@dataclass(frozen=True)
class Failure:
    """A run that ended without a result."""

    run: RunFolder
    outcome: Outcome
    error: dict[str, Any]


@dataclass
class SubmissionResult:
    """What a submission came to."""

    planned: int
    already_done: int
    outcomes: Counter[Outcome] = field(default_factory=Counter)
    failures: list[Failure] = field(default_factory=list)
    interrupted: bool = False
    not_started: int = 0
    """Runs whose turn did not come, because of an interrupt or the slice's end."""
    ingested: IngestReport = field(default_factory=IngestReport)
    """The last that was brought into the database, or tried to."""
    database_error: str | None = None
    """Why it could not be."""

    @property
    def done(self) -> int:
        """Runs that have their result, old and new."""
        ended = self.already_done + sum(self.outcomes[o] for o in RESULTS)
        return ended - self.ingested.lost_results

    @property
    def complete(self) -> bool:
        problems = self.ingested.problems or self.database_error
        return self.done == self.planned and not problems


class LedgerKeeper:
    """Writes the ledger, then tells the display."""

    def __init__(self, folder: SubmissionFolder, display: Listener) -> None:
        self._folder = folder
        self._display: Listener | None = display

    def started(self, run: RunFolder, slot: Slot) -> None:
        again = len(run.attempts()) > 0
        self._log("restarted" if again else "started", run, device=slot.device)
        self._tell(lambda display: display.started(run, slot))

    def ended(self, run: RunFolder, outcome: Outcome, details: dict[str, Any]) -> None:
        error = details.get("error") or {}
        reason = (
            {"error": f"{error['type']}: {error['message']}"[:500]} if error else {}
        )
        self._log(outcome.value, run, attempt=details.get("attempt"), **reason)
        self._tell(lambda display: display.ended(run, outcome, details))

    def tick(self, running: Sequence[WorkerProcess], waiting: int) -> None:
        self._tell(lambda display: display.tick(running, waiting))

    def _tell(self, say: Callable[[Listener], None]) -> None:
        """A reader that has gone, or a full disk under a log, stops no run."""
        if self._display is None:
            return
        try:
            say(self._display)
        except (OSError, SystemExit):  # rich exits where a pipe is broken
            self._display = None

    def _log(self, event: str, run: RunFolder, **details: Any) -> None:
        self._folder.log(event, task=run.spec.task, seed=run.spec.seed, **details)


class _Bookkeeper(LedgerKeeper):
    """Also counts, and ingests as runs end."""

    def __init__(
        self,
        folder: SubmissionFolder,
        engine: Engine,
        result: SubmissionResult,
        display: Listener,
    ) -> None:
        super().__init__(folder, display)
        self._engine = engine
        self._result = result

    def ended(self, run: RunFolder, outcome: Outcome, details: dict[str, Any]) -> None:
        self._result.outcomes[outcome] += 1
        if outcome not in RESULTS and outcome != Outcome.INTERRUPTED:
            error = details.get("error") or {}
            self._result.failures.append(Failure(run, outcome, error))
        super().ended(run, outcome, details)
        self.ingest()

    def ingest(self) -> None:
        """Results are safe in their files; a database that fails now can be filled
        later, so it stops no run."""
        try:
            self._result.ingested = ingest_submission(self._engine, self._folder)
            self._result.database_error = None
        except Exception as error:
            self._result.database_error = str(error)


def run_submission(
    planned: Planned,
    *,
    runs: Path,
    database: str,
    slots: Sequence[Slot],
    terms: Terms,
    display: Listener,
    on_start: Callable[[SubmissionResult], None] = lambda result: None,
) -> SubmissionResult:
    """Runs what a plan still lacks and returns how it all ended.

    Args:
        runs: the runs folder; made if it is not there.
        database: file or URL that is kept up to date.
        display: told about everything, after the ledger is written.
        on_start: told what is done already, before anything runs.

    Raises:
        Held: the same submission is being run by another process.
        DatabaseError: the database cannot be used; nothing has been run.
        OSError: the runs folder cannot be written.
    """
    folder = SubmissionFolder(runs / planned.specs[0].submission)
    folder.path.mkdir(parents=True, exist_ok=True)
    with hold(folder.path):
        engine = open_for_writing(database)
        try:
            folder.register(Plan.of(list(planned.specs)))
            waiting = []
            for spec in planned.specs:
                run = folder.run(spec.task, spec.seed)
                if not run.done:
                    run.create(spec)
                    waiting.append(run)
            done = len(planned.specs) - len(waiting)
            result = SubmissionResult(planned=len(planned.specs), already_done=done)
            on_start(result)
            book = _Bookkeeper(folder, engine, result, display)
            book.ingest()
            pool = run_all(
                waiting,
                slots,
                book,
                terms=terms,
                run_bytes=planned.run_bytes,
            )
            result.interrupted = pool.interrupted
            result.not_started = pool.not_started
            if pool.interrupted or pool.not_started:
                event = "interrupted" if pool.interrupted else "slice-over"
                folder.log(event, not_started=pool.not_started)
                book.ingest()
            return result
        finally:
            engine.dispose()
