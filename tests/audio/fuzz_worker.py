"""Hear mutated recordings until the time is up; run in a process of its own, whose end is watched.

    python fuzz_worker.py FOLDER SEED SECONDS

FOLDER holds valid recordings. Each turn mutates one, hears it and reads its tags. Nothing but a
TrackOracleError may come out, no turn may take over twenty seconds, and the address space is
bounded, so that a decoder that believes a header dies. The last line tells what was done; when
the process dies before it, `FOLDER/case` is what killed it.
"""

from __future__ import annotations

import faulthandler
import json
import resource
import sys
import time
from collections import Counter
from pathlib import Path

import numpy as np

from trackoracle.audio.decoding.sound import open_recording
from trackoracle.audio.decoding.tags import read_tags
from trackoracle.errors import RecordingError

MOST_BYTES = 3 << 30
"""Of address space; the libraries alone take more than one."""
TURN_SECONDS = 20
ODD_NUMBERS = (0, 1, 0x7F, 0x80, 0xFF, 0xFFFF, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF)


def mutated(content: bytes, other: bytes, rng: np.random.Generator) -> bytes:
    """Return the content after one to three mutations, half of them near its start."""
    made = bytearray(content)
    for _ in range(rng.integers(1, 4)):
        reach = min(len(made), 400) if rng.random() < 0.5 else len(made)
        if not reach:
            break
        at, kind = int(rng.integers(reach)), int(rng.integers(7))
        n = int(rng.integers(1, max(2, min(2_000, len(made) - at))))
        if kind == 0:
            for place in rng.integers(0, reach, rng.integers(1, 60)):
                made[place] ^= 1 << int(rng.integers(8))
        elif kind == 1:
            made[at : at + n] = bytes([int(rng.choice([0, 0xFF, 0x41]))]) * n
        elif kind == 2:
            del made[at:]
        elif kind == 3:
            del made[at : at + n]
        elif kind == 4:
            made[at:at] = other[: int(rng.integers(1, 3_000))]
        elif kind == 5:
            made[at:at] = made[at : at + n]
        else:
            order = "big" if rng.random() < 0.5 else "little"
            made[at : at + 4] = int(rng.choice(ODD_NUMBERS)).to_bytes(4, order)
    return bytes(made)


def hear(path: Path, rng: np.random.Generator) -> str:
    """Hear all of it, or an excerpt; return what became of it."""
    start = float(rng.random() * 2) if rng.random() < 0.3 else 0.0
    try:
        tags = read_tags(path)
        assert all(isinstance(text, str) for text in (*tags.artists, *tags.genres))
        with open_recording(path, start=start) as sound:
            for block in sound.blocks():
                assert np.isfinite(block).all()
                assert block.shape[1] == sound.n_channels
            said = sound.warnings
    except RecordingError:
        return "refused"
    return "warned" if said else "heard"


def main(folder: Path, seed: int, seconds: float) -> None:
    """Hear mutated recordings until the time is up."""
    resource.setrlimit(resource.RLIMIT_AS, (MOST_BYTES, MOST_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    rng = np.random.default_rng(seed)
    valid = [path.read_bytes() for path in sorted(folder.glob("sound*"))]
    case, ends, done = folder / "case", time.monotonic() + seconds, Counter[str]()
    while time.monotonic() < ends:
        first, second = rng.integers(len(valid), size=2)
        case.write_bytes(mutated(valid[first], valid[second], rng))
        faulthandler.dump_traceback_later(TURN_SECONDS, exit=True)
        done[hear(case, rng)] += 1
    faulthandler.cancel_dump_traceback_later()
    status = Path("/proc/self/status").read_text()  # ru_maxrss would begin with the parent's
    peak = int(status.partition("VmHWM:")[2].split()[0]) / 1024
    sys.stdout.write(json.dumps({**done, "peak_mb": round(peak)}) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]))
