"""Oracles go to a hub and come back as they were, or a sentence says why not."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import huggingface_hub
import pytest
from tests.providers.faking import FakeFiles, Reply
from tests.providers.faking_hub import TOKEN, FakeHub

import trackoracle as to
from trackoracle.artifact import hub_card
from trackoracle.catalogs.sample import generate_sample
from trackoracle.errors import (
    BundleError,
    ConfigError,
    DownloadError,
    HubError,
    OutputError,
    RightsError,
    ServiceAccessError,
    ServiceBusyError,
    ServiceError,
    ServiceUnreachableError,
)
from trackoracle.interfaces import cli
from trackoracle.oracle import Oracle
from trackoracle.providers import parse_hub_name
from trackoracle.schema import LIVE_TERMS
from trackoracle.settings import ServiceSettings

REPO = "someone/charts"
INFO = f"/api/models/{REPO}"


@pytest.fixture(scope="module")
def oracle() -> to.Oracle:
    config = to.TrainingConfig(
        candidates=("tree",), protocols=("catalog", "new_artist"), n_folds=2, n_bootstrap=20
    )
    rows = generate_sample(100, seed=5).to_dicts()
    return to.train(to.load_catalog(rows, on_invalid="null"), config=config, n_jobs=1)


@pytest.fixture(scope="module")
def file(oracle: to.Oracle, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("hub") / "small.oracle"
    oracle.save(path)
    return path


@pytest.fixture
def content(file: Path) -> bytes:
    return file.read_bytes()


@pytest.fixture(autouse=True)
def plain_uploads(monkeypatch: pytest.MonkeyPatch) -> None:
    """Uploads by HTTP, and no login of whoever runs the tests."""
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_DISABLE_XET", True)
    monkeypatch.setattr(huggingface_hub, "get_token", lambda: None)
    monkeypatch.delenv("HF_TOKEN", raising=False)


@pytest.fixture
def storage() -> Iterator[FakeFiles]:
    with FakeFiles().running() as fake:
        assert isinstance(fake, FakeFiles)
        yield fake


@pytest.fixture
def hub(storage: FakeFiles) -> Iterator[FakeHub]:
    with FakeHub(storage).running() as fake:
        assert isinstance(fake, FakeHub)
        yield fake


@pytest.fixture
def settings(hub: FakeHub, tmp_path: Path) -> ServiceSettings:
    return ServiceSettings(hub=hub.url, hub_token=TOKEN, cache=tmp_path / "cache")


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    told: list[float] = []
    monkeypatch.setattr("time.sleep", told.append)
    return told


def there(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.is_file())


def test_a_push_makes_a_repository_with_oracle_and_card(
    hub: FakeHub, settings: ServiceSettings, oracle: to.Oracle, file: Path, content: bytes
) -> None:
    pushed = to.push_oracle(file, REPO, private=True, licence="cc-by-4.0", settings=settings)
    repo = hub.repos[REPO]
    assert repo.private
    files = repo.commits[pushed.commit]
    assert files["model.oracle"] == content
    card = huggingface_hub.ModelCard(files["README.md"].decode())
    assert (card.data.license, card.data.library_name) == ("cc-by-4.0", "trackoracle")
    score = oracle.report.of(oracle.report.chosen).scores["new_artist"]["r2"].value
    told = {(e.dataset_config, e.metric_type): e.metric_value for e in card.data.eval_results}
    assert told["new_artist", "r_squared"] == pytest.approx(score, abs=1e-4)
    assert oracle.card in card.text
    assert pushed.sha256 in card.text
    assert pushed.to_dict()["pinned"] == f"{REPO}@{pushed.commit}"
    assert pushed.is_new
    again = to.push_oracle(oracle, f"hub:{REPO}", settings=settings)
    assert not again.is_new
    assert len(repo.commits) == 3


def test_a_pull_is_pinned_and_the_same_file(
    hub: FakeHub, storage: FakeFiles, settings: ServiceSettings, tmp_path: Path, content: bytes
) -> None:
    first = hub.add(REPO, {"model.oracle": content})
    hub.add(REPO, {"model.oracle": b"a later one"})
    moved: list[tuple[int, int, str]] = []
    path = tmp_path / "x.oracle"
    pulled = to.pull_oracle(
        f"{REPO}@{first}", path, settings=settings, progress=lambda *told: moved.append(told)
    )
    assert path.read_bytes() == content
    assert (pulled.pinned, pulled.notes) == (f"{REPO}@{first}", ())
    assert "(the hub's), and the hashes in its manifest" in pulled.checked
    assert moved[-1][:2] == (len(content), len(content))
    assert there(tmp_path) == ["x.oracle"]
    assert hub.asked[-1].headers["authorization"] == f"Bearer {TOKEN}"
    assert all("authorization" not in asked.headers for asked in storage.asked)
    n_asked = len(storage.asked)
    again = to.pull_oracle(f"{REPO}@{first}", path, settings=settings)
    assert again.already
    assert len(storage.asked) == n_asked
    with pytest.raises(OutputError, match=r"got another file. Move it"):
        to.pull_oracle(REPO, path, settings=settings)
    assert path.read_bytes() == content


def test_an_oracle_is_loaded_by_its_name_and_pinned_without_a_hub(
    hub: FakeHub,
    settings: ServiceSettings,
    oracle: to.Oracle,
    monkeypatch: pytest.MonkeyPatch,
    content: bytes,
) -> None:
    commit = hub.add(REPO, {"only.oracle": content})
    monkeypatch.setenv("HF_ENDPOINT", hub.url)
    monkeypatch.setenv("TRACKORACLE_CACHE", str(settings.cache))
    track = {"genre": "pop", "tempo": 120}
    loaded = to.load_oracle(f"hub:{REPO}")
    assert isinstance(loaded, Oracle)
    assert loaded.predict(track).equals(oracle.predict(track))
    n_asked = len(hub.asked)
    assert to.load_oracle(f"hub:{REPO}@{commit}").predict(track).equals(oracle.predict(track))
    assert len(hub.asked) == n_asked
    # What was changed on disk is fetched anew.
    (kept,) = settings.cache.rglob("*.oracle")
    kept.write_bytes(content[:-1] + b"x")
    to.load_oracle(Path(f"hub:{REPO}@{commit}"))
    assert len(hub.asked) > n_asked


def test_small_files_are_held_to_the_sum_of_git(
    hub: FakeHub, settings: ServiceSettings, tmp_path: Path, file: Path
) -> None:
    hub.lfs = False
    pushed = to.push_oracle(file, REPO, settings=settings)
    pulled = to.pull_oracle(pushed.pinned, tmp_path / "x.oracle", settings=settings)
    assert "git-sha1" in pulled.checked
    assert pulled.sha256 == pushed.sha256


def test_a_cut_download_goes_on_and_one_given_up_leaves_no_oracle(
    hub: FakeHub,
    storage: FakeFiles,
    settings: ServiceSettings,
    tmp_path: Path,
    waits: list[float],
    content: bytes,
) -> None:
    hub.add(REPO, {"model.oracle": content})
    storage.cuts = [4_000, 0, 0, 0, 0, 0]
    path = tmp_path / "x.oracle"
    with pytest.raises(DownloadError, match=r"4,000 bytes .* Run the same command again"):
        to.pull_oracle(REPO, path, settings=settings)
    assert not path.exists()
    storage.cuts = [5_000]
    to.pull_oracle(REPO, path, settings=settings)
    assert path.read_bytes() == content
    assert storage.wanted_ranges()[-2:] == ["bytes=4000-", "bytes=9000-"]
    assert there(tmp_path) == ["x.oracle"]


def test_other_bytes_than_the_hub_states_are_removed(
    hub: FakeHub, storage: FakeFiles, settings: ServiceSettings, tmp_path: Path, content: bytes
) -> None:
    hub.add(REPO, {"model.oracle": content})
    to.pull_oracle(REPO, tmp_path / "right.oracle", settings=settings)
    (where,) = storage.files
    for other, said in (
        (content[:-1] + b"x", "It was removed"),
        (content + b"x", "more bytes than announced"),
    ):
        storage.files[where] = other
        with pytest.raises(DownloadError, match=said):
            to.pull_oracle(REPO, tmp_path / "x.oracle", settings=settings)
        assert there(tmp_path) == ["right.oracle"]


def test_what_is_no_oracle_never_takes_its_name(
    hub: FakeHub, settings: ServiceSettings, tmp_path: Path, content: bytes
) -> None:
    damaged = bytearray(content)
    damaged[len(content) // 2] ^= 1
    for other in (b"PK\x03\x04 no oracle", bytes(damaged)):
        commit = hub.add(REPO, {"model.oracle": other})
        with pytest.raises(BundleError, match=rf"^{REPO}@{commit}: expected ") as caught:
            to.pull_oracle(REPO, tmp_path / "x.oracle", settings=settings)
        assert str(tmp_path) not in str(caught.value)
        assert there(tmp_path) == []


@pytest.mark.parametrize(
    "name",
    ["charts", "a/b/c", "a/b@", "a--b/c", "../x", "a/b.git", "a/b@x..y", "-a/b", "a/b c", "a/\x07"],
)
def test_a_name_that_is_none(name: str) -> None:
    with pytest.raises(HubError, match="expected OWNER/NAME or OWNER/NAME@REVISION, got some"):
        parse_hub_name(name)


def test_repositories_that_cannot_be_used(
    hub: FakeHub, storage: FakeFiles, settings: ServiceSettings, tmp_path: Path, content: bytes
) -> None:
    hub.add(REPO, {"model.oracle": content})
    hub.add("someone/empty", {"a.bin": b"1"})
    hub.add("someone/two", {"a.oracle": b"1", "b.oracle": b"2"})
    hub.add("someone/hidden", {"model.oracle": content})
    hub.add("someone/gated", {"model.oracle": content})
    hub.repos["someone/hidden"].private = hub.repos["someone/gated"].gated = True
    nobody = replace(settings, hub_token="")
    for name, said in {
        "someone/missing": "not there, or private",
        "someone/hidden": "not there, or private.*set HF_TOKEN",
        "someone/gated": "got a gated one. Ask for access",
        f"{REPO}@v9": "got no such revision",
        "someone/empty": "one oracle .model.oracle., got none among 1 files",
        "someone/two": r"got 2 \(a.oracle, b.oracle\)",
    }.items():
        with pytest.raises(HubError, match=said):
            to.pull_oracle(name, tmp_path / "x.oracle", settings=nobody)
    with pytest.raises(ServiceAccessError, match=r"got 401. Check HF_TOKEN"):
        to.pull_oracle(REPO, tmp_path / "x.oracle", settings=replace(settings, hub_token="old"))
    assert storage.asked == []
    assert there(tmp_path) == []
    to.pull_oracle("someone/hidden", tmp_path / "x.oracle", settings=settings)


def test_size_and_commit_are_bounds_before_any_download(
    hub: FakeHub, storage: FakeFiles, settings: ServiceSettings, tmp_path: Path, content: bytes
) -> None:
    commit = hub.add(REPO, {"model.oracle": content})
    hub.stated = {"X-Linked-Size": str(5 * 2**30)}
    with pytest.raises(HubError, match=r"got model.oracle of 5,368,709,120. It was not downloaded"):
        to.pull_oracle(REPO, tmp_path / "x.oracle", settings=settings)
    for stated in ({"X-Linked-Etag": '"x"'}, {"X-Repo-Commit": "f" * 40}):
        hub.stated = stated
        with pytest.raises(ServiceError, match=r"expected size and sum of model.oracle at that"):
            to.pull_oracle(REPO, tmp_path / "x.oracle", settings=settings)
    hub.odd[f"{INFO}/revision/{'f' * 40}"] = [Reply(body={"id": REPO, "sha": commit})]
    with pytest.raises(DownloadError, match="expected that commit, got"):
        to.pull_oracle(f"{REPO}@{'f' * 40}", tmp_path / "x.oracle", settings=settings)
    assert storage.asked == []


def test_pushes_that_are_refused(
    hub: FakeHub,
    settings: ServiceSettings,
    oracle: to.Oracle,
    monkeypatch: pytest.MonkeyPatch,
    file: Path,
) -> None:
    with pytest.raises(ConfigError, match="expected a token that may write, got none"):
        to.push_oracle(file, REPO, settings=replace(settings, hub_token=""))
    with pytest.raises(HubError, match="got a revision too"):
        to.push_oracle(file, f"{REPO}@main", settings=settings)
    with pytest.raises(ConfigError, match=r"as mit or cc-by-4\.0, got 'M I T'"):
        to.push_oracle(file, REPO, licence="M I T", settings=settings)
    assert hub.asked == []
    hub.add("someone/other", {"weights.safetensors": b"1"})
    with pytest.raises(HubError, match=r"got 1 other files \(weights.safetensors\)"):
        to.push_oracle(file, "someone/other", settings=settings)
    hub.add(REPO, {"model.oracle": b"older"})
    with pytest.raises(HubError, match="expected a private repository, got a public one"):
        to.push_oracle(file, REPO, private=True, settings=settings)
    hub.yaml_errors = ['"license" must be one of']
    with pytest.raises(HubError, match=r'a card that the hub refuses .*"license" must be'):
        to.push_oracle(file, REPO, settings=settings)
    hub.yaml_errors = []
    hub.odd[f"{INFO}/commit/main"] = [Reply(412, {"error": "A commit has happened since."})]
    with pytest.raises(ServiceError, match="the repository has changed meanwhile"):
        to.push_oracle(file, REPO, settings=settings)
    hub.odd.clear()
    monkeypatch.setattr(hub, "stated", {"X-Linked-Etag": f'"{"0" * 64}"'})
    with pytest.raises(DownloadError, match=r"expected the hub to hold small.oracle as it was"):
        to.push_oracle(file, REPO, settings=settings)


def test_an_oracle_without_scores_or_without_the_right_is_not_shared(
    hub: FakeHub, settings: ServiceSettings, oracle: to.Oracle, tmp_path: Path
) -> None:
    bundle = oracle.bundle
    results = tuple(replace(each, scores={}) for each in bundle.report.candidates)
    mute = Oracle(replace(bundle, report=replace(bundle.report, candidates=results)))
    with pytest.raises(HubError, match=r"^card: expected the scores of tree by r2, got"):
        to.push_oracle(mute, REPO, settings=settings)
    mute.save(tmp_path / "mute.oracle")
    hub.add(REPO, {"model.oracle": (tmp_path / "mute.oracle").read_bytes()})
    pulled = to.pull_oracle(REPO, tmp_path / "x.oracle", settings=settings)
    assert pulled.notes == ("Its card tells no scores: nobody can say how good it is.",)
    live = Oracle(replace(bundle, catalog=replace(bundle.catalog, licence=LIVE_TERMS["Spotify"])))
    with pytest.raises(RightsError, match=r"may be shared.*--i-have-the-rights"):
        to.push_oracle(live, "someone/live", settings=settings)
    assert "someone/live" not in hub.repos
    to.push_oracle(live, "someone/live", i_have_the_rights=True, settings=settings)


def test_a_card_holds_any_name(oracle: to.Oracle) -> None:
    odd = replace(oracle.bundle.catalog, name='a: "b"\n---\n# c 🎵')
    facts = {"repo": REPO, "file": "model.oracle", "sha256": "0" * 64, "licence": "mit"}
    card = huggingface_hub.ModelCard(hub_card(replace(oracle.bundle, catalog=odd), **facts))
    assert {e.dataset_name for e in card.data.eval_results} == {odd.name}


def test_a_hub_that_is_busy_or_down(
    hub: FakeHub, settings: ServiceSettings, tmp_path: Path, waits: list[float], content: bytes
) -> None:
    hub.add(REPO, {"model.oracle": content})
    path = tmp_path / "x.oracle"
    hub.odd[INFO] = [Reply(429, "", {"Retry-After": "7200"})]
    with pytest.raises(ServiceBusyError, match=r"got 429, too many requests. Come back in 2 h"):
        to.pull_oracle(REPO, path, settings=settings)
    hub.odd[INFO] = [Reply(429, "", {"RateLimit": '"api";r=0;t=300'})]
    with pytest.raises(ServiceBusyError, match="Come back in 5 min"):
        to.pull_oracle(REPO, path, settings=settings)
    assert waits == []
    hub.odd[INFO] = [Reply(503, "down")]
    with pytest.raises(ServiceError, match="got 503"):
        to.pull_oracle(REPO, path, settings=settings)
    assert len(waits) == 3
    for body in ("<html>", b'{"sha": 7}', b"[]"):
        hub.odd[INFO] = [Reply(200, body)]
        with pytest.raises(ServiceError, match=r"what is no answer of a hub|a commit of the"):
            to.pull_oracle(REPO, path, settings=settings)
    hub.odd[INFO] = [
        Reply(429, "", {"Retry-After": "2"}),
        Reply(body={"id": REPO, "sha": "1"}, cut_after=3),
        hub._info(replace(hub.asked[-1], path=INFO)),
    ]
    waits.clear()
    to.pull_oracle(REPO, path, settings=settings)
    assert waits[0] == 2
    assert len(waits) == 2


def test_no_connection_is_said_at_once(tmp_path: Path, waits: list[float], file: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    settings = ServiceSettings(hub=f"http://127.0.0.1:{port}", hub_token=TOKEN, cache=tmp_path)
    with pytest.raises(ServiceUnreachableError, match=r"got no connection .*Check the connection"):
        to.pull_oracle(REPO, tmp_path / "x.oracle", settings=settings)
    with pytest.raises(ServiceUnreachableError, match="got no connection"):
        to.push_oracle(file, REPO, settings=settings)
    assert waits == []


def test_the_command_pushes_and_pulls(
    hub: FakeHub,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    file: Path,
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HF_ENDPOINT", hub.url)
    assert cli._run(["hub", "push", str(file), REPO]) == 2
    assert "expected a token that may write, got none" in capsys.readouterr().err
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    assert cli._run(["hub", "push", str(file), REPO, "--json", "pushed.json"]) == 0
    told = capsys.readouterr()
    pushed = json.loads(Path("pushed.json").read_text())
    assert pushed["pinned"] in told.out
    assert f"Next: trackoracle hub pull {pushed['pinned']}" in told.err
    assert cli._run(["hub", "pull", pushed["pinned"], "--json", "-", "-q"]) == 0
    pulled = json.loads(capsys.readouterr().out)
    assert (pulled["path"], pulled["sha256"]) == ("charts.oracle", pushed["sha256"])
    for name in ("charts", "someone/missing", f"{REPO}@v9"):
        assert cli._run(["hub", "pull", name, "-o", "y.oracle"]) == 2
    assert "Traceback" not in capsys.readouterr().err
    for command in ("push", "pull"):
        assert cli._run(["hub", command, "--help"]) == 0
        assert f"trackoracle hub {command} " in capsys.readouterr().out
    assert there(tmp_path) == ["charts.oracle", "pushed.json"]
