"""Sounds made from formulas, and files of them in every container that is heard."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import soundfile
from numpy.typing import NDArray

Block = NDArray[np.float32]


def chord(seconds: float, rate: int = 22_050, n_channels: int = 2, seed: int = 0) -> Block:
    """Return swelling partials, a sweep and a little noise, (n, channels), below full scale.

    The sweep is never the same twice, so that a shift of a sample can be told.
    """
    time = np.arange(round(seconds * rate)) / rate
    partials = ((220.0, 2.0), (331.0, 0.7), (495.0, 3.1), (1_201.0, 0.2))
    mono = 0.1 * np.sin(2 * np.pi * (200 + 200 * time / max(seconds, 1)) * time)
    for hertz, swell in partials:
        envelope = 0.6 + 0.4 * np.sin(2 * np.pi * swell * time)
        mono += 0.08 * envelope * np.sin(2 * np.pi * hertz * time)
    noise = np.random.default_rng(seed).standard_normal((len(time), n_channels))
    gains = 1 - 0.02 * np.arange(n_channels)
    return (np.outer(mono, gains) + 0.01 * noise).astype(np.float32)


def lag(late: Block, early: Block) -> tuple[int, float]:
    """Return by how many samples a sound comes later than another, and how alike they are."""
    n = 1 << int(np.ceil(np.log2(len(late) + len(early))))
    first, second = late[:, 0].astype(float), early[:, 0].astype(float)
    both = np.fft.irfft(np.fft.rfft(first, n) * np.conj(np.fft.rfft(second, n)))
    place = int(both.argmax())
    alike = both[place] / np.sqrt((first**2).sum() * (second**2).sum())
    return place - n if place > n // 2 else place, float(alike)


def tone(seconds: float, rate: int, hertz: float, amplitude: float, n_channels: int = 1) -> Block:
    """Return a sine in every channel."""
    time = np.arange(round(seconds * rate)) / rate
    wave = amplitude * np.sin(2 * np.pi * hertz * time)
    return np.repeat(wave[:, None], n_channels, axis=1).astype(np.float32)


def encode(
    path: Path,
    sound: Block,
    rate: int,
    codec: str = "aac",
    container: str | None = None,
    tags: Mapping[str, str] | None = None,
) -> Path:
    """Write a sound by FFmpeg."""
    layout = {1: "mono", 2: "stereo", 6: "5.1", 8: "7.1"}[sound.shape[1]]
    with av.open(str(path), "w", format=container) as file:
        file.metadata.update(tags or {})
        stream = file.add_stream(codec, rate=rate, layout=layout)
        stream.bit_rate = 64_000 * sound.shape[1]
        frame = av.AudioFrame.from_ndarray(sound.reshape(1, -1), "flt", layout)
        frame.sample_rate, frame.pts, frame.time_base = rate, 0, Fraction(1, rate)
        kinds = stream.codec_context.codec.audio_formats
        to_kind = av.AudioResampler(kinds[0].name, layout, rate, stream.codec_context.frame_size)
        for part in (*to_kind.resample(frame), *to_kind.resample(None)):
            file.mux(stream.encode(part))
        file.mux(stream.encode(None))
    return path


def _by_soundfile(ending: str, subtype: str | None = None) -> Callable[..., Path]:
    def write(folder: Path, sound: Block, rate: int) -> Path:
        path = folder / f"sound{(subtype or '').lower()}.{ending}"
        container = {"opus": "OGG", "rf64": "RF64"}.get(ending)
        soundfile.write(path, sound, rate, subtype, format=container)
        return path

    return write


def _by_pyav(ending: str, codec: str, container: str | None = None) -> Callable[..., Path]:
    def write(folder: Path, sound: Block, rate: int) -> Path:
        return encode(folder / f"sound.{codec}.{ending}", sound, rate, codec, container)

    return write


FORMATS: dict[str, Callable[[Path, Block, int], Path]] = {
    "wav": _by_soundfile("wav", "PCM_16"),
    "wav8": _by_soundfile("wav", "PCM_U8"),
    "wav24": _by_soundfile("wav", "PCM_24"),
    "wav32": _by_soundfile("wav", "PCM_32"),
    "wav_float": _by_soundfile("wav", "FLOAT"),
    "wav_double": _by_soundfile("wav", "DOUBLE"),
    "rf64": _by_soundfile("rf64"),
    "aiff": _by_soundfile("aiff"),
    "flac": _by_soundfile("flac"),
    "flac24": _by_soundfile("flac", "PCM_24"),
    "mp3": _by_soundfile("mp3"),
    "ogg": _by_soundfile("ogg"),
    "opus": _by_soundfile("opus", "OPUS"),
    "m4a": _by_pyav("m4a", "aac"),
    "alac": _by_pyav("m4a", "alac"),
    "aac": _by_pyav("aac", "aac", "adts"),
    "mka": _by_pyav("mka", "aac"),
    "wma": _by_pyav("wma", "wmav2"),
    "ac3": _by_pyav("mp4", "ac3"),
    "wavpack": _by_pyav("wv", "wavpack"),
}
"""By name: a function of folder, sound and rate that writes one, and gives its path."""
EXACT = (
    "wav",
    "wav24",
    "wav32",
    "wav_float",
    "wav_double",
    "rf64",
    "aiff",
    "flac",
    "flac24",
    "alac",
)
"""Formats that keep the sound to 16 bits or better."""
DELAYS = {"aac": 1_024, "wma": -2_048}
"""Samples by which FFmpeg's encoders and decoders shift it, where no container sets that right."""
