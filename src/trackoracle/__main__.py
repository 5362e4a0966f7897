"""Run the command line as `python -m trackoracle`."""

from trackoracle.interfaces.cli import main

if __name__ == "__main__":
    main()
