"""What an agent is told about a task, and how its wishes become resolved options."""

import dataclasses
from collections.abc import Mapping
from typing import Any

from harness.agent import TaskInfo
from suites.envs.spaces import action_space, observation_space
from suites.messages import unknown_name
from suites.options import EnvOptions, resolve_options
from suites.spec import Suite, Task


def task_info(suite: Suite, task: Task, options: EnvOptions | None = None) -> TaskInfo:
    """Describes a task under resolved options (the protocol's defaults for None)."""
    protocol = task.protocol
    if options is None:
        options = resolve_options(EnvOptions(), protocol.options)
    return TaskInfo(
        suite=suite.name,
        task=task.name,
        simulator=task.simulator,
        observation_space=observation_space(task, options),
        action_space=action_space(task),
        budget_agent_steps=protocol.budget_agent_steps,
        action_repeat=protocol.action_repeat,
        episode_limit_agent_steps=protocol.episode_limit_agent_steps,
        allowed=protocol.options,
        options=options,
    )


def unsupported(agent: type[Any], info: TaskInfo) -> str | None:
    """The agent's own reason why it cannot do a task, or None."""
    supports = getattr(agent, "supports", None)
    reason = None if supports is None else supports(info)
    return None if reason is None else str(reason)


def build_config(agent: type[Any], info: TaskInfo, overrides: Mapping[str, Any]) -> Any:
    """The agent's configuration for a task: its defaults, then the overrides.

    Raises:
        ValueError: the Config refuses the values, or has no such field.
    """
    make_default = getattr(agent, "default_config", None)
    if make_default is not None:
        config = make_default(info)
    else:
        config_class = getattr(agent, "Config", None)
        config = None if config_class is None else config_class()
    if not overrides:
        return config
    known = [field.name for field in dataclasses.fields(config)]
    for name in overrides:
        if name not in known:  # of a method that is another agent on other tasks
            raise ValueError(unknown_name("setting", name, known))
    return dataclasses.replace(config, **overrides)


def choose_options(agent: type[Any], info: TaskInfo, config: Any) -> EnvOptions:
    """Asks the agent for its environment and resolves what it left open.

    Raises:
        ValueError: an option that the protocol does not allow, or more
            sub-environments than decisions.
    """
    options = resolve_options(agent.environment(info, config), info.allowed)
    if options.num_envs > info.budget_agent_steps:
        raise ValueError(
            f"num_envs={options.num_envs} is more than the whole budget of "
            f"{info.budget_agent_steps} decisions"
        )
    return options
