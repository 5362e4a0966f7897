"""An index is kept as one file, read without trust."""

from __future__ import annotations

import json
import pickle
from pathlib import Path

import numpy as np
import pytest
from tests.neighbours.test_neighbours import catalog_of

from trackoracle.errors import IndexFileError
from trackoracle.neighbours import Neighbours, Wish, index_path, load_index, save_index
from trackoracle.neighbours.file import MAGIC


@pytest.fixture(scope="module")
def index() -> Neighbours:
    return Neighbours.of(catalog_of(900, 11, missing=0.05))


@pytest.fixture
def kept(index: Neighbours, tmp_path: Path) -> Path:
    path = index_path(tmp_path / "tracks.csv")
    save_index(path, index, "one")
    return path


def test_a_kept_index_answers_as_the_built_one(index: Neighbours, kept: Path) -> None:
    again = load_index(kept, "one")
    assert again is not None
    assert again.tracks.equals(index.tracks)
    for row in range(0, 900, 90):
        wish = Wish(k=20, genre_weight=0.5, era_weight=0.5)
        first = index.near(index.tracks[row : row + 1], wish, row=row)
        second = again.near(again.tracks[row : row + 1], wish, row=row)
        assert np.array_equal(first.rows, second.rows)
        assert np.array_equal(first.distance, second.distance)
    elsewhere = index.tracks[3:4]
    found = again.near(elsewhere, Wish(k=400))
    assert index.recording[3] not in again.recording[found.rows]


def test_equal_catalogs_have_equal_files(index: Neighbours, kept: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.index"
    save_index(other, Neighbours.of(catalog_of(900, 11, missing=0.05)), "one")
    assert other.read_bytes() == kept.read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["other.index", "tracks.csv.index"]


def test_one_of_another_state_of_the_catalog_is_none(kept: Path) -> None:
    assert load_index(kept, "two") is None


def test_another_kind_of_file_is_refused_and_left(index: Neighbours, tmp_path: Path) -> None:
    path = tmp_path / "tracks.csv.index"
    path.write_bytes(pickle.dumps({"a": 1}))
    before = path.read_bytes()
    for work in (lambda: load_index(path, "one"), lambda: save_index(path, index, "one")):
        with pytest.raises(IndexFileError, match="another kind of file") as caught:
            work()
        assert caught.value.facts["ours"] is False
    assert path.read_bytes() == before


def _parts(content: bytes) -> tuple[dict[str, object], bytes]:
    begin = len(MAGIC) + 8
    length = int.from_bytes(content[len(MAGIC) : begin], "little")
    return json.loads(content[begin : begin + length]), content[begin + length :]


def _joined(header: dict[str, object], body: bytes) -> bytes:
    text = json.dumps(header).encode()
    return MAGIC + len(text).to_bytes(8, "little") + text + body


@pytest.mark.parametrize("where", [0.05, 0.3, 0.6, 0.95])
def test_damage_anywhere_is_found(kept: Path, where: float) -> None:
    content = bytearray(kept.read_bytes())
    _, body = _parts(bytes(content))
    place = len(content) - len(body) + int(where * len(body))
    content[place] ^= 0xFF
    kept.write_bytes(bytes(content))
    with pytest.raises(IndexFileError, match="expected a whole index") as caught:
        load_index(kept, "one")
    assert caught.value.facts["ours"] is True


@pytest.mark.parametrize("length", [len(MAGIC), len(MAGIC) + 3, len(MAGIC) + 60, -1, -4000])
def test_a_file_that_was_cut_is_found(kept: Path, length: int) -> None:
    kept.write_bytes(kept.read_bytes()[:length])
    with pytest.raises(IndexFileError, match="expected a whole index"):
        load_index(kept, "one")


def _second_place(body: bytes, begin: int) -> int:
    return int(np.frombuffer(body[begin + 4 : begin + 8], np.int32)[0])


def _hostile(content: bytes) -> dict[str, bytes]:
    """Change what the file says, with a checksum that fits: what an attacker would write."""
    import hashlib

    header, body = _parts(content)
    shapes: dict[str, list[int]] = header["shapes"]  # type: ignore[assignment]
    begins, place = {}, 0
    for name, item in (
        ("tracks", 1),
        ("recording", 4),
        ("places", 4),
        ("hashes", 8),
        ("owners", 4),
    ):
        begins[name] = place
        place += int(np.prod(shapes[name])) * item

    def with_body(changed: bytes, **facts: object) -> bytes:
        told = {**header, "sha256": hashlib.sha256(changed).hexdigest(), **facts}
        return _joined(told, changed)

    def set_number(name: str, value: int, size: int = 4) -> bytes:
        at = begins[name]
        number = value.to_bytes(size, "little", signed=value < 0)
        return with_body(body[:at] + number + body[at + size :])

    end_of_places = begins["hashes"]
    empty_box = b"\xff" * (4 * shapes["places"][1])
    more = {**shapes, "places": [shapes["places"][0] + 1, shapes["places"][1]]}
    with_empty = body[:end_of_places] + empty_box + body[end_of_places:]
    no_table = b"\0" * shapes["tracks"][0] + body[shapes["tracks"][0] :]
    return {
        "place outside": set_number("places", 2**30),
        "place twice": set_number("places", _second_place(body, begins["places"])),
        "negative place": set_number("places", -7),
        "recording outside": set_number("recording", 10**9),
        "falling hashes": set_number("hashes", 2**63, 8),
        "owner that is none": set_number("owners", 10**6),
        "no table": with_body(no_table),
        "empty box": with_body(with_empty, shapes=more),
        "huge shape": _joined({**header, "shapes": {**shapes, "places": [2**40, 2**40]}}, body),
        "negative shape": _joined({**header, "shapes": {**shapes, "places": [-1, -4]}}, body),
        "shape of text": _joined({**header, "shapes": {**shapes, "places": ["x"]}}, body),
        "no shapes": _joined({**header, "shapes": None}, body),
        "header is a list": _joined([1], body),  # type: ignore[arg-type]
        "huge header": MAGIC + (2**62).to_bytes(8, "little") + body,
        "deep header": MAGIC + (200_000).to_bytes(8, "little") + b"[" * 200_000,
    }


def _refusal(path: Path, content: bytes) -> str:
    path.write_bytes(content)
    try:
        load_index(path, "one")
    except IndexFileError as error:
        return error.message
    return "accepted"


def test_hostile_files_are_refused_with_a_sentence(kept: Path) -> None:
    refusals = {
        name: _refusal(kept, changed) for name, changed in _hostile(kept.read_bytes()).items()
    }
    assert [n for n, said in refusals.items() if "expected a whole index" not in said] == []
