"""
`import runbook_lib` and `runbook --help` against a bare `python -c pass`.

    python benchmarks/start_up.py [--runs 21]
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import sysconfig
import time

from figures import machine, plain_environment, spread, table

BARE = "python -c pass"


def commands() -> dict[str, list[str]]:
    """
    What is started, by the name it has in the table.
    """
    runbook = shutil.which("runbook", path=sysconfig.get_path("scripts"))
    if runbook is None:
        sys.exit("The command `runbook` is not installed beside this Python.")
    return {
        BARE: [sys.executable, "-c", "pass"],
        "import runbook_lib": [sys.executable, "-c", "import runbook_lib"],
        "runbook --help": [runbook, "--help"],
        "runbook --version": [runbook, "--version"],
    }


def main() -> None:
    """
    Measure in turns, so that all see the same weather, and print.
    """
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=21)
    runs = parser.parse_args().runs
    took: dict[str, list[float]] = {name: [] for name in commands()}
    for number in range(runs + 1):
        for name, command in commands().items():
            started = time.perf_counter()
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=plain_environment())
            if number:  # the first writes compiled files
                took[name].append(time.perf_counter() - started)
    rows = [("started", "seconds", "more than bare", "times bare")]
    for name, values in took.items():
        more = [value - bare for value, bare in zip(values, took[BARE], strict=True)]
        times = [value / bare for value, bare in zip(values, took[BARE], strict=True)]
        rows.append((name, spread(values, 3), "" if name == BARE else f"+{spread(more, 3)}", "" if name == BARE else spread(times, 1)))
    print(f"{table(rows)}\n\n{runs} runs in turns; {machine()}")


if __name__ == "__main__":
    main()
