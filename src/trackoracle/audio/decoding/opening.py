"""Choose the decoder of a recording; where one gives up, let the other go on behind the damage."""

from __future__ import annotations

from trackoracle.audio.decoding.containers import container_of
from trackoracle.audio.decoding.pyav_reader import PyavReader
from trackoracle.audio.decoding.reading import Block, DecodingError, Reader
from trackoracle.audio.decoding.soundfile_reader import CONTAINERS, SoundfileReader


class EnduringReader:
    """libsndfile for what it knows, FFmpeg for the rest and for what libsndfile gives up on.

    Raises
    ------
    DecodingError
        When neither finds a sound.
    """

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._reader = _first_reader(descriptor)
        self._frame = 0
        self._own_notes: list[str] = []
        self.rate, self.n_channels = self._reader.rate, self._reader.n_channels
        self.container, self.is_sure = self._reader.container, self._reader.is_sure
        self.claimed_seconds = self._reader.claimed_seconds

    @property
    def notes(self) -> list[str]:
        """Sentences on what was met so far."""
        return [*self._own_notes, *self._reader.notes]

    def seek(self, frame: int) -> None:
        """Go to a frame."""
        self._frame = frame
        self._reader.seek(frame)

    def read(self, n_frames: int) -> Block:
        """Return the next frames; raises DecodingError where neither decoder goes on."""
        try:
            block = self._reader.read(n_frames)
        except DecodingError:
            if not self._change():
                raise
            block = self._reader.read(n_frames)
            if not len(block):
                raise
            self._own_notes.append("damaged parts are passed over")
        if not len(block) and not self._frame and self._change():
            block = self._reader.read(n_frames)  # WAV of a recorder that never wrote its length
        self._frame += len(block)
        return block

    def close(self) -> None:
        """Close the decoder."""
        self._reader.close()

    def _change(self) -> bool:
        """Have FFmpeg at the place where libsndfile stopped, if it hears the same there."""
        if isinstance(self._reader, PyavReader):
            return False
        try:
            other = PyavReader(self._descriptor)
        except DecodingError:
            return False
        try:
            is_same = (other.rate, other.n_channels) == (self.rate, self.n_channels)
            if is_same:
                other.seek(self._frame)
        except DecodingError:
            is_same = False
        if not is_same:
            other.close()
            return False
        self._reader.close()
        self._reader = other
        return True


def _first_reader(descriptor: int) -> Reader:
    container = container_of(descriptor)
    if container in CONTAINERS:
        try:
            return SoundfileReader(descriptor, container)
        except DecodingError:
            pass  # MP3 or AC-3 in WAV, an MP3 behind a broken tag: FFmpeg knows more
    return PyavReader(descriptor)
