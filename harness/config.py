"""An agent's configuration: its dataclass, and `--set key=value` typed by it."""

import ast
import dataclasses
import math
import types
import typing
from collections.abc import Mapping, Sequence
from typing import Any

from suites.messages import unknown_name


class BadOverride(ValueError):
    """An override that the agent's Config does not know or cannot hold."""


def parse_overrides(config_class: type | None, texts: Sequence[str]) -> dict[str, Any]:
    """Turns `["learning_rate=3e-4", "hidden=(64, 64)"]` into typed values.

    The type comes from the field's annotation: int, float, bool, str, Literal, tuples
    of them, and `| None`.

    Raises:
        BadOverride: no `=`, an unknown key, a key given twice, or a value of another
            type.
    """
    hints = _field_types(config_class)
    overrides: dict[str, Any] = {}
    for text in texts:
        key, equals, value = text.partition("=")
        if not equals:
            raise BadOverride(f"--set wants key=value (got {text!r})")
        if not hints:
            raise BadOverride(f"this agent has no Config, so nothing to set ({text!r})")
        if key not in hints:
            raise BadOverride(unknown_name("setting", key, hints))
        if key in overrides:
            raise BadOverride(
                f"{key} is set twice (got {value!r} after {overrides[key]!r})"
            )
        try:
            overrides[key] = _parse(value, hints[key])
        except ValueError as error:
            raise BadOverride(
                f"{key} must be {_name(hints[key])} (got {value!r})"
            ) from error
    return overrides


def check_overrides(
    config_class: type | None, overrides: dict[str, Any]
) -> dict[str, Any]:
    """The same check for values that come from a spec file.

    Raises:
        BadOverride: as parse_overrides.
    """
    return parse_overrides(config_class, override_texts(overrides))


def override_texts(overrides: Mapping[str, Any]) -> list[str]:
    """Values of a spec file as `--set` takes them."""
    return [f"{key}={_as_text(value)}" for key, value in overrides.items()]


def _as_text(value: Any) -> str:
    return value if isinstance(value, str) else repr(_tuples(value))


def _tuples(value: Any) -> Any:
    return tuple(map(_tuples, value)) if isinstance(value, list) else value


def _field_types(config_class: type | None) -> dict[str, Any]:
    if config_class is None or not dataclasses.is_dataclass(config_class):
        return {}
    hints = typing.get_type_hints(config_class)
    return {field.name: hints[field.name] for field in dataclasses.fields(config_class)}


def _parse(text: str, kind: Any) -> Any:
    """Raises ValueError when the text is no such value."""
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin in (types.UnionType, typing.Union):
        return _first_that_parses(text, arguments)
    if origin is typing.Literal:
        return _literal(text, arguments)
    if origin is tuple:
        return _tuple(text, arguments)
    if kind is type(None):
        if text.lower() in ("none", "null"):
            return None
        raise ValueError(text)
    if kind is bool:
        return _boolean(text)
    if kind is float:
        value = float(text)
        if not math.isfinite(value):
            raise ValueError(text)
        return value
    if kind is int:
        return int(text.replace("_", ""))
    if kind is str:
        return text
    raise ValueError(text)


def _boolean(text: str) -> bool:
    if text.lower() not in ("true", "false"):
        raise ValueError(text)
    return text.lower() == "true"


def _first_that_parses(text: str, kinds: tuple[Any, ...]) -> Any:
    # None first: "none" would else be taken for a str.
    for kind in sorted(kinds, key=lambda kind: kind is not type(None)):
        try:
            return _parse(text, kind)
        except ValueError:
            continue
    raise ValueError(text)


def _literal(text: str, choices: tuple[Any, ...]) -> Any:
    for choice in choices:
        if text == str(choice):
            return choice
    raise ValueError(text)


def _tuple(text: str, arguments: tuple[Any, ...]) -> tuple[Any, ...]:
    try:
        value = ast.literal_eval(text)
    except (SyntaxError, ValueError, MemoryError, RecursionError) as error:
        raise ValueError(text) from error
    items = value if isinstance(value, tuple | list) else (value,)
    if len(arguments) == 2 and arguments[1] is Ellipsis:
        arguments = (arguments[0],) * len(items)
    if len(items) != len(arguments):
        raise ValueError(text)
    return tuple(
        _parse(item if isinstance(item, str) else repr(item), kind)
        for item, kind in zip(items, arguments, strict=True)
    )


def _name(kind: Any) -> str:
    if typing.get_origin(kind) is typing.Literal:
        return "one of " + ", ".join(map(str, typing.get_args(kind)))
    if isinstance(kind, type) and not typing.get_args(kind):
        return kind.__name__
    return str(kind).replace("typing.", "").replace("NoneType", "None")
