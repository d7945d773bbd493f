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
    sys.setswitchinterval(0.0005)  # answers that have come do not wait for a thread that computes; Python's 5 ms add up with each packet
    gc.set_threshold(50_000)  # what is loaded stays; with 700, Python's own, a tenth of a start goes into looking for rubbish in it
    try:
        from .cli import run  # noqa: PLC0415  # nothing is loaded before it is known that this is the program

        status = run(sys.argv[1:])
    except KeyboardInterrupt:
        status = 130
    # CPython remembers a Ctrl-C that met an exec() of text, as dataclasses use it, and would end by the signal whatever the status.
    exec("")  # noqa: S102  # this makes it forget
    gc.freeze()  # nor is anything looked through once more on the way out, which takes a tenth of a second
    sys.exit(status)


if __name__ == "__main__":
    main()
