"""
``runbook`` and ``python -m runbook_lib``.
"""

from __future__ import annotations

import gc
import sys


def main() -> None:
    """
    Run the command line and end with its exit status: 130 after Ctrl-C, 2 for a wrong command line.
    """
    gc.set_threshold(50_000)  # what is loaded stays; with 700, Python's own, a tenth of a start goes into looking for rubbish in it
    from .cli import run  # noqa: PLC0415  # nothing is loaded before it is known that this is the program

    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
