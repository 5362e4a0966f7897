"""Re-releases that differ a little: by rounding, by a suffix of the title, by a new master.

Found without comparing all pairs: audio vectors by a k-d tree, titles by blocks of one artist
and one bare title, sorted by duration.
"""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from trackoracle.audit.findings import Notebook, by_share, percent
from trackoracle.audit.subject import Subject
from trackoracle.schema import AUDIO_VECTOR, normal

Pairs = NDArray[np.int64]

TOLERANCE = {"loudness": 0.1, "tempo": 0.5}
"""Loudness and tempo as services round them: dB to one digit, BPM to whole beats."""
SHARE_TOLERANCE = 0.005
"""What rounding a share to two digits moves it by, at most."""
_SECONDS_APART = 2_000.0
_MASTER = {"tempo": 1.0, "danceability": 0.05, "valence": 0.1}
"""What a new master leaves nearly as it was; loudness and energy it changes."""
_LEAST_DESCRIPTORS = 5
_MOST_NEIGHBOURS = 3.0
_SAMPLE = 2_000
_RELEASE_WORDS = (
    r"remaster(?:ed)?|remasterizado|version|edition|deluxe|expanded|anniversary|bonus|track|album"
    r"|single|original|mono|stereo|digital(?:ly)?|reissue|explicit|clean|the|of|disc|\d+(?:th)?|mix"
)
_OTHER_RECORDING = r"\b(?:live|remix|acoustic|instrumental|karaoke|demo|cover|edit|dub|session)"


def check_near_duplicates(subject: Subject, notebook: Notebook) -> None:
    """Report recordings that are nearly another one."""
    pairs = near_duplicates(subject, notebook)
    if not len(pairs):
        return
    n = len(np.unique(pairs[:, 1]))
    notebook.add(
        "near_duplicates",
        by_share(n, len(subject)),
        n,
        "Recordings nearly equal another one: re-releases under another title or rounding.",
        evidence=f"{n:,} of {len(np.unique(subject.keys.recording)):,} recordings "
        f"({percent(n, len(subject))} of the rows)",
        examples=tuple(f"rows {a + 1} and {b + 1}" for a, b in pairs[:3]),
        fix="Drop one of each pair, or hold out by artist (new_artist).",
    )


def near_duplicates(subject: Subject, notebook: Notebook) -> Pairs:
    """Find pairs of rows of different recordings that are nearly one.

    Returns
    -------
    (m, 2) row numbers, the earlier row first: one row stands for each recording.
    """
    _, first = np.unique(subject.keys.recording, return_index=True)
    rows = np.sort(first)
    found = [_by_audio(subject, rows, notebook), _by_title(subject, rows)]
    pairs = np.unique(np.sort(np.concatenate(found), axis=1), axis=0)
    return pairs.astype(np.int64)


def _by_audio(subject: Subject, rows: Pairs, notebook: Notebook) -> Pairs:
    names = [name for name in AUDIO_VECTOR if subject.has(name)]
    nothing = np.empty((0, 2), np.int64)
    if len(names) < _LEAST_DESCRIPTORS:
        notebook.unchecked.append(
            "Near duplicates by sound: the source has fewer than five descriptors."
        )
        return nothing
    tracks = subject.tracks[rows]
    scaled = [
        tracks[name].cast(pl.Float64).to_numpy() / TOLERANCE.get(name, SHARE_TOLERANCE)
        for name in names
    ]
    points = np.column_stack(scaled)
    whole = np.flatnonzero(~np.isnan(points).any(axis=1))
    points = points[whole]
    if len(points) < 2:
        return nothing
    tree = cKDTree(points)
    sample = points[np.random.default_rng(0).permutation(len(points))[:_SAMPLE]]
    n_near = tree.query_ball_point(sample, 1.0, p=np.inf, return_length=True).mean()
    if n_near > _MOST_NEIGHBOURS:
        notebook.unchecked.append(
            f"Near duplicates by sound: {n_near:.0f} recordings lie within rounding of each, so "
            "that the vectors are too coarse to tell."
        )
        return nothing
    near = tree.query_pairs(1.0, p=np.inf, output_type="ndarray")
    pairs: Pairs = rows[whole[near]] if len(near) else nothing
    return pairs[_durations_agree(subject, pairs)]


def _durations_agree(subject: Subject, pairs: Pairs) -> NDArray[np.bool_]:
    if not subject.has("duration_ms"):
        return np.ones(len(pairs), bool)
    duration = subject.tracks["duration_ms"].cast(pl.Float64).to_numpy()
    # A missing duration contradicts nothing.
    apart = np.abs(duration[pairs[:, 0]] - duration[pairs[:, 1]])
    agree: NDArray[np.bool_] = ~(apart > _SECONDS_APART)
    return agree


def _by_title(subject: Subject, rows: Pairs) -> Pairs:
    """Compare neighbours by duration within one artist and one bare title."""
    if not subject.has("track_name", "artists"):
        return np.empty((0, 2), np.int64)
    tracks = subject.tracks[rows]
    measures = [name for name in ("duration_ms", *_MASTER) if subject.has(name)]
    block = tracks.select(
        pl.Series("row", rows),
        pl.Series("artist", subject.keys.first_artist[rows]),
        *_bare_title(tracks["track_name"]),
        *(pl.col(name).cast(pl.Float64) for name in measures),
    ).filter((pl.col("bare") != "") & ~pl.col("other").fill_null(False))
    keys = ["artist", "bare"]
    block = block.filter(pl.struct(keys).is_duplicated()).sort([*keys, *measures[:1], "row"])
    before = [pl.col(key) == pl.col(key).shift() for key in keys]
    if "duration_ms" in measures and len(measures) > 1:
        tolerance = {"duration_ms": _SECONDS_APART, **_MASTER}
        alike = [(pl.col(m) - pl.col(m).shift()).abs() <= tolerance[m] for m in measures]
    else:
        alike = [pl.col("release") & pl.col("release").shift()]
    near = block.select(
        "row", pl.col("row").shift().alias("before"), near=pl.all_horizontal(*before, *alike)
    ).filter(pl.col("near").fill_null(False))
    return near.select("before", "row").to_numpy().astype(np.int64).reshape(-1, 2)


def _bare_title(title: pl.Series) -> tuple[pl.Series, pl.Series, pl.Series]:
    """Return the title before any bracket or dash, and what the rest says of the recording."""
    bare = title.str.replace(r"\s*(?:[(\[]|\s[-–—/]\s).*$", "")
    rest = title.str.extract(r"((?:[(\[]|\s[-–—/]\s).*)$").fill_null("").str.to_lowercase()
    words = rest.str.replace_all(r"[^\p{L}\p{N}]+", " ").str.strip_chars()
    only_release = words.str.contains(rf"^(?:(?:{_RELEASE_WORDS})(?: |$))*$")
    return (
        normal(bare).alias("bare"),
        only_release.alias("release"),
        rest.str.contains(_OTHER_RECORDING).alias("other"),
    )
