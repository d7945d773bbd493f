"""
`runbook check` with 40 ms added to every packet's round trip, against the longest chain of round trips that cannot be avoided.

    python benchmarks/round_trips.py [--runs 7] [--customer alder-cutover] [--round-trip-ms 40]

Linux only: see delay.py.
"""

from __future__ import annotations

import argparse
import json
import os
import ssl
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from delay import NEAR, Delay, enter_namespace, packets
from figures import machine, plain_environment, spread, table
from floor import longest

CHECK = (sys.executable, "-m", "runbook_lib", "check", "--json")
_SHARE = 1000.0


def main() -> None:
    """
    Measure and print.
    """
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--customer", default="alder-cutover")
    parser.add_argument("--round-trip-ms", type=float, default=40.0)
    parser.add_argument("--serve", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.serve:
        serve(chosen.serve)
        return
    enter_namespace()
    with tempfile.TemporaryDirectory() as place:
        measure(Path(place), chosen.customer, chosen.runs, chosen.round_trip_ms / _SHARE)


def serve(customer: str) -> None:
    """
    Run a made-up customer's servers until standard input ends; print the environment that reaches them.
    """
    from runbook_lib.sandbox import running  # noqa: PLC0415  # the measuring process needs none of it

    with running(customer) as world:
        print(json.dumps({**world.environment(), **world.network_keys()}), flush=True)
        sys.stdin.read()


def measure(folder: Path, customer: str, runs: int, round_trip_s: float) -> None:
    """
    Start the servers, check several times, print the figures.
    """
    log = folder / "packets"
    log.touch()
    delay = Delay(round_trip_s / 2, log)
    servers = subprocess.Popen([sys.executable, __file__, "--serve", customer], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        environment = json.loads(servers.stdout.readline() if servers.stdout else "")
        trust(environment, folder / "roots.pem")
        file = folder / "environment.yaml"
        file.write_text(json.dumps(far(environment)))
        check(file, log)  # compiled files, and certificates that the servers make once
        once = [check(file, log) for _ in range(runs)]
    finally:
        servers.communicate()
        delay.stop()
    report(once, round_trip_s)


def trust(environment: dict[str, Any], bundle: Path) -> None:
    """
    Put the servers' authority among this machine's trust roots, in place of a `ca_file`, which real customers seldom have.
    """
    own = ssl.get_default_verify_paths().cafile
    roots = Path(own).read_bytes() if own else b""
    bundle.write_bytes(roots + b"\n" + Path(environment.pop("ca_file")).read_bytes())
    os.environ["SSL_CERT_FILE"] = str(bundle)


def far(environment: dict[str, Any]) -> dict[str, Any]:
    """
    The environment with every server behind the delay, under an address of its own for every name it has.
    """
    del environment["sandbox"]
    names = iter(range(256, 65536))

    def moved(target: str) -> str:
        number = next(names)
        return target.replace(f"{NEAR}:", f"127.1.{number // 256}.{number % 256}:")

    environment["connect_to"] = {peer: moved(target) for peer, target in environment["connect_to"].items()}
    environment["nameservers"] = [moved(target) for target in environment["nameservers"]]
    return {**environment, "timeout": 10, "time_limit": 300}


def check(file: Path, log: Path) -> dict[str, Any]:
    """
    One run: its document, and seconds to the first packet and from there to the end.
    """
    before = len(packets(log))
    started = time.monotonic()
    ended = subprocess.run([*CHECK, str(file)], check=False, stdout=subprocess.PIPE, env=plain_environment())
    finished = time.monotonic()
    document = json.loads(ended.stdout)
    if document["verdict"] != "ready":
        sys.exit(f"The customer is not healthy: {document['verdict']}.")
    sent = packets(log)[before:]
    return {"document": document, "start": sent[0] - started, "network": sent[-1] - sent[0], "rest": finished - sent[0]}


def report(runs: list[dict[str, Any]], round_trip_s: float) -> None:
    """
    Print the derivation and the table.
    """
    chain = longest(runs[0]["document"])
    floor_s = chain.length * round_trip_s
    print(f"The longest chain: {chain.length} round trips of {round_trip_s * _SHARE:g} ms = {floor_s:.3f} s")
    for step, cost in chain.steps:
        print(f"  {cost}  {step}")
    rows = [
        ("measured", "seconds", "share of the floor"),
        *(
            (label, spread([each(run) for run in runs], 3), spread([each(run) / floor_s for run in runs]))
            for label, each in (
                ("first packet to the end of the process", lambda run: run["rest"]),
                ("of which packets were under way", lambda run: run["network"]),
                ("start of the process to the first packet", lambda run: run["start"]),
                ("whole process", lambda run: run["start"] + run["rest"]),
            )
        ),
    ]
    print(f"\n{table(rows)}\n\n{len(runs)} runs; {machine()}")


if __name__ == "__main__":
    main()
