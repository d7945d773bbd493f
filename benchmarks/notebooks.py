"""
`runbook run` against `papermill` and then `jupyter nbconvert --to html` on the same notebook with the same environment.

    python benchmarks/notebooks.py [--runs 5] [--customer alder-cutover]

Both sides execute the notebook against the same made-up customer and leave the executed notebook and an HTML page. Ours leaves the result
document as well and renders its page from that.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import time
from pathlib import Path

from figures import machine, plain_environment, spread, table

ROOT = Path(__file__).resolve().parents[1]
OURS, PAPERMILL, NBCONVERT, BOTH = "runbook run", "papermill", "jupyter nbconvert", "papermill, then jupyter nbconvert"


def program(name: str) -> str:
    """
    A command installed beside this Python.
    """
    found = shutil.which(name, path=sysconfig.get_path("scripts"))
    if found is None:
        sys.exit(f"The command `{name}` is not installed beside this Python.")
    return found


def seconds(command: list[str], folder: Path) -> float:
    """
    How long a command takes, which must succeed.
    """
    # Jupyter finds kernel and templates of this Python only through PATH and prefix.
    environment = {**plain_environment(), "PATH": f"{sysconfig.get_path('scripts')}{os.pathsep}{os.environ['PATH']}"}
    started = time.perf_counter()
    ended = subprocess.run(command, check=False, cwd=folder, env=environment, capture_output=True, text=True)
    took = time.perf_counter() - started
    if ended.returncode:
        sys.exit(f"{' '.join(command)} ended with {ended.returncode}:\n{ended.stderr[-2000:]}")
    return took


def main() -> None:
    """
    Measure in turns and print.
    """
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--customer", default="alder-cutover")
    chosen = parser.parse_args()
    environment = str(ROOT / "environments" / f"{chosen.customer}.yaml")
    notebook = str(ROOT / "notebooks" / "microsoft_365.ipynb")
    runbook, papermill, jupyter = program("runbook"), program("papermill"), program("jupyter")
    took: dict[str, list[float]] = {OURS: [], PAPERMILL: [], NBCONVERT: []}
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        for number in range(chosen.runs + 1):
            once = {
                OURS: seconds([runbook, "run", environment, "--output", "ours"], folder),
                PAPERMILL: seconds([papermill, notebook, "out.ipynb", "-f", environment, "--no-progress-bar"], folder),
                NBCONVERT: seconds([jupyter, "nbconvert", "--to", "html", "out.ipynb"], folder),
            }
            for name, value in once.items():
                if number:  # the first run writes compiled files
                    took[name].append(value)
    theirs = [one + other for one, other in zip(took[PAPERMILL], took[NBCONVERT], strict=True)]
    rows = [("command", "seconds", "share of both")]
    for name, values in {**took, BOTH: theirs}.items():
        share = [value / whole for value, whole in zip(values, theirs, strict=True)]
        rows.append((name, spread(values), spread(share)))
    print(f"{table(rows)}\n\n{chosen.runs} runs in turns, {chosen.customer}; {machine()}")


if __name__ == "__main__":
    main()
