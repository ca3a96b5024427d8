"""The story of a run: build, train under the meter, evaluate, keep the policy."""

import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Any

from harness.agent import Agent, BudgetSpent, Policy
from harness.agent_source import code_digest
from harness.config import check_overrides
from harness.evaluate import FINAL, Evaluator
from harness.load_agent import load_agent
from harness.meter import Diverged, MeteredEnv
from harness.provenance import provenance
from harness.purity import leaves_no_trace
from harness.recorder import Recorder
from harness.seeding import Role, derive_seed, episode_seeds, seed_globals
from harness.simulate import simulate
from harness.task_info import build_config, choose_options, task_info
from results_db.outcomes import Outcome
from results_db.run_spec import RunSpec, SpecError
from suites.envs.make import make_env
from suites.registry import load_suite

SMALL_POLICY_BYTES = 20_000_000
"""Policies up to this size are kept without being asked to."""


@dataclass(frozen=True)
class Execution:
    """How a run is executed here; recorded, but not part of what the run is."""

    device: str = "cpu"
    """`cpu` or `cuda` (the first GPU that the process sees)."""
    env_threads: int = 1
    """Threads for the simulator; they change no number."""
    jobs: int = 1
    """Runs that share the machine."""
    keep_policy: bool | None = None
    """None keeps small ones."""


class AgentChanged(RuntimeError):
    """The agent's source is not the one that was submitted."""


def train_and_evaluate(
    spec: RunSpec,
    folder: Path,
    execution: Execution,
    describe: Callable[[dict[str, Any]], None] = lambda provenance: None,
) -> dict[str, Any]:
    """Runs one cell and returns its summary, `outcome` included.

    Args:
        folder: the run's folder; data files are appended there.
        describe: takes the provenance once agent and environment are there.

    Raises:
        SpecError: the spec answers to another protocol than the one that is installed.
        AgentChanged: the agent's source changed since the submission.
        AgentImportFailed, UnknownAgent, BadAction, EnvironmentFailed, or whatever the
        agent raises.
    """
    began = perf_counter()
    suite = load_suite(spec.suite)
    task = suite.task(spec.task)
    if spec.measurement_hash != suite.measurement_hash:
        raise SpecError(
            f"the run was planned for measurement {spec.measurement_hash[:12]}, but "
            f"{suite.id} is {suite.measurement_hash[:12]} here: another Podium version"
        )

    cls = load_agent(spec.method.agent)
    if code_digest(cls) != spec.method.code_digest:
        raise AgentChanged(
            f"the source of {spec.method.agent} changed after it was submitted; a "
            "changed agent is another method version: submit it again"
        )
    overrides = check_overrides(
        getattr(cls, "Config", None), dict(spec.method.overrides)
    )
    config = build_config(cls, task_info(suite, task), overrides)
    options = choose_options(cls, task_info(suite, task), config)

    key = (suite.name, task.name, spec.seed)
    seed_globals(derive_seed(*key, role=Role.AGENT, key=(1,)))
    env = simulate(
        make_env,
        task,
        options,
        seeds=episode_seeds(*key, role=Role.TRAINING),
        threads=execution.env_threads,
    )
    evaluator = Evaluator(
        suite, task, spec.seed, options, threads=execution.env_threads
    )
    recorder = Recorder(folder)
    try:
        agent: Agent = cls(
            task_info(suite, task, options),
            seed=derive_seed(*key, role=Role.AGENT),
            device=execution.device,
            config=config,
        )
        describe(_provenance(cls, spec, execution))

        def evaluate(point: int) -> None:
            def progress(played: int, of: int) -> None:
                if recorder.due(perf_counter()):
                    meter.report("evaluating", evaluated=[played, of])

            with leaves_no_trace():
                rows = evaluator.evaluate(
                    lambda seed: agent.policy(seed=seed), point, progress
                )
            for row in rows:
                recorder.evaluation({"agent_steps": meter.agent_steps, **row})
            meter.report("training", evaluation=_headline(rows, suite.scoring.split))

        budget = task.protocol.budget_agent_steps
        meter = MeteredEnv(
            env,
            options,
            budget_agent_steps=budget,
            recorder=recorder,
            points=task.protocol.evaluation.points(budget),
            on_point=lambda index: evaluate(index + 1),
        )

        diverged = _train(agent, meter)
        training_seconds = recorder.wall_seconds - evaluator.wall_seconds
        if diverged is None:
            evaluate(FINAL)
            _keep_policy(agent, folder / "policy", execution.keep_policy)
        return {
            "outcome": Outcome.FINISHED if diverged is None else Outcome.DIVERGED,
            "diverged": diverged,
            "agent_steps": meter.agent_steps,
            "unspent_agent_steps": meter.remaining_agent_steps,
            "env_frames": meter.env_frames,
            "episodes": meter.episodes,
            "digest": meter.digest,
            "wall_seconds": round(perf_counter() - began, 3),
            "training_seconds": round(training_seconds, 3),
            "env_seconds": round(meter.env_seconds, 3),
            "evaluation_seconds": round(evaluator.wall_seconds, 3),
        }
    finally:
        recorder.close()
        evaluator.close()
        env.close()


def _train(agent: Agent, meter: MeteredEnv) -> str | None:
    """Trains until the budget is spent or the agent returns; why, if it diverged."""
    try:
        agent.train(meter)
    except BudgetSpent:
        pass
    except Diverged as error:
        return str(error)
    return None


def _headline(rows: list[dict[str, Any]], split: str) -> float:
    """The mean return on the split that scores, for progress lines."""
    returns = next(row["returns"] for row in rows if row["split"] == split)
    return float(sum(returns) / len(returns))


def _keep_policy(agent: Agent, folder: Path, keep: bool | None) -> None:
    if keep is False or folder.exists():
        return
    with leaves_no_trace():
        policy: Policy = agent.policy(seed=0)
    save = getattr(policy, "save", None)
    if save is None:
        return
    save(folder)
    size = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
    if keep is None and size > SMALL_POLICY_BYTES:
        shutil.rmtree(folder)


def _provenance(cls: type[Any], spec: RunSpec, execution: Execution) -> dict[str, Any]:
    file = getattr(sys.modules.get(cls.__module__), "__file__", None)
    torch = sys.modules.get("torch")
    return {
        **provenance(None if file is None else Path(file), execution.device),
        "threads": None if torch is None else torch.get_num_threads(),
        "env_threads": execution.env_threads,
        "jobs": execution.jobs,
        "measurement_hash": spec.measurement_hash,
        "scoring_hash": spec.scoring_hash,
        "code_digest": spec.method.code_digest,
        "config_digest": spec.method.config_digest,
        "tuning": spec.method.tuning,
    }
