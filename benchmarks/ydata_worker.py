"""ydata-profiling of a CSV, in an environment of its own: `python ydata_worker.py FILE KIND PAGE`.

Nothing of TrackOracle is imported here.
"""

import sys
from pathlib import Path


def main(path: str, kind: str, page: str) -> None:
    """Write the profile, minimal or default."""
    import pandas as pd
    from ydata_profiling import ProfileReport

    profile = ProfileReport(pd.read_csv(path), minimal=kind == "minimal", progress_bar=False)
    profile.to_file(Path(page), silent=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
