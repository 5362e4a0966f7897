"""The page of environment variables, made of what the settings say of themselves."""

from __future__ import annotations

import dataclasses
import inspect
import re
from collections.abc import Iterator
from typing import Any

from tools.docs.docstrings import parameters
from tools.docs.markdown import cell, code, table

from trackoracle.settings import ServiceSettings, Settings

_VARIABLE = re.compile(r"`([A-Z][A-Z_]{3,})`")
_INTRO = """# Environment variables

Read anew by each command and call, never written. Of live services, a number that is none and an
address that is neither https nor on this machine are errors that say so.
"""
_GROUPS = (
    ("Work", Settings, "Where things lie, and how many cores are used."),
    (
        "Live services and data sets",
        ServiceSettings,
        "Credentials, addresses and the cache of [live services](../sources.md), of "
        "[the hub](../hub.md) and of data sets.",
    ),
)
_SERVICE = """## The service

| variable | meaning |
|---|---|
| `TRACKORACLE_TOKEN` | What requests must bear: [the service](../serving.md#who-may-ask). |
"""


def page() -> str:
    """Return the page of all variables."""
    parts = [_INTRO]
    for title, settings, said in _GROUPS:
        rows = list(_rows(settings))
        head = ["variable", "default", "meaning"]
        if not any(default for _, default, _ in rows):
            head, rows = head[::2], [row[::2] for row in rows]
        parts += [f"## {title}", said, table(head, rows)]
    return "\n\n".join([*parts, _SERVICE])


def _rows(settings: Any) -> Iterator[list[str]]:
    defaults = {f.name: f.default for f in dataclasses.fields(settings)}
    for names, said in parameters(inspect.getdoc(settings) or ""):
        told = (_told(defaults.get(name)) for name in names)
        yield [
            "<br>".join(code(variable) for variable in _VARIABLE.findall(said)),
            "<br>".join(dict.fromkeys(filter(None, told))),
            cell(re.sub(r" \(`[A-Z_]+`\)", "", said)),
        ]


def _told(default: Any) -> str:
    plain = isinstance(default, str | int | float) and not isinstance(default, bool)
    return code(default) if plain and default != "" else ""
