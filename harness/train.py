"""The story of a run: build, train under the meter, evaluate, keep the policy."""

import shutil
import sys
import traceback
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Any, NamedTuple

from harness.agent import Agent, BudgetSpent, Policy
from harness.agent_source import code_digest
from harness.checkpoint import Checkpoints
from harness.config import check_overrides
from harness.energy import EnergyMeter, added
from harness.evaluate import FINAL, Evaluator
from harness.film import ask_for_film
from harness.load_agent import load_agent
from harness.meter import Diverged, MeteredEnv
from harness.provenance import provenance
from harness.purity import (
    global_generators,
    leaves_no_trace,
    restore_global_generators,
)
from harness.recorder import Recorder
from harness.seeding import Role, derive_seed, episode_seeds, seed_globals
from harness.simulate import simulate
from harness.task_info import build_config, choose_options, task_info
from results_db.outcomes import Outcome
from results_db.run_spec import RunSpec, SpecError
from suites.envs.fingerprint import Check, SimulatorDrifted, check_fingerprint
from suites.envs.make import make_env
from suites.options import EnvOptions
from suites.registry import load_suite
from suites.spec import Suite, Task

SMALL_POLICY_BYTES = 20_000_000
"""Policies up to this size are kept without being asked to."""


@dataclass(frozen=True)
class Execution:
    """How a run is executed here; recorded, but not part of what the run is."""

    device: str = "cpu"
    """`cpu` or `cuda` (the first GPU that the process sees)."""
    env_threads: int = 1
    """Threads for the simulator; they change no number."""
    cpus: tuple[int, ...] = ()
    """Cores to keep to; empty is all."""
    jobs: int = 1
    """Runs that share the machine."""
    keep_policy: bool | None = None
    """None keeps small ones."""
    checkpoint_seconds: float = 600.0
    """Distance of two checkpoints."""
    slice_seconds: float | None = None
    """The run ends at a checkpoint after so long; None never."""
    accept_drift: bool = False
    """Run although the simulator does not play as recorded; the run says so."""


class AgentChanged(RuntimeError):
    """The agent's source is not the one that was submitted."""


def train_and_evaluate(
    spec: RunSpec,
    folder: Path,
    execution: Execution,
    describe: Callable[[dict[str, Any]], None] = lambda provenance: None,
    *,
    resume: dict[str, Any] | None = None,
    watch: Callable[[Checkpoints], None] = lambda checkpoints: None,
) -> dict[str, Any]:
    """Runs one cell and returns its summary, `outcome` included.

    Args:
        folder: the run's folder; data files are appended there.
        describe: takes the provenance once agent and environment are there.
        resume: the checkpoint to go on from (harness.checkpoint.read_newest).
        watch: takes what writes the checkpoints, to ask it to stop.

    Raises:
        SliceOver: the run ended at a checkpoint, as its slice or `watch` asked.
        SpecError: the spec answers to another protocol than the one that is installed.
        AgentChanged: the agent's source changed since the submission.
        SimulatorDrifted: the simulator does not play as recorded.
        AgentImportFailed, UnknownAgent, BadAction, EnvironmentFailed, or whatever the
        agent raises.
    """
    began = perf_counter()
    setup = _prepare(spec)
    fingerprint = _fingerprint(setup, accept_drift=execution.accept_drift)
    seed_globals(derive_seed(*_key(setup, spec), role=Role.AGENT, key=(1,)))
    with ExitStack() as open_things:
        run = _Run(setup, spec, folder, execution, open_things)
        run.seconds_before = -began
        described = _provenance(setup.agent, spec, execution)
        describe({**described, "fingerprint": fingerprint.to_json()})
        watch(run.checkpoints)
        if resume is not None:
            run.go_on_from(resume)
        diverged = run.train()
        training_seconds = run.training_seconds
        unscored = run.score(diverged, training_seconds)
        lost_policy = None
        if spec.video:
            run.ask_for_film(folder)
        if diverged is None:
            policy = folder / "policy"
            lost_policy = _keep_policy(run.agent, policy, execution.keep_policy)
    return {
        "outcome": Outcome.FINISHED if diverged is None else Outcome.DIVERGED,
        "diverged": diverged,
        "unscored": unscored,
        "policy_error": lost_policy,
        "training_seconds": training_seconds,
        **run.counted(),
    }


class _Run:
    """What a run is made of while it runs: environments, agent, meter, records."""

    def __init__(
        self,
        setup: "_Setup",
        spec: RunSpec,
        folder: Path,
        execution: Execution,
        open_things: ExitStack,
    ) -> None:
        suite, task, options = setup.suite, setup.task, setup.options
        protocol, key = task.protocol, _key(setup, spec)
        self.seconds_before = 0.0
        self._joules_before: dict[str, float] | None = None
        self._energy = EnergyMeter(execution.device)
        open_things.callback(self._energy.close)
        self._split = suite.scoring.split

        # The environments, and what writes down what happens in them.
        seeds = episode_seeds(*key, role=Role.TRAINING)
        threads = execution.env_threads
        env = simulate(make_env, task, options, seeds=seeds, threads=threads)
        open_things.callback(env.close)
        self.evaluator = Evaluator(suite, task, spec.seed, options, threads=threads)
        open_things.callback(self.evaluator.close)
        self.recorder = Recorder(folder)
        open_things.callback(self.recorder.close)

        self.agent: Agent = setup.agent(
            task_info(suite, task, options),
            seed=derive_seed(*key, role=Role.AGENT),
            device=execution.device,
            config=setup.config,
        )
        self.checkpoints = Checkpoints(
            folder,
            every_seconds=execution.checkpoint_seconds,
            slice_seconds=execution.slice_seconds,
            also=self._more_state,
        )
        self.meter = MeteredEnv(
            env,
            options,
            budget_agent_steps=protocol.budget_agent_steps,
            recorder=self.recorder,
            space_seed=derive_seed(*key, role=Role.AGENT, key=(2,)),
            points=protocol.evaluation.points(protocol.budget_agent_steps),
            on_point=lambda index: self._evaluate(index + 1, self.training_seconds),
            checkpoints=self.checkpoints,
        )

    @property
    def seconds(self) -> float:
        """Wall seconds that went into this run, over all its attempts."""
        return self.seconds_before + perf_counter()

    @property
    def training_seconds(self) -> float:
        """Wall seconds of training in this run, without evaluations, as recorded."""
        return round(self.recorder.wall_seconds - self.evaluator.wall_seconds, 3)

    def counted(self) -> dict[str, Any]:
        """What the meter and the clocks say, over all attempts."""
        meter = self.meter
        return {
            "agent_steps": meter.agent_steps,
            "unspent_agent_steps": meter.remaining_agent_steps,
            "env_frames": meter.env_frames,
            "episodes": meter.episodes,
            "digest": meter.digest,
            "wall_seconds": round(self.seconds, 3),
            "env_seconds": round(meter.env_seconds, 3),
            "evaluation_seconds": round(self.evaluator.wall_seconds, 3),
            "energy_joules": self.joules,
        }

    @property
    def joules(self) -> dict[str, float]:
        """Energy that went into this run, over all its attempts."""
        now = self._energy.joules()
        return now if self._joules_before is None else added(self._joules_before, now)

    def _more_state(self) -> dict[str, Any]:
        return {
            "generators": global_generators(),
            "seconds": self.seconds,
            "joules": self.joules,
            "evaluation_seconds": self.evaluator.wall_seconds,
        }

    def go_on_from(self, state: dict[str, Any]) -> None:
        """Brings everything but the agent to where a checkpoint was written; the
        agent's training loop does the rest."""
        self.meter.restore(state)
        self.seconds_before += state["seconds"]
        self._joules_before = state.get("joules", {})
        self.evaluator.wall_seconds = state["evaluation_seconds"]
        restore_global_generators(state["generators"])

    def train(self) -> str | None:
        """Trains until the budget is spent or the agent returns; why, if it
        diverged."""
        try:
            self.agent.train(self.meter)
        except BudgetSpent:
            pass
        except Diverged as error:
            return str(error)
        return None

    def score(self, diverged: str | None, training_seconds: float) -> str | None:
        """The final evaluation, after that much training. A diverged policy is scored
        as it stands, if it can still act; returns why it could not."""
        self.checkpoints.supported = False  # no step comes any more
        try:
            self._evaluate(FINAL, training_seconds)
        except Exception as error:
            if diverged is None:
                raise
            return f"{type(error).__name__}: {error}"[:500]
        return None

    def ask_for_film(self, folder: Path) -> None:
        """Leaves the first episode of the final evaluation to be recorded when the run
        has its result; a run is not lost for want of a video."""
        episode = self.evaluator.first_episode
        try:
            if episode is not None:
                ask_for_film(folder, episode)
        except OSError as error:
            sys.stderr.write(f"video not recorded: {error}\n")

    def _evaluate(self, point: int, training_seconds: float) -> None:
        """Plays one evaluation and records it; training goes on as if it had not
        been."""
        agent, meter = self.agent, self.meter

        def progress(played: int, of: int) -> None:
            if self.recorder.due(perf_counter()):
                meter.report("evaluating", evaluated=[played, of])

        with leaves_no_trace():
            rows = self.evaluator.evaluate(
                lambda seed: agent.policy(seed=seed), point, progress
            )
        so_far = {
            "agent_steps": meter.agent_steps,
            "training_seconds": training_seconds,
        }
        for row in rows:
            self.recorder.evaluation({**so_far, **row})
        returns = next(row["returns"] for row in rows if row["split"] == self._split)
        meter.report("training", evaluation=sum(returns) / len(returns))


class _Setup(NamedTuple):
    """What a spec means here, checked."""

    suite: Suite
    task: Task
    agent: type[Any]
    config: Any
    options: EnvOptions


def _prepare(spec: RunSpec) -> _Setup:
    """Loads protocol and agent, and refuses those that are not what was planned."""
    suite = load_suite(spec.suite)
    task = suite.task(spec.task)
    if spec.measurement_hash != suite.measurement_hash:
        raise SpecError(
            f"the run was planned for measurement {spec.measurement_hash[:12]}, but "
            f"{suite.id} is {suite.measurement_hash[:12]} here: another Podium version"
        )
    agent = load_agent(spec.method.agent)
    if code_digest(agent) != spec.method.code_digest:
        raise AgentChanged(
            f"the source of {spec.method.agent} changed after it was submitted; a "
            "changed agent is another method version: submit it again"
        )
    config_class = getattr(agent, "Config", None)
    overrides = check_overrides(config_class, dict(spec.method.overrides))
    info = task_info(suite, task)
    config = build_config(agent, info, overrides)
    return _Setup(suite, task, agent, config, choose_options(agent, info, config))


def _key(setup: _Setup, spec: RunSpec) -> tuple[str, str, int]:
    """What all seeds of the run are derived from."""
    return setup.suite.name, setup.task.name, spec.seed


def _fingerprint(setup: _Setup, *, accept_drift: bool) -> Check:
    """Plays the task's fingerprint and stops the run where it is not the recorded."""
    check = simulate(check_fingerprint, setup.suite, setup.task)
    if check.status == "drifted" and not accept_drift:
        raise SimulatorDrifted(
            f"{setup.suite.id}/{setup.task.name} does not play as recorded: "
            f"{check.detail}. Install those versions (pip install -c constraints.txt), "
            "or run with --accept-drift: the results are then marked",
            check,
        )
    return check


def _keep_policy(agent: Agent, folder: Path, keep: bool | None) -> str | None:
    """Saves the final policy where it can be; a training is not lost for want of it.
    Returns why it could not be saved."""
    if keep is False:
        return None
    try:
        with leaves_no_trace():
            policy: Policy = agent.policy(seed=0)
            save = getattr(policy, "save", None)
            if save is None:
                return None
            save(folder)
    except Exception as error:
        traceback.print_exc()
        shutil.rmtree(folder, ignore_errors=True)
        return f"{type(error).__name__}: {error}"[:500]
    size = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
    if keep is None and size > SMALL_POLICY_BYTES:
        shutil.rmtree(folder)
    return None


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
