"""ydata-profiling on a file of tracks, in an environment of its own: `python ydata_worker.py ...`.

Nothing of TrackOracle is imported here.
"""

import json
import sys
import time
from pathlib import Path


def main(path: str, page: str, kind: str) -> None:
    """Write the profile of a CSV; print the seconds, imports left out."""
    import pandas as pd
    from ydata_profiling import ProfileReport

    start = time.perf_counter()
    cpu = time.process_time()
    rows = pd.read_csv(path)
    profile = ProfileReport(rows, minimal=kind == "minimal", progress_bar=False)
    profile.to_file(Path(page), silent=True)
    facts = {"seconds": time.perf_counter() - start, "cpu": time.process_time() - cpu}
    print(json.dumps(facts))


if __name__ == "__main__":
    main(*sys.argv[1:])
