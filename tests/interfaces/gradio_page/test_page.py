"""The demo page as people run it: by Gradio's client, and in a browser."""

from __future__ import annotations

import hashlib
import math
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import httpx
import polars as pl
import pytest
import soundfile
from playwright.sync_api import Page
from tests.audio.sounds import chord
from tests.interfaces.running import SCRIPT, run_here
from tests.interfaces.telling import telling_rows
from tests.interfaces.web.browsing import NARROW, SCREENS, violations

import trackoracle as to
from trackoracle.errors import ServiceUnreachableError
from trackoracle.feedback import open_feedback

pytestmark = pytest.mark.long

N_TRACKS = int(os.environ.get("TRACKORACLE_TRACKS", "12"))
"""Each is a request with two drawings; 200 were compared when this was written."""
User = Callable[..., Page]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("page") / "said.db"


@pytest.fixture(scope="module")
def hit_bundle(small_hit_oracle: to.Oracle, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("oracle") / "hits.oracle"
    small_hit_oracle.save(path)
    return path


@pytest.fixture(scope="module")
def starter_bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("oracle") / "starter.oracle"
    to.load_oracle().save(path)
    return path


@pytest.fixture(scope="module")
def address(place: Path, starter_bundle: Path, hit_bundle: Path) -> Iterator[str]:
    """The page on two oracles, as its command opens it."""
    with tempfile.TemporaryFile("w+") as told:
        process = subprocess.Popen(
            [SCRIPT, "gradio", starter_bundle, hit_bundle, "--port", "0", "--feedback", place],
            stderr=told,
        )
        found, until = None, time.monotonic() + 90
        while found is None and process.poll() is None and time.monotonic() < until:
            time.sleep(0.1)
            told.seek(0)
            found = re.search(r"http://\S+", told.read())
        try:
            assert found, "the page did not start"
            yield found[0].rstrip("/")
        finally:
            process.terminate()
            code = process.wait(20)
        told.seek(0)
        assert code == 0, told.read()


@pytest.fixture(scope="module")
def client(address: str) -> Any:
    from gradio_client import Client

    return Client(address, verbose=False, analytics_enabled=False)


def values_of(row: dict[str, Any], oracle: to.Oracle) -> dict[str, Any]:
    """What a client sends of a track: every input by its name; what is not known is null."""
    values: dict[str, Any] = {}
    for column in oracle.contract.columns:
        value = row.get(column.name)
        if column.name == "duration_ms":
            values["duration_seconds"] = None if value is None else value / 1000
        elif column.role == "category":
            values[column.name] = value or []
        elif column.role == "number":
            is_choice = column.name in ("explicit", "key", "mode", "time_signature")
            values[column.name] = ("" if is_choice else None) if value is None else value
        else:
            values[column.name] = value or ""
    return values


def test_answers_are_predict_s_on_real_tracks(client: Any) -> None:
    oracle = to.load_oracle()
    rows = telling_rows(oracle)[:N_TRACKS]
    jobs = [
        client.submit(oracle="starter", left_out=[], **values_of(r, oracle), api_name="/predict")
        for r in rows
    ]
    told = oracle.predict(rows).to_dicts()
    for row, job, answer in zip(rows, jobs, told, strict=True):
        _, sent, said = job.result(timeout=60)
        assert set(sent) == {name for name, value in row.items() if value not in ("", [])}
        for name, value in said.items():
            if isinstance(value, float):
                assert math.isclose(value, answer[name], abs_tol=1e-6), (row, name)
        assert said["known"] == answer["known"]
        assert said["warning"] == answer["warning"]


def test_the_oracle_that_is_chosen_answers(client: Any, small_hit_oracle: to.Oracle) -> None:
    html, sent, said = client.predict(oracle="hits", tempo=150.0, api_name="/predict")
    told = small_hit_oracle.predict([sent]).row(0, named=True)
    assert math.isclose(said["p_hit"], told["p_hit"], abs_tol=1e-6)
    assert "popularity" not in said
    assert "probability of a hit" in html
    _, _, wrong = client.predict(oracle="starter", tempo=150.0, api_name="/predict")
    assert "popularity" in wrong


def test_what_is_left_out_is_missing_and_never_zero(client: Any) -> None:
    _, sent, _ = client.predict(left_out=["energy", "tempo"], api_name="/predict")
    assert "energy" not in sent
    assert "tempo" not in sent
    assert sent["valence"] > 0


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("tempo", -5),
        ("tempo", "fast"),
        ("energy", 7),
        ("energy", {"a": 1}),
        ("key", 99),
        ("duration_seconds", -1),
    ],
)
def test_bad_values_get_the_facade_s_sentence(client: Any, name: str, value: Any) -> None:
    html, sent, said = client.predict(**{name: value}, api_name="/predict")
    column = "duration_ms" if name == "duration_seconds" else name
    assert said["message"].startswith(f"{column}: expected ")
    with pytest.raises(to.TrackOracleError) as caught:
        to.load_oracle().predict([sent])
    assert said["message"] == str(caught.value)
    assert 'role="alert"' in html


def test_names_are_shown_as_they_are(client: Any) -> None:
    html, _, _ = client.predict(track_name="<img src=x onerror=alert(1)>", api_name="/predict")
    assert "<img" not in html
    assert "&lt;img" in html


def test_a_recording_is_answered_as_by_the_command_line(address: str, tmp_path: Path) -> None:
    from gradio_client import Client, handle_file

    own = Client(address, verbose=False, analytics_enabled=False)
    path, bad = tmp_path / "a song.wav", tmp_path / "text.mp3"
    soundfile.write(path, chord(8.0, 22_050), 22_050)
    bad.write_bytes(b"no music at all " * 100)
    note, left_out, *values = own.predict(handle_file(path), api_name="/hear")
    assert "a song.wav" in note
    heard = {k: v for k, v in to.listen(path).row().items() if v is not None}
    names = [p["parameter_name"] for p in own.view_api(return_format="dict", print_info=False)
             ["named_endpoints"]["/predict"]["parameters"]][3:]  # fmt: skip
    asked = {n: v for n, v in zip(names, values, strict=True) if not isinstance(v, dict)}
    _, sent, said = own.predict(left_out=left_out, **asked, api_name="/predict")
    assert {k for k in sent if k.endswith("_low")} == {k for k in heard if k.endswith("_low")}
    run_here("predict", path, "-o", tmp_path / "told.csv")
    told = pl.read_csv(tmp_path / "told.csv").row(0, named=True)
    assert said["popularity"] == pytest.approx(told["popularity"], abs=1e-4)
    note, *_ = own.predict(handle_file(bad), api_name="/hear")
    assert "text.mp3" in note
    assert str(Path(tempfile.gettempdir())) not in note
    left = Path(tempfile.gettempdir(), "gradio").rglob("*")
    assert [file for file in left if file.name in (path.name, bad.name)] == []


def test_a_flag_is_kept_once_without_a_trace_of_who_said_it(
    client: Any, place: Path, starter_bundle: Path
) -> None:
    told = {"oracle": "starter", "tempo": 101.0, "api_name": "/flag"}
    said = {"actual": 12.0, "comment": "never  played"}
    assert "expected one of" in client.predict(verdict=None, **said, **told)
    assert client.predict(verdict="too high", **said, **told) == "Thank you. It is kept."
    assert "already" in client.predict(verdict="too high", **said, **told)
    with open_feedback(str(place)) as store:
        (one,) = store.rows()
    assert (one.verdict, one.actual, one.interface) == ("too high", 12.0, "gradio")
    assert one.oracle == "starter"
    assert one.oracle_hash == hashlib.sha256(starter_bundle.read_bytes()).hexdigest()
    answer = to.load_oracle().predict([one.asked]).row(0, named=True)
    assert one.answered["popularity"] == pytest.approx(answer["popularity"], abs=1e-6)
    assert one.session != client.session_hash
    assert client.session_hash not in one.session


def test_in_a_browser_a_control_moves_the_answer_and_nothing_is_loaded_from_elsewhere(
    address: str,
    user: User,
) -> None:
    page = user()
    hosts: set[str] = set()
    wrong: list[str] = []
    page.on("request", lambda r: hosts.add(r.url.split("/")[2].split(":")[0]))
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.goto(address)
    page.wait_for_selector(".to-big")
    before = page.locator(".to-big").inner_text()
    box = page.get_by_label("number input for Acousticness")
    box.fill("0.95")
    box.press("Enter")
    page.wait_for_function(
        "(old) => document.querySelector('.to-big').innerText !== old", arg=before
    )
    page.get_by_text("What was asked").first.click()
    assert '"acousticness": 0.95' in page.locator(".to-shown pre").inner_text()
    looked(page, "gradio-wide-light")
    assert hosts == {"127.0.0.1"}
    assert wrong == []


def test_it_is_usable_on_a_phone_in_the_dark(
    address: str,
    user: User,
) -> None:
    page = user(viewport=NARROW, color_scheme="dark")
    page.goto(address)
    page.wait_for_selector(".to-big")
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= NARROW["width"]
    drawn = page.locator(".to-shown svg text", has_text="popularity, points").first
    assert drawn.evaluate("e => getComputedStyle(e).fill") == "rgb(164, 168, 178)"
    own = [v for v in violations(page) if ".to-shown" in v or "to-big" in v]
    assert own == []
    looked(page, "gradio-narrow-dark")


def looked(page: Page, name: str) -> None:
    SCREENS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SCREENS / f"{name}.png", full_page=True)


@pytest.mark.parametrize("host", ["0.0.0.0", "::"])
def test_a_public_address_must_be_said(host: str) -> None:
    done = run_here("gradio", "--host", host)
    assert done.returncode == 2
    assert "say --allow-public" in done.stderr


@pytest.fixture(scope="module")
def elsewhere() -> Iterator[tuple[str, list[str]]]:
    """A server whose files nobody may fetch, and what it was asked for."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(404)
            self.end_headers()

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://localhost:{server.server_port}/x.wav", asked
        server.shutdown()


@pytest.mark.parametrize("endpoint", ["hear", "predict"])
def test_no_file_of_the_server_or_of_others_is_read_or_deleted(
    endpoint: str, address: str, tmp_path: Path, elsewhere: tuple[str, list[str]], client: Any
) -> None:
    own = tmp_path / "own.wav"
    soundfile.write(own, chord(1.0, 22_050), 22_050)
    url, asked = elsewhere
    for path in (str(own), url, "http://example.org/x.wav"):
        told = {"path": path, "meta": {"_type": "gradio.FileData"}}
        values = [told] if endpoint == "hear" else ["starter", 70, [], None, told]
        if endpoint == "predict":
            api = client.view_api(return_format="dict", print_info=False)
            # Gradio keeps the fourth value, a session's, to itself.
            values += [None] * (len(api["named_endpoints"]["/predict"]["parameters"]) - 4)
        done = httpx.post(f"{address}/gradio_api/call/{endpoint}", json={"data": values})
        events = httpx.get(
            f"{address}/gradio_api/call/{endpoint}/{done.json()['event_id']}", timeout=30
        ).text
        assert "event: error" in events, events[:300]
        assert "event: complete" not in events
        why = "expected an upload, got an address" if "://" in path else "not uploaded by a user"
        assert why in events
    assert httpx.get(f"{address}/gradio_api/file={own}").status_code == 403
    assert own.exists()
    assert asked == []
    cached = Path(tempfile.gettempdir(), "gradio").rglob("own.wav")
    assert list(cached) == []


def test_what_is_too_long_for_a_question_is_refused(address: str) -> None:
    url = f"{address}/gradio_api/call/predict"
    assert httpx.post(url, content=b"x" * 1_000_001).status_code == 413
    assert httpx.post(url, content=iter([b"{}"])).status_code == 411
    page = httpx.get(address)
    assert "default-src 'self'" in page.headers["content-security-policy"]


def test_no_public_address_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    from gradio import networking

    from trackoracle.interfaces.gradio_page.running import _public

    monkeypatch.setattr(networking, "GRADIO_API_SERVER", "http://127.0.0.1:9/")
    with pytest.raises(ServiceUnreachableError, match=r"gradio\.live: expected a public address"):
        _public(7860)


def test_without_the_extra_the_command_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "gradio", None)
    done = run_here("gradio")
    assert done.returncode == 2
    told = done.stderr.rstrip()
    assert told.endswith("gradio is not installed. Run: pip install 'trackoracle[gradio]'")
