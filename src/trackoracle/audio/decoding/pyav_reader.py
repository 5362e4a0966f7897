"""M4A, AAC, and whatever else has a sound in it, by FFmpeg through PyAV.

FFmpeg follows playlists to other files and to the net when it is let. It is given one
descriptor and no other way to open anything, and only containers and codecs of sound.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trackoracle.audio.decoding.reading import Block, DecodingError, frames_at_once
from trackoracle.optional import require

_STATING = {"mov": "m4a", "matroska": "matroska", "flac": "flac", "wav": "wav", "aiff": "aiff"}
_STATING |= {name: name for name in ("asf", "caf", "avi", "w64", "ape", "wv", "tta", "au")}
"""Containers that state their length, with our name for each."""
_OTHERS = ("aac", "ac3", "amr", "dsf", "dts", "eac3", "flv", "loas", "mp3", "mpc", "mpc8", "mpeg")
_CONTAINERS = (*_STATING, *_OTHERS, "mpegts", "ogg", "tak", "voc")
_CODECS = (
    *("aac", "aac_latm", "ac3", "alac", "amrnb", "amrwb", "ape", "cook", "dca", "eac3", "flac"),
    *("adpcm_ima_qt", "adpcm_ima_wav", "adpcm_ms", "gsm", "gsm_ms", "mlp", "mpc7", "mpc8"),
    *("mp1", "mp1float", "mp2", "mp2float", "mp3", "mp3float", "opus", "qdm2", "speex", "tak"),
    *("truehd", "tta", "vorbis", "wavpack", "wmalossless", "wmapro", "wmav1", "wmav2"),
)
_CODEC_FAMILIES = ("pcm_", "dsd_")
_FULL_SCALE = {"u8": 2.0**7, "s16": 2.0**15, "s32": 2.0**31}
_SAFE_PLANES = 8
_PREROLL_SECONDS = 0.5
"""What a decoder is given before the place that was asked for, to come into step."""
_MOST_DAMAGED = 20_000
"""Packets in a row that give no sound; then the rest is taken for damaged."""
_MOST_OTHER = 100
"""Frames of another rate or channel count; then it is no damage."""


class PyavReader:
    """A recording by FFmpeg, from a descriptor, which stays the caller's."""

    def __init__(self, descriptor: int) -> None:
        self._av = require("av", extra="audio")
        self._descriptor = descriptor
        self.notes: list[str] = []
        self.is_sure = False
        self.rate = self.n_channels = 0
        self._waiting: Block = np.zeros((0, 0), np.float32)
        self._start()
        self._origin = self._first_place
        self.container = self._named()
        self.claimed_seconds = self._claimed()

    def seek(self, frame: int) -> None:
        """Go to a frame; where times are not known, by hearing all before it."""
        target = frame / self.rate
        if target > 2 * _PREROLL_SECONDS and self._origin is not None:
            place = self._origin + target - _PREROLL_SECONDS
            try:
                self._container.seek(int(place / self._stream.time_base), stream=self._stream)
                self._resume()
                if self._first_place is not None:
                    found = round((self._first_place - self._origin) * self.rate)
                    if 0 <= found <= frame:
                        self._drop(frame - found)
                        return
            except (DecodingError, self._av.FFmpegError, ValueError):
                pass  # the start of the file is a place that is always found
            self.close()
            self._start()
        self._drop(frame)

    def read(self, n_frames: int) -> Block:
        """Return the next frames; fewer or none at the end."""
        parts: list[Block] = []
        missing = n_frames
        while missing:
            if not len(self._waiting):
                self._waiting = next(self._frames, self._waiting)
                if not len(self._waiting):
                    break
            parts.append(self._waiting[:missing])
            self._waiting = self._waiting[len(parts[-1]) :]
            missing -= len(parts[-1])
        self._note_damage()
        empty = np.zeros((0, self.n_channels), np.float32)
        return np.concatenate(parts) if parts else empty

    def close(self) -> None:
        """Close the decoder."""
        self._container.close()

    def _start(self) -> None:
        self._container = open_container(self._descriptor)
        try:
            self._stream = self._sound()
            self._resume()
        except BaseException:
            self._container.close()
            raise

    def _sound(self) -> Any:
        """Choose the sound, and have everything else in the file passed over."""
        sound = self._container.streams.best("audio")
        if sound is None:
            raise DecodingError("a file without sound")
        name = None if sound.codec_context is None else sound.codec_context.codec.name
        if name not in codecs():
            raise DecodingError(f"sound in the codec {name or 'of nobody'}")
        for stream in self._container.streams:
            if stream is not sound:
                stream.discard = self._av.stream.Discard.all
        sound.codec_context.thread_count = 1
        self._say_what_else(sound)
        return sound

    def _say_what_else(self, sound: Any) -> None:
        pictures = self._av.stream.Disposition.attached_pic
        notes = []
        if any(not s.disposition & pictures for s in self._container.streams.video):
            notes.append("a video: only its sound is heard")
        n_sounds = len(self._container.streams.audio)
        if n_sounds > 1:
            notes.append(f"{n_sounds} sounds in one file: only the main one is heard")
        self.notes = notes

    def _resume(self) -> None:
        """Decode one frame from here: only that tells the rate and the channels for sure."""
        self._n_damaged, self._noted_damage = 0, False
        self._n_other = 0
        self._packer: Any = None
        self._first_place: float | None = None
        self._frames = self._decoded()
        first = next(self._frames, None)
        if first is None:
            raise DecodingError("a file without a sample")
        self._waiting = first

    def _decoded(self) -> Iterator[Block]:
        """Decode packet by packet, passing over what is damaged."""
        in_a_row = 0
        packets = self._container.demux(self._stream)
        while in_a_row < _MOST_DAMAGED:
            try:
                packet = next(packets, None)
            except (self._av.FFmpegError, OSError, ValueError):
                self._n_damaged += 1
                return
            if packet is None:
                return
            try:
                frames = [frame for frame in packet.decode() if frame.samples]
                blocks = [self._samples(frame) for frame in frames]
            except (self._av.FFmpegError, OSError, ValueError, MemoryError):
                self._n_damaged, in_a_row = self._n_damaged + 1, in_a_row + 1
                continue
            for frame, block in zip(frames, blocks, strict=True):
                if self._is_alike(frame):
                    in_a_row = 0
                    yield block
                elif self._has_changed(frame):
                    return

    def _samples(self, frame: Any) -> Block:
        """Return a decoded frame as (n, channels) float32, 1 at full scale.

        PyAV 18 counts the planes of a frame up to a null pointer, which eight channels and
        more need not have: it reads on into other memory, and dies of a plain 7.1 file.
        Such frames are packed into one plane by FFmpeg first.
        """
        n_channels = frame.layout.nb_channels
        if frame.format.is_planar and n_channels >= _SAFE_PLANES:
            if self._packer is None:
                self._packer = self._av.AudioResampler(format="flt")
            (frame,) = self._packer.resample(frame)
        kind = frame.format.name.removesuffix("p")
        raw: NDArray[Any] = frame.to_ndarray()
        block = raw.T if frame.format.is_planar else raw.reshape(-1, n_channels)
        if kind in _FULL_SCALE:
            offset = 128.0 if kind == "u8" else 0.0
            block = (block.astype(np.float32) - np.float32(offset)) / np.float32(_FULL_SCALE[kind])
        with np.errstate(over="ignore", invalid="ignore"):  # damage is cleaned later
            return np.ascontiguousarray(block, dtype=np.float32)

    def _is_alike(self, frame: Any) -> bool:
        """Take rate and channels from the first frame of all; tell whether this one has them."""
        found = int(frame.sample_rate), int(frame.layout.nb_channels)
        if not self.rate:
            self.rate, self.n_channels = found
        if self._first_place is None and frame.pts is not None:
            self._first_place = float(frame.pts * frame.time_base)
        return found == (self.rate, self.n_channels)

    def _has_changed(self, frame: Any) -> bool:
        """Tell a sound that goes on in another form from a damaged header or two."""
        self._n_other += 1
        self._n_damaged += 1
        if self._n_other < _MOST_OTHER:
            return False
        self.notes.append(
            f"the sound changes to {frame.sample_rate:,} Hz and {frame.layout.nb_channels} "
            "channels in the middle: what is in that form is not heard"
        )
        return True

    def _drop(self, n_frames: int) -> None:
        while n_frames > 0:
            n_dropped = len(self.read(min(n_frames, frames_at_once(self.rate, self.n_channels))))
            if not n_dropped:
                return
            n_frames -= n_dropped

    def _note_damage(self) -> None:
        if self._n_damaged and not self._noted_damage:
            self._noted_damage = True
            self.notes.append("damaged parts are passed over")

    def _named(self) -> str:
        name = str(self._container.format.name).split(",")[0]
        is_video = any("video" in note for note in self.notes)
        return "mp4" if name == "mov" and is_video else _STATING.get(name, name)

    def _claimed(self) -> float | None:
        if str(self._container.format.name).split(",")[0] not in _STATING:
            return None
        if self._stream.duration is not None:
            return float(self._stream.duration * self._stream.time_base)
        duration = self._container.duration
        return None if duration is None else duration / float(self._av.time_base)


def open_container(descriptor: int) -> Any:
    """Open what a descriptor holds, for reading sound or tags, with no way to open more.

    Raises
    ------
    DecodingError
        When it is none of the containers of sound.
    """
    av = require("av", extra="audio")
    os.lseek(descriptor, 0, os.SEEK_SET)
    options = {
        "fd": str(descriptor),
        "protocol_whitelist": "fd",
        "format_whitelist": ",".join(_CONTAINERS),
        "codec_whitelist": ",".join(sorted(codecs())),
    }
    try:
        return av.open("fd:", container_options=options, metadata_errors="surrogateescape")
    except (av.FFmpegError, OSError, ValueError, MemoryError) as error:
        raise DecodingError("no sound that FFmpeg knows") from error


@lru_cache(maxsize=1)
def codecs() -> frozenset[str]:
    """Return the decoders that are let at a file: of sound, and of music rather than games.

    PyAV hands out no whole numbers of 64 bits.
    """
    known = require("av", extra="audio").codecs_available
    of_families = {name for name in known if name.startswith(_CODEC_FAMILIES)}
    return frozenset(_CODECS) | {name for name in of_families if "64" not in name or "f64" in name}
