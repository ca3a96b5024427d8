"""A suite of which an older version is registered too."""

from dataclasses import replace

from suites import registry
from suites.toy import TOY

NEWER = replace(TOY, version=2)


def add_newer_toy(monkeypatch):
    """Registers toy@2 beside toy@1, with which `toy` means the newer."""
    newer = {**registry.SUITES, "toy@2": f"{__name__}:NEWER"}
    for name, value in newer.items():
        monkeypatch.setitem(registry.SUITES, name, value)
