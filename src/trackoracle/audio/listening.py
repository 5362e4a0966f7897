"""Listen to one recording: all that can be told from its sound and from its tags."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from trackoracle.audio.decoding.reading import Block
from trackoracle.audio.decoding.resampling import mono_22050
from trackoracle.audio.decoding.sound import Sound, open_recording
from trackoracle.audio.decoding.tags import Tags, read_tags
from trackoracle.audio.describing.descriptors import Describer, Descriptors
from trackoracle.audio.estimating.estimates import Estimates
from trackoracle.audio.estimating.estimators import Estimators, load_estimators
from trackoracle.audio.measuring.loudness import Loudness, LoudnessMeter
from trackoracle.audio.measuring.tempo import Pulse, PulseMeter
from trackoracle.audio.measuring.tonality import Tonality, TonalityMeter
from trackoracle.schema import ERROR_LEVEL, ESTIMATED, TRACK_COLUMNS, Estimate, Heard, Timeline

LEAST_SECONDS, SHORT_SECONDS = 3.0, 10.0
"""Less is not estimated from, or with a warning: estimates were learned from clips of 30 s."""
TOO_SHORT = "{seconds:.1f} s long: too short to estimate from"
_DIGITS = {
    "duration_ms": 0, "loudness": 2, "tempo": 2, "tempo_confidence": 3, "key": 0, "mode": 0,
    "key_confidence": 3, "time_signature": 0, "loudness_lufs": 2, "loudness_range": 2,
    "peak_db": 2, "silence": 4,
}  # fmt: skip
"""More are not heard, and a table that was written gives the very answers of the recording."""
NO_SOUND = "nothing sounds in it: no feature is estimated"
SHORT = "{seconds:.1f} s long: estimates were learned from clips of 30 s and may be further off"


def listen(
    path: str | Path,
    *,
    start: float = 0.0,
    seconds: float | None = None,
    estimators: str | Path | None = None,
) -> Heard:
    """Listen to a recording: measure what its sound shows, estimate the rest with its error.

    The sound is decoded once, a block at a time, and no block is kept: a recording of three
    hours takes hardly more memory than a short one.

    Parameters
    ----------
    path
        A file of any format that libsndfile or FFmpeg reads.
    start, seconds
        The excerpt to listen to; by default all. An excerpt leaves the duration missing.
    estimators
        A file that `train_estimators` made; by default the one that ships with the package.

    Returns
    -------
    Heard

    Raises
    ------
    RecordingError
        When the file is no recording, or nothing of it can be heard.
    BundleError
        When the estimators' file is not whole.
    MissingExtraError
        Without the extra `audio`.

    Examples
    --------
    >>> import tempfile, wave
    >>> path = Path(tempfile.mkdtemp()) / "tone.wav"
    >>> tone = np.sin(2 * np.pi * 440 * np.arange(8_000 * 12) / 8_000)
    >>> with wave.open(str(path), "wb") as file:
    ...     file.setparams((1, 2, 8_000, 0, "NONE", ""))
    ...     file.writeframes((tone * 20_000).astype("<i2").tobytes())
    >>> heard = listen(path)
    >>> heard.seconds, round(heard.measured["loudness_lufs"]), sorted(heard.estimated)[:2]
    (12.0, -8, ['acousticness', 'danceability'])
    """
    path, estimating = Path(path), load_estimators(estimators)
    describer = Describer(log_mels=estimating.needs_log_mels)
    pulse_meter, tonality_meter = PulseMeter(), TonalityMeter()
    with open_recording(path, start, seconds) as sound:
        loudness_meter = LoudnessMeter(sound.rate, sound.n_channels)
        for samples in mono_22050(_metered(sound.blocks(), loudness_meter), sound.rate):
            pulse_meter.add(samples)
            tonality_meter.add(samples)
            describer.add(samples)
    loudness, described = loudness_meter.result(), describer.result()
    sounds = loudness.loudness_lufs is not None and len(described) > 0
    told = estimating.estimate(described) if sounds and sound.seconds >= LEAST_SECONDS else None
    pulse, tonality = pulse_meter.result(), tonality_meter.result()
    return Heard(
        file=str(path),
        file_hash=_hash(path),
        start=start,
        seconds=sound.seconds,
        is_excerpt=not sound.is_whole,
        tags=_told(read_tags(path)),
        measured=_measured(sound, estimating, loudness, pulse, tonality),
        estimated={} if told is None else _estimated(told),
        tempo_alternatives=pulse.alternatives,
        timeline=_timeline(described, loudness_meter),
        representative=_representative(described, start, sound.seconds),
        warnings=_warnings(sound, sounds=sounds),
    )


def _metered(blocks: Iterator[Block], meter: LoudnessMeter) -> Iterator[Block]:
    for block in blocks:
        meter.add(block)
        yield block


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.blake2b(digest_size=16)).hexdigest()


def _told(tags: Tags) -> dict[str, Any]:
    """Return the tags that are there, by track column."""
    told = {
        "track_name": tags.track_name,
        "artists": tags.artists,
        "album_name": tags.album_name,
        "year": tags.year,
        "genres": tags.genres,
        "isrc": tags.isrc,
    }
    return {name: value for name, value in told.items() if value}


def _measured(
    sound: Sound, estimators: Estimators, loudness: Loudness, pulse: Pulse, tonality: Tonality
) -> dict[str, float | None]:
    """Return what was measured, by track column."""
    lufs, has_key = loudness.loudness_lufs, tonality.key >= 0
    told = {
        "duration_ms": 1000 * sound.seconds if sound.is_whole else None,
        "loudness": None if lufs is None else _in_catalogs(estimators, lufs),
        "tempo": pulse.tempo,
        "tempo_confidence": pulse.confidence,
        "key": tonality.key if has_key else None,
        "mode": tonality.mode if has_key else None,
        "key_confidence": tonality.confidence,
        "time_signature": pulse.time_signature,
        "loudness_lufs": lufs,
        "loudness_range": loudness.dynamic_range_db,
        "peak_db": loudness.peak_db,
        "silence": loudness.silent_share,
    }
    return {name: None if v is None else round(float(v), _DIGITS[name]) for name, v in told.items()}


def _in_catalogs(estimators: Estimators, lufs: float) -> float:
    """Return loudness as catalogs tell it; estimators of one's own seldom know, ours do."""
    known = estimators.loudness or load_estimators().loudness
    assert known is not None
    column = TRACK_COLUMNS["loudness"]
    return float(np.clip(known.catalog_loudness(lufs), column.low, column.high))


def _estimated(told: Estimates) -> dict[str, Estimate]:
    """Return value and bounds of each feature that the estimators were trained for."""
    low, high = told.interval(ERROR_LEVEL)
    rows = zip(ESTIMATED, told.values, low, high, strict=True)
    return {
        name: Estimate(*(round(float(share), 4) for share in row))
        for name, *row in rows
        if not np.isnan(row[0])
    }


def _timeline(described: Descriptors, meter: LoudnessMeter) -> Timeline:
    course = described.timeline
    lufs = [float(v) if np.isfinite(v) else None for v in meter.windows(course.step_seconds)]
    n_steps = len(course.energy_db)
    lufs += [None] * (n_steps - len(lufs))
    return Timeline(
        step=course.step_seconds,
        energy_db=course.energy_db,
        loudness_lufs=tuple(lufs[:n_steps]),
        brightness_hz=course.brightness_hz,
        pulse=course.pulse,
    )


def _representative(described: Descriptors, start: float, seconds: float) -> tuple[float, float]:
    """Return where the most usual part stands in the file."""
    begin, end = described.timeline.representative or (0.0, seconds)
    return start + begin, start + end


def _warnings(sound: Sound, *, sounds: bool) -> tuple[str, ...]:
    said = list(sound.warnings)
    if not sounds:
        said.append(NO_SOUND)
    elif sound.seconds < LEAST_SECONDS:
        said.append(TOO_SHORT.format(seconds=sound.seconds))
    elif sound.seconds < SHORT_SECONDS:
        said.append(SHORT.format(seconds=sound.seconds))
    return tuple(f"{sentence[0].upper()}{sentence[1:].rstrip('.')}." for sentence in said)
