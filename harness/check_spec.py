"""Is a spec file as `podium submit --dry-run` wrote it, for this Podium and agent?

A cell's id covers its measurement, method, task and seed (read_spec holds it to them);
here is the rest that an edit could change. The worker refuses a changed agent.
"""

from harness.config import override_texts
from harness.describe import describe_elsewhere
from results_db.run_spec import RunSpec, submission_name
from suites.messages import Misused
from suites.registry import load_suite
from suites.spec import Suite


def check_protocol(spec: RunSpec) -> Suite:
    """The suite that a spec runs on.

    Raises:
        Misused: it is not installed in this version, has no such task, or the spec is
            not named after what it holds.
    """
    try:
        suite = load_suite(spec.suite)
        suite.task(spec.task)
    except KeyError as error:
        raise Misused(error.args[0]) from error
    if spec.measurement_hash != suite.measurement_hash:
        raise Misused(
            f"it was planned for measurement {spec.measurement_hash[:12]!r}, but "
            f"{suite.id} is {suite.measurement_hash[:12]!r} here: another Podium "
            "version wrote it, or it was edited"
        )
    name = submission_name(suite.id, suite.measurement_hash, spec.method)
    if (spec.suite, spec.submission) != (suite.id, name):
        raise Misused(
            f"its submission must be {name!r} of {suite.id!r} (got {spec.submission!r} "
            f"of {spec.suite!r}): it was edited"
        )
    return suite


def check_config(spec: RunSpec, *, seconds: float) -> None:
    """Compares a spec's configuration with what its agent makes of the overrides.

    Nothing is said of an agent that cannot be imported, or that changed: its run
    records that.

    Raises:
        Misused: unknown agent or setting, a task that it cannot do, or another
            configuration.
    """
    overrides = override_texts(spec.method.overrides)
    answer = describe_elsewhere(
        spec.method.agent, spec.suite, [spec.task], overrides, seconds=seconds
    )
    if answer.import_error or answer.code_digest != spec.method.code_digest:
        return
    task = answer.tasks[spec.task]
    if task.unsupported is not None:
        raise Misused(f"{spec.method.agent} cannot do {spec.task}: {task.unsupported}")
    if task.config != spec.config:
        raise Misused(
            f"its config is not what the agent makes of the overrides "
            f"{dict(spec.method.overrides)}: it was edited; settings are changed with "
            "podium submit --set"
        )
