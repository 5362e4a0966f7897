"""Data sets come whole and as published, go on after a cut, and never replace another file."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from tests.providers.faking import FakeFiles, Reply

import trackoracle as to
from trackoracle.errors import (
    DownloadError,
    OutputError,
    ServiceAccessError,
    ServiceBusyError,
    UnknownNameError,
)
from trackoracle.providers import DATA_SETS, fetching
from trackoracle.providers.checksums import Checksum, of_headers, of_hub, published
from trackoracle.providers.datasets import DataSet, RemoteFile
from trackoracle.providers.downloading import Download, Wanted
from trackoracle.settings import ServiceSettings

CONTENT = bytes(range(256)) * 400
SHA256 = hashlib.sha256(CONTENT).hexdigest()
PLAIN = "/files.example/set.csv"


@pytest.fixture
def files() -> Iterator[FakeFiles]:
    with FakeFiles().running() as fake:
        assert isinstance(fake, FakeFiles)
        yield fake


@pytest.fixture
def settings(files: FakeFiles, tmp_path: Path) -> ServiceSettings:
    return ServiceSettings(
        hub=files.url, kaggle=files.url, mirror=files.url, cache=tmp_path / "cache"
    )


def data_set(place: str, file: RemoteFile, monkeypatch: pytest.MonkeyPatch) -> None:
    made = DataSet("made-up", "Made up", place, "someone/set", "https://page", "CC0", (file,))  # type: ignore[arg-type]
    monkeypatch.setattr(fetching, "DATA_SETS", {"made-up": made})


def plain(monkeypatch: pytest.MonkeyPatch, **facts: object) -> None:
    file = RemoteFile("set.csv", "https://files.example/set.csv")
    data_set("https", replace(file, **facts), monkeypatch)  # type: ignore[arg-type]


def quick(files: FakeFiles, path: Path, checksum: str = "", n_bytes: int | None = None) -> Download:
    stated = published(checksum)
    wanted = Wanted(
        path.name, "Fake", files.url + PLAIN, n_bytes=n_bytes, checksums=(stated,) if stated else ()
    )
    return Download(wanted, path, lambda *moved: None, stall_seconds=0.3, pause=0.01)


def test_plain_https_is_checked_and_moves_a_bar(
    files: FakeFiles, settings: ServiceSettings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files.files[PLAIN] = CONTENT
    plain(monkeypatch, n_bytes=len(CONTENT), checksum=f"sha256:{SHA256[:16]}...{SHA256[-6:]}")
    moved: list[tuple[int, int, str]] = []
    fetched = to.fetch(
        "made_up", to=tmp_path, settings=settings, progress=lambda *told: moved.append(told)
    )
    (file,) = fetched.files
    assert Path(file.path).read_bytes() == CONTENT
    assert (file.n_bytes, file.sha256, file.already) == (len(CONTENT), SHA256, False)
    assert file.checked.startswith("the size published and sha256")
    assert moved[-1] == (len(CONTENT), len(CONTENT), "set.csv")
    assert json.loads(json.dumps(fetched.to_dict()))["licence"] == "CC0"
    n_asked = len(files.asked)
    (again,) = to.fetch("made-up", to=tmp_path, settings=settings).files
    assert again.already
    assert len(files.asked) == n_asked


def test_a_cut_download_goes_on_by_itself(files: FakeFiles, tmp_path: Path) -> None:
    files.files[PLAIN] = CONTENT
    files.cuts = [30_000, 20_000]
    path = tmp_path / "set.csv"
    quick(files, path, f"sha256:{SHA256}").run()
    assert path.read_bytes() == CONTENT
    assert files.wanted_ranges() == ["", "bytes=30000-", "bytes=50000-"]
    assert [p.name for p in tmp_path.iterdir()] == ["set.csv"]


def test_a_download_given_up_goes_on_with_the_next_call(files: FakeFiles, tmp_path: Path) -> None:
    files.files[PLAIN] = CONTENT
    files.cuts = [30_000, 0, 0, 0, 0]
    path = tmp_path / "set.csv"
    with pytest.raises(DownloadError, match=r"30,000 bytes .* Run the same command again"):
        quick(files, path).run()
    assert not path.exists()
    files.asked.clear()
    quick(files, path).run()
    assert path.read_bytes() == CONTENT
    assert files.wanted_ranges() == ["bytes=30000-"]


def test_a_file_that_changed_meanwhile_is_begun_anew(files: FakeFiles, tmp_path: Path) -> None:
    files.files[PLAIN] = CONTENT
    files.cuts = [30_000, 0, 0, 0, 0]
    path = tmp_path / "set.csv"
    with pytest.raises(DownloadError):
        quick(files, path).run()
    files.files[PLAIN] = CONTENT[::-1]
    quick(files, path).run()
    assert path.read_bytes() == CONTENT[::-1]


def test_a_server_without_ranges_is_asked_for_all(files: FakeFiles, tmp_path: Path) -> None:
    files.files[PLAIN] = CONTENT
    files.cuts, files.ranges = [30_000], False
    quick(files, tmp_path / "set.csv").run()
    assert (tmp_path / "set.csv").read_bytes() == CONTENT


@pytest.mark.parametrize("state", ["{", "[]", '{"url": "elsewhere"}', '{"x": 1}'])
def test_a_part_of_something_else_is_not_gone_on_with(
    files: FakeFiles, tmp_path: Path, state: str
) -> None:
    files.files[PLAIN] = CONTENT
    (tmp_path / ".set.csv.part").write_bytes(b"something else")
    (tmp_path / ".set.csv.part.json").write_text(state)
    quick(files, tmp_path / "set.csv").run()
    assert (tmp_path / "set.csv").read_bytes() == CONTENT


@pytest.mark.parametrize(
    ("checksum", "n_bytes", "message"),
    [
        ("sha256:" + "0" * 64, None, "expected sha256 0000"),
        ("sha1:" + "0" * 40, None, "expected sha1 0000"),
        ("sha256:00...11", None, "expected sha256 00"),
        ("", 5, "more bytes than announced|expected 5 bytes"),
        ("", 10**6, "expected 1,000,000 bytes"),
    ],
)
def test_another_file_than_published_is_removed(
    files: FakeFiles, tmp_path: Path, checksum: str, n_bytes: int | None, message: str
) -> None:
    files.files[PLAIN] = CONTENT
    with pytest.raises(DownloadError, match=message):
        quick(files, tmp_path / "set.csv", checksum, n_bytes).run()
    assert list(tmp_path.iterdir()) == []


def test_the_servers_own_sum_is_held_to(files: FakeFiles, tmp_path: Path) -> None:
    files.files[PLAIN] = CONTENT
    md5 = hashlib.md5(CONTENT).digest()
    files.headers = {"x-goog-hash": f"crc32c=AAAAAA==,md5={base64.b64encode(md5).decode()}"}
    assert "md5" in quick(files, tmp_path / "set.csv").run()
    files.headers = {"x-goog-hash": f"md5={base64.b64encode(bytes(16)).decode()}"}
    with pytest.raises(DownloadError, match="expected md5 0000"):
        quick(files, tmp_path / "other.csv").run()


def test_silence_is_a_cut(files: FakeFiles, tmp_path: Path) -> None:
    files.files[PLAIN] = CONTENT
    files.odd[PLAIN] = [Reply(200, b"x" * 9, drip=2.0), Reply(200, CONTENT)]
    quick(files, tmp_path / "set.csv").run()
    assert (tmp_path / "set.csv").read_bytes() == CONTENT


def test_redirects_of_a_download(files: FakeFiles, tmp_path: Path) -> None:
    files.files["/real"] = CONTENT
    files.odd[PLAIN] = [Reply(302, headers={"Location": "/real"})]
    quick(files, tmp_path / "set.csv").run()
    assert (tmp_path / "set.csv").read_bytes() == CONTENT
    files.odd[PLAIN] = [Reply(302, headers={"Location": PLAIN})]
    with pytest.raises(DownloadError, match="6 redirects"):
        quick(files, tmp_path / "b.csv").run()
    files.odd[PLAIN] = [Reply(302, headers={"Location": "file:///etc/passwd"})]
    with pytest.raises(DownloadError, match="not followed"):
        quick(files, tmp_path / "b.csv").run()


def test_secrets_stay_with_their_host(files: FakeFiles, tmp_path: Path) -> None:
    with FakeFiles().running() as other:
        assert isinstance(other, FakeFiles)
        other.files["/real"] = CONTENT
        # The same machine under another name is another host.
        elsewhere = other.url.replace("127.0.0.1", "localhost") + "/real"
        files.odd[PLAIN] = [Reply(302, headers={"Location": elsewhere})]
        wanted = Wanted("a", "Fake", files.url + PLAIN, headers={"Authorization": "Basic hush"})
        Download(wanted, tmp_path / "a", lambda *moved: None).run()
        assert files.asked[0].headers["authorization"] == "Basic hush"
        assert "authorization" not in other.asked[0].headers


def test_a_busy_server_says_when(files: FakeFiles, tmp_path: Path) -> None:
    files.odd[PLAIN] = [Reply(429, "", {"Retry-After": "2484"})]
    with pytest.raises(ServiceBusyError, match="Come back in 42 min"):
        quick(files, tmp_path / "set.csv").run()
    assert len(files.asked) == 1


def test_another_file_of_that_name_is_left_alone(
    files: FakeFiles, settings: ServiceSettings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain(monkeypatch)
    (tmp_path / "set.csv").write_text("mine")
    with pytest.raises(OutputError, match="Move it, or name another folder"):
        to.fetch("made-up", to=tmp_path, settings=settings)
    assert (tmp_path / "set.csv").read_text() == "mine"
    assert files.asked == []


def test_the_hub_tells_where_a_file_lies_and_its_sum(
    files: FakeFiles, settings: ServiceSettings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = "/datasets/someone/set/resolve/main/set.csv"
    files.files[path] = CONTENT
    files.headers = {"X-Linked-Etag": f'"{SHA256}"', "X-Linked-Size": str(len(CONTENT))}
    data_set("hub", RemoteFile("set.csv", "set.csv", len(CONTENT)), monkeypatch)
    (file,) = to.fetch("made-up", to=tmp_path, settings=settings).files
    assert file.sha256 == SHA256
    assert "the hub's" in file.checked
    files.headers = {"X-Linked-Etag": f'"{"0" * 64}"'}
    with pytest.raises(DownloadError, match="expected sha256 0000"):
        to.fetch("made-up", to=tmp_path / "other", settings=settings)
    files.files.clear()
    with pytest.raises(DownloadError, match="download it by hand from https://page"):
        to.fetch("made-up", to=tmp_path / "third", settings=settings)


@pytest.mark.parametrize("place", ["hub", "https", "kaggle"])
def test_without_a_connection_it_stops_at_once_and_leaves_nothing(
    place: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    nobody = "http://127.0.0.1:9"
    settings = ServiceSettings(hub=nobody, kaggle=nobody, mirror=nobody, cache=tmp_path / "cache")
    where = "https://files.example/set.csv" if place == "https" else "set.csv"
    data_set(place, RemoteFile("set.csv", where), monkeypatch)
    waits: list[float] = []
    monkeypatch.setattr("time.sleep", waits.append)
    with pytest.raises(DownloadError, match=r"got no connection \(.*Check the connection") as told:
        to.fetch("made-up", to=tmp_path / "new" / "folder", settings=settings)
    assert "goes on from there" not in str(told.value)
    assert waits == []
    assert list(tmp_path.iterdir()) == []
    assert capsys.readouterr().err == ""
    (tmp_path / "mine").mkdir()
    with pytest.raises(DownloadError):
        to.fetch("made-up", to=tmp_path / "mine", settings=settings)
    assert (tmp_path / "mine").exists()


def zipped(**members: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name.replace("__", "/").replace("_csv", ".csv"), content)
    return buffer.getvalue()


def test_kaggle_by_its_plain_api_zipped_or_not(
    files: FakeFiles, settings: ServiceSettings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KAGGLE_CONFIG_DIR", str(tmp_path))
    data_set("kaggle", RemoteFile("set.csv", "set.csv"), monkeypatch)
    path = "/api/v1/datasets/download/someone/set/set.csv"
    files.files[path] = zipped(set_csv=CONTENT)
    (file,) = to.fetch("made-up", to=tmp_path / "a", settings=settings).files
    assert Path(file.path).read_bytes() == CONTENT
    assert "authorization" not in files.asked[-1].headers
    files.files[path] = CONTENT
    (tmp_path / "kaggle.json").write_text('{"username": "me", "key": "k"}')
    (file,) = to.fetch("made-up", to=tmp_path / "b", settings=settings).files
    assert file.sha256 == SHA256
    assert files.asked[-1].headers["authorization"] == "Basic bWU6aw=="
    files.odd[path] = [Reply(403, "")]
    with pytest.raises(ServiceAccessError, match="create a token under Settings > API"):
        to.fetch("made-up", to=tmp_path / "c", settings=settings)


def test_one_file_is_taken_out_of_a_zip(
    files: FakeFiles, settings: ServiceSettings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files.files[PLAIN] = zipped(folder__echonest_csv=CONTENT, other_csv=b"x")
    plain(monkeypatch, member="folder/echonest.csv")
    (file,) = to.fetch("made-up", to=tmp_path / "a", settings=settings).files
    assert file.sha256 == SHA256
    (again,) = to.fetch("made-up", to=tmp_path / "a", settings=settings).files
    assert again.already
    for broken in (b"no zip", zipped(other_csv=b"x"), files.files[PLAIN][:-40]):
        files.files[PLAIN] = broken
        with pytest.raises(DownloadError, match="expected a zip with folder"):
            to.fetch("made-up", to=tmp_path / "b", settings=settings)
        assert not (tmp_path / "b").exists()


def test_an_unknown_name_suggests_the_nearest() -> None:
    with pytest.raises(UnknownNameError, match="Did you mean 'hit-predictor'"):
        to.fetch("hit-predicter")


@pytest.mark.parametrize("one", DATA_SETS.values(), ids=lambda one: one.name)
def test_every_data_set_says_where_it_comes_from(one: DataSet) -> None:
    assert DATA_SETS[one.name] is one
    assert one.page.startswith("https://")
    assert one.licence
    assert one.files
    assert bool(one.owner) == (one.place != "https")
    for file in one.files:
        assert "/" not in file.name
        assert file.where.startswith("https://") == (one.place == "https")
        stated = published(file.checksum)
        assert stated is None or len(stated.hex) in (25, 40, 64)


def test_sums_that_are_none() -> None:
    assert of_hub('"abc"') is None
    assert of_hub(None) is None
    assert of_headers({"x-goog-hash": "md5=!!"}) is None
    assert published("") is None
    assert not Checksum("sha256", "ab...cd", "").fits("abcc")
