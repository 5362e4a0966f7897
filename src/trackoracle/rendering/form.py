"""The pages of the service: a form built from an oracle's contract, and what can be asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from trackoracle.rendering.pages import render_page
from trackoracle.rendering.words import TARGET_NAMES, hit_name, tier_names
from trackoracle.schema import INPUT_GROUPS, Contract, ContractColumn, Target

ASSETS = {"page.css": "text/css", "page.js": "text/javascript"}
"""What the pages load from the service itself, and its media type."""
_MOST_CHOICES = 16
"""Whole numbers that are chosen from a list; more are typed."""
_GROUP_NAMES = {
    "metadata": "Track",
    "genre": "Genre",
    "artist": "Artist",
    "release": "Release",
    "audio": "Sound",
    "other": "More",
}
_PITCHES = ("C", "C♯", "D", "D♯", "E", "F", "F♯", "G", "G♯", "A", "A♯", "B")
_CODES = {
    "key": {-1: "none found", **dict(enumerate(_PITCHES))},
    "mode": {0: "minor", 1: "major"},
    "explicit": {0: "no", 1: "yes"},
}
"""How people name the codes of some columns."""


@dataclass(frozen=True)
class Field:
    """One input of the form.

    Parameters
    ----------
    kind
        "number", "choice", "levels", "text" or "date".
    default
        What stands in it at first; empty is missing.
    low, high, step
        Of a number: what is possible.
    from_, to
        Of a number: what was seen in training, the ends of its slider; empty for none.
    choices
        Values and their names.
    """

    name: str
    label: str
    meaning: str
    kind: str
    unit: str = ""
    seen: str = ""
    default: str = ""
    low: str = ""
    high: str = ""
    step: str = "any"
    from_: str = ""
    to: str = ""
    choices: tuple[tuple[str, str], ...] = ()


def form_page(
    name: str, contract: Contract, target: Target, others: Sequence[str] = (), root: str = ""
) -> str:
    """Write the page on which one track is asked about: an input for each column of a contract.

    Parameters
    ----------
    name
        Of the oracle.
    contract, target
        Its inputs, and what it predicts.
    others
        Names of further oracles that answer beside it.
    root
        The way from the page to the service's root, as "../../".

    Examples
    --------
    >>> import trackoracle as to
    >>> oracle = to.load_oracle()
    >>> page = form_page("starter", oracle.contract, oracle.target)
    >>> all(f'name="{column}"' in page for column in oracle.contract.names)
    True
    """
    groups = [
        (_GROUP_NAMES[group], [_field(c) for c in contract.columns if c.group == group])
        for group in sorted(INPUT_GROUPS, key=list(_GROUP_NAMES).index)
    ]
    return render_page(
        "form_page.html",
        name=name,
        target=target.name,
        title=TARGET_NAMES[target.name],
        groups=[(group, fields) for group, fields in groups if fields],
        tiers=tier_names(target),
        hit=hit_name(target),
        others=others,
        root=root,
    )


def docs_page(description: Mapping[str, Any], root: str = "") -> str:
    """Write what can be asked of the service, from its OpenAPI description, ready to be tried."""
    operations = [
        {
            "method": method.upper(),
            "path": path,
            "text": operation.get("description") or operation.get("summary", ""),
            "options": [_option(one) for one in operation.get("parameters", [])],
            "examples": _examples(operation),
            "files": _files(operation),
            "statuses": [
                (status, told["description"]) for status, told in operation["responses"].items()
            ],
        }
        for path, of_path in description["paths"].items()
        for method, operation in of_path.items()
    ]
    operations.sort(key=lambda one: (one["method"] != "POST", one["path"].count("/")))
    return render_page(
        "docs_page.html",
        title=description["info"]["title"],
        about=description["info"]["description"].replace("`", ""),
        operations=operations,
        models=_models(description),
        root=root,
    )


def locked_page(root: str = "") -> str:
    """Write the page that asks for the token of a service."""
    return render_page("locked_page.html", root=root)


def asset(name: str) -> str:
    """Return what a page loads: one of `ASSETS`."""
    own = (files("trackoracle.rendering") / name).read_text(encoding="utf-8")
    if name != "page.css":
        return own
    return (files("trackoracle.rendering") / "report.css").read_text(encoding="utf-8") + own


def _field(column: ContractColumn) -> Field:
    label = column.name.replace("_", " ").removesuffix(" ms").capitalize()
    facts: dict[str, Any] = {"name": column.name, "label": label, "meaning": column.meaning}
    facts["unit"] = column.unit
    if column.role == "category":
        levels = tuple((level, level) for level in column.levels)
        return Field(**facts, kind="levels", choices=levels)
    if column.role != "number":
        return Field(**facts, kind="date" if column.role == "date" else "text")
    low, high = column.low, column.high
    default = "" if column.median is None else _number(column, column.median)
    if column.whole and low is not None and high is not None and high - low < _MOST_CHOICES:
        codes = _CODES.get(column.name, {})
        numbers = range(int(low), int(high) + 1)
        choices = tuple((str(n), codes.get(n, str(n))) for n in numbers)
        return Field(**facts, kind="choice", default=default, choices=choices)
    slides = column.seen_low is not None and column.seen_high is not None
    return Field(
        **facts,
        kind="number",
        seen=column.seen if slides else "",
        default=default,
        low="" if low is None else f"{low:.10g}",
        high="" if high is None else f"{high:.10g}",
        step="1" if column.whole else "any",
        from_=f"{column.seen_low:.10g}" if slides else "",
        to=f"{column.seen_high:.10g}" if slides else "",
    )


def _number(column: ContractColumn, value: float) -> str:
    """Write a number as it is typed: no exponent, four digits, all of them before the point."""
    if column.whole or abs(value) >= 1000:
        return f"{value:.0f}"
    return f"{float(f'{value:.4g}'):.12f}".rstrip("0").rstrip(".")


def _option(parameter: Mapping[str, Any]) -> dict[str, str]:
    schema = parameter["schema"]
    default = schema.get("default")
    return {
        "name": parameter["name"],
        "text": parameter.get("description") or schema.get("description", ""),
        "default": "" if default is None else str(default),
    }


def _examples(operation: Mapping[str, Any]) -> list[dict[str, str]]:
    """Return every example of a body, as text with its media type."""
    from trackoracle.rendering.words import to_json

    content = operation.get("requestBody", {}).get("content", {})
    return [
        {
            "type": media_type,
            "name": name,
            "text": example["value"]
            if isinstance(example["value"], str)
            else to_json(example["value"]),
        }
        for media_type, told in content.items()
        for name, example in told.get("examples", {}).items()
    ]


def _files(operation: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return the files that are parts of a body, and what they are."""
    content = operation.get("requestBody", {}).get("content", {})
    parts = content.get("multipart/form-data", {}).get("schema", {}).get("properties", {})
    return [(name, part.get("description", "")) for name, part in parts.items()]


def _models(description: Mapping[str, Any]) -> list[tuple[str, list[tuple[str, str]]]]:
    """Return the fields of a track, by the names of the models: what may be sent."""
    models = description["components"]["schemas"]
    return [
        (name, [(field, one.get("description", "")) for field, one in told["properties"].items()])
        for name, told in models.items()
        if name.endswith("-Track")
    ]
