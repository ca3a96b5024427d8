"""One name for a method that stands on several algorithms, each for its tasks."""

from typing import Any

from harness.agent import EnvOptions, StepAgent, TaskInfo


class ByTask(StepAgent):
    """Becomes, when it is built, the agent that `choose` names for the task.

    `Config` holds the fields that can be set by this name; one that the chosen agent
    lacks is refused.
    """

    @classmethod
    def choose(cls, task: TaskInfo) -> type[StepAgent]:
        """The class that plays this task."""
        raise NotImplementedError(f"{cls.__name__} has no choose()")

    @classmethod
    def supports(cls, task: TaskInfo) -> str | None:
        return cls.choose(task).supports(task)

    @classmethod
    def default_config(cls, task: TaskInfo) -> Any:
        return cls.choose(task).default_config(task)

    @classmethod
    def environment(cls, task: TaskInfo, config: Any) -> EnvOptions:
        return cls.choose(task).environment(task, config)

    def __new__(cls, task: TaskInfo, **arguments: Any) -> Any:
        """An instance of the chosen class, built."""
        return cls.choose(task)(task, **arguments)
