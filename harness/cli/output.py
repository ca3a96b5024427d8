"""Printing: one table helper for every command, one console for everything."""

import json
from collections.abc import Sequence
from typing import Any, Literal

import click

from results_db.export.escape import markdown, one_line, visible

Format = Literal["table", "json", "csv", "md"]


def print_records(
    records: Sequence[dict[str, Any]],
    columns: dict[str, str],
    output_format: Format,
    *,
    right: Sequence[str] = (),
    empty: str = "Nothing to show.",
) -> None:
    """Prints dicts as a table, JSON, CSV or Markdown.

    Args:
        records: all fields; JSON and CSV print them whole.
        columns: field -> title, of what the table and Markdown show, in order.
        right: fields to align to the right.
        empty: said instead of an empty table.
    """
    if output_format == "json":
        click.echo(json.dumps(list(records), indent=1))
    elif output_format == "csv":
        from results_db.export.tables import records_to_csv

        click.echo(records_to_csv(list(records)), nl=False)
    elif output_format == "md":
        click.echo(f"| {' | '.join(columns.values())} |")
        click.echo(f"| {' | '.join('---' for _ in columns)} |")
        for record in records:
            cells = [markdown(shown(record.get(field))) for field in columns]
            click.echo(f"| {' | '.join(cells)} |")
    elif not records:
        click.echo(empty)
    else:
        _print_table(records, columns, right)


def print_cards(
    records: Sequence[dict[str, Any]], columns: dict[str, str], *, empty: str
) -> None:
    """Prints dicts one below the other, for texts that are too long for a table.

    Args:
        columns: field -> title, in order; of a list each item is a line. The first
            field heads the card, and empty ones are left out.
        empty: said instead of no card.
    """
    from textwrap import fill

    from rich.text import Text

    out, widest = console(), max(map(len, columns.values()))
    width = min(out.width, 110)
    head, *others = columns
    for record in records:
        out.print(Text(one_line(str(record[head])), style="bold"))
        for field in others:
            title, value = columns[field], record.get(field)
            for item in value if isinstance(value, list | tuple) else [value]:
                if item not in (None, ""):
                    indent = " " * (widest + 4)
                    first = f"  {title:<{widest}}  "
                    text = one_line(str(item))
                    lines = fill(
                        text, width, initial_indent=first, subsequent_indent=indent
                    )
                    out.print(Text(lines), soft_wrap=True)
                    title = ""
        out.print()
    if not records:
        click.echo(empty)


def shown(value: Any) -> str:
    """A value as a person reads it; absent is `-`."""
    if value is None or value == "":
        return "-"
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}"
    if isinstance(value, list | tuple):
        return ", ".join(map(shown, value))
    return visible(str(value))


def _print_table(
    records: Sequence[dict[str, Any]], columns: dict[str, str], right: Sequence[str]
) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.measure import Measurement
    from rich.table import Table
    from rich.text import Text

    table = Table(box=SIMPLE_HEAD, padding=(0, 1), pad_edge=False)
    for field, title in columns.items():
        justify: Literal["left", "right"] = "right" if field in right else "left"
        # Folded, not cut: in a narrow terminal a number must not lose its end.
        table.add_column(title, justify=justify, overflow="fold")
    for record in records:
        table.add_row(*[Text(shown(record.get(field))) for field in columns])
    out = console()
    unbounded = out.options.update(max_width=10_000)
    if Measurement.get(out, unbounded, table).minimum <= out.width:
        out.print(table)
        return
    # A narrow terminal: field by field, so that no number is cut.
    widest = max(map(len, columns.values()))
    for record in records:
        for field, title in columns.items():
            line = f"{title:<{widest}}  {shown(record.get(field))}"
            out.print(Text(line), soft_wrap=True)
        out.print()


def console() -> Any:
    """The console for standard output; wide enough for tables when it is a pipe."""
    from rich.console import Console

    plain = Console(highlight=False)
    if plain.is_terminal:
        return plain
    return Console(highlight=False, width=200)


def working(text: str) -> Any:
    """A sign of life on standard error while something takes long; none where that is
    no terminal."""
    from rich.console import Console

    return Console(stderr=True).status(text)
