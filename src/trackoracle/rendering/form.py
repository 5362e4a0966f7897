"""The pages of the service: a form built from an oracle's contract, and what can be asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from trackoracle.rendering.controls import Control, control_groups
from trackoracle.rendering.pages import render_page
from trackoracle.rendering.words import TARGET_NAMES
from trackoracle.schema import Contract, Target, hit_name, tier_names

ASSETS = {"page.css": "text/css", "page.js": "text/javascript"}
"""What the pages load from the service itself, and its media type."""


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
        (group, [_field(one) for one in of_group]) for group, of_group in control_groups(contract)
    ]
    return render_page(
        "form_page.html",
        name=name,
        target=target.name,
        title=TARGET_NAMES[target.name],
        groups=groups,
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


def _field(control: Control) -> Field:
    facts: dict[str, Any] = {
        "name": control.name,
        "label": control.label,
        "meaning": control.meaning,
    }
    if control.kind in ("levels", "text", "date"):
        choices = tuple((str(level), name) for level, name in control.choices)
        return Field(**facts, kind=control.kind, unit=control.unit, choices=choices)
    default = "" if control.middle is None else _number(control, control.middle)
    if control.kind == "choice":
        choices = tuple((f"{code:g}", name) for code, name in control.choices)
        return Field(**facts, kind="choice", unit=control.unit, default=default, choices=choices)
    return Field(
        **facts,
        kind="number",
        unit=control.unit,
        seen=control.seen,
        default=default,
        low=_end(control.low),
        high=_end(control.high),
        step="1" if control.whole else "any",
        from_=_end(control.seen_low),
        to=_end(control.seen_high),
    )


def _end(value: float | None) -> str:
    return "" if value is None else f"{value:.10g}"


def _number(control: Control, value: float) -> str:
    """Write a number as it is typed: no exponent, four digits, all of them before the point."""
    if control.whole or abs(value) >= 1000:
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
