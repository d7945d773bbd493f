"""
Peak memory of `runbook check`, whose servers run in a process of their own, and of what it is built on.

    python benchmarks/memory.py [--runs 3] [--customers alder-cutover,aspen-hostile]

The peak is the kernel's (`ru_maxrss`), read for one child at a time by a small process in between; not on Windows.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

from figures import machine, plain_environment, spread, table

SERVE = (sys.executable, str(Path(__file__).with_name("round_trips.py")), "--serve")
BETWEEN = """
import resource, subprocess, sys
subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL)
peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
print(peak / (1024 * 1024 if sys.platform == "darwin" else 1024))
"""


def peak_mb(*arguments: str) -> float:
    """
    The peak of one Python process, MiB.
    """
    command = [sys.executable, "-c", BETWEEN, sys.executable, *arguments]
    ended = subprocess.run(command, check=True, stdout=subprocess.PIPE, env=plain_environment())
    return float(ended.stdout)


def check(customer: str, folder: Path, runs: int, *flags: str) -> list[float]:
    """
    The peaks of several checks of a made-up customer.
    """
    with subprocess.Popen([*SERVE, customer], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as servers:
        environment = json.loads(servers.stdout.readline() if servers.stdout else b"")
        del environment["sandbox"]
        file = folder / f"{customer}.yaml"
        file.write_text(json.dumps(environment))
        peaks = [peak_mb("-m", "runbook_lib", "check", *flags, str(file)) for _ in range(runs)]
        servers.communicate()
    return peaks


def main() -> None:
    """
    Measure and print.
    """
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--customers", default="alder-cutover,aspen-hostile")
    chosen = parser.parse_args()
    rows = [("process", "peak MiB")]
    for label, code in (
        ("python -c pass", "pass"),
        ("import pydantic", "import pydantic"),
        ("import asyncio, ssl, dns.message", "import asyncio, ssl, dns.message"),
        ("import cryptography.x509", "import cryptography.x509"),
        ("import rich.console, rich.table", "import rich.console, rich.table"),
    ):
        rows.append((label, spread([peak_mb("-c", code) for _ in range(chosen.runs)], 1)))
    with tempfile.TemporaryDirectory() as folder:
        for customer in chosen.customers.split(","):
            for flags in ((), ("--json",)):
                name = " ".join(["runbook check", *flags, customer])
                rows.append((name, spread(check(customer, Path(folder), chosen.runs, *flags), 1)))
    print(f"{table(rows)}\n\n{chosen.runs} runs; {machine()}")


if __name__ == "__main__":
    main()
