"""Names: what is one and what is not."""

from __future__ import annotations

import os
import subprocess
import sys

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trackoracle.schema import TRACK_COLUMNS, name_hashes, normal, normal_titles, published_name


def _of(forms, text: str) -> str:
    return forms(pl.Series([text])).item()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Beyoncé", "BEYONCE"),
        ("AC/DC", "acdc"),
        ("Sigur Rós", "sigur ros"),
        ("  The  Beatles ", "the beatles"),
    ],
)
def test_artist_spellings_that_are_one(one: str, other: str) -> None:
    assert _of(normal, one) == _of(normal, other)


@pytest.mark.parametrize(
    ("one", "other"), [("!!!", "???"), ("かき", "がき"), ("किताब", "कताब"), ("Sia", "Sia B")]
)
def test_artist_spellings_that_are_not(one: str, other: str) -> None:
    assert _of(normal, one) != _of(normal, other)


@pytest.mark.parametrize(
    "release",
    [
        "Creep - Remastered",
        "Creep - Remastered 2009",
        "Creep - 2009 Remaster",
        "Creep (2009 Digital Remaster)",
        "Creep - Album Version",
        "Creep (Single Version)",
        "Creep - Mono",
        "Creep [Remastered Version]",
        "CREEP",
    ],
)
def test_releases_of_one_recording(release: str) -> None:
    assert _of(normal_titles, release) == "creep"


@pytest.mark.parametrize(
    "recording",
    [
        "Creep - Live",
        "Creep (Acoustic Version)",
        "Creep - Remix",
        "Creep (Karaoke Version)",
        "Creep (Instrumental)",
        "Creep - Radio Edit",
    ],
)
def test_other_recordings_stay_apart(recording: str) -> None:
    assert _of(normal_titles, recording) != "creep"


def test_a_title_that_is_only_a_suffix_keeps_itself() -> None:
    assert _of(normal_titles, "- Mono") == "mono"


@given(st.lists(st.one_of(st.none(), st.text(max_size=8)), max_size=30))
def test_hashes_depend_on_the_name_only(names) -> None:
    hashes = name_hashes(pl.Series(names, dtype=pl.String)).tolist()
    by_name = dict(zip(names, hashes, strict=True))
    assert [by_name[name] for name in names] == hashes
    assert len(set(by_name.values())) == len(by_name)
    assert by_name.get(None, 0) == 0


@given(st.text(max_size=20))
def test_normal_form_is_stable(text: str) -> None:
    once = _of(normal, text)
    assert _of(normal, once) == once


def test_no_spelling_means_two_columns() -> None:
    spelled: dict[str, str] = {}
    for column in TRACK_COLUMNS.values():
        for name in (column.name, *column.synonyms):
            assert spelled.setdefault(name, column.name) == column.name
            assert published_name(name.upper()) == column.name


SIDE_BY_SIDE = """
import threading, time
import polars as pl
from trackoracle.catalogs.sample import generate_sample
from trackoracle.schema import album_keys, artist_keys, recording_marks

rows = generate_sample(4_000, seed=1).with_columns(pl.col("artists").str.split(";"))
parts = pl.concat([rows.drop("artists")] * 4, rechunk=False)
end = time.monotonic() + 3

def during(*works):
    while time.monotonic() < end:
        for work in works:
            work()

keys = [lambda of=of: of(rows) for of in (album_keys, artist_keys, recording_marks)]
threads = [threading.Thread(target=during, args=args) for args in (keys, keys, [parts.to_pandas])]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
"""


def test_names_are_told_while_another_thread_makes_a_frame() -> None:
    """Two users of the app: when Polars' threads ran Python for one, both waited for ever."""
    pytest.importorskip("pandas")
    few = os.environ | {"POLARS_MAX_THREADS": "2"}
    subprocess.run([sys.executable, "-c", SIDE_BY_SIDE], check=True, timeout=60, env=few)
