"""`podium`: the group of all commands, each imported when it is used."""

import os
import sys
from importlib import import_module

import click

COMMANDS = {
    "suites": ("harness.cli.suites:suites", "The suites, or one suite's protocol."),
    "agents": ("harness.cli.agents:agents", "Installed agents and what they support."),
    "submit": ("harness.cli.submit:submit", "Run an agent on a suite."),
    "resume": ("harness.cli.resume:resume", "Go on with what was stopped or killed."),
    "run": ("harness.cli.run:run", "Run one cell from its spec file."),
    "status": ("harness.cli.status:status", "Running and past submissions."),
    "ingest": ("harness.cli.ingest:ingest", "Bring the database up to date."),
    "leaderboard": (
        "harness.cli.leaderboard:leaderboard",
        "Ranked methods with intervals.",
    ),
    "compare": (
        "harness.cli.compare:compare",
        "Who beats whom, on which tasks, and how sure that is.",
    ),
    "export": ("harness.cli.export:export", "Tables, figures and scores for papers."),
    "import": (
        "harness.cli.import_:import_",
        "Results of others, from a CSV or a DreamerV3 score file.",
    ),
    "check-agent": (
        "harness.cli.check_agent:check_agent",
        "Does an agent keep the contract?",
    ),
    "doctor": (
        "harness.cli.doctor:doctor",
        "What works on this machine, and what not.",
    ),
    "dashboard": ("harness.cli.dashboard:dashboard", "The leaderboard in a browser."),
}
"""Command -> ("module:attribute", one line of help)."""


class LazyGroup(click.Group):
    """Knows its commands by name and imports one when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        module, attribute = COMMANDS[name][0].split(":")
        command: click.Command = getattr(import_module(module), attribute)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and not args[0].startswith("-") and args[0] not in COMMANDS:
            from suites.messages import unknown_name

            raise click.UsageError(unknown_name("command", args[0], COMMANDS), ctx)
        return super().resolve_command(ctx, args)

    def format_commands(
        self, ctx: click.Context, formatter: click.HelpFormatter
    ) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])


@click.group(
    cls=LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(package_name="podium-rl", prog_name="podium")
def podium() -> None:
    """Benchmark reinforcement-learning agents, and compare them honestly.

    \b
    Examples:
      podium suites
      podium submit ppo --suite practice
      podium submit my_agent.py:Agent --suite atari100k --tasks pong,breakout --seeds 3
      podium leaderboard practice
      podium export practice --table latex -o table.tex

    Results are kept in ./runs and indexed in ./podium.db; PODIUM_RUNS and PODIUM_DB
    name other places. Exit codes: 0 done, 1 failed, 2 misused.
    """


def main() -> None:
    """Entry point of the `podium` command."""
    try:
        podium.main(standalone_mode=False)
    except click.exceptions.Exit as error:
        sys.exit(error.exit_code)
    except click.Abort:
        click.echo("Aborted.", err=True)
        sys.exit(1)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except BrokenPipeError:
        # The reader of our output has gone, e.g. `| head`.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except Exception as error:
        misuse = _misuse(error)
        if misuse is None:
            raise
        click.echo(f"Error: {misuse}", err=True)
        sys.exit(2)


def _misuse(error: Exception) -> str | None:
    """The message for what the user must mend, or None for a fault of ours."""
    from harness.config import BadOverride
    from harness.load_agent import UnknownAgent
    from results_db.database import DatabaseError
    from results_db.locks import Held
    from results_db.run_files import FileDamaged
    from results_db.run_spec import SpecError
    from suites.envs.make import SimulatorMissing
    from suites.messages import Misused

    kinds = (
        BadOverride,
        DatabaseError,
        FileDamaged,
        Held,
        Misused,
        SimulatorMissing,
        SpecError,
        UnknownAgent,
    )
    return str(error) if isinstance(error, kinds) else None


if __name__ == "__main__":
    main()
