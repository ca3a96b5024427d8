"""The conformance test for anybody's agent: short trainings under the real meter.

Checks what `podium submit` relies on: actions of the right form, a kept budget, same
seed same training, going on where it was stopped, evaluations that change nothing, and
a policy that can be repeated.
"""

import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from harness.evaluate import Evaluator
from harness.purity import leaves_no_trace
from harness.seeding import Role, derive_seed, seed_globals
from harness.short_training import ShortTraining, train_shortly
from harness.state_files import load_state, save_state
from harness.task_info import build_config, choose_options, task_info, unsupported
from suites.canonical import digest
from suites.spec import EvaluationPlan, Suite, Task

CHECK_STEPS = 2_000
"""Decisions of a check's training; at least three rollouts of most agents."""


@dataclass(frozen=True)
class Check:
    """One rule and whether the agent keeps it."""

    rule: str
    ok: bool
    detail: str = ""


def check_agent(
    agent: type[Any],
    suite: Suite,
    task: Task,
    overrides: dict[str, Any],
    *,
    device: str = "cpu",
    steps: int = CHECK_STEPS,
) -> Iterator[Check]:
    """Yields the rules one after the other; an error ends the walk as a failed rule.

    Args:
        steps: decisions of each of the short trainings; the task's own budget if that
            is less.
    """
    bench = _Bench(agent, suite, task, overrides, device=device, steps=steps)
    for rule, run in (
        ("supports the task", bench.supports),
        ("chooses an environment that the protocol allows", bench.options),
        ("is built", bench.builds),
        ("trains within its budget", bench.trains),
        ("acts on one and on many observations", bench.acts),
        ("same seed, same training", bench.repeats),
        ("stopped and resumed, the same training", bench.resumes),
        ("evaluations change nothing in training", bench.evaluations_are_pure),
        ("evaluating does not change the agent", bench.evaluation_keeps_state),
        ("same policy seed, same evaluation", bench.evaluations_repeat),
        ("the policy can be saved and loaded", bench.policy_survives),
    ):
        try:
            yield Check(rule, True, run() or "")
        except Exception as error:
            yield Check(rule, False, f"{type(error).__name__}: {error}")
            return


class Broken(AssertionError):
    """A rule that the agent breaks, with what it means."""


class _Bench:
    """A task with a small budget, and short trainings on it."""

    def __init__(
        self,
        agent: type[Any],
        suite: Suite,
        task: Task,
        overrides: dict[str, Any],
        *,
        device: str,
        steps: int,
    ) -> None:
        budget = min(steps, task.protocol.budget_agent_steps)
        plan = replace(
            task.protocol.evaluation,
            every_agent_steps=max(budget // 3, 1),
            episodes=2,
            final_episodes=2,
            num_envs=2,
        )
        protocol = replace(task.protocol, budget_agent_steps=budget, evaluation=plan)
        self._plan: EvaluationPlan = plan
        self._agent = agent
        self._suite = suite
        self._task = replace(task, protocol=protocol)
        self._overrides = overrides
        self._device = device
        self._key = (suite.name, task.name, 0)

    def supports(self) -> str:
        reason = unsupported(self._agent, task_info(self._suite, self._task))
        if reason is not None:
            raise Broken(reason)
        return ""

    @cached_property
    def _config(self) -> Any:
        info = task_info(self._suite, self._task)
        return build_config(self._agent, info, self._overrides)

    @cached_property
    def _options(self) -> Any:
        info = task_info(self._suite, self._task)
        return choose_options(self._agent, info, self._config)

    def options(self) -> str:
        return f"{self._options.num_envs} sub-environments"

    def _build(self) -> Any:
        seed_globals(derive_seed(*self._key, role=Role.AGENT, key=(1,)))
        return self._agent(
            task_info(self._suite, self._task, self._options),
            seed=derive_seed(*self._key, role=Role.AGENT),
            device=self._device,
            config=self._config,
        )

    def builds(self) -> str:
        self._build()
        return ""

    def _evaluate(self, agent: Any, point: int, seed: int) -> tuple[float, ...]:
        evaluator = Evaluator(self._suite, self._task, 0, self._options, threads=1)
        try:
            with leaves_no_trace():
                rows = evaluator.evaluate(lambda _: agent.policy(seed=seed), point)
        finally:
            evaluator.close()
        return tuple(value for row in rows for value in row["returns"])

    def _train(
        self,
        *,
        evaluate: bool = True,
        folder: Path | None = None,
        checkpoints: bool = False,
    ) -> ShortTraining:
        """A training on the bench's task, as `train_shortly`; its folder goes with it
        unless one is given."""
        agent = self._build()
        budget = self._task.protocol.budget_agent_steps
        with tempfile.TemporaryDirectory(prefix="podium-check-") as own:
            return train_shortly(
                agent,
                self._task,
                self._options,
                folder or Path(own),
                key=self._key,
                points=self._plan.points(budget) if evaluate else (),
                evaluate=lambda index: self._evaluate(agent, index + 1, index),
                checkpoints=checkpoints,
            )

    @cached_property
    def _first(self) -> ShortTraining:
        return self._train(evaluate=True)

    def trains(self) -> str:
        training = self._first
        if training.end == "returned" and training.unspent:
            return f"returned after {training.agent_steps:,} steps"
        return f"{training.agent_steps:,} steps, {training.unspent} unspent"

    def acts(self) -> str:
        from harness.actions import ActionCheck

        info = task_info(self._suite, self._task, self._options)
        for size in (1, 3):
            space = info.observation_space
            space.seed(size)
            obs = np.stack([space.sample() for _ in range(size)])
            if obs.dtype.kind == "f":  # unbounded spaces are sampled from all numbers
                obs = np.clip(obs, -10, 10)
            policy = self._first.agent.policy(seed=0)
            check = ActionCheck(info.action_space, size)
            check(policy.act(obs, np.ones(size, dtype=bool)))
            check(policy.act(obs, np.zeros(size, dtype=bool)))
        return ""

    def repeats(self) -> str:
        again = self._train(evaluate=True)
        if again.digest != self._first.digest:
            raise Broken(
                "two trainings with one seed differ: draw only from generators made "
                "of the seed that __init__ is given"
            )
        if again.evaluations != self._first.evaluations:
            raise Broken("two trainings were equal, but not their evaluations")
        return ""

    def resumes(self) -> str:
        if self._first.agent_steps == 0:
            return "it does not train"
        with tempfile.TemporaryDirectory(prefix="podium-check-") as name:
            begun = self._train(folder=Path(name), checkpoints=True)
            if begun.end in ("spent", "returned"):
                return "its training cannot be saved: a killed run starts from zero"
            if begun.end == "unsaved":
                raise Broken(
                    "no checkpoint could be written: what `learned` and `resumed` "
                    "name must be arrays, tensors, numbers, texts, or dicts and lists "
                    "of them"
                )
            ended = self._train(folder=Path(name), checkpoints=True)
        if ended.digest != self._first.digest:
            raise Broken(
                f"a training that was stopped after {begun.agent_steps:,} steps went "
                "on differently: name in `resumed` what learn() and record() need"
            )
        if begun.evaluations + ended.evaluations != self._first.evaluations:
            raise Broken("the resumed training was equal, but not its evaluations")
        return f"stopped after {begun.agent_steps:,} steps"

    def evaluations_are_pure(self) -> str:
        if self._first.agent_steps == 0:
            return "it does not train"
        without = self._train(evaluate=False)
        if without.digest != self._first.digest:
            raise Broken(
                "a training with evaluations differs from one without: policy() shares "
                "state with the agent"
            )
        return ""

    def evaluation_keeps_state(self) -> str:
        agent = self._first.agent
        state_dict: Callable[..., Any] | None = getattr(agent, "state_dict", None)
        if state_dict is None:
            return "it has no state_dict to compare"
        before = _state_digest(state_dict(resume=True))
        self._evaluate(agent, 0, 7)
        if _state_digest(state_dict(resume=True)) != before:
            raise Broken("its state_dict changed during an evaluation")
        return ""

    def evaluations_repeat(self) -> str:
        first = self._evaluate(self._first.agent, 0, 5)
        if self._evaluate(self._first.agent, 0, 5) != first:
            raise Broken("the same policy with the same seed scored differently")
        return f"mean return {np.mean(first):.4g}"

    def policy_survives(self) -> str:
        agent = self._first.agent
        if getattr(agent, "state_dict", None) is None:
            return "it has no state_dict"
        other = self._build()
        with tempfile.TemporaryDirectory(prefix="podium-check-") as folder:
            path = Path(folder) / "policy"
            save_state(path, agent.state_dict(resume=False))
            other.load_state_dict(load_state(path))
        if self._evaluate(other, 0, 5) != self._evaluate(agent, 0, 5):
            raise Broken("the loaded policy plays differently from the saved one")
        return ""


def _state_digest(state: Any) -> str:
    """Digest of a nested state with arrays and tensors."""
    if isinstance(state, dict):
        return digest([[str(k), _state_digest(v)] for k, v in state.items()])
    if isinstance(state, list | tuple):
        return digest([_state_digest(item) for item in state])
    if hasattr(state, "detach"):
        state = state.detach().cpu().numpy()
    if isinstance(state, np.ndarray):
        return digest([str(state.dtype), list(state.shape), state.tobytes().hex()])
    return digest(str(state))
