"""Choose the decoder of a recording; where one gives up, let the other go on behind the damage."""

from __future__ import annotations

import os

from trackoracle.audio.decoding.containers import container_of
from trackoracle.audio.decoding.pyav_reader import PyavReader
from trackoracle.audio.decoding.reading import Block, DecodingError, Reader
from trackoracle.audio.decoding.soundfile_reader import CONTAINERS, SoundfileReader

_JOINED = ("mp3", "ogg", "opus")
"""Streams that people and radios put behind one another in one file."""
_MOST_TAG_BYTES = 1 << 18
"""Behind the sound; with more left, there may be more sound in it."""


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
        if not len(block) and self._may_hold_more():
            block = self._reader.read(n_frames) if self._change() else block
            if not len(block) and self._frame:
                self._own_notes.append("what follows behind the stated end is not heard")
        self._frame += len(block)
        return block

    def close(self) -> None:
        """Close the decoder."""
        self._reader.close()

    def _may_hold_more(self) -> bool:
        """Tell an end that only the header states.

        Recorders that were cut off leave a length of 0, and joined files that of the first.
        """
        if not self._frame:
            return True
        place = os.lseek(self._descriptor, 0, os.SEEK_CUR)
        n_unread = os.fstat(self._descriptor).st_size - place
        return self.container in _JOINED and n_unread > _MOST_TAG_BYTES

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
