"""TrackOracle against what a user would use instead: speed as ratios, and errors.

Run with `python -m benchmarks [NAME ...] [--json FILE]`; see the README beside this file.
"""
