from dataclasses import dataclass
from typing import Literal

import pytest

from harness.config import BadOverride, check_overrides, parse_overrides


@dataclass(frozen=True)
class Config:
    steps: int = 1
    rate: float = 0.5
    on: bool = False
    name: str = "a"
    sizes: tuple[int, ...] = (1,)
    pair: tuple[int, float] = (1, 0.5)
    limit: float | None = None
    mode: Literal["fast", "slow"] = "fast"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("steps=10_000", 10_000),
        ("steps=-3", -3),
        ("rate=3e-4", 3e-4),
        ("rate=1", 1.0),
        ("on=true", True),
        ("on=False", False),
        ("name=x=y z", "x=y z"),
        ("name=", ""),
        ("sizes=(8, 16)", (8, 16)),
        ("sizes=[8]", (8,)),
        ("sizes=8", (8,)),
        ("sizes=()", ()),
        ("pair=(2, 3)", (2, 3.0)),
        ("limit=none", None),
        ("limit=0.25", 0.25),
        ("mode=slow", "slow"),
    ],
)
def test_values_get_the_type_of_their_field(text, value):
    parsed = parse_overrides(Config, [text])
    assert parsed == {text.split("=")[0]: value}
    assert type(next(iter(parsed.values()))) is type(value)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("steps", "key=value"),
        ("stepz=1", "Did you mean 'steps'"),
        ("steps=1.5", "steps must be int .got '1.5'"),
        ("steps=", "int"),
        ("rate=fast", "float"),
        ("on=1", "bool"),
        ("sizes=(1, 'a')", "tuple"),
        ("sizes=__import__('os')", "tuple"),
        ("pair=(1,)", "tuple"),
        ("limit=much", "float"),
        ("mode=quick", "one of fast, slow"),
    ],
)
def test_bad_overrides_say_what_was_wanted(text, complaint):
    with pytest.raises(BadOverride, match=complaint):
        parse_overrides(Config, [text])


def test_a_setting_is_given_once():
    with pytest.raises(BadOverride, match="steps is set twice .got '2' after 1"):
        parse_overrides(Config, ["steps=1", "rate=1", "steps=2"])


def test_an_agent_without_config_takes_no_override():
    with pytest.raises(BadOverride, match="no Config"):
        parse_overrides(None, ["a=1"])
    assert parse_overrides(None, []) == {}


def test_values_survive_a_spec_file():
    import json

    texts = ["sizes=(8, 16)", "limit=none", "rate=1e-05", "on=true", "name=none"]
    values = parse_overrides(Config, texts)
    assert check_overrides(Config, json.loads(json.dumps(values))) == values
