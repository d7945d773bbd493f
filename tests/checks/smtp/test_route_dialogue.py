"""
`route.connect`, `route.greeting`, `route.starttls`, `route.tls_version`, `route.certificate`.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from runbook_lib.checks import route
from runbook_lib.observations import PortQuestion, Problem, Purpose, SmtpReply, Stage, TlsState, Trouble
from runbook_lib.results import Status


def _check(key: str) -> Any:
    return next(check for check in route.CHECKS if check.id == key)


CONNECT, GREETING, STARTTLS = _check("route.connect"), _check("route.greeting"), _check("route.starttls")
VERSION, CERTIFICATE, RECIPIENT, RELAY = (
    _check("route.tls_version"),
    _check("route.certificate"),
    _check("route.recipient"),
    _check("route.relay"),
)


def _asked_control(world: Any) -> bool:
    return any(isinstance(question, PortQuestion) for question in world.asked)


def test_open_port_passes_and_asks_no_control_host(build: Any) -> None:
    """
    An address that opens passes, and no control host is bothered.
    """
    world = build.world()
    found = world.one(CONNECT)

    assert (Status.PASS, build.address) == (found.status, found.subject)
    assert not _asked_control(world)


def test_refused_connection_fails_without_control(build: Any) -> None:
    """
    A refusal is the host's own word: it fails, no control host is asked.
    """
    world = build.own(default=build.server(problem=build.refused))
    found = world.one(CONNECT)

    assert (Status.FAIL, "connection_refused") == (found.status, found.cause)
    assert not _asked_control(world)


@pytest.mark.parametrize(
    ("controls", "status", "cause"),
    [(True, Status.FAIL, "connect_timeout"), (False, Status.UNKNOWN, "egress_blocked"), (None, Status.UNKNOWN, "connect_timeout")],
)
def test_time_out_counts_only_where_the_port_is_open_from_here(build: Any, controls: bool | None, status: Status, cause: str) -> None:
    """
    A time-out is the host's fault only where a control host shows that port 25 is open from here.
    """
    world = build.own(default=build.server(problem=build.timeout), controls=controls)
    found = world.one(CONNECT)
    after = world.one(RECIPIENT)

    assert (status, cause) == (found.status, found.cause)
    assert _asked_control(world)
    assert after.status is (Status.NOT_APPLICABLE if status is Status.FAIL else Status.UNKNOWN)
    assert after.evidence == ("route.connect 93.184.216.34",)


@pytest.mark.parametrize(
    ("keys", "target"),
    [({"connect_to": {"mail.alder.example:25": "127.0.0.1:2525"}}, "127.0.0.1:2525"), ({"allow_private": True}, "10.0.0.5:25")],
)
def test_near_targets_need_no_control(build: Any, keys: dict[str, Any], target: str) -> None:
    """
    A time-out on loopback, or on a private address that is expected, is the host's fault without a control host.
    """
    world = build.own(keys, default=build.server(problem=build.timeout, target=target), controls=False)
    found = world.one(CONNECT)

    assert found.status is Status.FAIL
    assert not _asked_control(world)


def test_control_on_another_port_proves_nothing(build: Any) -> None:
    """
    That port 25 opens says nothing about the inbound host's port 2525.
    """
    world = build.own({"inbound_port": 2525}, default=build.server(problem=build.timeout), controls=True)

    assert world.one(CONNECT).status is Status.UNKNOWN


@pytest.mark.parametrize(
    ("trouble", "cause"),
    [
        (Trouble.PROXY, "proxy_error"),
        (Trouble.LOCAL, "local_error"),
        (Trouble.LIMIT, "limit"),
        (Trouble.UNREACHABLE, "unreachable"),
    ],
)
def test_what_is_not_the_hosts_fault_is_unknown(build: Any, trouble: Trouble, cause: str) -> None:
    """
    A failing proxy, this machine, lack of time: none of them says anything about the host.
    """
    found = build.own(default=build.server(problem=Problem(trouble, Stage.CONNECT, "why"))).one(CONNECT)

    assert (Status.UNKNOWN, cause) == (found.status, found.cause)


def test_machine_without_ipv6(build: Any) -> None:
    """
    Where every IPv6 address is unreachable and IPv4 opens, the IPv6 address is not needed; all that follows says so.
    """
    six = "2a01:111:f400::1"
    servers = {six: build.server(problem=Problem(Trouble.UNREACHABLE, Stage.CONNECT, "Network is unreachable"))}
    world = build.world(addresses={build.host: (build.address, six)}, servers=servers)

    assert {build.address: Status.PASS, six: Status.NOT_APPLICABLE} == {key: each.status for key, each in world.judge(CONNECT).items()}
    assert world.judge(RECIPIENT)[six].evidence == (f"route.connect {six}",)


@pytest.mark.parametrize(
    ("greeting", "status", "cause"),
    [
        ("220 mail", Status.PASS, None),
        ("421 4.3.2 busy now", Status.UNKNOWN, "temporary"),
        ("421 too many connections from your host", Status.UNKNOWN, "rate_limited"),
        ("554 no mail here", Status.FAIL, "refused"),
        ("554 5.7.1 blocked using zen.spamhaus.example", Status.UNKNOWN, "probe_reputation"),
        ("250 strange", Status.UNKNOWN, "protocol_error"),
    ],
)
def test_greeting(build: Any, greeting: str, status: Status, cause: str | None) -> None:
    """
    220 passes; 4xx and what speaks of the probe are unknown; 5xx fails.
    """
    change: dict[str, Any] = {"greeting": build.reply(greeting)}
    if not greeting.startswith("220"):
        change |= {"ehlo": None, "results": ()}
    world = build.own(default=build.changed(**change))
    found = world.one(GREETING)

    assert (status, cause) == (found.status, found.cause)
    if status is not Status.PASS:
        assert world.one(RELAY).evidence == ("route.greeting 93.184.216.34",)
        assert world.one(CONNECT).status is Status.PASS


@pytest.mark.parametrize(
    ("trouble", "cause"),
    [
        (Trouble.TIMEOUT, "protocol_error"),
        (Trouble.PROTOCOL, "protocol_error"),
        (Trouble.CLOSED, "protocol_error"),
        (Trouble.LIMIT, "limit"),
        (Trouble.PROXY, "proxy_error"),
    ],
)
def test_no_sane_greeting_is_unknown(build: Any, trouble: Trouble, cause: str) -> None:
    """
    Silence, garbage, an endless greeting: nothing is known of the route behind it.
    """
    server = build.changed(greeting=None, ehlo=None, results=(), problem=Problem(trouble, Stage.GREETING, "x"))
    found = build.own(default=server).one(GREETING)

    assert (Status.UNKNOWN, cause) == (found.status, found.cause)


def test_odd_characters_are_warned_of_at_most(build: Any) -> None:
    """
    A greeting with control characters that can still be read is no garbage.
    """
    world = build.own(default=build.changed(greeting=SmtpReply(220, ("m\\x1bx",), ("control",))))

    assert (Status.WARN, "irregular") == (world.one(GREETING).status, world.one(GREETING).cause)
    assert world.one(RECIPIENT).status is Status.PASS


ABSENT = {"capabilities": ("SIZE 1",), "starttls": None, "tls": None}


@pytest.mark.parametrize(
    ("keys", "status"),
    [({}, Status.WARN), ({"tls_policy": "strict"}, Status.FAIL)],
)
def test_no_starttls(build: Any, keys: dict[str, Any], status: Status) -> None:
    """
    No STARTTLS is warned of, and fails where the gateway's route demands it; version and certificate are not reached.
    """
    world = build.own(keys, default=build.changed(**ABSENT))
    found = world.one(STARTTLS)

    assert (status, "absent") == (found.status, found.cause)
    assert world.one(VERSION).evidence == ("route.starttls 93.184.216.34",)
    assert world.one(CERTIFICATE).status is Status.NOT_APPLICABLE
    assert world.one(RECIPIENT).status is Status.PASS


def test_no_starttls_at_a_cloud_platform_fails(build: Any) -> None:
    """
    A cloud platform always offers STARTTLS; without it somebody is in between.
    """
    assert build.world(default=build.changed(**ABSENT)).one(STARTTLS).status is Status.FAIL


@pytest.mark.parametrize(
    ("change", "status", "cause"),
    [
        ({"starttls": "454 4.7.0 TLS not available", "tls": None}, Status.FAIL, "refused"),
        ({"starttls": "454 4.7.0 too many connections", "tls": None}, Status.UNKNOWN, "rate_limited"),
        ({"tls": None, "problem": Problem(Trouble.CLOSED, Stage.HANDSHAKE, "eof")}, Status.FAIL, "handshake"),
        ({"tls": None, "problem": Problem(Trouble.TIMEOUT, Stage.HANDSHAKE, "")}, Status.FAIL, "handshake"),
        ({"tls": None, "problem": Problem(Trouble.LIMIT, Stage.HANDSHAKE, "")}, Status.UNKNOWN, "limit"),
        ({"injected": "250 evil"}, Status.FAIL, "injected"),
        ({"starttls": None, "tls": None, "problem": Problem(Trouble.CLOSED, Stage.STARTTLS, "")}, Status.UNKNOWN, "protocol_error"),
    ],
)
def test_starttls_that_does_not_work(build: Any, change: dict[str, Any], status: Status, cause: str) -> None:
    """
    Refused, broken and injected encryption fail each by its own cause; what was cut off is unknown.
    """
    change = {key: build.reply(value) if key == "starttls" and value else value for key, value in change.items()}
    found = build.own(default=build.changed(**change)).one(STARTTLS)

    assert (status, cause) == (found.status, found.cause)


def test_old_tls_works_but_fails_by_version(build: Any) -> None:
    """
    TLS 1.0 counts as working encryption, and its version fails.
    """
    state = TlsState("TLSv1", "AES128-SHA", verified=False, chain=(build.certificate(),), causes=("self_signed",))
    world = build.own(default=build.changed(tls=state))

    assert world.one(STARTTLS).status is Status.PASS
    assert (Status.FAIL, "old_tls") == (world.one(VERSION).status, world.one(VERSION).cause)
    assert world.one(CERTIFICATE).cause == "self_signed"


@pytest.mark.parametrize(
    "cause", ["expired", "not_yet_valid", "self_signed", "hostname_mismatch", "incomplete_chain", "untrusted", "weak_key"]
)
def test_certificate_causes(build: Any, cause: str) -> None:
    """
    Each fault of a certificate warns where TLS is opportunistic and fails where it is strict or the platform a cloud.
    """
    state = TlsState("TLSv1.3", "x", verified=False, chain=(build.certificate(),), causes=(cause,), missing_issuer="CN=Middle")
    server = build.changed(tls=state, purpose=Purpose.UNVERIFIED)
    opportunistic = build.own(default=server).one(CERTIFICATE)

    assert (Status.WARN, cause) == (opportunistic.status, opportunistic.cause)
    assert build.own({"tls_policy": "strict"}, default=server).one(CERTIFICATE).status is Status.FAIL
    assert build.world(default=server).one(CERTIFICATE).status is Status.FAIL


def test_verification_failed_first_then_shown(build: Any) -> None:
    """
    The first connection fails to verify, the second shows the chain: that is one finding with all causes, gravest first.
    """
    causes = ("hostname_mismatch", "expired")
    second = TlsState("TLSv1.3", "x", verified=False, chain=(build.certificate(-3),), causes=causes)
    server = build.changed(tls=TlsState(None, None, verified=False, causes=causes, detail="verify failed"), results=())
    world = build.own(default=server)
    question_done = server.dialogue

    def dialogue(question: Any) -> Any:
        first = question_done(question)
        good = build.server().dialogue(question).connections[0]
        return replace(first, connections=(*first.connections, replace(good, purpose=Purpose.UNVERIFIED, tls=second)))

    server.dialogue = dialogue
    found = world.one(CERTIFICATE)

    assert found.causes == ("expired", "hostname_mismatch")
    assert "20 November 2026" in found.words.summary
    assert world.one(STARTTLS).status is Status.PASS
    assert world.one(RECIPIENT).status is Status.PASS


@pytest.mark.parametrize(("days", "status"), [(31, Status.PASS), (29, Status.WARN), (30, Status.WARN)])
def test_certificate_that_ends_soon(build: Any, days: int, status: Status) -> None:
    """
    A certificate with 30 days or less left is warned of, by the time of judging.
    """
    state = TlsState("TLSv1.3", "x", verified=True, chain=(build.certificate(days),))
    found = build.world(default=build.changed(tls=state)).one(CERTIFICATE)

    assert found.status is status
    assert found.cause == ("ends_soon" if status is Status.WARN else None)


def test_stored_observation_judged_later(build: Any) -> None:
    """
    Judged again after its end, a certificate that verified then is expired.
    """
    found = build.world().one(CERTIFICATE, now=build.now + timedelta(days=201))

    assert (Status.FAIL, "expired") == (found.status, found.cause)


@pytest.mark.parametrize("problem", ["timeout", "refused"])
def test_firewalled_route(build: Any, problem: str) -> None:
    """
    Behind a firewall that admits only the gateway, and at lockdown of Exchange, silence and refusal are as they should be.
    """
    for keys in ({"inbound_firewall": "gateway_only"}, {"phase": "lockdown"}):
        world = build.own(keys, default=build.server(problem=getattr(build, problem)))
        for check in route.CHECKS[2:]:
            found = world.one(check)
            assert found.status is Status.NOT_APPLICABLE
            assert found.cause == ("not_asked_for" if check.id == "route.delivery" else "firewalled")


def test_greeting_of_refusal_is_firewalled_too(build: Any) -> None:
    """
    At lockdown a 5xx greeting counts as the firewall, unless it speaks of the probe's own reputation.
    """
    keys = {"phase": "lockdown"}
    barred = build.changed(greeting=build.reply("554 no service for you"), ehlo=None, results=())
    listed = build.changed(greeting=build.reply("554 blocked using zen.spamhaus.example"), ehlo=None, results=())

    assert build.own(keys, default=barred).one(GREETING).cause == "firewalled"
    assert build.own(keys, default=listed).one(GREETING).cause == "probe_reputation"


def test_cloud_at_lockdown_is_never_firewalled(build: Any) -> None:
    """
    A cloud platform's door always opens; at lockdown a refused connection still fails.
    """
    assert build.world({"phase": "lockdown"}, default=build.server(problem=build.refused)).one(CONNECT).status is Status.FAIL
