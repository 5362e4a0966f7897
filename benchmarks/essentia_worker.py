"""Run by an environment with Essentia: time MusicExtractor on recordings, after warm-up."""

from __future__ import annotations

import json
import sys
import time

import essentia
from essentia.standard import MusicExtractor


def main() -> None:
    """Describe every recording named."""
    essentia.log.infoActive = essentia.log.warningActive = False
    extract = MusicExtractor(lowlevelStats=["mean", "stdev"], rhythmStats=["mean"])
    extract(sys.argv[1])
    start = time.perf_counter()
    for clip in sys.argv[1:]:
        extract(clip)
    sys.stdout.write(json.dumps({"seconds": time.perf_counter() - start}) + "\n")


if __name__ == "__main__":
    main()
