"""What the doctor tries in a process of its own: `python -P -m harness.trials WHAT`.

One thing a process: a simulator that crashes ends that process and nothing else.
"""

import sys

MARK = "podium-doctor: "
"""Begins the answer among whatever else a simulator prints."""


def try_out(suite_name: str, task_name: str) -> str:
    """Makes an environment, steps it, and says what it shows and how fast it is."""
    from time import perf_counter

    import numpy as np

    from harness.memory import process_bytes
    from suites.envs.make import make_env
    from suites.options import EnvOptions, resolve_options
    from suites.registry import load_suite

    task = load_suite(suite_name).task(task_name)
    options = resolve_options(EnvOptions(), task.protocol.options)
    env = make_env(task, options, seeds=lambda row, episode: 1 + row + episode)
    try:
        obs, _ = env.reset()
        if obs.shape[1:] != env.single_observation_space.shape:
            raise RuntimeError(f"observations have shape {obs.shape[1:]}")
        env.action_space.seed(0)
        actions = [env.action_space.sample() for _ in range(30)]
        began = perf_counter()
        for action in actions:
            obs, *_ = env.step(np.asarray(action))
        rate = len(actions) / (perf_counter() - began)
    finally:
        env.close()
    if task.observation.pixels and obs.min() == obs.max():
        raise RuntimeError("it draws nothing: every pixel is the same")
    memory = process_bytes() / 1e9
    return (
        f"{task_name}: {rate:,.0f} steps/s, observations {obs.shape[1:]} {obs.dtype}, "
        f"{memory:.2f} GB of memory for one environment"
    )


def main(what: list[str]) -> int:
    """The process of its own: tries one thing and says what came of it."""
    try:
        answer = _answer(what)
    except BaseException as error:
        sys.stdout.write(f"{MARK}{_in_words(error)}\n")
        return 1
    sys.stdout.write(f"{MARK}{answer}\n")
    return 0


def _in_words(error: BaseException) -> str:
    reason = " ".join(str(error).split()) or str(error.__cause__ or "no message")
    return f"{type(error).__name__}: {reason}"


def _say_fingerprints(suite_name: str) -> str:
    """Says one line for each task, also for one that fails; at the end how many."""
    from suites.envs.fingerprint import check_fingerprint
    from suites.registry import load_suite

    suite = load_suite(suite_name)
    for task in suite.tasks:
        try:
            check = check_fingerprint(suite, task)
            found = f"{check.status}: {check.detail}"
        except Exception as error:
            found = f"failed: not played: {_in_words(error)}"
        sys.stdout.write(f"{MARK}{task.name} {found}\n")
        sys.stdout.flush()
    return f"{len(suite.tasks)} fingerprints"


def _answer(what: list[str]) -> str:
    match what:
        case ["renderer"]:
            from suites.envs.gl import renderer

            return renderer()
        case ["torch"]:
            import torch

            cuda = "with CUDA" if torch.cuda.is_available() else "without CUDA"
            return f"{torch.__version__} {cuda}"
        case ["fingerprints", suite]:
            return _say_fingerprints(suite)
        case _:
            suite, task = what
            return try_out(suite, task)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
