"""No file, however long or broken, takes more than its share of memory or ends the process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from tests.audio.hearing import wav
from tests.audio.sounds import FORMATS, chord, encode

FUZZ_SECONDS = float(os.environ.get("TRACKORACLE_FUZZ_SECONDS", "5"))
FUZZ_SEED = int(os.environ.get("TRACKORACLE_FUZZ_SEED", "0"))
MOST_MB = 600
"""Of about 70,000 mutated files the worst took 301, most 110: FFmpeg believes some sizes."""
WORKER = Path(__file__).parent / "fuzz_worker.py"

_HEAR = """
import sys
from trackoracle.audio.decoding.sound import open_recording
from trackoracle.audio.measuring.loudness import LoudnessMeter
with open_recording(sys.argv[1]) as sound:
    meter = LoudnessMeter(sound.rate, sound.n_channels)
    for block in sound.blocks():
        meter.add(block)
with open("/proc/self/status") as status:  # ru_maxrss would begin with that of the parent
    peak = next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))
print(meter.result().seconds, peak / 2**10)
"""


def hear_elsewhere(path: Path) -> tuple[float, float]:
    """Return the seconds heard and the peak in MB of a process of its own."""
    done = subprocess.run(
        [sys.executable, "-c", _HEAR, str(path)], capture_output=True, text=True, check=True
    )
    seconds, peak = map(float, done.stdout.split())
    return seconds, peak


@pytest.mark.skipif(sys.platform != "linux", reason="the peak is read from /proc")
def test_three_hours_take_no_more_memory_than_a_minute(tmp_path: Path) -> None:
    """A sparse WAV: three hours that are read in full, but take no room on the disk."""
    path = wav(tmp_path / "a.wav", chord(60.0, 8_000, 1), 8_000, "PCM_U8")
    seconds, peak = hear_elsewhere(path)
    assert seconds == 60.0
    n_bytes = 3 * 3_600 * 8_000
    content = bytearray(path.read_bytes())
    content[4:8], content[40:44] = (
        (n_bytes + 36).to_bytes(4, "little"),
        n_bytes.to_bytes(4, "little"),
    )
    path.write_bytes(content)
    os.truncate(path, 44 + n_bytes)
    seconds, peak_of_hours = hear_elsewhere(path)
    assert seconds == 10_800.0
    assert peak_of_hours < peak + 20
    assert peak_of_hours < 300


@pytest.mark.skipif(sys.platform != "linux", reason="the peak is read from /proc")
def test_mutated_recordings_end_nothing(tmp_path: Path) -> None:
    """Longer with TRACKORACLE_FUZZ_SECONDS, elsewhere with TRACKORACLE_FUZZ_SEED."""
    for name, write in FORMATS.items():
        rate = 48_000 if name in ("opus", "ac3") else 22_050
        write(tmp_path, chord(1.0, rate), rate)
    encode(tmp_path / "sound8.m4a", chord(1.0, 48_000, 8), 48_000)
    wav(tmp_path / "sound24.wav", chord(0.5, 16_000, 24), 16_000)
    command = [sys.executable, "-W", "error", str(WORKER), str(tmp_path)]
    done = subprocess.run(
        [*command, str(FUZZ_SEED), str(FUZZ_SECONDS)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{tmp_path / 'case'} ended the process:\n{done.stderr[-3_000:]}"
    found = json.loads(done.stdout)
    assert found["peak_mb"] < MOST_MB
    assert min(found.get(kind, 0) for kind in ("heard", "warned", "refused")) > 20
