"""`/listen` over a real connection: what is heard, refused, and handed on."""

from __future__ import annotations

from pathlib import Path

import httpx
import numpy as np
import pytest
import soundfile
from tests.audio.sounds import chord, encode
from tests.interfaces.rest.serving import running

import trackoracle as to
from trackoracle.interfaces.rest import Limits, create_app

RATE = 22_050


@pytest.fixture(scope="module")
def song(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("songs") / "ä song.wav"
    soundfile.write(path, chord(8.0, RATE), RATE)
    return path


def _sent(client: httpx.Client, content: bytes, name: str = "song.wav") -> httpx.Response:
    return client.post("/listen", files={"audio": (name, content)}, timeout=60)


def test_it_is_heard_as_python_hears_it_and_the_track_is_taken_everywhere(
    client: httpx.Client, song: Path
) -> None:
    answer = _sent(client, song.read_bytes(), "../../ä song.wav")
    assert answer.status_code == 200, answer.text
    told, heard = answer.json(), to.listen(song)
    assert told["heard"]["file"] == "ä song.wav"
    assert told["heard"]["estimated"]["energy"]["value"] == heard.estimated["energy"].value
    assert told["track"]["tempo"] == heard.measured["tempo"]
    asked = client.post("/predict", json=told["track"])
    assert asked.status_code == 200, asked.text
    assert asked.json()["estimated"].startswith("acousticness;danceability")
    assert client.post("/explain", json=told["track"]).status_code == 200
    assert client.post("/rank", json={"tracks": [told["track"]] * 2}).status_code == 200


@pytest.mark.parametrize("content", [b"", b"no music at all " * 100])
def test_what_is_no_recording_is_refused_by_its_own_name(
    client: httpx.Client, content: bytes
) -> None:
    answer = _sent(client, content, "text.mp3")
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["detail"].startswith("text.mp3: expected")


def test_other_bodies_are_refused(client: httpx.Client) -> None:
    other = {"files": {"other": ("song.wav", b"RIFF")}}
    for body, status in (({"json": {}}, 415), (other, 422), ({"data": {"audio": "x"}}, 415)):
        answer = client.post("/listen", **body)
        assert answer.status_code == status, answer.text
    broken = {"Content-Type": "multipart/form-data; boundary=x"}
    assert client.post("/listen", content=b"--y", headers=broken).status_code == 422
    nameless = {"Content-Type": "multipart/form-data"}
    assert client.post("/listen", content=b"--y", headers=nameless).status_code == 422
    both = [("audio", ("a.wav", b"RIFF")), ("audio", ("b.wav", b"RIFF"))]
    refused = client.post("/listen", files=both)
    assert refused.status_code == 422
    assert "with one file, got several files. " in refused.json()["detail"]


def test_an_excerpt_is_heard_as_python_hears_it(client: httpx.Client, song: Path) -> None:
    files = {"audio": ("song.wav", song.read_bytes())}
    answer = client.post("/listen?start=2&seconds=4", files=files, timeout=60)
    assert answer.status_code == 200, answer.text
    expected = to.listen(song, start=2, seconds=4)
    heard = answer.json()["heard"]
    assert heard["seconds"] == expected.seconds == 4
    assert heard["measured"]["tempo"] == expected.measured["tempo"]
    for wrong in ("start=-1", "start=1e9", "seconds=0", "seconds=nan"):
        assert client.post(f"/listen?{wrong}", files=files).status_code == 422


def test_limits_are_stated_and_kept(small_oracle: to.Oracle, tmp_path: Path) -> None:
    limits = Limits(audio_bytes=300_000, audio_seconds=4)
    long, large = tmp_path / "long.flac", tmp_path / "large.wav"
    soundfile.write(long, np.zeros((8_000 * 30, 1)), 8_000)
    soundfile.write(large, chord(8.0, RATE), RATE)
    with running(create_app({"small": small_oracle}, limits=limits)) as client:
        assert client.get("/model").json()["limits"]["audio_seconds"] == 4
        for path, said in ((long, "expected at most 4 s"), (large, "expected at most 300,000")):
            answer = _sent(client, path.read_bytes(), path.name)
            assert answer.status_code == 413, answer.text
            assert said in answer.json()["detail"]

        def drip():
            yield b"--x\r\n"
            for _ in range(100):
                yield b"0" * 10_000

        unstated = {"Content-Type": "multipart/form-data; boundary=x"}
        assert client.post("/listen", content=drip(), headers=unstated).status_code in (413, 422)


def test_a_tagged_recording_is_a_track_for_every_oracle(
    client: httpx.Client, tmp_path: Path
) -> None:
    tags = {"title": "A title", "artist": "Somebody", "album": "An album", "date": "2001"}
    song = encode(tmp_path / "song.m4a", chord(8.0, RATE), RATE, tags=tags | {"genre": "Jazz"})
    track = _sent(client, song.read_bytes(), "song.m4a").json()["track"]
    assert track["album_name"] == "An album"
    for model in ("", "/models/hits", "/models/tiers"):
        for path, body in (("predict", track), ("rank", {"tracks": [track, track]})):
            answer = client.post(f"{model}/{path}", json=body)
            assert answer.status_code == 200, answer.text
    starter = to.load_oracle()
    assert starter.predict([track], refuse_extra=True)["known"].to_list() == [
        "audio;genre;metadata"
    ]
