"""The selection lives in the page's address, so that a view can be sent to somebody.

The address is the only state: a widget shows what stands there, and writes there. What
the address asks for and does not exist is said and replaced by the default.
"""

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import streamlit as st

from results_db.export.escape import markdown, visible

CARRIED = ("suite", "missing", "reported", "methods", "task")
"""What goes along from page to page."""
OF_A_SUITE = ("methods", "task", "method", "first", "second", "origin", "run", "other")
"""What means nothing on another suite."""
LONGEST_TEXT = 80
_PLAIN = re.compile(r"[A-Za-z0-9_.@()+ -]{1,60}")


def carry() -> None:
    """Puts what was chosen on the page before into the address of this one."""
    kept: dict[str, list[str]] = st.session_state.setdefault("kept", {})
    for name in CARRIED:
        if name in st.query_params:
            kept[name] = st.query_params.get_all(name)
        elif name in kept:
            st.query_params[name] = kept[name]


def token(label: str) -> str:
    """A name as it stands in the address: itself, or a digest where it is not plain."""
    if _PLAIN.fullmatch(label):
        return label
    return "~" + hashlib.sha256(label.encode("utf-8", "surrogatepass")).hexdigest()[:12]


def choose(
    label: str,
    name: str,
    options: Mapping[str, str],
    *,
    default: str | None = None,
    where: Any = st,
    help: str | None = None,
) -> str:
    """A choice of one, by a select box.

    Args:
        options: what stands in the address -> what is shown, plain text.
        default: one of options; else the first.

    Returns the chosen key of options.
    """
    value = _asked_one(label, name, options, default)
    key = f"choose {name}"
    st.session_state[key] = value
    where.selectbox(
        label,
        list(options),
        format_func=lambda one: options[one],
        key=key,
        help=help,
        on_change=_write,
        args=(name, key),
    )
    return value


def segments(
    label: str, name: str, options: Mapping[str, str], *, default: str | None = None
) -> str:
    """A choice of one among few, side by side; options are words of our own."""
    value = _asked_one(label, name, options, default)
    key = f"segments {name}"
    st.session_state[key] = value
    st.segmented_control(
        label,
        list(options),
        format_func=lambda one: options[one],
        key=key,
        required=True,
        on_change=_write,
        args=(name, key),
    )
    return value


def choose_many(
    label: str,
    name: str,
    options: Mapping[str, str],
    *,
    default: Sequence[str] = (),
    most: int | None = None,
    where: Any = st,
    help: str | None = None,
    placeholder: str | None = None,
) -> list[str]:
    """A choice of several, in the order of options.

    Args:
        options: as `choose`.
        default: keys of options; where the address says nothing.
        most: how many may be chosen.
    """
    asked = [one for one in st.query_params.get_all(name) if one]
    given = name in st.query_params
    _say_unknown(label, [one for one in asked if one not in options])
    known = [one for one in options if one in asked]
    value = known if known or (given and not asked) else list(default)
    value = value[:most]
    _put(name, value or [""])
    key = f"many {name}"
    st.session_state[key] = value
    where.multiselect(
        label,
        list(options),
        format_func=lambda one: options[one],
        key=key,
        help=help,
        max_selections=most,
        placeholder=placeholder,
        on_change=_write,
        args=(name, key),
    )
    return value


def flag(
    label: str, name: str, *, default: bool, where: Any = st, help: str | None = None
) -> bool:
    """A switch."""
    asked = st.query_params.get(name)
    value = default if asked not in ("0", "1") else asked == "1"
    _put(name, ["1" if value else "0"])
    key = f"flag {name}"
    st.session_state[key] = value
    where.toggle(label, key=key, help=help, on_change=_write, args=(name, key))
    return value


def written(label: str, name: str, *, where: Any = st, help: str | None = None) -> str:
    """A text of at most LONGEST_TEXT characters."""
    value = (st.query_params.get(name) or "")[:LONGEST_TEXT]
    key = f"written {name}"
    st.session_state[key] = value
    where.text_input(
        label,
        key=key,
        max_chars=LONGEST_TEXT,
        placeholder="all",
        help=help,
        on_change=_write,
        args=(name, key),
    )
    return value


def set_one(name: str, value: str) -> None:
    """Writes a choice that was made elsewhere than in its widget."""
    _put(name, [value])


def _asked_one(
    label: str, name: str, options: Mapping[str, str], default: str | None
) -> str:
    asked = st.query_params.get(name)
    if asked is not None and asked not in options:
        _say_unknown(label, [asked])
    value = asked if asked in options else default
    if value not in options:
        value = next(iter(options))
    assert value is not None
    _put(name, [value])
    return value


def _say_unknown(label: str, asked: Iterable[str]) -> None:
    for one in list(asked)[:3]:
        if one:
            st.warning(f"{label}: there is no {markdown(visible(one))} here.")


def _put(name: str, values: Sequence[str]) -> None:
    """Writes to the address only what differs."""
    if st.query_params.get_all(name) != list(values):
        st.query_params[name] = list(values)


def _write(name: str, key: str) -> None:
    """A widget was changed by hand."""
    value = st.session_state[key]
    if isinstance(value, bool):
        value = "1" if value else "0"
    values = (list(value) or [""]) if isinstance(value, list | tuple) else [value]
    if name == "suite":
        forget_suite()
    _put(name, values)
    if name in CARRIED:
        st.session_state.setdefault("kept", {})[name] = values


def forget_suite() -> None:
    """Forgets what was chosen on the suite before."""
    for name in OF_A_SUITE:
        st.session_state.setdefault("kept", {}).pop(name, None)
        if name in st.query_params:
            del st.query_params[name]
