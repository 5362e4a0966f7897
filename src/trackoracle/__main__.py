"""Run the command line as `python -m trackoracle`."""

from trackoracle.interfaces.cli import main

main()
