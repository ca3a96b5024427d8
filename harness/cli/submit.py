"""`podium submit`: run an agent on a suite."""

import os
import shlex
import signal
import sys
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any

import click

from harness.cli import options
from harness.cli.output import console
from harness.describe import DESCRIBE_SECONDS
from harness.plan import TUNINGS, Planned, Request, plan_runs
from results_db.writable import require_writable
from suites.messages import Misused
from suites.registry import known_as

if TYPE_CHECKING:
    from harness.launch.pool import Terms


@click.command()
@click.argument("agent")
@click.option("--suite", "-s", required=True, help="Suite to run on (podium suites).")
@click.option("--tasks", "-t", metavar="A,B", help="Some of the suite's tasks.")
@click.option(
    "--seeds",
    metavar="N|A-B|A,B",
    help="5 is 0 to 4; 0-4 and 0,2,5 work too. Default: the suite's.",
)
@click.option(
    "--set",
    "overrides",
    multiple=True,
    metavar="KEY=VALUE",
    help="Override a field of the agent's Config; may be repeated.",
)
@click.option("--name", metavar="METHOD", help="What the method is called.")
@click.option(
    "--tuning",
    type=click.Choice(TUNINGS),
    help="Declare how the settings were tuned. Default: what the agent declares.",
)
@click.option(
    "--device",
    type=click.Choice(["auto", "cpu", "cuda"]),
    default="auto",
    show_default=True,
    help="auto takes a GPU if there is one.",
)
@click.option(
    "--jobs",
    "-j",
    type=click.IntRange(min=1),
    help="Runs at a time. Default: one a core or a GPU. Runs also wait for memory.",
)
@click.option(
    "--threads",
    type=click.IntRange(min=1),
    default=1,
    show_default=True,
    help="Threads of torch and BLAS in a run; they change the numbers' last bits.",
)
@click.option(
    "--video",
    is_flag=True,
    help="Record the first episode of every final evaluation as a small mp4.",
)
@options.run_terms
@click.option("--dry-run", is_flag=True, help="Show what would run, and stop.")
@click.option(
    "--write",
    "write_to",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="With --dry-run: write the cells' specs there, for `podium run`.",
)
@options.runs
@options.database
def submit(
    agent: str,
    suite: str,
    tasks: str | None,
    seeds: str | None,
    overrides: tuple[str, ...],
    name: str | None,
    tuning: str | None,
    device: str,
    jobs: int | None,
    threads: int,
    video: bool,
    terms: "Terms",
    dry_run: bool,
    write_to: Path | None,
    runs: str,
    database: str,
) -> None:
    """Run AGENT on a suite: every task with every seed.

    AGENT is an installed agent's name (podium agents), file.py:Class or module:Class.
    Issued again, the same command finishes what is missing and does nothing for what
    is done; more --seeds or --tasks extend a submission. A run that was killed or
    stopped goes on from its last checkpoint, bit for bit.

    \b
    Examples:
      podium submit random --suite practice
      podium submit ppo --suite dmc-proprio --tasks walker_walk,cheetah_run --seeds 10
      podium submit my_agent.py:Agent --suite atari100k --set learning_rate=3e-4
      podium submit ppo --suite procgen-easy --device cuda --jobs 4
      podium submit ppo --suite atari100k --dry-run --write cells/
      podium submit ppo --suite atari100k --slice 3000
      podium submit ppo --suite procgen-easy --video
    """
    from harness.devices import make_slots
    from results_db.submission_files import refuse_bundle

    if write_to is not None and not dry_run:
        raise Misused("--write goes with --dry-run")
    folder = Path(runs)
    refuse_bundle(folder, "--runs")
    os.environ["PODIUM_COMMAND"] = shlex.join(["podium", *sys.argv[1:]])
    slots = make_slots(device, jobs, threads)
    request = Request(agent, suite, tasks, seeds, overrides, name, tuning, video)
    seconds = min(terms.timeout_seconds or DESCRIBE_SECONDS, DESCRIBE_SECONDS)
    planned = plan_runs(request, describe_seconds=seconds)
    if dry_run:
        _warn(planned)
        _show_plan(planned, folder, len(slots))
        if write_to is not None:
            _write_cells(planned, write_to)
        # What cannot be imported here will not run: its cells ask for this very code.
        sys.exit(0 if planned.import_error is None else 1)
    execute(planned, runs=folder, database=database, slots=slots, terms=terms)


def execute(planned: Planned, *, runs: Path, database: str, **arguments: Any) -> None:
    """Runs what a plan lacks, shows it, and exits with 1 if it is not complete.

    Args:
        arguments: slots and terms, as run_submission takes them.
    """
    from harness.launch.display import make_display
    from harness.launch.submission import run_submission
    from results_db.database import check_database

    check_database(database)
    require_writable(runs, "--runs")
    out = console()
    first = planned.specs[0]
    _warn(planned)
    with make_display(planned.suite, out, len(planned.specs)) as display:

        def announce(result: Any) -> None:
            done = (
                f", {result.already_done} done already" if result.already_done else ""
            )
            out.print(f"{first.submission}: {result.planned} runs{done}", markup=False)
            late = done_without_video(planned, runs)
            if late:
                out.print(f"Videos are recorded when a run ends: none of {late} done.")
            left = result.planned - result.already_done
            jobs = min(len(arguments["slots"]), left)
            if _jobs_that_fit(planned, jobs) < jobs:
                out.print(_memory_sentence(planned, jobs))

        signal.signal(signal.SIGTERM, _as_ctrl_c)
        result = run_submission(
            planned,
            runs=runs,
            database=database,
            display=display,
            on_start=announce,
            **arguments,
        )
    _print_end(planned, result, runs)
    if not result.complete:
        sys.exit(1)


def done_without_video(planned: Planned, runs: Path) -> int:
    """How many runs of which a video is asked for ended before it was."""
    from results_db.submission_files import SubmissionFolder

    count = 0
    for spec in planned.specs:
        if spec.video:
            run = SubmissionFolder(runs / spec.submission).run(spec.task, spec.seed)
            count += run.done and not run.wants_video
    return count


def _warn(planned: Planned) -> None:
    """Says why the agent's runs will fail, if that is known already."""
    from results_db.export.escape import one_line

    if planned.import_error is not None:
        out = console()
        out.print("[red]Warning:[/] ", end="")
        out.print(one_line(planned.import_error), markup=False, soft_wrap=True)


def _as_ctrl_c(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _print_end(planned: Planned, result: Any, runs: Path) -> None:
    from results_db.export.escape import one_line
    from results_db.outcomes import Outcome

    out = console()
    parts = [f"{result.done}/{result.planned} runs have their result"]
    parts += [
        f"{count} {outcome.value}"
        for outcome, count in sorted(result.outcomes.items())
        if count
    ]
    out.print(", ".join(parts) + ".", markup=False)
    for failure in result.failures[:10]:
        spec = failure.run.spec
        error = failure.error
        reason = error.get("message", "no reason recorded")
        if error.get("traceback"):  # without its type, SystemExit is a bare number
            reason = f"{error['type']}: {reason}"
        kind = error.get("kind", failure.outcome.value)
        line = (
            f"{spec.task} seed {spec.seed}: {failure.outcome.value}, {kind}: {reason}"
        )
        out.print(f"  {one_line(line)}", markup=False, soft_wrap=True)
        out.print(f"    log: {failure.run.path / 'log.txt'}", markup=False)
    if len(result.failures) > 10:
        out.print(f"  ... and {len(result.failures) - 10} more: podium status")
    _print_problems(result)
    if result.interrupted:
        out.print("Interrupted. The same command finishes the rest.")
    elif result.outcomes[Outcome.INTERRUPTED] or result.not_started:
        out.print("The time slice is over. The same command goes on.")
    elif result.complete:
        out.print(f"Next: podium leaderboard {known_as(planned.suite)}", markup=False)


def _print_problems(result: Any) -> None:
    """What keeps results out of the database, and what to do about it."""
    from results_db.export.escape import one_line

    out = console()
    for problem in result.ingested.problems:
        text = f"Left out of the database: {one_line(problem)}"
        out.print(text, style="red", markup=False, soft_wrap=True)
    if result.ingested.lost_results:
        out.print(
            "Restore the files, or delete the run's folder: then the same command runs "
            "it again."
        )
    if result.database_error is not None:
        text = "The database could not be brought up to date: "
        text += one_line(result.database_error)
        out.print(text, style="red", markup=False, soft_wrap=True)
        out.print("Results are safe in their files; `podium ingest` tries again.")


def _show_plan(planned: Planned, runs: Path, jobs: int) -> None:
    from harness.estimate import estimate
    from harness.launch.display import duration

    suite, specs = planned.suite, planned.specs
    total = sum(suite.task(s.task).protocol.budget_agent_steps for s in specs)
    out = console()
    tasks = dict.fromkeys(spec.task for spec in specs)
    seeds = sorted({spec.seed for spec in specs})
    out.print(f"{specs[0].submission}", style="bold", markup=False)
    out.print(
        f"{len(specs)} runs: {len(tasks)} tasks ({', '.join(tasks)}) x "
        f"{len(seeds)} seeds ({', '.join(map(str, seeds))})",
        markup=False,
        soft_wrap=True,
    )
    out.print(f"Budget: {total:,} agent steps in all.")
    cost = estimate(planned, runs)
    out.print(f"Disk: about {cost.disk_bytes / 1e6:,.0f} MB.")
    out.print(_memory_sentence(planned, jobs))
    if cost.seconds is None:
        out.print("Hours: unknown until a run of this method has finished here.")
    else:
        out.print(
            f"Time: about {duration(cost.seconds / jobs)} with {jobs} runs at a time "
            f"({cost.basis})."
        )
    done = sum((runs / s.submission / s.folder_name / "done").exists() for s in specs)
    if done:
        out.print(f"{done} of them are done already.")


def _memory_sentence(planned: Planned, jobs: int) -> str:
    """What runs need beside each other, and whether all jobs fit."""
    from harness.memory import available_bytes

    most, free = _run_bytes(planned) / 1e9, available_bytes() / 1e9
    sentence = f"Memory: about {most:.1f} GB a run, {free:.1f} GB are free"
    fit = _jobs_that_fit(planned, jobs)
    return (
        f"{sentence}."
        if fit == jobs
        else f"{sentence}: {fit} of {jobs} jobs at a time."
    )


def _jobs_that_fit(planned: Planned, jobs: int) -> int:
    """How many of the jobs the free memory lets run at a time."""
    from harness.memory import available_bytes

    most, free = _run_bytes(planned), available_bytes()
    return jobs if jobs <= 1 or jobs * most <= free else max(1, free // most)


def _run_bytes(planned: Planned) -> int:
    """The largest run's memory."""
    return max(planned.run_bytes.values(), default=0)


def _write_cells(planned: Planned, folder: Path) -> None:
    from results_db.run_files import write_whole
    from results_db.submission_files import Plan

    require_writable(folder, "--write")
    for spec in planned.specs:
        write_whole(folder / f"{spec.folder_name}.json", spec.to_json())
    write_whole(folder / "plan.json", Plan.of(list(planned.specs)).to_json())
    console().print(
        f"Wrote {len(planned.specs)} cells to {folder}; run one with "
        f"`podium run {folder}/{planned.specs[0].folder_name}.json`.",
        markup=False,
        soft_wrap=True,
    )
