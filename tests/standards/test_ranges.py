"""
Sets of addresses.
"""

from __future__ import annotations

from ipaddress import IPv4Network, ip_network

from hypothesis import given
from hypothesis import strategies as st

from runbook_lib.standards.ranges import AddressSet, outermost, pieces, subtract

SMALL = st.builds(
    lambda number, prefix: ip_network((int(ip_network("9.9.8.0/23").network_address) + number, prefix), strict=False),
    st.integers(0, 511),
    st.integers(23, 32),
)


def addresses(networks: list[IPv4Network]) -> set[int]:
    """
    Every single address.
    """
    return {int(address) for network in networks for address in network}


@given(st.lists(SMALL, max_size=8), st.lists(SMALL, max_size=8))
def test_subtract(networks: list[IPv4Network], others: list[IPv4Network]) -> None:
    """
    What is left of networks is just what is not in the others.
    """
    rest = subtract(networks, AddressSet(others))

    assert addresses(networks) - addresses(others) == addresses(rest)  # type: ignore[arg-type]


@given(st.lists(SMALL, max_size=8), SMALL)
def test_covers_and_touches(networks: list[IPv4Network], network: IPv4Network) -> None:
    """
    Covering is holding every address, touching is holding any.
    """
    own, found = addresses([network]), AddressSet(networks)

    assert (own <= addresses(networks)) is found.covers(network)
    assert bool(own & addresses(networks)) is found.touches(network)


@given(st.lists(SMALL, max_size=8))
def test_outermost(networks: list[IPv4Network]) -> None:
    """
    Leaving out what lies within another changes no address, and nothing left lies within another.
    """
    kept = outermost(networks)

    assert addresses(networks) == addresses(kept)  # type: ignore[arg-type]
    assert not [one for one in kept for other in kept if one != other and one.subnet_of(other)]  # type: ignore[arg-type]


def test_families_are_apart() -> None:
    """
    An IPv6 network never covers an IPv4 one.
    """
    assert not AddressSet([ip_network("::/0")]).covers(ip_network("9.9.9.9/32"))
    assert not AddressSet()
    assert AddressSet([ip_network("::/0")])


def test_pieces() -> None:
    """
    Wide IPv4 networks are split, others stay; what would come to very many pieces stays too.
    """
    assert ["41.74.200.0/24", "41.74.201.0/24", "9.9.9.0/25", "2a01::/32"] == pieces(["41.74.200.0/23", "9.9.9.0/25", "2a01::/32"], 24)
    assert ["0.0.0.0/0"] == pieces(["0.0.0.0/0"], 24)
