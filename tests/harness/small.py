"""Suites with a part of their budgets, and a worker on one:

python tests/harness/small.py SUITE SHARE FOLDER EXECUTION
"""

import os
import sys
from dataclasses import replace

from suites.registry import load_suite
from suites.spec import EvaluationPlan


def shrunk(suite, share):
    """The same suite with a part of its budgets and short evaluations."""

    def small(task):
        steps = int(task.protocol.budget_agent_steps * share)
        plan = EvaluationPlan(
            every_agent_steps=steps // 3,
            episodes=2,
            final_episodes=2,
            num_envs=2,
            splits=task.protocol.evaluation.splits,
        )
        protocol = replace(task.protocol, budget_agent_steps=steps, evaluation=plan)
        return replace(task, protocol=protocol)

    return replace(suite, tasks=tuple(map(small, suite.tasks)))


def main(suite, share, *arguments):
    from harness import train, worker

    small = shrunk(load_suite(suite), float(share))
    train.load_suite = lambda name: small
    return worker.main(arguments)


if __name__ == "__main__":
    os._exit(main(*sys.argv[1:]))
