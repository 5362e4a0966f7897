"""A command fails with one sentence, the right exit code, and no debris.

Whatever needs a process of its own runs the installed script, and of every kind of bad input one.
"""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
from tests.interfaces.running import SCRIPT, run_here

import trackoracle as to
from trackoracle.interfaces import cli

OWN = {"OMP_NUM_THREADS": "1", "TRACKORACLE_JOBS": "1", "COLUMNS": "200"}
ENVIRONMENT = os.environ | OWN
QUICK = ("--set", "candidates=tree", "--set", "protocols=catalog", "--set", "n_folds=2")
LIMITED = (
    "import os, resource, sys; most = int(sys.argv[1]); "
    "resource.setrlimit(resource.RLIMIT_FSIZE, (most, most)); os.execv(sys.argv[2], sys.argv[2:])"
)
"""Runs a command that may write so many bytes to a file."""
HEADER = "track_id,track_name,artists,popularity,tempo\n"


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Commands of this process know what the script is given."""
    for name, value in OWN.items():
        monkeypatch.setenv(name, value)


def run(
    *arguments: object, stdin: str | bytes = "", most_bytes: int | None = None
) -> subprocess.CompletedProcess[str]:
    # The limit is set in a process of its own: `preexec_fn` would run Python in a fork of this
    # one, where locks that its threads hold are never let go.
    limited = [] if most_bytes is None else [sys.executable, "-c", LIMITED, str(most_bytes)]
    result = subprocess.run(
        [*limited, SCRIPT, *map(str, arguments)],
        input=stdin if isinstance(stdin, bytes) else stdin.encode(),
        env=ENVIRONMENT,
        capture_output=True,
        check=False,
        timeout=60,
    )
    return subprocess.CompletedProcess(
        result.args, result.returncode, result.stdout.decode(), result.stderr.decode()
    )


def refused(
    *arguments: object,
    stdin: str | bytes = "",
    how: Callable[..., subprocess.CompletedProcess[str]] = run_here,
) -> str:
    """Run what is bad input; return the one sentence."""
    result = how(*arguments, stdin=stdin)
    assert (result.returncode, result.stdout) == (2, "")
    assert "Traceback" not in result.stderr
    start, _, said = result.stderr.strip().rpartition("Error ")
    assert start == ""
    assert "\n" not in said
    return said


# Bad input


def test_missing_catalog(tmp_path: Path) -> None:
    path = tmp_path / "nope.csv"
    assert refused("check", path, how=run) == (
        f"{path}: expected a file or folder, got nothing there. "
        "Check the path, or use 'sample' for the embedded sample."
    )


def test_impossible_values(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(HEADER + "a,A,x,10,500\nb,B,y,20,fast\n")
    assert refused("train", path, "-o", tmp_path / "x.oracle") == (
        "tempo: expected 20 to 260 BPM, got 2 of 2 values outside (rows 1, 2: '500', 'fast'). "
        'Drop them, or load with on_invalid="null" (--on-invalid null).'
    )
    assert [p.name for p in tmp_path.iterdir()] == ["a.csv"]


def test_markup_in_a_name_is_shown_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "[red]a[/].csv"
    assert refused("check", path).startswith(f"{path}: expected a file or folder")


def test_encoding_is_named_and_helps(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes((HEADER + "a,Café,x,10,100\n").encode("latin-1"))
    assert refused("check", path) == (
        f"{path}: expected utf-8 text, got byte 0xe9 (line 2). "
        "If it was saved by a spreadsheet, use --encoding latin-1."
    )
    assert run_here("check", path, "--encoding", "latin-1").returncode == 0


def test_too_few_tracks(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(HEADER + "a,A,x,10,100\n")
    result = run_here("train", path, "--quiet")
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr.strip() == (
        "Error popularity: expected at least 50 labelled tracks, got 1. Use a larger catalog."
    )


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (
            ("--set", "candidate=tree"),
            "setting: expected a known name, got 'candidate'. Did you mean 'candidates'?",
        ),
        (("--set", "n_folds"), "expected --set key=value, got 'n_folds'. Correct it."),
        (("--tiers", "a,b"), "--tiers: expected numbers as in 25,50,75, got 'a,b'."),
        (
            ("--config", "/nope.toml"),
            "/nope.toml: expected a TOML file, got nothing there.",
        ),
    ],
)
def test_settings(arguments: tuple[str, ...], expected: str) -> None:
    assert refused("train", "sample", *arguments) == expected


def test_bad_bundle(tmp_path: Path) -> None:
    path = tmp_path / "x.oracle"
    path.write_text("hello")
    assert refused("info", path, how=run) == (
        f"{path}: expected an oracle, got a broken or foreign file. Name the oracle first, "
        "then the tracks; if it is one, fetch or train it again."
    )


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("train", "sample", "--bogus"), "No such option: --bogus"),
        (("nonsense",), "No such command 'nonsense'."),
        (("predict",), "Missing argument 'INPUT'"),
        (("predict", "x.oracle"), "expected tracks, got the oracle x.oracle. Name the tracks"),
        (("evaluate", "a", "b", "c"), "expected one oracle before c, got a b. Name one."),
        (("train", "sample", "--target", "pop"), "Invalid value for '--target'"),
    ],
)
def test_wrong_use(arguments: tuple[str, ...], said: str) -> None:
    result = (run if arguments == ("nonsense",) else run_here)(*arguments)
    assert (result.returncode, result.stdout) == (2, "")
    assert said in result.stderr
    assert "Traceback" not in result.stderr


# Places that cannot be written


def test_missing_folder_is_refused_before_training(tmp_path: Path) -> None:
    path = tmp_path / "missing" / "x.oracle"
    start = time.monotonic()
    said = refused("train", "sample", "-o", path)
    assert time.monotonic() - start < 10
    assert said == (
        f"{path}: expected an existing folder, got '{path.parent}', which is none. Create it first."
    )


def test_folder_as_output(tmp_path: Path) -> None:
    assert refused("train", "sample", "-o", tmp_path) == (
        f"{tmp_path}: expected a file name, got a folder. Name a file in it."
    )


def test_table_of_no_known_ending(tmp_path: Path, small_bundle: Path) -> None:
    path = tmp_path / "x.xlsx"
    assert refused("predict", small_bundle, "sample", "-o", path) == (
        f"{path}: expected one of .csv, .tsv, .parquet, .jsonl, got '.xlsx'. Rename the output."
    )


def test_full_disk_leaves_the_old_oracle(small_catalog: to.Catalog, tmp_path: Path) -> None:
    catalog, path = tmp_path / "tracks.parquet", tmp_path / "x.oracle"
    small_catalog.tracks.write_parquet(catalog)
    path.write_text("old")
    result = run("train", catalog, *QUICK, "-q", "-o", path, most_bytes=4096)
    assert result.returncode == 1
    assert result.stderr.strip() == (
        f"Error {path}: expected to write the whole file, got an error (File too large). "
        "What stood there before is unchanged; make room, or choose another place."
    )
    assert path.read_text() == "old"
    assert sorted(tmp_path.iterdir()) == [catalog, path]


@pytest.mark.parametrize("ending", ["csv", "parquet", "jsonl"])
def test_full_disk_leaves_no_half_table(tmp_path: Path, small_bundle: Path, ending: str) -> None:
    path = tmp_path / f"p.{ending}"
    result = run("predict", small_bundle, "sample", "-q", "-o", path, most_bytes=4096)
    assert result.returncode == 1
    assert result.stderr.startswith(f"Error {path}: expected to write the whole file, got an error")
    assert "Traceback" not in result.stderr
    assert list(tmp_path.iterdir()) == []


# Ctrl-C


@pytest.mark.parametrize("before", [None, "old"])
def test_ctrl_c_stops_at_once_and_leaves_nothing(tmp_path: Path, before: str | None) -> None:
    path = tmp_path / "x.oracle"
    if before:
        path.write_text(before)
    process = subprocess.Popen(
        [SCRIPT, "train", "sample", "-o", path],
        env=ENVIRONMENT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert process.stderr is not None
        assert "tracks" in process.stderr.readline()  # the catalog is read: training begins
        time.sleep(1)
        start = time.monotonic()
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=20)
        waited = time.monotonic() - start
    finally:
        process.kill()
    assert waited < 5
    assert (process.returncode, out) == (1, "")
    assert err.strip() == "Stopped. Nothing was written."
    assert [p.read_text() for p in tmp_path.iterdir()] == ([before] if before else [])


def test_ctrl_c_amid_an_import_of_a_library_in_c_is_no_traceback(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def importing(cause: BaseException) -> Callable[..., None]:
        def app(*_: object, **__: object) -> None:
            # What pybind11 makes of an exception while a module begins.
            raise ImportError("initialization failed") from cause

        return app

    monkeypatch.setattr(cli, "app", importing(KeyboardInterrupt()))
    result = run_here("train", "sample")
    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr == "Stopped. Nothing was written.\n"
    monkeypatch.setattr(cli, "app", importing(OSError("no such library")))
    with pytest.raises(ImportError, match="initialization failed"):
        run_here("train", "sample")


# Input to predict on


def test_unknown_genre_missing_and_extra_columns(small_bundle: Path) -> None:
    rows = [{"tempo": 120, "genre": "klezmer punk", "colour": "red"}, {"energy": 0.5}]
    lines = "\n".join(map(json.dumps, rows))
    result = run_here("predict", small_bundle, "-", "--json", "-", stdin=lines)
    assert result.returncode == 0
    answers = json.loads(result.stdout)
    assert [answer["track_id"] for answer in answers] == ["1", "2"]
    assert [answer["known"] for answer in answers] == ["audio", "audio"]
    assert [answer["warning"] for answer in answers] == [
        "genres klezmer punk was not seen in training and is taken as missing.",
        "",
    ]


def test_a_track_of_which_nothing_is_known(small_bundle: Path) -> None:
    result = run_here("predict", small_bundle, "-", "--json", "-", stdin='{"colour": "red"}')
    assert result.returncode == 0
    (answer,) = json.loads(result.stdout)
    assert 0 < answer["popularity"] < 100
    assert answer["known"] == ""
    assert answer["warning"] == (
        "Nothing is known of this track: the answer is what tracks get in general."
    )


def test_rows_with_and_without_values_keep_their_order(tmp_path: Path, small_bundle: Path) -> None:
    path = tmp_path / "in.csv"
    path.write_text("tempo,mystery,energy\n120,a,0.5\n,b,\n90,c,0.9\n")
    output = tmp_path / "out.csv"
    assert run_here("predict", small_bundle, path, "-o", output).returncode == 0
    predictions = pl.read_csv(output)
    assert predictions["track_id"].to_list() == [1, 2, 3]
    assert predictions["known"].to_list() == ["audio", "", "audio"]


@pytest.mark.parametrize(
    ("stdin", "expected"),
    [
        (
            '{"tempo": 120}\n\n{bad\n',
            "standard input: expected a JSON object a line, got an error in line 3 "
            "(Expecting property name enclosed in double quotes). Correct that line.",
        ),
        (
            "[1]\n",
            "standard input: expected a JSON object a line, got a list in line 1. "
            "Correct that line.",
        ),
        (
            b'{"tempo": 120}\n\xff\n',
            "standard input: expected a JSON object a line, got an error in line 2 ('utf-8' codec "
            "can't decode byte 0xff in position 0: invalid start byte). Correct that line.",
        ),
        (
            '{"tempo": 999}\n',
            "tempo: expected 20 to 260 BPM, got 1 of 1 values outside (row 1: 999). "
            "Correct them, or leave them empty: empty is taken as missing.",
        ),
    ],
)
def test_bad_lines_on_standard_input(small_bundle: Path, stdin: str | bytes, expected: str) -> None:
    how = run if isinstance(stdin, bytes) else run_here
    assert refused("predict", small_bundle, "-", stdin=stdin, how=how) == expected


def test_impossible_level(small_bundle: Path) -> None:
    said = refused("predict", small_bundle, "-", "--level", "1", stdin='{"tempo": 120}')
    assert said == "level: expected above 0 and below 1, got 1. Try 0.9."


def test_no_tracks_at_all_give_no_rows(small_oracle: to.Oracle) -> None:
    nothing = pl.DataFrame({"tempo": []}, schema={"tempo": pl.Float64})
    assert small_oracle.predict(nothing).columns == small_oracle.predict({"tempo": 99.0}).columns
    assert small_oracle.predict(nothing).is_empty()


@pytest.mark.parametrize(
    ("command", "option"),
    [
        ("predict", "--json"),
        ("predict", "-o"),
        ("explain", "--html"),
        ("explain", "--json"),
        ("explain", "-o"),
        ("change", "--json"),
        ("rank", "--json"),
        ("evaluate", "--json"),
    ],
)
@pytest.mark.parametrize("victim", ["tracks", "oracle"])
def test_no_output_replaces_what_is_read(
    small_bundle: Path, small_catalog: to.Catalog, tmp_path: Path, command, option, victim
) -> None:
    paths = {"tracks": tmp_path / "tracks.parquet", "oracle": tmp_path / "copy.parquet"}
    small_catalog.tracks.head(3).write_parquet(paths["tracks"])
    paths["oracle"].write_bytes(small_bundle.read_bytes())
    before = paths[victim].read_bytes()
    arguments = [command, str(paths["oracle"]), str(paths["tracks"]), option, str(paths[victim])]
    assert cli._run(arguments) == 2
    assert paths[victim].read_bytes() == before
