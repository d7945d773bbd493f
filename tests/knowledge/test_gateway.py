"""
What is known of the gateway.
"""

from __future__ import annotations

import pytest

from runbook_lib.knowledge.gateway import GatewayHost, HostKind, gateway, validation_target
from runbook_lib.knowledge.regions import regions
from runbook_lib.knowledge.sending_ranges import sending_ranges


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("za-smtp-inbound-1.mimecast.co.za", GatewayHost(HostKind.INBOUND, "za")),
        ("eu-smtp-outbound-2.mimecast.com", GatewayHost(HostKind.OUTBOUND, "eu")),
        ("eu-smtp-o365-outbound-1.mimecast.com", GatewayHost(HostKind.OUTBOUND, "eu")),
        ("eu-api.mimecast.com", GatewayHost(HostKind.OTHER)),
        ("eu-smtp-inbound-1.mimecast.com.alder.example", None),
        ("notmimecast.com", None),
    ],
)
def test_hosts(name: str, expected: GatewayHost | None) -> None:
    """
    A host name says what the host is for and which region it belongs to.
    """
    assert expected == gateway().host(name)


def test_every_region_has_inbound_hosts() -> None:
    """
    The inbound hosts of every region have the inbound form and name their region.
    """
    for region in regions():
        assert {GatewayHost(HostKind.INBOUND, region.code)} == {gateway().host(host) for host in region.mx}


def test_facts() -> None:
    """
    The place where proofs lead and the ranges of platforms are there; an unknown platform has none.
    """
    assert validation_target().endswith(gateway().domains[0])
    assert sending_ranges("google_workspace")
    assert () == sending_ranges("on_premises")
