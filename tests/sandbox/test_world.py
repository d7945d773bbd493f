"""
A world starts fast enough to be started everywhere, and leaves nothing behind.
"""

from __future__ import annotations

import socket
import threading
from pathlib import Path

import psutil
import pytest

from runbook_lib.environment import environment_from_parameters, with_network
from runbook_lib.errors import SandboxError
from runbook_lib.sandbox import HEALTHY, names, running, start


def test_leaves_no_thread_no_socket_and_no_file() -> None:
    """
    After a world is stopped its thread has ended, its ports are closed and its folder is gone, although connections were open.
    """
    process = psutil.Process()
    threads, sockets = threading.active_count(), len(process.net_connections())
    with running(HEALTHY) as world:
        host, _, port = world.network_keys()["connect_to"]["52.101.73.5:25"].rpartition(":")
        left_open = socket.create_connection((host, int(port)), timeout=2)
        left_open.recv(100)
        folder = Path(world.network_keys()["ca_file"]).parent
    left_open.close()

    assert not folder.exists()
    assert (threads, sockets) == (threading.active_count(), len(process.net_connections()))


def test_may_be_stopped_twice() -> None:
    """
    Stopping a stopped world does nothing.
    """
    world = start(HEALTHY)
    world.stop()
    world.stop()

    assert not any(thread.name.startswith("sandbox") for thread in threading.enumerate())


def test_stops_when_the_block_is_interrupted() -> None:
    """
    Ctrl-C inside the block stops the servers as well.
    """
    with pytest.raises(KeyboardInterrupt), running(HEALTHY):
        raise KeyboardInterrupt

    assert not any(thread.name.startswith("sandbox") for thread in threading.enumerate())


def test_two_worlds_do_not_meet() -> None:
    """
    Two worlds run side by side on ports of their own.
    """
    with running(HEALTHY) as one, running(HEALTHY) as other:
        ports = [set(world.network_keys()["connect_to"].values()) for world in (one, other)]

        assert set() == ports[0] & ports[1]


def test_an_unknown_customer_is_named() -> None:
    """
    A name that is no customer is refused with the names there are.
    """
    with pytest.raises(SandboxError, match="alder-pre"):
        start("nobody")


@pytest.mark.parametrize("name", ["../bases/internet", "", "Alder-Pre"])
def test_a_name_is_no_path(name: str) -> None:
    """
    A name cannot lead to another file.
    """
    with pytest.raises(SandboxError):
        start(name)


def test_every_address_leads_to_loopback() -> None:
    """
    For each address of any zone, mail, web and DNS stay on this machine, so that no packet leaves it.
    """
    with running("birch-half-moved") as world:
        keys = world.network_keys()
        addresses = world.internet.all_addresses()

    assert "91.198.174.25" in addresses
    assert {f"{address}:{port}" for address in addresses for port in (25, 443)} <= set(keys["connect_to"])
    assert all(target.startswith("127.0.0.1:") for target in (*keys["connect_to"].values(), *keys["nameservers"]))


@pytest.mark.parametrize("name", names())
def test_every_customer_starts_and_takes_its_network(name: str) -> None:
    """
    Every world starts, its environment names it and has no network key, and with the world's own it is a valid environment.
    """
    with running(name) as world:
        given = world.environment()
        environment = environment_from_parameters(given)
        lives = with_network(environment, world.network_keys())

        assert name == given["sandbox"]
        assert set() == set(given) & set(world.network_keys())
        assert tuple(world.network_keys()["nameservers"]) == tuple(lives.nameservers)


def test_a_stopped_world_takes_no_faults() -> None:
    """
    A fault that needs the servers' thread says that the world has been stopped.
    """
    world = start(HEALTHY)
    world.stop()

    with pytest.raises(SandboxError, match="stopped"):
        world.faults.refuse("smtp.google.com")
