"""How far a run is, from its files alone; the same for displays and `podium status`."""

from dataclasses import dataclass

from results_db.run_files import RunFolder, last_line


@dataclass(frozen=True)
class Progress:
    """The newest progress line of a run, understood."""

    phase: str
    """`starting`, `training` or `evaluating`."""
    agent_steps: int
    budget_agent_steps: int
    wall_seconds: float
    recent_return: float | None
    """Mean raw return of the last training episodes."""
    evaluation: float | None
    """Mean raw return of the newest evaluation, on the split that scores."""
    evaluated: tuple[int, int] | None
    """Episodes played of the evaluation under way."""

    @property
    def steps_per_second(self) -> float | None:
        """Agent steps a second over the attempt, evaluations included."""
        if self.wall_seconds <= 0 or self.agent_steps == 0:
            return None
        return self.agent_steps / self.wall_seconds

    @property
    def eta_seconds(self) -> float | None:
        """Seconds until training is through; None while nothing is known."""
        rate = self.steps_per_second
        if rate is None:
            return None
        return (self.budget_agent_steps - self.agent_steps) / rate

    @property
    def fraction(self) -> float:
        return min(self.agent_steps / self.budget_agent_steps, 1.0)


def read_progress(run: RunFolder, budget_agent_steps: int) -> Progress:
    """Reads the end of a run's metrics.jsonl."""
    row = last_line(run.path / "metrics.jsonl") or {}
    evaluated = row.get("evaluated")
    return Progress(
        phase=row.get("phase", "starting"),
        agent_steps=row.get("agent_steps", 0),
        budget_agent_steps=budget_agent_steps,
        wall_seconds=row.get("wall_seconds", 0.0),
        recent_return=row.get("recent_return"),
        evaluation=row.get("evaluation"),
        evaluated=tuple(evaluated) if evaluated else None,
    )
