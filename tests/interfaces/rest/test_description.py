"""The description of the service tells the truth: its examples work, and nothing else happens."""

from __future__ import annotations

import json
import os
from typing import Any

import httpx
import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)
from tests.interfaces.rest.serving import post

import trackoracle as to

N_EXAMPLES = int(os.environ.get("TRACKORACLE_FUZZ", "15"))
"""Bodies for each address; `make fuzz` asks for more."""
CHECKS = (
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    negative_data_rejection,
    unsupported_method,
)
_CELL = st.sampled_from(["", "120", "0", "-1", "pop", "1e999", "NaN", '"', "\x00", "é"])
_LINE = st.lists(_CELL, min_size=1, max_size=4)
_TABLES = st.lists(_LINE, max_size=4).map(
    lambda rows: "tempo,genre,key\n" + "\n".join(",".join(row) for row in rows)
)
_LINES = st.lists(
    st.dictionaries(
        st.sampled_from(["tempo", "genre", "key", "x"]),
        st.none() | st.booleans() | st.floats() | st.text(max_size=5) | st.lists(st.text()),
        max_size=3,
    ).map(json.dumps)
    | st.text(max_size=20),
    max_size=4,
).map("\n".join)
schemathesis.openapi.media_type("text/csv", (_TABLES | st.text()).map(str.encode))
schemathesis.openapi.media_type("application/x-ndjson", _LINES.map(str.encode))


@pytest.fixture(scope="session")
def description(client: httpx.Client) -> dict[str, Any]:
    facts: dict[str, Any] = client.get("/openapi.json").json()
    return facts


@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: mode.value)
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/predict"),
        ("POST", "/explain"),
        ("POST", "/change"),
        ("POST", "/rank"),
        ("POST", "/models/hits/predict"),
        ("POST", "/models/tiers/predict"),
        ("GET", "/model"),
        ("GET", "/models"),
        ("GET", "/metrics"),
        ("GET", "/health"),
        ("GET", "/ready"),
    ],
)
def test_no_request_meets_an_error_or_an_undescribed_answer(
    client: httpx.Client, description: dict[str, Any], method: str, path: str, mode: GenerationMode
) -> None:
    operation = schemathesis.openapi.from_dict(description)[path][method]
    url = str(client.base_url)

    @settings(
        max_examples=N_EXAMPLES if method == "POST" else 3,
        suppress_health_check=list(HealthCheck),
        database=None,
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def ask(case: schemathesis.Case) -> None:
        case.call_and_validate(base_url=url, checks=list(CHECKS), session=session)

    with requests.Session() as session:
        try:
            ask()
        except Unsatisfiable:
            assert method == "GET"  # which takes nothing that could be wrong


def test_every_example_works(client: httpx.Client, description: dict[str, Any]) -> None:
    n_tried = 0
    for path, operations in description["paths"].items():
        content = operations.get("post", {}).get("requestBody", {}).get("content", {})
        for kind, told in content.items():
            for example in told.get("examples", {}).values():
                answer = post(client, path, example["value"], content_type=kind)
                assert answer.status_code == 200, (path, kind, answer.text)
                n_tried += 1
    assert n_tried == 4 * 10  # for the default oracle, and for each under its name


def test_examples_name_nobody(description: dict[str, Any], small_catalog: to.Catalog) -> None:
    bodies = [
        json.dumps(operations["post"]["requestBody"])
        for operations in description["paths"].values()
        if "post" in operations
    ]
    names = set(small_catalog.tracks["artists"].explode().drop_nulls())
    names |= set(small_catalog.tracks["track_name"].drop_nulls())
    assert not [name for name in names for body in bodies if f'"{name}"' in body]


def test_a_base_rate_is_described_for_oracles_of_hits_alone(description: dict[str, Any]) -> None:
    for path, operations in description["paths"].items():
        options = {one["name"] for one in operations.get("post", {}).get("parameters", [])}
        assert ("base_rate" in options) == (path.startswith("/models/hits/") and bool(options))


def test_models_of_requests_are_those_of_the_contract(
    description: dict[str, Any], oracles: dict[str, to.Oracle]
) -> None:
    schemas = description["components"]["schemas"]
    for name, oracle in oracles.items():
        track = schemas[f"{name}-Track"]
        assert track["additionalProperties"] is False
        assert set(track["properties"]) == {column.name for column in oracle.contract.accepted}
        assert "required" not in track
    tempo = schemas["small-Track"]["properties"]["tempo"]
    assert {"type": "number", "minimum": 20, "maximum": 260} in tempo["anyOf"]
    assert "BPM" in tempo["description"]


def test_every_reference_in_the_description_leads_somewhere(description: dict[str, Any]) -> None:
    text = json.dumps(description)
    names = {part.partition('"')[0] for part in text.split("#/components/schemas/")[1:]}
    assert names <= set(description["components"]["schemas"])
    assert {"Problem", "small-Predictions", "hits-Change"} <= names
