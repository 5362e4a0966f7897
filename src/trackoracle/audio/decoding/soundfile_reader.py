"""MP3, FLAC, WAV, AIFF, OGG and Opus by libsndfile, the decoder that librosa hears through."""

from __future__ import annotations

import os
import re
from typing import Any

from trackoracle.audio.decoding.reading import Block, DecodingError
from trackoracle.optional import require

CONTAINERS = ("mp3", "flac", "wav", "aiff", "ogg", "opus")
"""What is given to libsndfile. It would take raw and MATLAB files for sound, too."""

_CUT = re.compile(r"^ ?(?:data|SSND) : (\d+) \(should be (\d+)\)", re.MULTILINE)
_UNKNOWN_LENGTH = 0x7FFF_0000
"""Chunks from this size on were written by programs that did not know the length yet."""
_LONGEST = 2**52
"""Frames that libsndfile states for a FLAC of unknown length, at whose end it would fail."""


class SoundfileReader:
    """A recording by libsndfile, from a descriptor at its start, which stays the caller's."""

    def __init__(self, descriptor: int, container: str) -> None:
        soundfile = require("soundfile", extra="audio")
        self._errors = (soundfile.SoundFileError, RuntimeError, ValueError)
        try:
            self._file: Any = soundfile.SoundFile(os.dup(descriptor), closefd=True)
        except self._errors as error:
            raise DecodingError(_reason(error)) from error
        if self._file.frames >= _LONGEST:
            self._file.close()
            raise DecodingError("a length that libsndfile does not know")
        self.container = container
        self.rate, self.n_channels = int(self._file.samplerate), int(self._file.channels)
        self.is_sure = container in ("wav", "aiff")
        self.claimed_seconds = self._claimed()
        self.notes: list[str] = []

    def seek(self, frame: int) -> None:
        """Go to a frame, which libsndfile finds exactly in every container."""
        try:
            self._file.seek(min(frame, self._file.frames))
        except self._errors as error:
            raise DecodingError(_reason(error)) from error

    def read(self, n_frames: int) -> Block:
        """Return the next frames; fewer or none at the end."""
        try:
            block: Block = self._file.read(n_frames, dtype="float32", always_2d=True)
        except (*self._errors, MemoryError) as error:
            raise DecodingError(_reason(error)) from error
        return block

    def close(self) -> None:
        """Close the decoder."""
        self._file.close()

    def _claimed(self) -> float | None:
        """Return the stated length; libsndfile's log tells where it had to cut a chunk."""
        frames = float(self._file.frames)
        cut = _CUT.search(self._file.extra_info)
        if cut and 0 < int(cut[1]) < _UNKNOWN_LENGTH and int(cut[2]):
            frames *= int(cut[1]) / int(cut[2])
            self.is_sure = False
        return frames / self.rate if frames > 0 and self.rate else None


def _reason(error: BaseException) -> str:
    return str(getattr(error, "error_string", "") or error or type(error).__name__).strip(" .")
