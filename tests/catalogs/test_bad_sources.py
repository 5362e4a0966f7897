"""Every bad source gets one sentence that says what is wrong, where, and what to do."""

import gzip
import io
from pathlib import Path

import polars as pl
import pytest
import zstandard

from trackoracle import load_catalog
from trackoracle.catalogs import load_tracks
from trackoracle.errors import (
    InvalidValuesError,
    MissingColumnError,
    SourceError,
    SourceNotFoundError,
    TargetError,
    TrackOracleError,
    UnknownNameError,
)
from trackoracle.schema import Hit, Popularity

HEADER = "track_id,track_name,artists,popularity,tempo,energy\n"
ROWS = [f"id{i},Song {i},Artist {i},{i},{100 + i},0.{i % 9 + 1}\n" for i in range(20)]
TABLE = HEADER + "".join(ROWS)
COLUMNS = ["track_id", "track_name", "artists", "popularity", "tempo", "energy"]
ADVICE = 'Drop them, or load with on_invalid="null" (--on-invalid null).'


def parquet() -> bytes:
    buffer = io.BytesIO()
    pl.read_csv(TABLE.encode()).write_parquet(buffer)
    return buffer.getvalue()


def written(folder: Path, content: str | bytes, name: str = "tracks.csv") -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def message(error: type[TrackOracleError], path: object, **options: object) -> str:
    """Load what cannot be loaded; return the sentence, with the path as {path}."""
    with pytest.raises(error) as caught:
        load_catalog(path, **options)
    assert type(caught.value) is error
    return str(caught.value).replace(str(path), "{path}")


# Files and folders that are no table


def test_missing_file(tmp_path: Path) -> None:
    path = tmp_path / "nope.csv"
    assert message(SourceNotFoundError, path) == (
        "{path}: expected a file or folder, got nothing there. "
        "Check the path, or use 'sample' for the embedded sample."
    )
    with pytest.raises(FileNotFoundError):
        load_catalog(path)


@pytest.mark.parametrize(
    ("files", "found"), [((), "no table"), (("a.csv", "b.tsv"), "a.csv, b.tsv")]
)
def test_folder_without_a_known_format(tmp_path: Path, files: tuple[str, ...], found: str) -> None:
    for name in files:
        written(tmp_path, TABLE.replace(",", "\t") if name.endswith(".tsv") else TABLE, name)
    assert message(SourceError, tmp_path) == (
        "{path}: expected a folder of files of one known format (tracks_114k, hit_predictor, "
        f"million_tracks, tidytuesday, tracks_2021), got {found}. Name one file instead."
    )


@pytest.mark.parametrize(("name", "ending"), [("tracks", "no ending"), ("tracks.xlsx", ".xlsx")])
def test_unknown_ending(tmp_path: Path, name: str, ending: str) -> None:
    assert message(SourceError, written(tmp_path, TABLE, name)) == (
        "{path}: expected one of .csv, .tsv, .txt, .jsonl, .ndjson, .parquet, .arrow, .feather "
        f"(also with .gz, .zst, .zip), got '{ending}'. Convert it, or give it the right ending."
    )


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("tracks.csv", b""),
        ("tracks.csv", b" \n\r\n\t"),
        ("tracks.parquet", b""),
        ("tracks.arrow", b""),
        ("tracks.jsonl", b" \n\n"),
        ("tracks.csv.zst", b""),
        ("tracks.csv.zst", zstandard.compress(b"\n")),
        ("tracks.zip", b""),
        ("tracks.csv.gz", b""),
        ("tracks.csv.gz", gzip.compress(b"", mtime=0)),
    ],
)
def test_empty_file(tmp_path: Path, name: str, content: bytes) -> None:
    assert message(SourceError, written(tmp_path, content, name)) == (
        "{path}: expected a table, got an empty file. Fetch or export it again."
    )


@pytest.mark.parametrize("header", [HEADER, HEADER.strip()])
def test_header_only(tmp_path: Path, header: str) -> None:
    assert message(SourceError, written(tmp_path, header)) == (
        "{path}: expected at least one row, got a header only (6 columns). "
        "Export it again with its rows."
    )


def test_one_row_loads(tmp_path: Path) -> None:
    catalog = load_catalog(written(tmp_path, HEADER + ROWS[7]))
    assert catalog.tracks.rows() == [("id7", "Song 7", ["Artist 7"], 7.0, 107.0, 0.8)]
    assert catalog.card.findings == ()


# Delimiters and headers


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_delimiter_is_found_whatever_the_ending(tmp_path: Path, delimiter: str) -> None:
    catalog = load_catalog(written(tmp_path, TABLE.replace(",", delimiter)))
    assert catalog.tracks.equals(load_catalog(written(tmp_path, TABLE, "a.csv")).tracks)


@pytest.mark.parametrize(
    ("name", "table", "got"),
    [
        ("a.csv", TABLE.replace(",", ":"), "'track_id:track_name:artists:popularity:tempo:energy'"),
        ("a.tsv", TABLE, "'track_id,track_name,artists,popularity,tempo,energy'"),
        ("a.csv", "x,y\n1,2\n", "'x', 'y'"),
    ],
)
def test_no_known_column(tmp_path: Path, name: str, table: str, got: str) -> None:
    assert message(MissingColumnError, written(tmp_path, table, name)) == (
        "columns: expected some track columns (tempo, energy, popularity ...), got "
        f"{got}. Check the delimiter, or map them with --map tempo=THEIR_COLUMN."
    )


@pytest.mark.parametrize("twice", ["tempo", " tempo", "tempo  "])
def test_column_name_twice(tmp_path: Path, twice: str) -> None:
    path = written(tmp_path, TABLE.replace("energy", twice))
    assert message(SourceError, path) == (
        "{path}: expected each column name once, got tempo several times. "
        "Rename or remove the others."
    )


def test_columns_without_a_name_may_repeat(tmp_path: Path) -> None:
    lines = [line + ",,\n" for line in TABLE.splitlines()]
    catalog = load_catalog(written(tmp_path, "".join(lines)))
    assert catalog.tracks.columns == COLUMNS


def test_two_spellings_of_one_column_use_the_first_and_say_so(tmp_path: Path) -> None:
    catalog = load_catalog(written(tmp_path, TABLE.replace("energy", "bpm")))
    assert catalog.tracks["tempo"][0] == 100
    assert catalog.card.unused_columns == ("bpm",)


def test_map_names_a_column_that_is_not_there(tmp_path: Path) -> None:
    path = written(tmp_path, TABLE)
    assert message(MissingColumnError, path, columns={"tempo": "speed"}) == (
        "--map tempo=speed: expected a column 'speed' in the source, got track_id, track_name, "
        "artists, popularity, tempo, energy. Name one of these."
    )


def test_map_may_use_one_column_twice(tmp_path: Path) -> None:
    columns = {"valence": "energy", "mine": "energy"}
    catalog = load_catalog(written(tmp_path, TABLE), columns=columns)
    assert catalog.tracks["valence"].to_list() == catalog.tracks["mine"].to_list()
    assert catalog.other == ("mine",)
    assert catalog.card.unused_columns == ()


# Encodings


def test_latin_1_names_the_line_and_the_way_out(tmp_path: Path) -> None:
    path = written(tmp_path, TABLE.replace("Song 3", "Café").encode("latin-1"))
    assert message(SourceError, path) == (
        "{path}: expected utf-8 text, got byte 0xe9 (line 5). "
        "If it was saved by a spreadsheet, use --encoding latin-1."
    )
    assert load_catalog(path, encoding="latin-1").tracks["track_name"][3] == "Café"


def test_unknown_encoding(tmp_path: Path) -> None:
    path = written(tmp_path, TABLE.replace("Song", "Sång"))
    assert message(SourceError, path, encoding="klingon") == (
        "encoding: expected a known encoding, got 'klingon'. Try utf-8 or latin-1."
    )


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_byte_order_marks_are_understood(tmp_path: Path, encoding: str) -> None:
    table = TABLE.replace("Song 3", "Café")
    catalog = load_catalog(written(tmp_path, table.encode(encoding)))
    assert catalog.tracks.columns == COLUMNS
    assert catalog.tracks["track_name"][3] == "Café"


def test_cut_off_utf_16(tmp_path: Path) -> None:
    path = written(tmp_path, TABLE.encode("utf-16")[:-1])
    assert message(SourceError, path) == (
        "{path}: expected utf-16 text, got byte 0x0a (line 21). "
        "The file is cut off, or in another encoding."
    )


def test_utf_16_without_a_mark(tmp_path: Path) -> None:
    path = written(tmp_path, TABLE.encode("utf-16-le"))
    assert message(SourceError, path) == (
        "{path}: expected text, got a NUL byte (line 1, byte 2). "
        "The file is binary, damaged or UTF-16; for the last, use --encoding utf-16."
    )
    assert len(load_catalog(path, encoding="utf-16-le")) == 20


def test_nul_byte(tmp_path: Path) -> None:
    place = TABLE.index("Song 4") + 2
    content = TABLE.replace("Song 4", "So\0ng")
    assert message(SourceError, written(tmp_path, content)) == (
        f"{{path}}: expected text, got a NUL byte (line 6, byte {place + 1}). "
        "The file is binary, damaged or UTF-16; for the last, use --encoding utf-16."
    )


@pytest.mark.parametrize("ending", ["\r\n", "\r"])
def test_line_endings_of_other_systems(tmp_path: Path, ending: str) -> None:
    catalog = load_catalog(written(tmp_path, TABLE.replace("\n", ending)))
    assert (len(catalog), catalog.tracks.columns) == (20, COLUMNS)


# Broken content


def test_line_of_too_many_values(tmp_path: Path) -> None:
    path = written(tmp_path, TABLE + "a,b,c,4,100,0.3,7,8\n" + ROWS[0])
    assert message(SourceError, path) == (
        "{path}: expected as many values in each line as in the header, got 8 instead of 6 "
        "(line 22). Check the delimiter and the quoting of text that holds it."
    )


def test_unclosed_quote(tmp_path: Path) -> None:
    assert message(SourceError, written(tmp_path, TABLE + 'a,"b,c,4,100,0.3\n')) == (
        "{path}: expected as many values in each line as in the header, got an error (could not "
        'parse `"b,c,4,100,0.3). Check the delimiter and the quoting of text that holds it.'
    )


def test_line_of_too_few_values_misses_the_last(tmp_path: Path) -> None:
    catalog = load_catalog(written(tmp_path, TABLE + "id99,Song 99,Artist 9\n"))
    assert catalog.tracks.row(20)[3:] == (None, None, None)
    findings = {finding.code: finding.n for finding in catalog.card.findings}
    assert findings == {
        "missing_popularity": 1,
        "missing_tempo": 1,
        "missing_energy": 1,
        "popularity_zero": 1,
    }


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (
            gzip.compress(TABLE.encode(), mtime=0)[:-20],
            "Compressed file ended before the end-of-stream marker was reached",
        ),
        (b"hello", "Not a gzipped file (b'he')"),
    ],
)
def test_broken_gzip(tmp_path: Path, content: bytes, reason: str) -> None:
    assert message(SourceError, written(tmp_path, content, "tracks.csv.gz")) == (
        f"{{path}}: expected a whole gzip file, got a broken one ({reason}). Fetch it again."
    )


def test_gzip_with_a_changed_byte(tmp_path: Path) -> None:
    content = bytearray(gzip.compress(TABLE.encode(), mtime=0))
    content[-6] ^= 1  # the sum of the content
    said = message(SourceError, written(tmp_path, bytes(content), "tracks.csv.gz"))
    assert said.startswith("{path}: expected a whole gzip file, got a broken one (CRC check failed")


@pytest.mark.parametrize(
    "content",
    [parquet()[:-30], parquet()[: len(parquet()) // 2], b"hello world", b"PAR1" * 10],
    ids=["tail cut", "half", "foreign", "marks only"],
)
def test_broken_parquet(tmp_path: Path, content: bytes) -> None:
    said = message(SourceError, written(tmp_path, content, "tracks.parquet"))
    assert said.startswith("{path}: expected a whole Parquet file, got an error (parquet: ")
    assert said.endswith("). Write it again.")
    assert "\n" not in said


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (parquet(), "a Parquet file. Name it .parquet."),
        (gzip.compress(TABLE.encode(), mtime=0), "a gzip file. Name it .gz."),
        (b"%PDF-1.7...", "a PDF file. Export the table that it shows as CSV."),
        (b"PK\x03\x04...", "a zip or spreadsheet file. Name it .zip, or export it as CSV."),
        (b"ARROW1\0\0...", "an Arrow file. Name it .arrow."),
        (b"\x28\xb5\x2f\xfd...", "a Zstandard file. Name it .zst."),
    ],
)
def test_another_format_under_the_name_of_text(tmp_path: Path, content: bytes, kind: str) -> None:
    path = written(tmp_path, content)
    assert message(SourceError, path) == f"{{path}}: expected text, got {kind}"


def test_the_right_ending_is_then_read(tmp_path: Path) -> None:
    for name, content in {
        "a.parquet": parquet(),
        "a.csv.gz": gzip.compress(TABLE.encode(), mtime=0),
    }.items():
        assert len(load_catalog(written(tmp_path, content, name))) == 20


# Values that cannot be meant


def changed(*values: str, first: int = 104) -> str:
    """Replace tempos, from the fifth row on."""
    table = TABLE
    for i, value in enumerate(values):
        table = table.replace(f",{first + i},", f",{value},")
    return table


@pytest.mark.parametrize(
    ("values", "got"),
    [
        (["fast"], "expected numbers, got 1 of 20 values that are not (row 5: 'fast')"),
        (["0"], "expected 20 to 260 BPM, got 1 of 20 values outside (row 5: '0')"),
        (
            ["inf", "-Infinity", "300", "19"],
            "expected 20 to 260 BPM, got 4 of 20 values outside "
            "(rows 5, 6, 7: 'inf', '-Infinity', '300')",
        ),
    ],
)
def test_impossible_tempo(tmp_path: Path, values: list[str], got: str) -> None:
    path = written(tmp_path, changed(*values))
    assert message(InvalidValuesError, path) == f"tempo: {got}. {ADVICE}"


def test_facts_of_impossible_values(tmp_path: Path) -> None:
    with pytest.raises(InvalidValuesError) as caught:
        load_catalog(written(tmp_path, changed("fast", "slow")))
    assert caught.value.to_dict() == {
        "error": "InvalidValuesError",
        "message": str(caught.value),
        "column": "tempo",
        "expected": "numbers",
        "rows": [5, 6],
        "examples": ["fast", "slow"],
        "n_bad": 2,
        "n_rows": 20,
    }


def test_whole_column_of_text(tmp_path: Path) -> None:
    table = HEADER + "".join(f"id{i},Song {i},Artist {i},{i},fast,0.5\n" for i in range(9))
    assert message(InvalidValuesError, written(tmp_path, table)) == (
        "tempo: expected numbers, got 9 of 9 values that are not "
        f"(rows 1, 2, 3: 'fast', 'fast', 'fast'). {ADVICE}"
    )


def test_nan_is_missing_and_counted(tmp_path: Path) -> None:
    catalog = load_catalog(written(tmp_path, changed("NaN", "", "n/a", "null")))
    assert catalog.tracks["tempo"].is_null().arg_true().to_list() == [4, 5, 6, 7]
    assert [(f.code, f.n) for f in catalog.card.findings] == [
        ("missing_tempo", 4),
        ("popularity_zero", 1),
    ]


def test_nan_and_infinity_in_a_frame() -> None:
    tempo = [120.0, float("nan"), float("inf")]
    assert message(InvalidValuesError, pl.DataFrame({"tempo": tempo})) == (
        f"tempo: expected 20 to 260 BPM, got 1 of 3 values outside (row 3: inf). {ADVICE}"
    )


@pytest.mark.parametrize(
    ("column", "value", "expected"),
    [
        ("time_signature", "0", "1 to 7 beats"),
        ("time_signature", "3.5", "1 to 7 beats"),
        ("duration_ms", "0", "1 to 86,400,000 ms"),
        ("energy", "1.01", "0 to 1"),
        ("popularity", "-1", "0 to 100 points"),
        ("artist_followers", "-1", "numbers of at least 0"),
    ],
)
def test_out_of_range(column: str, value: str, expected: str) -> None:
    assert message(InvalidValuesError, pl.DataFrame({column: ["1", value]})) == (
        f"{column}: expected {expected}, got 1 of 2 values outside (row 2: '{value}'). {ADVICE}"
    )


def test_date_that_is_none() -> None:
    rows = pl.DataFrame({"release_date": ["1999", "1999-12", "1999-12-31", "soon", "1999-13-01"]})
    assert message(InvalidValuesError, rows) == (
        "release_date: expected dates as 2001-12-31, 2001-12 or 2001, got 2 of 5 values that are "
        f"not (rows 4, 5: 'soon', '1999-13-01'). {ADVICE}"
    )


@pytest.mark.parametrize(
    ("column", "value", "expected"),
    [
        ("tempo", [1, 2], "numbers"),
        ("tempo", {"bpm": 120}, "numbers"),
        ("tempo", b"120", "numbers"),
        ("track_name", [1], "text"),
        ("artists", {"name": "x"}, "text"),
        ("artists", [["x"]], "text"),
    ],
)
def test_nested_values(column: str, value: object, expected: str) -> None:
    with pytest.raises(InvalidValuesError) as caught:
        load_catalog(pl.DataFrame({column: [value], "energy": [0.5]}))
    assert str(caught.value).startswith(
        f"{column}: expected {expected}, got 1 of 1 values that are not (row 1: "
    )


@pytest.fixture
def flawed(tmp_path: Path) -> Path:
    """One impossible tempo, one tempo and one time signature that say not measured."""
    lines = changed("300", "0").splitlines()
    beats = ["time_signature"] + ["0" if i == 7 else "4" for i in range(20)]
    table = "".join(f"{line},{n}\n" for line, n in zip(lines, beats, strict=True))
    return written(tmp_path, table)


def test_on_invalid_null(flawed: Path) -> None:
    catalog = load_catalog(flawed, on_invalid="null")
    assert catalog.tracks["tempo"].is_null().arg_true().to_list() == [4, 5]
    assert catalog.tracks["time_signature"].is_null().arg_true().to_list() == [7]
    findings = {f.code: (f.n, f.action, f.examples) for f in catalog.card.findings}
    assert findings == {
        "invalid_tempo": (1, "nulled", ("300",)),
        "not_measured_tempo": (1, "nulled", ()),
        "not_measured_time_signature": (1, "nulled", ()),
        "constant_time_signature": (20, "kept", ()),
        "popularity_zero": (1, "kept", ()),
    }


def test_on_invalid_drop(flawed: Path) -> None:
    catalog = load_catalog(flawed, on_invalid="drop")
    assert "id4" not in catalog.tracks["track_id"]  # tempo 300
    assert len(catalog) == 19  # not measured is missing, not impossible
    findings = {f.code: (f.n, f.action) for f in catalog.card.findings}
    assert findings["invalid_tempo"] == (1, "dropped")
    assert findings["not_measured_tempo"] == (1, "nulled")


def test_on_invalid_error(flawed: Path) -> None:
    assert message(InvalidValuesError, flawed, on_invalid="error") == (
        "tempo: expected 20 to 260 BPM, got 2 of 20 values outside "
        f"(rows 5, 6: '300', '0'). {ADVICE}"
    )


def test_on_invalid_of_another_name(flawed: Path) -> None:
    assert message(UnknownNameError, flawed, on_invalid="nul") == (
        "on_invalid: expected a known name, got 'nul'. Did you mean 'null'?"
    )


def test_nothing_left(tmp_path: Path) -> None:
    path = written(tmp_path, HEADER + ROWS[0].replace(",100,", ",500,"))
    assert message(SourceError, path, on_invalid="drop") == (
        "catalog: expected at least one usable row, got none after cleaning."
    )


def test_rows_to_predict_on_are_never_dropped(flawed: Path) -> None:
    with pytest.raises(SourceError) as caught:
        load_tracks(flawed, on_invalid="drop")
    assert str(caught.value) == (
        'on_invalid: expected "error" or "null" for tracks to predict on, got "drop". '
        "Every row gets an answer; use null."
    )


def test_constant_column_is_reported(tmp_path: Path) -> None:
    table = HEADER + "".join(f"id{i},Song {i},Artist {i},{i},120,0.{i}\n" for i in range(5))
    catalog = load_catalog(written(tmp_path, table))
    found = [(f.n, f.what) for f in catalog.card.findings if f.code == "constant_tempo"]
    assert found == [(5, "tempo is the same everywhere")]


# Targets that the source does not hold


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        (
            Popularity(),
            "popularity: expected a column of 0 to 100 points to learn from, got none "
            "(columns: track_id, tempo). Map one with --map popularity=THEIR_COLUMN, "
            "or choose --target hit.",
        ),
        (
            Hit(),
            "hit: expected a column of 0 and 1 to learn from, got none (columns: track_id, tempo). "
            "Map one with --map hit=THEIR_COLUMN, or train on popularity above a "
            "threshold with "
            "--hit-above 70.",
        ),
    ],
)
def test_target_column_missing(target: Popularity | Hit, expected: str) -> None:
    catalog = load_catalog(pl.DataFrame({"track_id": ["a", "b"], "tempo": [100, 120]}))
    with pytest.raises(TargetError) as caught:
        target.values(catalog.tracks)
    assert str(caught.value) == expected


# Objects that are no table


@pytest.mark.parametrize("rows", [[], pl.DataFrame()])
def test_no_rows(rows: object) -> None:
    assert message(SourceError, rows) == "tracks: expected at least one row, got none."


@pytest.mark.parametrize("rows", [{}, [{}], [{}, {}]])
def test_no_columns(rows: object) -> None:
    assert message(SourceError, rows) == (
        'tracks: expected columns with values, got none. Give at least one, as {"tempo": 120.0}.'
    )


def test_single_values_beside_lists() -> None:
    said = message(SourceError, [{"artists": "x"}, {"artists": ["y"]}])
    assert said.startswith("tracks: expected values of one kind in each column, got several (")
    assert said.endswith("). Give single values or lists throughout.")


def test_objects_that_are_no_table() -> None:
    assert message(SourceError, 5) == (
        "tracks: expected a frame, a mapping or a list of mappings, got int. "
        "Read a table with load_tracks, a recording with listen."
    )
    assert message(SourceError, [1]) == (
        "tracks: expected mappings of column to value, got other objects in the list. "
        'Give [{"tempo": 120.0, ...}, ...].'
    )
