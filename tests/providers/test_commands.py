"""The installed command against the fake services: lookup, links as input, fetch."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import polars as pl
import pytest
from tests.interfaces.running import SCRIPT, run_here
from tests.providers.faking import ALBUM, FakeFiles, FakeServices, Reply, name_of

import trackoracle as to
from trackoracle.interfaces import cli
from trackoracle.interfaces.cli.input_tracks import is_service_link
from trackoracle.providers import DATA_SETS

LINK = f"https://open.spotify.com/track/{name_of(2)}?si=1"
ALBUM_LINK = f"https://open.spotify.com/album/{ALBUM['id']}"


class Command:
    """Runs `trackoracle` in an environment that knows the fake services only."""

    def __init__(self, told: dict[str, str], folder: Path) -> None:
        private = ("SPOTIFY", "TRACKORACLE", "KAGGLE", "HF_")
        kept = {k: v for k, v in os.environ.items() if not k.startswith(private)}
        self.environment = kept | {"HOME": str(folder), "NO_PROXY": "*"} | told
        self.folder = folder

    def __call__(self, *arguments: object) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [SCRIPT, *map(str, arguments)],
            env=self.environment,
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=False,
        )


@pytest.fixture
def run(services: FakeServices, tmp_path: Path) -> Command:
    # Five commands share this machine with other tests: a deadline that only a hang meets.
    told = services.environment(tmp_path / "cache") | {"TRACKORACLE_DEADLINE": "20"}
    return Command(told, tmp_path)


def test_lookup_shows_value_provider_and_time(run: Command, tmp_path: Path) -> None:
    done = run("lookup", LINK, "--json", "found.json")
    assert done.returncode == 0, done.stderr
    for line in ("Track Title 2", "tempo", "102", "ReccoBeats", "fetched (UTC)"):
        assert line in done.stdout
    notes = done.stderr
    assert "ReccoBeats gave danceability" in notes
    assert "Nobody gave artist_popularity" in notes
    found = json.loads((tmp_path / "found.json").read_text())
    assert found["tracks"][0]["explicit"] == {
        "value": 1,
        "provider": "Spotify",
        "fetched": found["tracks"][0]["isrc"]["fetched"],
    }


def test_an_album_becomes_a_file_that_is_ranked_but_not_learned_from(
    run: Command, tmp_path: Path, starter: to.Oracle, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = run("lookup", ALBUM_LINK, "-o", "album.csv")
    assert done.returncode == 0, done.stderr
    assert "wrote 4 tracks to album.csv" in done.stderr
    # The others in this process: it takes seconds to begin another.
    monkeypatch.chdir(tmp_path)
    for name, value in run.environment.items():
        monkeypatch.setenv(name, value)
    refused = run_here("train", "album.csv", "-o", "x.oracle")
    assert refused.returncode == 2
    assert "--i-have-the-rights" in refused.stderr
    assert "Traceback" not in refused.stderr
    ranked = run_here("rank", ALBUM_LINK, "--json", "-")
    assert ranked.returncode == 0, ranked.stderr
    assert "Spotify gave" in ranked.stderr
    expected = starter.rank(to.load_tracks(tmp_path / "album.csv")).to_dict()
    assert json.loads(ranked.stdout)["tracks"] == json.loads(json.dumps(expected["tracks"]))


def test_predict_explain_and_change_take_a_link(
    run: Command,
    services: FakeServices,
    tmp_path: Path,
    starter: to.Oracle,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    done = run("predict", LINK, "--json", "-")
    assert done.returncode == 0, done.stderr
    assert "ReccoBeats gave" in done.stderr
    (row,) = to.lookup(name_of(2), settings=services.settings(tmp_path / "cache")).tracks
    expected = starter.predict([row]).to_dicts()
    assert json.loads(done.stdout) == expected
    # The same command, in this process: it takes seconds to begin another.
    for name, value in run.environment.items():
        monkeypatch.setenv(name, value)
    assert cli._run(["explain", name_of(2), "--json", "-"]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert facts["prediction"] == pytest.approx(expected[0]["popularity"], abs=1e-9)
    assert cli._run(["change", f"spotify:track:{name_of(2)}", "-n", "1", "--json", "-"]) == 0
    assert "counterfactuals" in json.loads(capsys.readouterr().out)


@pytest.mark.parametrize(
    ("link", "said"),
    [
        (f"https://open.spotify.com/episode/{name_of(1)}", "an episode of a podcast"),
        ("spotify:local:a:b:c:1", "a file on somebody's own device"),
        (f"spotify:album:{name_of(5, 'A')}", "got none under that id"),
    ],
)
def test_what_is_no_track_is_a_sentence(run: Command, link: str, said: str) -> None:
    done = run("lookup", link)
    assert done.returncode == 2
    assert said in done.stderr
    assert done.stdout == ""
    assert "Traceback" not in done.stderr


def test_a_service_that_fails_is_exit_1_and_a_time_to_come_back(
    run: Command, services: FakeServices
) -> None:
    services.odd[f"/v1/albums/{ALBUM['id']}"] = [Reply(429, "", {"Retry-After": "12471"})]
    done = run("lookup", ALBUM_LINK)
    assert done.returncode == 1
    assert "(in 3 h 28 min)" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_file_of_that_name_goes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert is_service_link(name_of(2))
    Path(name_of(2)).write_text("x")
    assert not is_service_link(name_of(2))
    assert not is_service_link("sample")
    assert is_service_link(LINK + "&x=" + "y" * 5_000)


def test_fetch_lists_downloads_and_goes_on(tmp_path: Path) -> None:
    with FakeFiles().running() as files:
        assert isinstance(files, FakeFiles)
        told = {"TRACKORACLE_KAGGLE": files.url, "HF_ENDPOINT": files.url}
        run = Command(told, tmp_path)
        run.environment["COLUMNS"] = "60"
        listed = run("fetch").stdout.splitlines()
        assert {f"  {one.page}" for one in DATA_SETS.values()} <= set(listed)
        rows = pl.DataFrame({"track": ["a"], "target": [1]}).write_csv().encode()
        base = "/api/v1/datasets/download/theoverman/the-spotify-hit-predictor-dataset/"
        for decade in ("60", "70", "80", "90", "00", "10"):
            files.files[f"{base}dataset-of-{decade}s.csv"] = rows
        files.cuts = [5]
        done = run("fetch", "hit-predictor", "--to", "hits", "--json", "fetched.json")
        assert done.returncode == 0, done.stderr
        assert "Next: trackoracle check hits" in done.stderr
        assert len(list((tmp_path / "hits").glob("*.csv"))) == 6
        assert files.wanted_ranges()[1] == "bytes=5-"
        facts = json.loads((tmp_path / "fetched.json").read_text())
        assert {file["n_bytes"] for file in facts["files"]} == {len(rows)}
        # What the hub names is not the published file: it is removed.
        hub = "/datasets/maharshipandya/spotify-tracks-dataset/resolve/main/dataset.csv"
        files.files[hub] = b"not it"
        wrong = run("fetch", "tracks-114k")
        assert wrong.returncode == 1
        assert "sha256 b202fa49909b2d5c...7177bd (published)" in wrong.stderr
        assert not (tmp_path / "tracks-114k").exists()
        unknown = run("fetch", "tracks-115k")
        assert unknown.returncode == 2
        assert "Did you mean 'tracks-114k'?" in unknown.stderr
