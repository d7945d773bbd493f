"""
What an environment holds once it is read.
"""

from __future__ import annotations

import json
import pickle
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from runbook_lib.environment import (
    NOTEBOOK_DEFAULTS,
    Environment,
    EnvironmentFileError,
    Phase,
    Platform,
    Role,
    VendorProcess,
    environment_from_parameters,
    is_fresh,
    with_network,
)

Make = Callable[..., Environment]


def test_defaults(make: Make) -> None:
    """
    What is not given has the contract's default.
    """
    env = make()

    assert Phase.PREPARE == env.phase
    assert 25 == env.inbound_port
    assert ("dns", "https", "smtp") == env.probes
    assert "" == env.sender
    assert ("1.1.1.1", "8.8.8.8", "9.9.9.9") == env.propagation_resolvers
    assert ("smtp.google.com", "eu-smtp-inbound-1.mimecast.com", "eu-smtp-inbound-2.mimecast.com") == env.control_hosts
    assert (10, 300) == (env.timeout, env.time_limit)
    assert ("en", Path("reports")) == (env.language, env.output_dir)
    assert env.interactive is None


def test_propagation_resolvers_with_nameservers(make: Make) -> None:
    """
    Nobody else is asked where name servers are given, unless that is given too.
    """
    assert () == make(nameservers=["192.0.2.53"]).propagation_resolvers
    assert ("192.0.2.54",) == make(nameservers=["192.0.2.53"], propagation_resolvers=["192.0.2.54"]).propagation_resolvers
    assert () == make(propagation_resolvers=[]).propagation_resolvers


def test_control_hosts_follow_the_console(make: Make) -> None:
    """
    The hosts the console shows are controls in place of the region's.
    """
    assert ("smtp.google.com", "mx.gw.example") == make(gateway_hosts=["MX.gw.example."]).control_hosts
    assert () == make(control_hosts=[]).control_hosts


def test_names_become_a_labels(make: Make) -> None:
    """
    Names are kept as DNS has them, in whichever form and case they were written.
    """
    env = make(
        domains=["BÜCHER.example.", "xn--mnchen-3ya.example"], inbound_host="Mail.Bücher.Example.", test_recipient="Anna@Bücher.example"
    )

    assert ["xn--bcher-kva.example", "xn--mnchen-3ya.example"] == [scope.name for scope in env.scopes]
    assert ["bücher.example", "münchen.example"] == [scope.unicode for scope in env.scopes]
    assert "mail.xn--bcher-kva.example" == env.inbound_host
    assert "Anna@xn--bcher-kva.example" == env.test_recipient


def test_scopes_override(make: Make) -> None:
    """
    A domain's map overrides the environment for that domain, and for no other.
    """
    env = make(
        phase="cutover",
        test_recipient="anna@alder.example",
        domains=[
            "alder.example",
            {
                "name": "birch.example",
                "role": "send_only",
                "phase": "prepare",
                "platform": "hybrid",
                "inbound_host": "mx.birch.example",
                "test_recipient": "ben@birch.example",
            },
        ],
    )
    first, second = env.scopes

    assert (Role.MAIL, Phase.CUTOVER, Platform.MICROSOFT_365, "mail.alder.example", "anna@alder.example") == (
        first.role,
        first.phase,
        first.platform,
        first.inbound_host,
        first.test_recipient,
    )
    assert (Role.SEND_ONLY, Phase.PREPARE, Platform.HYBRID, "mx.birch.example", "ben@birch.example") == (
        second.role,
        second.phase,
        second.platform,
        second.inbound_host,
        second.test_recipient,
    )


def test_waivers_are_spelt_as_results(make: Make) -> None:
    """
    A waiver's subject is spelt as a result spells it, so that it is found; names of connectors stay as they are.
    """
    body = {"reason": "Agreed", "by": "Ben", "expires": "2026-12-31"}
    env = make(
        waivers={
            "mx.ttl": body,
            "mx.ttl  Bücher.Example.": body,
            "route.connect 2001:DB8:0::7": body,
            "m365.inbound_connector From Gateway.X": body,
        }
    )

    assert ["mx.ttl", "mx.ttl xn--bcher-kva.example", "route.connect 2001:db8::7", "m365.inbound_connector From Gateway.X"] == list(
        env.waivers
    )
    assert date(2026, 12, 31) == env.waivers["mx.ttl"].expires


def test_attestations(make: Make) -> None:
    """
    An attestation is for a step or a check and counts in its phase.
    """
    env = make(attestations={"exchange.firewall": {"by": "Anna", "at": "2026-11-23T16:00:00Z", "phase": "prepare", "note": None}})

    assert ("Anna", "2026-11-23T16:00:00Z", Phase.PREPARE, None) == (
        (found := env.attestations["exchange.firewall"]).by,
        found.at,
        found.phase,
        found.note,
    )


def test_contacts(make: Make) -> None:
    """
    A contact has a number, a mail address or both; the number stays as it is dialled, and nobody is the emergency contact unasked.
    """
    given = [
        {"name": "Anna", "role": "Administrator", "phone": " +44 (0)1632 960001 ext. 7 ", "emergency": True},
        {"name": "Ben", "email": "ben@Bücher.example", "phone": None},
    ]
    env = make(contacts=given, vendor_process="onboarding")
    anna, ben = env.contacts

    assert ("+44 (0)1632 960001 ext. 7", None, True) == (anna.phone, anna.email, anna.emergency)
    assert (None, "ben@xn--bcher-kva.example", False) == (ben.phone, ben.email, ben.emergency)
    assert VendorProcess.ONBOARDING == env.vendor_process
    assert (given, "onboarding") == (env.as_given()["contacts"], env.as_given()["vendor_process"])
    assert ((), None) == (make().contacts, make().vendor_process)


def test_connect_to_is_spelt_one_way(make: Make) -> None:
    """
    Keys and targets are spelt as they are looked up.
    """
    env = make(connect_to={"Mail.Alder.Example.:25": "127.0.0.1:2525", "[2001:DB8::1]:25": "[0:0::1]:2525"})

    assert {"mail.alder.example:25": "127.0.0.1:2525", "[2001:db8::1]:25": "[::1]:2525"} == env.connect_to


def test_pasted_lists_are_kept(make: Make) -> None:
    """
    White space and strange characters in pasted lists stay: to find them is the point.
    """
    pasted = " 192.0.2.0/24\u00a0,\t198.51.100.0/24 \r\n\r\n\u200b\x0b"
    env = make(allowlist=pasted, gateway_list=pasted, console_ranges=pasted)

    assert (pasted, pasted, pasted) == (env.allowlist, env.gateway_list, env.console_ranges)
    assert pasted == env.as_given()["allowlist"]


def test_as_given_reads_back(make: Make) -> None:
    """
    What was given is kept as it was written, is JSON, and makes an equal environment again.
    """
    env = make(
        domains=["Bücher.example", {"name": "b.example", "role": "parked", "phase": None}],
        senders=[{"name": "Scanner", "from": "scan@alder.example", "ip": "192.0.2.9", "tls": False}],
        gateway_options={"reject_all": True},
        console_ranges=["192.0.2.0/24"],
        timeout=2.5,
    )
    given = json.loads(json.dumps(env.as_given()))

    assert "Bücher.example" == given["domains"][0]
    assert {"customer", "platform", "region", "domains", "inbound_host", "senders", "gateway_options", "console_ranges", "timeout"} == set(
        given
    )
    assert env == environment_from_parameters(given)
    assert env == pickle.loads(pickle.dumps(env))


def test_as_given_is_a_copy(make: Make) -> None:
    """
    Nobody changes an environment through what `as_given` handed out.
    """
    env = make()
    env.as_given()["domains"].append("x")

    assert ["alder.example"] == env.as_given()["domains"]


def test_with_network(make: Make) -> None:
    """
    The sandbox's network is put in, and what was given stays what was given.
    """
    env = make(sandbox="alder-pre")
    inside = with_network(
        env,
        {
            "nameservers": ["127.0.0.1:5353"],
            "propagation_resolvers": ["127.0.0.1:5353"],
            "control_hosts": [],
            "connect_to": {"mail.alder.example:25": "127.0.0.1:2525"},
            "allow_private": False,
        },
    )

    assert (("127.0.0.1:5353",), ("127.0.0.1:5353",), ()) == (inside.nameservers, inside.propagation_resolvers, inside.control_hosts)
    assert {"mail.alder.example:25": "127.0.0.1:2525"} == inside.connect_to
    assert ("alder-pre", env.as_given()) == (inside.sandbox, inside.as_given())


def test_with_network_takes_network_keys_only(make: Make) -> None:
    """
    A world cannot change what a customer said.
    """
    with pytest.raises(EnvironmentFileError, match="phase is not a key here"):
        with_network(make(), {"phase": "lockdown"})


def test_notebook_defaults_are_every_key() -> None:
    """
    The parameters cell knows every key of the model, in its order, and all of it is neutral.
    """
    neutral = {key: value for key, value in NOTEBOOK_DEFAULTS.items() if key not in ("language", "output_dir")}

    assert list(Environment.model_fields) == list(NOTEBOOK_DEFAULTS)
    assert not any(neutral.values())


@pytest.mark.parametrize(
    ("given", "fresh"),
    [
        ({}, True),
        ({"interactive": True, "language": "de", "output_dir": "/x"}, True),
        ({"customer": "Alder"}, False),
        ({"sandbox": "alder-pre"}, False),
        ({"probes": []}, False),
        ({"allow_private": True}, False),
        ({"customr": ""}, False),
    ],
)
def test_is_fresh(given: dict[str, Any], fresh: bool) -> None:
    """
    A notebook is fresh where nothing but its own parameters differs from the defaults.
    """
    assert fresh is is_fresh(NOTEBOOK_DEFAULTS | given)


def test_parameters_as_the_cell_sets_them_are_not_given(make: Make) -> None:
    """
    Under papermill all parameters arrive; only those that differ from the cell's count as given.
    """
    env = make()

    assert env == make(**{key: value for key, value in NOTEBOOK_DEFAULTS.items() if key not in env.as_given()})


def test_frozen(make: Make) -> None:
    """
    An environment does not change under the checks.
    """
    with pytest.raises(ValueError, match="frozen"):
        make().customer = "Birch"  # type: ignore[misc]


def test_redirections_in_any_spelling(make: Make) -> None:
    """
    `connect_to` is found by host and by address, however either is written; looking there changes nothing about equality.
    """
    given = {"Mail.Alder.example:25": "127.0.0.1:2525", "[2001:db8::1]:25": "127.0.0.1:2526"}
    env, other = make(connect_to=given), make(connect_to=given)

    assert "127.0.0.1:2525" == env.redirected("mail.alder.example.", 25)
    assert "127.0.0.1:2526" == env.redirected("2001:DB8:0::1", 25)
    assert env.redirected("mail.alder.example", 26) is None
    assert make().redirected("mail.alder.example", 25) is None
    assert other == env
