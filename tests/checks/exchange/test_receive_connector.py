"""
Which connector takes the gateway's mail, what is wrong with it, and the commands that put it right.
"""

from __future__ import annotations

import ipaddress
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from runbook_lib.checks.exchange_view import landings, servers
from runbook_lib.exports import ReceiveConnector, parse_addresses
from runbook_lib.results import Status

CHECK = "exchange.receive_connector"
CMDLET = "Get-ReceiveConnector"
BOTH = ["195.130.217.0/24", "91.220.42.0/24"]
TRUSTED = {"PermissionGroups": "ExchangeServers", "AuthMechanism": "Tls, ExternalAuthoritative"}


def _brief(found: dict[str, Any]) -> dict[str, tuple[Status, tuple[str, ...]]]:
    return {subject: (finding.status, finding.causes) for subject, finding in found.items()}


def test_nothing_given(customer: Any) -> None:
    """
    Without an export a person has to look; an empty one has no connector.
    """
    assert (Status.MANUAL, "exchange.receive_connector.manual") == ((one := customer.one(CHECK)).status, one.message.id)
    assert (Status.FAIL, "no_connector") == ((one := customer.one(CHECK, {CMDLET: []})).status, one.cause)


@pytest.mark.parametrize("check", [CHECK, "exchange.relay_rights", "exchange.certificate", "exchange.hybrid", "exchange.firewall"])
def test_other_platform(customer: Any, check: str) -> None:
    """
    Where nobody has servers of their own nothing is asked.
    """
    assert "other_platform" == customer.one(check, platform="google_workspace", inbound_host="smtp.google.com").cause


def test_the_default_front_end_is_enough(customer: Any, made: Any) -> None:
    """
    It takes everybody, without a login, and trusts nobody.
    """
    found = customer(
        CHECK, {CMDLET: [made.connector(), made.connector("Default EX1", TransportRole="HubTransport", Bindings=["0.0.0.0:2525"])]}
    )

    assert {"Default Frontend EX1": (Status.PASS, ())} == _brief(found)
    assert found["Default Frontend EX1"].evidence


@pytest.mark.parametrize(
    ("changes", "subject", "status", "causes"),
    [
        ({"Enabled": False}, "tenant", Status.FAIL, ("no_connector",)),
        ({"RemoteIPRanges": ["10.0.0.0/8"]}, "tenant", Status.FAIL, ("no_connector",)),
        ({"Bindings": ["0.0.0.0:587"]}, "tenant", Status.FAIL, ("no_connector",)),
        ({"Bindings": ["[::]:25"]}, "tenant", Status.FAIL, ("no_connector",)),
        ({"PermissionGroups": "ExchangeUsers"}, "Default Frontend EX1", Status.FAIL, ("not_anonymous",)),
        (TRUSTED, "Default Frontend EX1", Status.FAIL, ("externally_secured",)),
        ({"RemoteIPRanges": None}, "tenant", Status.FAIL, ("no_connector",)),
    ],
)
def test_one_connector(customer: Any, made: Any, changes: dict[str, Any], subject: str, status: Status, causes: tuple[str, ...]) -> None:  # noqa: PLR0917  # a row of the table
    """
    A connector counts that is enabled, on port 25, of the right address family and range; then what it does is judged.
    """
    assert (status, causes) == _brief(customer(CHECK, {CMDLET: [made.connector(**changes)]}))[subject]


def test_the_most_specific_range_wins(customer: Any, made: Any) -> None:
    """
    A trusted connector for the gateway's addresses takes them from the sound one for everybody; one for others does not.
    """
    trusted = made.connector("Relay", RemoteIPRanges=BOTH, **TRUSTED)

    assert {"Relay": (Status.FAIL, ("externally_secured",))} == _brief(customer(CHECK, {CMDLET: [made.connector(), trusted]}))
    others = made.connector("Relay", RemoteIPRanges=["10.1.2.3"], **TRUSTED)
    assert {"Default Frontend EX1": (Status.PASS, ())} == _brief(customer(CHECK, {CMDLET: [made.connector(), others]}))
    off = {**trusted, "Enabled": False}
    assert {"Default Frontend EX1": (Status.PASS, ())} == _brief(customer(CHECK, {CMDLET: [made.connector(), off]}))


def test_a_split_range(customer: Any, made: Any) -> None:
    """
    Half a range at another sound connector works, and should be changed; at a trusted one it is broken.
    """
    half = made.connector("Half", RemoteIPRanges=["195.130.217.128-195.130.217.255", "10.0.0.1"])
    found = _brief(customer(CHECK, {CMDLET: [made.connector(), half]}))

    assert {"Half": (Status.WARN, ("split",)), "Default Frontend EX1": (Status.PASS, ())} == found
    bad = _brief(customer(CHECK, {CMDLET: [made.connector(), {**half, **TRUSTED}]}))
    assert (Status.FAIL, ("externally_secured", "split")) == bad["Half"]


def test_every_server_counts(customer: Any, made: Any) -> None:
    """
    A server without a connector is named; connectors of the same name are told apart by their server.
    """
    here = made.connector("Default Frontend")
    there = made.connector("Default Frontend", "EX2")
    second = customer(CHECK, {CMDLET: [here, there]})

    assert {"EX1\\Default Frontend", "EX2\\Default Frontend"} == set(second)
    found = customer(CHECK, {CMDLET: [here, {**there, "RemoteIPRanges": ["10.0.0.0/8"]}]})
    assert {"EX1\\Default Frontend": (Status.PASS, ()), "tenant": (Status.FAIL, ("no_connector",))} == _brief(found)
    assert "EX2: 195.130.217.0/24" in found["tenant"].words.summary
    assert "-Server 'EX2'" in found["tenant"].words.paste
    assert "EX1" not in found["tenant"].words.paste


def test_custom_permissions(customer: Any, made: Any) -> None:
    """
    Without the group, the right itself lets anonymous mail in, where it was exported.
    """
    custom = made.connector(PermissionGroups="Custom")
    rights = [made.right("EX1\\Default Frontend EX1", "ms-Exch-SMTP-Submit")]

    assert "not_anonymous" == customer.one(CHECK, {CMDLET: [custom]}).cause
    assert Status.PASS is customer.one(CHECK, {CMDLET: [custom], "Get-ADPermission": rights}).status


def test_an_edge_server_has_no_front_end(customer: Any, made: Any) -> None:
    """
    There the transport service meets the outside; beside a front end it does so by mistake.
    """
    edge = made.connector("Default internal receive connector EDGE", "EDGE", TransportRole="HubTransport")
    found = customer(CHECK, {CMDLET: [edge]})

    assert {"Default internal receive connector EDGE": (Status.PASS, ())} == _brief(found)
    wrong = made.connector("From gateway", TransportRole="HubTransport", RemoteIPRanges=BOTH)
    beside = _brief(customer(CHECK, {CMDLET: [made.connector(), wrong]}))
    assert {"Default Frontend EX1": (Status.PASS, ()), "From gateway": (Status.WARN, ("wrong_role",))} == beside


def test_local_addresses(customer: Any, made: Any) -> None:
    """
    A connector on a second local address that does not take the gateway is not held against the first; a trusted one is.
    """
    first = made.connector(Bindings=["192.168.1.5:25"])
    second = made.connector("Inside", Bindings=["192.168.1.6:25"], RemoteIPRanges=["192.168.0.0/16"], **TRUSTED)

    assert {"Default Frontend EX1": (Status.PASS, ())} == _brief(customer(CHECK, {CMDLET: [first, second]}))
    everybody = {**second, "RemoteIPRanges": [made.everybody]}
    assert (Status.FAIL, ("externally_secured",)) == _brief(customer(CHECK, {CMDLET: [first, everybody]}))["Inside"]


def test_columns_that_are_missing(customer: Any, made: Any) -> None:
    """
    What the export does not tell is for a person: it neither passes nor fails.
    """
    for column in ("Enabled", "RemoteIPRanges", "Bindings"):
        cut = {key: value for key, value in made.connector().items() if key != column}
        found = customer.one(CHECK, {CMDLET: [cut]})
        assert (Status.MANUAL, "incomplete_export") == (found.status, found.cause)
        assert column in found.words.observed
    cut = {key: value for key, value in made.connector().items() if key != "PermissionGroups"}
    assert (Status.MANUAL, "incomplete_export") == ((one := customer.one(CHECK, {CMDLET: [cut]})).status, one.cause)
    unread = made.connector(RemoteIPRanges=["10.0.0.0/8", "everybody"])
    assert Status.MANUAL is customer.one(CHECK, {CMDLET: [unread]}).status


def test_ranges_that_are_not_known(customer: Any, made: Any) -> None:
    """
    Without the gateway's ranges nothing is said.
    """
    found = customer.one(CHECK, {CMDLET: [made.connector(Enabled=False)]}, console_ranges=None)

    assert (Status.UNKNOWN, "dns_servfail") == (found.status, found.cause)
    assert Status.MANUAL is customer.one(CHECK, {CMDLET: [made.connector()]}, console_ranges=None, probes=["smtp"]).status


def test_hybrid_that_delivers_online(customer: Any, made: Any) -> None:
    """
    Where the gateway delivers to Exchange Online its connections end there; only trust in its shared addresses is still a fault.
    """
    keys = {"platform": "hybrid", "inbound_host": "alder-example.mail.protection.outlook.com"}

    assert "delivers_online" == customer.one(CHECK, {CMDLET: [made.connector(RemoteIPRanges=["10.0.0.0/8"])]}, **keys).cause
    assert Status.PASS is customer.one(CHECK, {CMDLET: [made.connector()]}, **keys).status
    assert "externally_secured" == customer.one(CHECK, {CMDLET: [made.connector(**TRUSTED)]}, **keys).cause
    assert Status.MANUAL is customer.one(CHECK, **keys).status


BROKEN: list[list[tuple[str, dict[str, Any]]]] = [
    [("Default", {"Enabled": False})],
    [("Default", {"RemoteIPRanges": ["10.0.0.0/8"]})],
    [("Default", {"PermissionGroups": "ExchangeUsers"})],
    [("Default", TRUSTED)],
    [("Default", {}), ("Relay", {"RemoteIPRanges": [*BOTH], **TRUSTED})],
    [("Default", {}), ("Relay", {"RemoteIPRanges": [*BOTH, "10.0.0.1"], **TRUSTED})],
    [("Default", {}), ("Relay", {"RemoteIPRanges": ["195.130.217.0-195.130.217.99"], **TRUSTED})],
    [("Default", TRUSTED), ("One", {"RemoteIPRanges": ["195.130.217.0/25"]}), ("Two", {"RemoteIPRanges": ["195.130.217.128/25"]})],
    [("Default", TRUSTED), ("One", {"RemoteIPRanges": [BOTH[0]], **TRUSTED}), ("Two", {"RemoteIPRanges": [BOTH[1]], **TRUSTED})],
    [("Default", TRUSTED), ("Half", {"RemoteIPRanges": ["195.130.216.0-195.130.217.99"]})],
    [("Default", {"RemoteIPRanges": ["10.0.0.0/8"]}), ("From Mimecast", {"RemoteIPRanges": [BOTH[0]]})],
    [("Default", {"RemoteIPRanges": ["10.0.0.0/8"]}), ("From Mimecast", {"Enabled": False, "RemoteIPRanges": ["1.2.3.4"]})],
    [("It's \u2019quoted\u2018", {"RemoteIPRanges": [*BOTH, "10.0.0.1"], **TRUSTED})],
]


@pytest.mark.parametrize("broken", BROKEN)
def test_the_commands_put_it_right(customer: Any, made: Any, shell: Any, broken: list[tuple[str, dict[str, Any]]]) -> None:
    """
    Pasted into a shell, what a finding hands out makes the check pass; its way back leads to the state before.
    """
    before = [made.connector(name, **changes) for name, changes in broken]
    pasted = {finding.words.paste for finding in customer(CHECK, {CMDLET: before}).values() if finding.words.paste}
    assert 1 == len(pasted)
    (text,) = pasted
    console = shell(before)
    console.paste(text)

    assert {Status.PASS} == {finding.status for finding in customer(CHECK, {CMDLET: console.connectors}).values()}
    console.undo(text)
    for old, new in zip(before, console.connectors, strict=True):
        assert set(old.pop("RemoteIPRanges")) == set(new.pop("RemoteIPRanges"))
        assert _sets(old) == _sets(new)


def _sets(exported: dict[str, Any]) -> dict[str, Any]:
    plain = {key: set(value.replace(" ", "").split(",")) for key, value in exported.items() if key in ("PermissionGroups", "AuthMechanism")}
    return {**exported, **plain}


def test_words_say_whether_the_connector_itself_is_changed(customer: Any, made: Any) -> None:
    """
    One for the gateway alone is changed, and it is said; one that serves others too keeps its logins, and the gateway gets its own.
    """
    logins = {"PermissionGroups": "ExchangeUsers", "AuthMechanism": "Tls, BasicAuth"}
    alone = customer(CHECK, {CMDLET: [made.connector("From gateway", RemoteIPRanges=BOTH, **logins)]})["From gateway"]
    shared = customer(CHECK, {CMDLET: [made.connector("Everybody", **logins)]})["Everybody"]

    assert (f"{CHECK}.not_anonymous_own", "not_anonymous") == (alone.message.id, alone.cause)
    assert "it is changed itself" in alone.words.remedy
    assert (f"{CHECK}.not_anonymous", "not_anonymous") == (shared.message.id, shared.cause)
    assert "a connector of their own" in shared.words.remedy
    assert ["New-ReceiveConnector", "# undo: Remove-ReceiveConnector"] == [
        line.partition(" -")[0] for line in shared.words.paste.splitlines()
    ]
    assert all(f"'{cidr}'" in shared.words.paste for cidr in BOTH)


def test_other_connectors_are_left_alone(customer: Any, made: Any) -> None:
    """
    No command sets a list: ranges are added or removed one by one, and the connector for everybody is not touched.
    """
    trusted = made.connector("Relay", RemoteIPRanges=[*BOTH, "10.0.0.1"], **TRUSTED)
    text = customer.one(CHECK, {CMDLET: [made.connector(PermissionGroups="ExchangeUsers"), trusted]}).words.paste

    assert "Default Frontend" not in text
    assert "10.0.0.1" not in text
    assert "@{Remove='195.130.217.0/24','91.220.42.0/24'}" in text


LOW = ipaddress.ip_address("195.130.216.0")
_ENTRY = st.one_of(
    st.tuples(st.integers(0, 767), st.integers(24, 32)).map(
        lambda pair: str(ipaddress.ip_network(f"{LOW + pair[0]}/{pair[1]}", strict=False))
    ),
    st.tuples(st.integers(0, 767), st.integers(0, 767)).map(lambda pair: f"{LOW + min(pair)}-{LOW + max(pair)}"),
    st.just("0.0.0.0-255.255.255.255"),
)


@given(lists=st.lists(st.lists(_ENTRY, min_size=1, max_size=4), min_size=1, max_size=4))
@settings(max_examples=80, deadline=None)
def test_landing_agrees_with_looking_at_each_address(lists: list[list[str]]) -> None:
    """
    For every single address the connector found is one with the smallest entry that holds it.
    """
    made = [
        ReceiveConnector(
            name=f"c{number}", identity=f"S\\c{number}", enabled=True, bindings=("0.0.0.0:25",), remote_ip_ranges=parse_addresses(each)
        )
        for number, each in enumerate(lists)
    ]
    (server,) = servers(made)
    network = ipaddress.ip_network("195.130.217.0/24")
    (landing,) = landings(server, [network])
    for address in network:
        holding = [(entry.size, one) for one in made for entry in one.remote_ip_ranges.entries if entry.holds(address)]  # type: ignore[union-attr]
        takers = [one for one, parts in landing.shares if any(low <= int(address) <= high for low, high in parts)]
        smallest = min((size for size, _ in holding), default=0)
        assert len(takers) == (1 if holding else 0)
        assert not takers or (smallest, takers[0]) in holding


@given(
    lists=st.lists(st.tuples(st.lists(_ENTRY, min_size=1, max_size=3, unique=True), st.booleans()), min_size=1, max_size=3),
)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_set_of_connectors_can_be_put_right(customer: Any, made: Any, shell: Any, lists: list[tuple[list[str], bool]]) -> None:
    """
    Whatever ranges the connectors have, trusted or not, the commands lead to a state without a failure.
    """
    before = [made.connector(f"c{number}", RemoteIPRanges=each, **(TRUSTED if bad else {})) for number, (each, bad) in enumerate(lists)]
    texts = {finding.words.paste for finding in customer(CHECK, {CMDLET: before}).values() if finding.words.paste}
    console = shell(before)
    for text in texts:
        console.paste(text)

    assert Status.FAIL not in {finding.status for finding in customer(CHECK, {CMDLET: console.connectors}).values()}


def test_many_entries_are_quick(customer: Any, made: Any) -> None:
    """
    A connector with twenty thousand single addresses is judged like any other.
    """
    many = [str(ipaddress.ip_address("195.130.0.0") + number) for number in range(20_000)]
    found = customer(CHECK, {CMDLET: [made.connector(), made.connector("Many", RemoteIPRanges=many)]}, console_ranges="195.130.0.0/16")

    assert (Status.WARN, ("split",)) == _brief(found)["Many"]
