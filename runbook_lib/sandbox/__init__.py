"""
The embedded sandbox: name servers and mail servers of made-up customers on 127.0.0.1, for the demo, for training and for the tests.

    with running("alder-pre") as world:
        world.network_keys()                   what an environment needs to live in it
        world.faults.server_down("ns2.northwind-dns.example")
"""

from __future__ import annotations

from .scenarios import HEALTHY, STAND_INS, Expectation, Scenario, names, scenario
from .world import World, running, start

__all__ = ["HEALTHY", "STAND_INS", "Expectation", "Scenario", "World", "names", "running", "scenario", "start"]
