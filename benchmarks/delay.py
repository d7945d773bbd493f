"""
A network of its own on this machine in which every packet takes its time; Linux only, no root needed where users may have namespaces.

The kernel's own means for this (netem) is missing on many machines, and a relay of connections in user space cannot delay the opening of
one: it answers at once for a server that is far away. So this delays *packets*. In a network namespace of its own a TUN device leads to
the addresses of `FAR`. Whatever is sent to one is read, held, and put back with source and destination exchanged: then it is for `NEAR`,
where the servers listen, and comes from the far address, where their answers go, which come back the same way. Exchanging two addresses
changes no checksum.
"""

from __future__ import annotations

import fcntl
import heapq
import os
import select
import struct
import subprocess
import sys
import time
from pathlib import Path

NEAR = "127.0.0.1"
"""
Where servers listen.
"""
FAR = "127.1.0.0/16"
"""
Addresses under which a client reaches them through the delay, all alike.
"""
_DEVICE = "far"
_TUNSETIFF, _IFF_TUN, _IFF_NO_PI = 0x400454CA, 0x0001, 0x1000
_MARK = "RUNBOOK_BENCHMARK_NAMESPACE"


def enter_namespace() -> None:
    """
    Start this program again in user and network namespaces of its own; returns only in there.
    """
    if os.environ.get(_MARK):
        return
    os.environ[_MARK] = "1"
    root = [] if os.geteuid() == 0 else ["--user", "--map-root-user"]
    os.execvp("unshare", ["unshare", *root, "--net", sys.executable, *sys.argv])


class Delay:
    """
    The way to `FAR`, open until it is stopped.

    Args:
        one_way_s: Seconds each packet takes; a round trip is two of them.
        log: File that gets the time (`time.monotonic`) of every packet as a little-endian double.
    """

    def __init__(self, one_way_s: float, log: Path) -> None:
        device = os.open("/dev/net/tun", os.O_RDWR)
        fcntl.ioctl(device, _TUNSETIFF, struct.pack("16sH", _DEVICE.encode(), _IFF_TUN | _IFF_NO_PI))
        for command in (
            "link set lo up",
            "address del 127.0.0.1/8 dev lo",  # else all of 127.0.0.0/8 is near
            f"address add {NEAR}/32 dev lo",
            f"link set {_DEVICE} up",
            f"route add {FAR} dev {_DEVICE} src {NEAR}",
        ):
            subprocess.run(["ip", *command.split()], check=True)
        Path(f"/proc/sys/net/ipv4/conf/{_DEVICE}/route_localnet").write_text("1")
        self._process = os.fork()
        if self._process == 0:
            _carry(device, one_way_s, log)
            os._exit(0)
        os.close(device)

    def stop(self) -> None:
        """
        End it.
        """
        os.kill(self._process, 15)
        os.waitpid(self._process, 0)


def packets(log: Path) -> list[float]:
    """
    When the packets so far were sent, `time.monotonic`.
    """
    return [moment for (moment,) in struct.iter_unpack("<d", log.read_bytes())]


def _carry(device: int, one_way_s: float, log: Path) -> None:
    os.set_blocking(device, False)
    under_way: list[tuple[float, int, bytes]] = []
    count = 0
    with log.open("ab", buffering=0) as times:
        while True:
            wait = max(0.0, under_way[0][0] - time.monotonic()) if under_way else None
            ready, _, _ = select.select([device], [], [], wait)
            if ready:
                packet = os.read(device, 65536)
                now = time.monotonic()
                if packet[0] >> 4 == 4:
                    times.write(struct.pack("<d", now))
                    heapq.heappush(under_way, (now + one_way_s, count, packet[:12] + packet[16:20] + packet[12:16] + packet[20:]))
                    count += 1
            while under_way and under_way[0][0] <= time.monotonic():
                os.write(device, heapq.heappop(under_way)[2])
