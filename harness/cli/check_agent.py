"""`podium check-agent`: the conformance test on the command line."""

import sys

import click

from harness.cli.output import console
from suites.messages import Misused


@click.command("check-agent")
@click.argument("agent")
@click.option("--suite", "-s", default="toy", show_default=True)
@click.option("--task", "-t", help="Default: the suite's first task that it supports.")
@click.option("--set", "overrides", multiple=True, metavar="KEY=VALUE")
@click.option(
    "--device",
    type=click.Choice(["cpu", "cuda"]),
    default="cpu",
    show_default=True,
)
@click.option(
    "--steps",
    type=click.IntRange(min=1),
    help="Decisions of each short training. Default: 2,000.",
)
def check_agent(
    agent: str,
    suite: str,
    task: str | None,
    overrides: tuple[str, ...],
    device: str,
    steps: int | None,
) -> None:
    """Check that AGENT keeps the contract, in short trainings under the real meter.

    \b
    Examples:
      podium check-agent my_agent.py:Agent
      podium check-agent ppo --suite procgen-easy --task bigfish --steps 40000
    """
    from harness.check_agent import CHECK_STEPS, Check
    from harness.check_agent import check_agent as checks
    from harness.config import parse_overrides
    from harness.describe import describe_elsewhere
    from harness.devices import make_slots
    from harness.load_agent import load_agent
    from harness.task_info import task_info, unsupported
    from results_db.export.escape import one_line
    from suites.envs.make import require_simulator
    from suites.registry import load_suite

    make_slots(device, 1, 1)
    try:
        found = load_suite(suite)
        chosen = None if task is None else found.task(task)
    except KeyError as error:
        raise Misused(error.args[0]) from error
    out = console()
    # In a process of its own first: an import can end or hold up this one.
    answer = describe_elsewhere(agent, found.id, [], overrides)
    if answer.import_error is not None:
        out.print("[red]✗[/] is imported: ", end="")
        out.print(one_line(answer.import_error), markup=False, soft_wrap=True)
        sys.exit(1)
    cls = load_agent(agent)
    values = parse_overrides(getattr(cls, "Config", None), overrides)
    if chosen is None:
        able = [t for t in found.tasks if unsupported(cls, task_info(found, t)) is None]
        chosen = able[0] if able else found.tasks[0]
    require_simulator(chosen.simulator)
    out.print(f"{agent} on {found.id}/{chosen.name}", style="bold", markup=False)
    failed = False
    result: Check
    for result in checks(
        cls, found, chosen, values, device=device, steps=steps or CHECK_STEPS
    ):
        mark = "[green]✓[/]" if result.ok else "[red]✗[/]"
        out.print(f"{mark} {result.rule}", end="")
        out.print(f"  {one_line(result.detail)}", markup=False, soft_wrap=True)
        failed = failed or not result.ok
    if failed:
        out.print("The rules after the first broken one were not tried.", style="dim")
        sys.exit(1)
    out.print("It keeps the contract.")
