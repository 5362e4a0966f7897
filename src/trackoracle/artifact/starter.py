"""The oracle that ships with the package; tools/build_starter.py makes it."""

from pathlib import Path

STARTER = Path(__file__).with_name("starter.oracle")
