"""Every format and packing reads as CSV does; hostile and broken ones are refused with a reason."""

from __future__ import annotations

import gzip
import io
import json
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

import trackoracle as to
from trackoracle.catalogs.json_lines import read_json_lines
from trackoracle.catalogs.reading import TABLE_ENDINGS
from trackoracle.catalogs.unpacking import unpack
from trackoracle.errors import InvalidValuesError, SourceError

ROWS = [
    {
        "track_id": f"id{i}",
        "track_name": f"Träck, {i}",
        "artists": [f"Artist {i}", "Guest; the"] if i % 3 == 0 else [f"Artist {i}"],
        "genres": ["pop", "r&b"] if i % 2 else None,
        "popularity": float(i),
        "tempo": 100.5 + i,
        "explicit": i % 2 == 0,
    }
    for i in range(40)
]
FRAME = pl.DataFrame(ROWS)


def json_lines(rows: list[dict[str, object]] = ROWS) -> bytes:
    return b"".join(json.dumps(row, ensure_ascii=False).encode() + b"\n" for row in rows)


def binary(write: Callable[[pl.DataFrame, io.BytesIO], object]) -> bytes:
    buffer = io.BytesIO()
    write(FRAME, buffer)
    return buffer.getvalue()


def zipped(*members: tuple[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(buffer, "w", method) as archive:
        warnings.simplefilter("ignore")
        for name, content in members:
            archive.writestr(name, content)
    return buffer.getvalue()


ARROW = binary(lambda frame, to: frame.write_ipc(to))
FORMATS = {
    ".jsonl": json_lines(),
    ".ndjson": json_lines(),
    ".parquet": binary(lambda frame, to: frame.write_parquet(to)),
    ".arrow": ARROW,
    ".feather": binary(lambda frame, to: frame.write_ipc(to, compression="zstd")),
}
PACKINGS: dict[str, Callable[[str, bytes], bytes]] = {
    ".gz": lambda name, content: gzip.compress(content, mtime=0),
    ".zst": lambda name, content: zstandard.compress(content),
    ".zip": lambda name, content: zipped((name, content)),
}


def written(folder: Path, name: str, content: bytes) -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


def message(path: Path) -> str:
    with pytest.raises(SourceError) as caught:
        to.load_catalog(path)
    assert type(caught.value) is SourceError
    assert "\n" not in str(caught.value)
    return str(caught.value).replace(str(path), "{path}")


# What can be read


@pytest.fixture(scope="module")
def expected() -> pl.DataFrame:
    return to.load_catalog(FRAME).tracks


@pytest.mark.parametrize("ending", FORMATS)
@pytest.mark.parametrize("packing", ["", *PACKINGS])
def test_formats_with_lists(
    tmp_path: Path, expected: pl.DataFrame, ending: str, packing: str
) -> None:
    name, content = f"tracks{ending}", FORMATS[ending]
    if packing:
        content = PACKINGS[packing](name, content)
    tracks = to.load_catalog(written(tmp_path, name + packing, content)).tracks
    assert tracks.equals(expected)
    assert tracks["artists"][0].to_list() == ["Artist 0", "Guest; the"]
    assert tracks["genres"].head(2).to_list() == [None, ["pop", "r&b"]]


@pytest.mark.parametrize("packing", PACKINGS)
@pytest.mark.parametrize(("ending", "delimiter"), [(".csv", ","), (".tsv", "\t"), (".txt", ";")])
def test_text_packed(tmp_path: Path, packing: str, ending: str, delimiter: str) -> None:
    content = FRAME.drop("artists", "genres").write_csv(separator=delimiter).encode()
    plain = to.load_catalog(written(tmp_path, f"a{ending}", content))
    packed = to.load_catalog(
        written(tmp_path, f"a{ending}{packing}", PACKINGS[packing](f"a{ending}", content))
    )
    assert packed.tracks.equals(plain.tracks)
    assert packed.card.checksum == plain.card.checksum
    assert len(plain) == 40


def test_arrow_stream(tmp_path: Path, expected: pl.DataFrame) -> None:
    content = binary(lambda frame, to: frame.write_ipc_stream(to))
    assert to.load_catalog(written(tmp_path, "a.arrow", content)).tracks.equals(expected)


def test_every_ending_is_tried_here() -> None:
    assert set(TABLE_ENDINGS) == {".csv", ".tsv", ".txt", *FORMATS}


def test_frames_of_zstd_follow_one_another(tmp_path: Path, expected: pl.DataFrame) -> None:
    lines = json_lines()
    half = lines.index(b"\n", len(lines) // 2) + 1
    content = zstandard.compress(lines[:half]) + zstandard.compress(lines[half:])
    assert to.load_catalog(written(tmp_path, "a.jsonl.zst", content)).tracks.equals(expected)


def test_zip_says_the_format_by_the_file_inside(tmp_path: Path, expected: pl.DataFrame) -> None:
    members = (
        ("set/", b""),
        ("set/tracks.jsonl", json_lines()),
        ("LICENSE", b"text"),
        ("__MACOSX/set/._tracks.jsonl", b"\0\5"),
    )
    for method in (zipfile.ZIP_STORED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA):
        path = written(tmp_path, "archive.zip", zipped(*members, method=method))
        assert to.load_catalog(path).tracks.equals(expected)


def test_a_zip_in_a_folder_is_no_second_table(tmp_path: Path, small_catalog: to.Catalog) -> None:
    header = "track_id,artists,album_name,track_name,popularity,explicit,track_genre\n"
    table = header.encode() + b"a,b,c,d,1,False,pop\n"
    written(tmp_path, "dataset.csv", table)
    written(tmp_path, "archive.zip", zipped(("dataset.csv", table)))
    assert to.load_catalog(tmp_path).card.n_rows_read == 1


# JSONL


def test_json_lines_of_any_shape() -> None:
    lines = b"""{"track_name": "a", "artists": "x", "explicit": true, "tempo": 120}
{"artists": ["y", null, "z"], "genres": [], "tempo": 99.5, "track_name": null}

{"track_name": "[]", "tempo": NaN, "explicit": false}
{"track_name": "b", "artists": ["["], "genres": null}\r
"""
    tracks = to.load_catalog(read_json_lines(Path("a.jsonl"), lines)).tracks
    assert tracks.rows() == [
        ("a", ["x"], 1.0, 120.0, None),
        (None, ["y", "z"], None, 99.5, None),
        ("[]", None, 0.0, None, None),
        ("b", ["["], None, None, None),
    ]


@pytest.mark.parametrize("value", ['"fast"', "true", '{"bpm": 1}', '["1"]', "1e999", "9" * 400])
def test_mixed_types_are_judged_by_the_schema(tmp_path: Path, value: str) -> None:
    lines = b'{"tempo": 120, "energy": 0.5}\n{"tempo": %b, "energy": 0.5}\n'
    path = written(tmp_path, "a.jsonl", lines % value.encode())
    with pytest.raises(InvalidValuesError) as caught:
        to.load_catalog(path)
    assert str(caught.value).startswith("tempo: expected ")
    assert "of 2 values" in str(caught.value)
    assert "(row" in str(caught.value)


@pytest.mark.parametrize(
    ("lines", "got"),
    [
        (
            b'{"tempo": 120}\n{"tempo": 1',
            "a broken one (Expecting ',' delimiter, column 12) (line 2)",
        ),
        (
            b'{"tempo": 120}\n\n{"tempo" 1}\n',
            "a broken one (Expecting ':' delimiter, column 10) (line 3)",
        ),
        (b'{"tempo": 120} {"tempo": 1}\n', "a broken one (Extra data, column 16) (line 1)"),
        (b"tempo,energy\n120,0.5\n", "a broken one (Expecting value, column 1) (line 1)"),
        (b'[{"tempo": 120}]\n', "a JSON list (line 1)"),
        (b'{"tempo": 120}\n"tempo"\n', "a JSON text (line 2)"),
        (b'{"tempo": 120}\n3\n', "a JSON value (line 2)"),
        (
            b'{"tempo": 120}\n{"tempo": ' + b"[" * 90_000 + b"\n",
            "a broken one (nested or long beyond reason, column 1) (line 2)",
        ),
    ],
)
def test_line_that_is_no_object(tmp_path: Path, lines: bytes, got: str) -> None:
    assert message(written(tmp_path, "a.jsonl", lines)) == (
        f"{{path}}: expected one JSON object a line, got {got}. "
        "The file is cut off, or no JSONL: write each track as one line."
    )


def test_deep_nesting_costs_no_time(tmp_path: Path) -> None:
    nested = b"[" * 700 + b"]" * 700
    path = written(tmp_path, "a.jsonl", b'{"tempo": 120, "x": %b}\n' % nested)
    assert to.load_catalog(path).card.unused_columns == ("x",)


def test_json_lines_of_another_encoding(tmp_path: Path) -> None:
    assert message(written(tmp_path, "a.jsonl", '{"track_name": "é"}\n'.encode("latin-1"))) == (
        "{path}: expected utf-8 text, got byte 0xe9 (line 1). "
        "If it was saved by a spreadsheet, use --encoding latin-1."
    )
    path = written(tmp_path, "b.jsonl", '{"track_name": "é"}\n'.encode("utf-16"))
    assert to.load_catalog(path).tracks["track_name"].to_list() == ["é"]


JSON = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=8),
    st.lists(st.one_of(st.none(), st.integers(), st.text(max_size=3)), max_size=3),
    st.dictionaries(st.text(max_size=2), st.integers(), max_size=2),
)


@given(st.lists(st.dictionaries(st.sampled_from("abc"), JSON, max_size=3), min_size=1, max_size=6))
def test_any_lines_of_objects_are_read(objects: list[dict[str, object]]) -> None:
    rows = read_json_lines(Path("a.jsonl"), json_lines(objects))
    assert set(rows.columns) == {name for found in objects for name in found}
    for name in rows.columns:
        assert len(rows) == len(objects)
        for value, found in zip(rows[name].to_list(), objects, strict=True):
            given_value = found.get(name)
            if given_value is None:
                assert value is None
            elif isinstance(given_value, list) and isinstance(value, list):
                assert len(value) == len(given_value)
            elif isinstance(value, str) and isinstance(given_value, str):
                assert value == given_value
            else:
                assert value is not None


# Broken and hostile files


@pytest.mark.parametrize("ending", [".parquet", ".arrow", ".feather"])
@pytest.mark.parametrize("share", [0.2, 0.5, 0.9, 0.99])
def test_cut_off_binary(tmp_path: Path, ending: str, share: float) -> None:
    content = FORMATS[ending]
    said = message(written(tmp_path, f"a{ending}", content[: int(share * len(content))]))
    kind = "Parquet" if ending == ".parquet" else "Arrow"
    assert said.startswith(f"{{path}}: expected a whole {kind} file, got an error (")
    assert said.endswith("). Write it again.")
    assert "Error {" not in said


@pytest.mark.parametrize("content", [b"hello world", b"FEA1....FEA1", b"ARROW1" * 9, b"\xff" * 99])
def test_no_arrow_file(tmp_path: Path, content: bytes) -> None:
    said = message(written(tmp_path, "a.arrow", content))
    assert said.startswith("{path}: expected a whole Arrow file, got an error (")


@pytest.mark.parametrize("packing", PACKINGS)
@pytest.mark.parametrize("share", [0.1, 0.5, 0.97])
def test_cut_off_packing(tmp_path: Path, packing: str, share: float) -> None:
    content = PACKINGS[packing]("a.jsonl", FORMATS[".jsonl"])
    said = message(written(tmp_path, f"a.jsonl{packing}", content[: int(share * len(content))]))
    kind = {".gz": "gzip", ".zst": "Zstandard", ".zip": "zip"}[packing]
    assert said.startswith(f"{{path}}: expected a whole {kind} file, got a broken one (")
    assert said.endswith("). Fetch it again.")


@pytest.mark.parametrize("packing", PACKINGS)
def test_another_packing_than_the_name_says(tmp_path: Path, packing: str) -> None:
    said = message(written(tmp_path, f"a.csv{packing}", b"tempo,energy\n120,0.5\n"))
    assert "got a broken one (" in said


def test_changed_byte_in_a_zip(tmp_path: Path) -> None:
    content = bytearray(zipped(("a.jsonl", json_lines()), method=zipfile.ZIP_STORED))
    content[content.index(b"Artist 7")] ^= 1
    said = message(written(tmp_path, "a.zip", bytes(content)))
    assert said == (
        "{path}: expected a whole zip file, got a broken one (Bad CRC-32 for file 'a.jsonl'). "
        "Fetch it again."
    )


@pytest.mark.parametrize(
    ("members", "got"),
    [
        ((), "none (no file)"),
        ((("readme.md", b"x"), ("xl/sheet.xml", b"x")), "none (readme.md, xl/sheet.xml)"),
        ((("a.csv", b"x"), ("b/b.jsonl", b"x")), "2 (a.csv, b/b.jsonl)"),
        ((("a.csv", b"x"), ("a.csv", b"y")), "2 (a.csv, a.csv)"),
        ((("a.csv.zip", b"x"),), "none (a.csv.zip)"),
    ],
)
def test_zip_of_no_single_table(
    tmp_path: Path, members: tuple[tuple[str, bytes], ...], got: str
) -> None:
    assert message(written(tmp_path, "a.zip", zipped(*members))) == (
        "{path}: expected one table in the zip (.csv, .tsv, .txt, .jsonl, .ndjson, .parquet, "
        f".arrow, .feather), got {got}. Unpack it and name one file, or the folder."
    )


@pytest.mark.parametrize(
    "name", ["../a.csv", "/etc/a.csv", "x/../../a.csv", "C:\\a.csv", "..\\a.csv"]
)
def test_zip_whose_path_leads_out(tmp_path: Path, name: str) -> None:
    said = message(written(tmp_path, "a.zip", zipped((name, b"tempo\n120\n"))))
    assert said == (
        f"{{path}}: expected a table inside the zip, got the path {name!r}, "
        "which leads out of it. Do not trust the file."
    )
    assert [path.name for path in tmp_path.iterdir()] == ["a.zip"]


def test_zip_with_a_password(tmp_path: Path) -> None:
    content = bytearray(zipped(("a.csv", b"tempo\n120\n")))
    for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(mark) + at] |= 1
    assert message(written(tmp_path, "a.zip", bytes(content))) == (
        "{path}: expected a zip without a password, got an encrypted table (a.csv). "
        "Unpack it yourself."
    )


def test_zip_of_an_unknown_method(tmp_path: Path) -> None:
    content = bytearray(zipped(("a.csv", b"tempo\n120\n")))
    for mark, at in ((b"PK\x03\x04", 8), (b"PK\x01\x02", 10)):
        content[content.index(mark) + at] = 97
    said = message(written(tmp_path, "a.zip", bytes(content)))
    assert said.startswith("{path}: expected a whole zip file, got a broken one (")


@pytest.mark.parametrize("packing", [".gz", ".zst"])
def test_bombs_are_put_out(tmp_path: Path, packing: str) -> None:
    content = 257 * PACKINGS[packing]("a.csv", b"0" * 2**20)
    path = written(tmp_path, f"a.csv{packing}", content)
    said = message(path)
    assert said == (
        "{path}: expected at most 256 MiB unpacked, got more from "
        f"{len(content) / 2**20:,.1f} MiB. If it is a table and no trap, unpack it yourself."
    )


@pytest.mark.parametrize("packing", PACKINGS)
def test_the_bound_is_exact(tmp_path: Path, packing: str) -> None:
    path = written(tmp_path, f"a.csv{packing}", PACKINGS[packing]("a.csv", b"x" * 5000))
    assert unpack(path, TABLE_ENDINGS, most=5000).content == b"x" * 5000
    with pytest.raises(SourceError):
        unpack(path, TABLE_ENDINGS, most=4999)


def test_a_zip_that_lies_about_its_size_is_bounded_too(tmp_path: Path) -> None:
    content = bytearray(zipped(("a.csv", b"0" * 100_000)))
    for mark, at in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        place = content.index(mark) + at
        content[place : place + 4] = (10).to_bytes(4, "little")
    with pytest.raises(SourceError):
        unpack(written(tmp_path, "a.zip", bytes(content)), TABLE_ENDINGS, most=5000)
