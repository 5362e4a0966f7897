"""Hear a recording block by block, never whole: any container, rate, depth and channel count."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Iterator
from pathlib import Path

from trackoracle.audio.decoding.containers import HEARD, opened_file
from trackoracle.audio.decoding.oddities import Oddities
from trackoracle.audio.decoding.opening import EnduringReader
from trackoracle.audio.decoding.reading import Block, DecodingError, Reader, frames_at_once
from trackoracle.errors import RecordingError

LEAST_RATE = 4_000
"""Samples a second; below, the filter of loudness (its shelf is at 1,682 Hz) cannot be made."""
MOST_RATE = 1_536_000
"""The highest rate that converters have; what states more is damaged."""
MOST_CHANNELS = 64
"""What FFmpeg can mix; 24 are heard in cinemas."""
MOST_SECONDS = 12 * 3600.0
"""The longest that is heard in one piece."""
LEAST_HEARD_SECONDS = 3.0
"""What must have been heard before a decoder gave up, to be worth an answer."""
_LACKING_SECONDS, _LACKING_SHARE = 0.5, 0.01
"""What may lack of the stated length before it is said."""


class Sound:
    """A recording being heard; made by `open_recording`.

    Attributes
    ----------
    rate
        Samples a second of each channel.
    n_channels
        Channels side by side in a block.
    container
        By content: "mp3", "flac", "wav", "aiff", "ogg", "opus", "m4a", "mp4" (a video) ...
    claimed_seconds
        The length that the file states, or None. For progress only: it may be anything.
    """

    def __init__(self, path: str, reader: Reader, start: float, seconds: float | None) -> None:
        self._path, self._reader = path, reader
        self.rate, self.n_channels = reader.rate, reader.n_channels
        self.container, self.claimed_seconds = reader.container, reader.claimed_seconds
        self._first_frame = round(start * self.rate)
        self._n_wanted = None if seconds is None else max(1, round(seconds * self.rate))
        self._n_frames = 0
        self._is_through = False
        self._notes: list[str] = []
        self._oddities = Oddities(self.n_channels)

    @property
    def seconds(self) -> float:
        """Heard so far."""
        return self._n_frames / self.rate

    @property
    def is_whole(self) -> bool:
        """Whether everything that can be heard of the file was heard, from start to end."""
        return self._is_through and not self._first_frame

    @property
    def warnings(self) -> tuple[str, ...]:
        """Sentences on what is odd; complete once the blocks are through."""
        said = (*self._reader.notes, *self._notes, *self._lacking(), *self._oddities.sentences())
        return tuple(dict.fromkeys(said))

    def blocks(self) -> Iterator[Block]:
        """Give (n, channels) float32 blocks of a second or less, in order, once.

        Every sample is a finite number, 1 at full scale. The blocks are the caller's to keep.

        Raises
        ------
        RecordingError
            When there is no sample, when less than three seconds come before damage that
            no decoder gets over, or when more than twelve hours come.
        """
        n_at_once = frames_at_once(self.rate, self.n_channels)
        try:
            if self._first_frame:
                self._reader.seek(self._first_frame)
            while n_frames := min(n_at_once, self._n_missing(n_at_once)):
                block = self._reader.read(n_frames)
                if not len(block):
                    self._is_through = True
                    break
                self._n_frames += len(block)
                self._check_seconds(self.seconds)
                yield self._oddities.cleaned(block)
        except DecodingError as error:
            self._end_at_damage(error)
        if not self._n_frames:
            advice = "Start earlier." if self._first_frame else "Copy or record it again."
            raise self._refused("at least one sample", "none", advice)

    def close(self) -> None:
        """Let go of the decoder; the file is closed by `open_recording`."""
        self._reader.close()

    def check(self) -> None:
        """Refuse what cannot be heard, before any of it is.

        Raises
        ------
        RecordingError
        """
        if not LEAST_RATE <= self.rate <= MOST_RATE:
            expected = f"{LEAST_RATE:,} to {MOST_RATE:,} samples a second"
            raise self._refused(expected, f"{self.rate:,}", "Convert it to 44,100 first.")
        if not 1 <= self.n_channels <= MOST_CHANNELS:
            expected = f"1 to {MOST_CHANNELS} channels"
            raise self._refused(expected, f"{self.n_channels:,}", "Mix it down first.")
        if self._reader.is_sure and self.claimed_seconds is not None and self._n_wanted is None:
            self._check_seconds(self.claimed_seconds - self._first_frame / self.rate)

    def _n_missing(self, most: int) -> int:
        return most if self._n_wanted is None else self._n_wanted - self._n_frames

    def _check_seconds(self, seconds: float) -> None:
        if seconds > MOST_SECONDS:
            raise self._refused(
                f"at most {MOST_SECONDS / 3600:.0f} hours",
                "more",
                "Choose an excerpt by its start and seconds.",
            )

    def _end_at_damage(self, error: DecodingError) -> None:
        """Keep what was heard before the damage, if that is enough."""
        place = self._first_frame / self.rate + self.seconds
        if self.seconds < LEAST_HEARD_SECONDS:
            got = f"one that is damaged at {place:.1f} s ({error})"
            raise self._refused("a whole recording", got, "Copy it again.") from error
        self._notes.append(f"damaged from {place:,.1f} s on: the rest is not heard")

    def _lacking(self) -> list[str]:
        """Compare what was heard to the end with what the file states."""
        claimed = self.claimed_seconds
        if not self._is_through or claimed is None:
            return []
        held = self.seconds + self._first_frame / self.rate
        if abs(claimed - held) <= max(_LACKING_SECONDS, _LACKING_SHARE * min(claimed, held)):
            return []
        why = "cut short or damaged" if held < claimed else "its header is wrong"
        return [f"the file states {claimed:,.1f} s and holds {held:,.1f} s: {why}"]

    def _refused(self, expected: str, got: str, advice: str) -> RecordingError:
        return RecordingError(
            f"{self._path}: expected {expected}, got {got}. {advice}", path=self._path
        )


@contextlib.contextmanager
def open_recording(
    path: str | Path, start: float = 0.0, seconds: float | None = None
) -> Iterator[Sound]:
    """Open a recording to hear it block by block.

    MP3, FLAC, WAV, AIFF, OGG and Opus are decoded by libsndfile, M4A, AAC and whatever else
    has a sound in it by FFmpeg, which also goes on where libsndfile gives up on damage. What
    a file is is told by its content; what its header states is never trusted.

    Parameters
    ----------
    path
        A regular file.
    start, seconds
        An excerpt; without them the whole file.

    Raises
    ------
    RecordingError
        When it is no regular file, no sound, below 4,000 or above 1,536,000 samples a second.
    SourceNotFoundError
        When nothing is there.
    MissingExtraError
        Without the extra `audio`.

    Examples
    --------
    >>> import tempfile, wave
    >>> path = Path(tempfile.mkdtemp()) / "silence.wav"
    >>> with wave.open(str(path), "wb") as file:
    ...     file.setparams((2, 2, 8_000, 0, "NONE", ""))
    ...     file.writeframes(bytes(4 * 12_000))
    >>> with open_recording(path) as sound:
    ...     print(sound.container, sound.rate, [block.shape for block in sound.blocks()])
    wav 8000 [(8000, 2), (4000, 2)]
    >>> sound.seconds, sound.warnings
    (1.5, ())
    """
    _check_excerpt(start, seconds)
    with opened_file(path) as descriptor:
        try:
            reader = EnduringReader(descriptor)
        except DecodingError as error:
            raise RecordingError(
                f"{path}: expected a recording ({HEARD}), got {error}. "
                "Check that it plays, or convert it.",
                path=str(path),
            ) from error
        sound = Sound(str(path), reader, start, seconds)
        try:
            sound.check()
            yield sound
        finally:
            sound.close()


def _check_excerpt(start: float, seconds: float | None) -> None:
    if not (math.isfinite(start) and start >= 0):
        raise RecordingError(
            f"start: expected seconds from 0 on, got {start}. Give where the excerpt begins.",
            start=start,
        )
    if seconds is not None and not 0 < seconds <= MOST_SECONDS:
        raise RecordingError(
            f"seconds: expected more than 0 and at most {MOST_SECONDS:,.0f}, got {seconds}. "
            "Give how long the excerpt is.",
            seconds=seconds,
        )
