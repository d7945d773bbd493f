"""
Who does what is to be done, by platform.
"""

from __future__ import annotations

from typing import Any

from runbook_lib.checks.roles import who_does
from runbook_lib.knowledge.text import Catalogue, languages

HOSTED = {"platform": "hosted_exchange", "inbound_host": "mx.hosting.example"}


def test_a_hosted_platform_is_the_providers(desk: Any) -> None:
    """
    Whoever runs tenant, server or firewall elsewhere is the provider there; nobody else is replaced.
    """
    hosted, own = desk.case(**HOSTED).environment, desk.case(platform="on_premises", inbound_host="m.alder.example").environment

    assert ["provider"] * 3 == [who_does(hosted, role, "tenant") for role in ("tenant_admin", "server_admin", "network_admin")]
    assert ["consultant", "gateway_admin", "customer_dns", ""] == [
        who_does(hosted, role) for role in ("consultant", "gateway_admin", "customer_dns", "")
    ]
    assert ["network_admin", "server_admin"] == [who_does(own, role) for role in ("network_admin", "server_admin")]


def test_without_a_tenant_it_is_the_servers(desk: Any) -> None:
    """
    Exchange on the customer's own servers has no tenant: whoever runs the servers does what is done in one elsewhere.
    """
    own = desk.case(platform="on_premises", inbound_host="m.alder.example").environment

    assert ["server_admin"] * 2 == [who_does(own, "tenant_admin", subject) for subject in ("", "m.alder.example")]


def test_with_several_platforms_it_goes_by_the_subject(desk: Any) -> None:
    """
    A domain's and a host's platform is known; of anything else it is not, and the role stays.
    """
    other = {"name": "two.example", "platform": "hosted_exchange", "inbound_host": "mx.hosting.example"}
    both = desk.case(domains=["alder.example", other]).environment

    assert ["provider", "provider", "tenant_admin", "tenant_admin"] == [
        who_does(both, "tenant_admin", subject) for subject in ("two.example", "mx.hosting.example", "alder.example", "tenant")
    ]


def test_every_language_has_a_word_for_the_provider() -> None:
    """
    The role can be shown.
    """
    assert all(Catalogue(language).fields("ui.who")["provider"] for language in languages())
