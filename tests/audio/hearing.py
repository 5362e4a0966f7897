"""Hear a file in a test."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import soundfile
from tests.audio.sounds import Block

from trackoracle.audio.decoding.sound import Sound, open_recording


def heard(path: Path | str, **excerpt: float) -> tuple[Block, Sound]:
    """Hear all of it, or an excerpt."""
    with open_recording(path, **excerpt) as sound:
        return np.concatenate(list(sound.blocks())), sound


def wav(path: Path, sound: Block, rate: int = 44_100, subtype: str = "PCM_16") -> Path:
    """Write a WAV."""
    soundfile.write(path, sound, rate, subtype, format="WAV")
    return path
