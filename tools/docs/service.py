"""The page of the HTTP service, made from the description that it gives of itself."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from typing import Any

from tools.docs.markdown import cell, code, table

import trackoracle as to

_NAME = "starter"
_INTRO = """# HTTP

Made from what `trackoracle serve` says of itself at `/openapi.json`, for the starter oracle: its
tracks have no artists' history. Each oracle has request models of its own, from its contract, and
answers also under `/models/NAME/...`. [The service](../serving.md) says how it is run, who may ask,
and how it stops.
"""
_ASKED = {"get", "post", "put", "delete", "patch"}


def page() -> str:
    """Return the page of every address and of what is sent and answered."""
    described = description()
    parts = [_INTRO, "## Addresses", _overview(described)]
    for address, method, operation in operations(described):
        parts += [f"## {method.upper()} {address}", *_operation(operation)]
    parts += ["## What is sent and answered", *_schemas(described)]
    return "\n\n".join(parts) + "\n"


@cache
def description() -> dict[str, Any]:
    """Return the OpenAPI description of a service of the starter oracle and the sample."""
    from trackoracle.interfaces.rest import create_app

    catalog = to.open_index("sample")
    described: dict[str, Any] = create_app({_NAME: to.load_oracle()}, catalog=catalog).openapi()
    return described


def operations(described: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Go through addresses and methods."""
    for address, methods in described["paths"].items():
        for method, operation in methods.items():
            if method in _ASKED:
                yield address, method, operation


def _overview(described: dict[str, Any]) -> str:
    rows = []
    for address, method, operation in operations(described):
        anchor = f"{method}-{address.strip('/').replace('/', '')}"
        first = operation.get("description", "").split("\n")[0]
        rows.append([f"[`{method.upper()} {address}`](#{anchor})", cell(first)])
    return table(["address", "what it answers"], rows)


def _operation(operation: dict[str, Any]) -> list[str]:
    parts = [operation.get("description", "")]
    asked = operation.get("parameters", [])
    if asked:
        rows = [
            [
                code(p["name"]),
                _kind(p["schema"]),
                _default(p["schema"]),
                cell(p.get("description", "")),
            ]
            for p in asked
        ]
        parts.append(table(["in the address", "type", "default", "meaning"], rows))
    sent = operation.get("requestBody", {}).get("content", {})
    if sent:
        parts += [_contents("body", sent), *_examples(sent)]
    rows = []
    for status, answer in operation["responses"].items():
        kinds = "<br>".join(
            f"{code(media)}: {_kind(body.get('schema', {}))}"
            for media, body in answer.get("content", {}).items()
        )
        rows.append([status, cell(answer.get("description", "")), kinds])
    parts.append(table(["status", "when", "answer"], rows))
    return parts


def _contents(head: str, contents: dict[str, Any]) -> str:
    rows = [[code(media), _kind(body.get("schema", {}))] for media, body in contents.items()]
    return table([head, "what"], rows)


def _examples(contents: dict[str, Any]) -> list[str]:
    """Return the examples of JSON bodies, each under its summary."""
    body = contents.get("application/json", {})
    named = body.get("examples", {})
    parts = []
    for name, example in named.items():
        told = json.dumps(example.get("value"), indent=2, ensure_ascii=False)
        parts.append(f"{example.get('summary', name)}:\n\n```json\n{told}\n```")
    if "example" in body:
        told = json.dumps(body["example"], indent=2, ensure_ascii=False)
        parts.append(f"```json\n{told}\n```")
    return parts


def _schemas(described: dict[str, Any]) -> list[str]:
    parts = []
    for name, schema in described["components"]["schemas"].items():
        rows = [
            [
                code(field),
                _kind(told),
                "yes" if field in schema.get("required", []) else "",
                cell(told.get("description", "")),
            ]
            for field, told in schema.get("properties", {}).items()
        ]
        parts += [f"### {_title(name)}", schema.get("description", "")]
        if rows:
            parts.append(table(["field", "type", "always there", "meaning"], rows))
    return parts


def _kind(schema: dict[str, Any]) -> str:
    """Return the type that a schema tells, in words, with its bounds and choices."""
    if "$ref" in schema:
        name = _title(schema["$ref"].rsplit("/", 1)[1])
        return f"[{name}](#{name.lower()})"
    for either in ("anyOf", "oneOf"):
        if either in schema:
            kinds = [_kind(each) for each in schema[either]]
            return " or ".join(dict.fromkeys(kinds))
    if "enum" in schema:
        return ", ".join(code(choice) for choice in schema["enum"])
    if schema.get("type") == "array":
        return f"list of {_kind(schema.get('items', {}))}"
    within = ", ".join(code(name) for name in schema.get("properties", {}))
    told = f" of {within}" if within else _bounds(schema)
    return f"{schema.get('type', 'any')}{told}"


def _bounds(schema: dict[str, Any]) -> str:
    words = {
        "minimum": "from {}",
        "exclusiveMinimum": "above {}",
        "maximum": "to {}",
        "exclusiveMaximum": "below {}",
    }
    told = [text.format(f"{schema[name]:g}") for name, text in words.items() if name in schema]
    return f" {' '.join(told)}" if told else ""


def _default(schema: dict[str, Any]) -> str:
    value = schema.get("default")
    return "" if value is None else code(json.dumps(value))


def _title(name: str) -> str:
    return name.removeprefix(f"{_NAME}-")
