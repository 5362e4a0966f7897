"""The pages: every input of the contract, nothing from elsewhere, and nothing unescaped."""

from __future__ import annotations

import re
from html import unescape

import httpx
import polars as pl
import pytest
from tests.interfaces.rest.serving import running

import trackoracle as to
from trackoracle.interfaces.rest import create_app
from trackoracle.rendering import controls, form_page
from trackoracle.schema import Popularity, fit_contract


@pytest.mark.parametrize("name", ["small", "hits", "tiers"])
def test_the_form_has_every_input_of_the_contract_and_no_other(
    client: httpx.Client, oracles: dict[str, to.Oracle], name: str
) -> None:
    answer = client.get(f"/models/{name}/")
    contract = oracles[name].contract
    inputs = re.findall(r'<(?:input|select) id="f-([^"]+)"', answer.text)
    assert sorted(inputs) == sorted(contract.names)
    for control in controls(contract):
        assert control.meaning in unescape(answer.text)
    for column in contract.columns:
        for level in column.levels:
            assert f'<option value="{level}">' in unescape(answer.text)
    other = [one for one in oracles if one != name]
    assert all(f'href="../../models/{one}/"' in answer.text for one in other)


def test_numbers_start_in_the_middle_of_what_was_seen_and_stay_in_what_is_possible(
    client: httpx.Client, small_oracle: to.Oracle
) -> None:
    page = client.get("/").text
    tempo = small_oracle.contract["tempo"]
    field = re.search(r'<input id="f-tempo"[^>]*>', page)
    assert field is not None
    assert float(re.findall(r' value="([^"]*)"', field[0])[0]) == pytest.approx(
        tempo.median, rel=1e-3
    )
    assert 'min="20" max="260"' in field[0]
    slider = re.search(r'<input type="range" data-of="tempo" min="([^"]*)" max="([^"]*)"', page)
    assert slider is not None
    assert [float(end) for end in slider.groups()] == [tempo.seen_low, tempo.seen_high]


def test_pages_load_nothing_from_elsewhere_and_run_no_script_within(client: httpx.Client) -> None:
    for path in ("/", "/docs", "/models/hits/"):
        answer = client.get(path)
        assert answer.status_code == 200
        policy = answer.headers["content-security-policy"]
        assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self'")
        assert answer.headers["x-frame-options"] == "DENY"
        assert not re.search(r"https?://|<style|<script>| on\w+=| style=", answer.text)
        for address in re.findall(r'(?:src|href)="([^"#]+)"', answer.text):
            if not address.startswith("data:"):
                assert client.get(answer.url.join(address)).status_code == 200, address


def test_names_of_columns_and_levels_are_escaped() -> None:
    evil = '"><script>alert(1)</script>'
    tracks = pl.DataFrame({"tempo": [100.0, 120.0], evil: [[evil], ["x"]]})
    contract = fit_contract(tracks, other=[evil])
    page = form_page(evil, contract, Popularity())
    assert "<script>alert" not in page
    assert page.count("&#34;&gt;&lt;script&gt;") > 5


def test_heads_are_those_of_pages_without_their_body(client: httpx.Client) -> None:
    for path in ("/", "/docs", "/health"):
        head, whole = client.head(path), client.get(path)
        assert (head.status_code, head.content) == (200, b"")
        assert head.headers["content-length"] == whole.headers["content-length"]


def test_the_page_of_addresses_has_every_example(client: httpx.Client) -> None:
    page = client.get("/docs").text
    paths = client.get("/openapi.json").json()["paths"]
    for path in paths:
        assert f'data-path="{path}"' in page
    posts = [path for path, operations in paths.items() if "post" in operations]
    assert page.count("<textarea") == len(posts) - 1
    assert page.count('data-file="audio"') == 1


def test_a_browser_without_the_token_is_asked_for_it(small_oracle: to.Oracle) -> None:
    with running(create_app({"small": small_oracle}, token="a-token")) as client:
        for path, root in (("/", ""), ("/models/small/", "../../")):
            answer = client.get(path, headers={"accept": "text/html,*/*"})
            assert answer.status_code == 401
            assert f'src="{root}page.js"' in answer.text
            assert "danceability" not in answer.text
            given = {"accept": "text/html", "authorization": "Bearer a-token"}
            assert "danceability" in client.get(path, headers=given).text
