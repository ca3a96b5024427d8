"""A submission's cells from its own files, to go on with it."""

from dataclasses import replace
from pathlib import Path

from harness.config import override_texts
from harness.describe import describe_elsewhere
from harness.plan import Planned, planned_cells
from results_db.submission_files import SubmissionFolder, submissions
from suites.messages import Misused, unknown_name
from suites.registry import load_suite


def plan_again(path: Path) -> Planned:
    """Reads what a submission planned.

    Raises:
        Misused: no such submission; its protocol is another here; its agent cannot be
            asked, or is not the one that was submitted.
    """
    folder = SubmissionFolder(path)
    if not folder.exists:
        names = [found.path.name for found in submissions(path.parent)]
        raise Misused(unknown_name("submission", path.name, names))
    plan = folder.plan
    try:
        suite = load_suite(plan.suite)
    except KeyError as error:
        raise Misused(error.args[0]) from error
    if plan.measurement_hash != suite.measurement_hash:
        raise Misused(
            f"{path.name} was planned for measurement "
            f"{plan.measurement_hash[:12]}, but {suite.id} is "
            f"{suite.measurement_hash[:12]} here: another Podium version"
        )
    tasks = list(dict.fromkeys(cell.task for cell in plan.cells))
    method = plan.method
    settings = override_texts(method.overrides)
    answer = describe_elsewhere(method.agent, suite.id, tasks, settings)
    if answer.import_error is not None:
        raise Misused(f"{method.agent} cannot be imported: {answer.import_error}")
    if answer.code_digest != method.code_digest:
        raise Misused(
            f"the source of {method.agent} changed since {path.name} was submitted: a "
            "changed agent is another method version; submit it again"
        )
    cells = [(cell.task, cell.seed) for cell in plan.cells]
    planned = planned_cells(suite, method, answer, cells)
    specs = [
        replace(spec, video=folder.run(spec.task, spec.seed).wants_video)
        for spec in planned.specs
    ]
    return replace(planned, specs=tuple(specs))
