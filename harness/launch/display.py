"""Live progress of a submission: a table in a terminal, plain lines without one."""

from collections import Counter
from collections.abc import Sequence
from time import monotonic
from typing import Any

from rich.console import Console, Group
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from harness.devices import Slot
from harness.launch.worker_process import WorkerProcess
from results_db.export.escape import one_line
from results_db.outcomes import RESULTS, Outcome
from results_db.progress import Progress, read_progress
from results_db.run_files import RunFolder
from suites.spec import Suite

PLAIN_SECONDS = 15.0
"""How often a running cell is mentioned where there is no terminal."""

REFRESH_SECONDS = 0.5
MOST_ROWS = 32


def duration(seconds: float | None) -> str:
    """`42s`, `3m10s`, `2h05m`, `1d04h`; `-` for None."""
    if seconds is None:
        return "-"
    whole = int(seconds)
    minutes, hours, days = whole // 60, whole // 3600, whole // 86400
    if days:
        return f"{days}d{hours % 24:02}h"
    if hours:
        return f"{hours}h{minutes % 60:02}m"
    return f"{minutes}m{whole % 60:02}s" if minutes else f"{whole}s"


def outcome_line(run: RunFolder, outcome: Outcome, details: dict[str, Any]) -> str:
    """`breakout seed 0: finished in 3m10s`, or why not."""
    name = f"{run.spec.task} seed {run.spec.seed}"
    if outcome in RESULTS:
        time = duration(details.get("wall_seconds"))
        more = f" ({details['diverged']})" if details.get("diverged") else ""
        return one_line(f"{name}: {outcome.value} in {time}{more}")
    error = details.get("error")
    reason = f": {error['type']}: {error['message']}" if error else ""
    return one_line(f"{name}: {outcome.value}{reason}")


class _Display:
    """What both displays know: the budget of each task."""

    def __init__(self, suite: Suite, console: Console, total: int) -> None:
        self._console = console
        self._total = total
        self._ended: Counter[Outcome] = Counter()
        self._budgets = {t.name: t.protocol.budget_agent_steps for t in suite.tasks}

    def _progress(self, run: RunFolder) -> Progress:
        return read_progress(run, self._budgets[run.spec.task])

    def ended(self, run: RunFolder, outcome: Outcome, details: dict[str, Any]) -> None:
        self._ended[outcome] += 1
        style = "" if outcome in RESULTS else "red"
        self._console.print(
            Text(outcome_line(run, outcome, details), style=style), soft_wrap=True
        )


class PlainDisplay(_Display):
    """Lines for logs: starts, ends, and now and then how far each run is."""

    def __init__(self, suite: Suite, console: Console, total: int) -> None:
        super().__init__(suite, console, total)
        self._said: dict[RunFolder, float] = {}

    def __enter__(self) -> "PlainDisplay":
        return self

    def __exit__(self, *error: object) -> None:
        pass

    def started(self, run: RunFolder, slot: Slot) -> None:
        self._said[run] = monotonic()
        self._say(f"{run.spec.task} seed {run.spec.seed}: started on {slot.device}")

    def tick(self, running: Sequence[WorkerProcess], waiting: int) -> None:
        for worker in running:
            run = worker.folder
            if monotonic() - self._said[run] < PLAIN_SECONDS:
                continue
            self._said[run] = monotonic()
            progress = self._progress(run)
            rate = progress.steps_per_second
            parts = [
                progress.phase,
                f"{progress.agent_steps:,}/{progress.budget_agent_steps:,} steps",
                *([f"{rate:,.0f} steps/s"] if rate else []),
                *(
                    [f"evaluation {progress.evaluation:.4g}"]
                    if progress.evaluation is not None
                    else []
                ),
            ]
            self._say(f"{run.spec.task} seed {run.spec.seed}: {', '.join(parts)}")

    def _say(self, line: str) -> None:
        self._console.print(Text(line), soft_wrap=True)


class LiveDisplay(_Display):
    """A table of the running cells that is redrawn in place."""

    def __init__(self, suite: Suite, console: Console, total: int) -> None:
        super().__init__(suite, console, total)
        self._live = Live(console=console, refresh_per_second=4, transient=True)
        self._drawn_at = 0.0

    def __enter__(self) -> "LiveDisplay":
        self._live.__enter__()
        return self

    def __exit__(self, *error: Any) -> None:
        self._live.__exit__(*error)

    def started(self, run: RunFolder, slot: Slot) -> None:
        pass

    def tick(self, running: Sequence[WorkerProcess], waiting: int) -> None:
        if monotonic() - self._drawn_at < REFRESH_SECONDS:
            return
        self._drawn_at = monotonic()
        table = Table(box=None, padding=(0, 2, 0, 0))
        for title in ("run", "", "steps", "steps/s", "left", "train", "evaluation"):
            right = title in ("steps", "steps/s", "left", "train", "evaluation")
            table.add_column(title, justify="right" if right else "left")
        for worker in running[:MOST_ROWS]:
            table.add_row(*self._row(worker))
        ended = ", ".join(f"{n} {outcome.value}" for outcome, n in self._ended.items())
        hidden = max(0, len(running) - MOST_ROWS)
        parts = [f"{len(running)} running", f"{waiting} waiting", ended]
        parts += [f"{hidden} not shown"] if hidden else []
        self._live.update(Group(table, Text(" · ".join(p for p in parts if p), "dim")))

    def _row(self, worker: WorkerProcess) -> list[Any]:
        progress = self._progress(worker.folder)
        spec = worker.folder.spec
        rate = progress.steps_per_second
        phase: Any = ProgressBar(total=1.0, completed=progress.fraction, width=20)
        if progress.phase == "starting":
            phase = Text(f"starting {duration(worker.seconds)}", "dim")
        if progress.phase == "evaluating" and progress.evaluated:
            phase = Text("evaluating {}/{}".format(*progress.evaluated), "cyan")
        return [
            f"{spec.task} s{spec.seed}",
            phase,
            f"{progress.agent_steps:,}/{progress.budget_agent_steps:,}",
            f"{rate:,.0f}" if rate else "-",
            duration(progress.eta_seconds),
            _value(progress.recent_return),
            _value(progress.evaluation),
        ]


def _value(number: float | None) -> str:
    return "-" if number is None else f"{number:.4g}"


def make_display(
    suite: Suite, console: Console, total: int
) -> LiveDisplay | PlainDisplay:
    """A live table in a terminal, else plain lines."""
    kind = LiveDisplay if console.is_terminal else PlainDisplay
    return kind(suite, console, total)
