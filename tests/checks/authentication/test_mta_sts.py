"""
``mta_sts.policy``.
"""

from __future__ import annotations

from typing import Any

import pytest

from runbook_lib.observations import DnsOutcome, HttpsOutcome, HttpsQuestion

D = "alder.example"
AT = f"_mta-sts.{D}"
OLD = "mail.alder.example"
NEW = ("eu-smtp-inbound-1.mimecast.com", "eu-smtp-inbound-2.mimecast.com")


def seen(finding: Any) -> tuple[str, str | None]:
    """
    Status and cause.
    """
    return finding.status.value, finding.cause


def policy(*patterns: str, mode: str = "enforce", max_age: str = "604800") -> str:
    """
    A policy.
    """
    return "\r\n".join(["version: STSv1", f"mode: {mode}", *(f"mx: {pattern}" for pattern in patterns), f"max_age: {max_age}", ""])


@pytest.fixture
def announced(net: Any) -> Any:
    """
    The world with a record that announces a policy.
    """
    net.publish(AT, "TXT", "v=STSv1; id=20261101;")
    return net


@pytest.mark.parametrize(
    ("patterns", "mode", "by_phase"),
    [
        ((OLD, *NEW), "enforce", (("pass", None), ("pass", None))),
        (("*.alder.example", "*.mimecast.com"), "enforce", (("pass", None), ("pass", None))),
        ((OLD,), "enforce", (("warn", "gateway_left_out"), ("fail", "gateway_left_out"))),
        ((OLD, NEW[0]), "enforce", (("warn", "gateway_left_out"), ("fail", "gateway_left_out"))),
        (("*.example", "*.com"), "enforce", (("fail", "present_left_out"), ("fail", "gateway_left_out"))),
        (NEW, "enforce", (("fail", "present_left_out"), ("pass", None))),
        ((OLD,), "testing", (("warn", "gateway_left_out"), ("warn", "gateway_left_out"))),
        (NEW, "testing", (("warn", "present_left_out"), ("pass", None))),
        ((), "none", (("pass", None), ("pass", None))),
    ],
)
def test_patterns(judge: Any, announced: Any, patterns: tuple[str, ...], mode: str, by_phase: Any) -> None:
    """
    Before the move the present hosts and the gateway's have to be covered, afterwards the gateway's; ``*`` is one label.
    """
    prepare, cutover = by_phase
    announced.serve(D, policy(*patterns, mode=mode))

    assert prepare == seen(judge.one("mta_sts.policy"))
    assert cutover == seen(judge.one("mta_sts.policy", phase="cutover"))
    assert cutover == seen(judge.one("mta_sts.policy", phase="lockdown"))


def test_one_present_host_left_out(judge: Any, announced: Any) -> None:
    """
    One of several present hosts left out costs a way, not the mail.
    """
    announced.publish(D, "MX", f"10 {OLD}", "20 backup.alder.example")
    announced.serve(D, policy(OLD, *NEW))

    assert ("warn", "present_left_out") == seen(judge.one("mta_sts.policy"))


def test_what_to_do_before_the_move(judge: Any, announced: Any) -> None:
    """
    The policy to paste covers both, keeps the old patterns and satisfies the check; the wait is the record's TTL and a day.
    """
    announced.serve(D, policy("*.alder.example", max_age="31557600"))
    finding = judge.one("mta_sts.policy")

    announced.serve(D, finding.words.paste)

    assert ("2026-11-25T22:05:00+00:00", 86700) == (finding.message.values["earliest"], finding.message.values["wait"])
    assert "mx: *.alder.example" in finding.words.paste
    assert "max_age: 31557600" in finding.words.paste
    assert "20261124220000" in finding.words.remedy
    assert ("pass", None) == seen(judge.one("mta_sts.policy"))


def test_old_patterns_at_lockdown(judge: Any, announced: Any) -> None:
    """
    Patterns of the old hosts stay until lockdown, as the way back needs them; what to paste then is without them.
    """
    announced.serve(D, policy(OLD, *NEW))

    assert "mta_sts.policy.covers_old" == judge.one("mta_sts.policy", phase="cutover").message.id

    finding = judge.one("mta_sts.policy", phase="lockdown")

    assert ("pass", [OLD]) == (finding.status.value, finding.message.values["residual"])
    assert OLD not in finding.words.paste


def test_uncertain_hosts(judge: Any, announced: Any) -> None:
    """
    Against host names that are a guess nothing fails; names from the console are certain.
    """
    announced.serve(D, policy(OLD))

    assert ("unknown", "gateway_left_out") == seen(judge.one("mta_sts.policy", region="ca", phase="cutover"))

    given = {"region": "ca", "gateway_hosts": ["ca-smtp-inbound-1.mimecast.com"], "phase": "cutover"}

    assert ("fail", "gateway_left_out") == seen(judge.one("mta_sts.policy", **given))


@pytest.mark.parametrize(
    ("records", "expected"),
    [
        ([], ("pass", None)),
        (["other"], ("pass", None)),
        (["v=STSv1; id=1;", "v=STSv1; id=2;"], ("warn", "several")),
        (["v=STSv1 id=1"], ("warn", "not_recognised")),
        (["v=STSv1;"], ("warn", "syntax")),
        (["v=STSv1; id=2026-11-01;"], ("warn", "syntax")),
    ],
)
def test_records(judge: Any, net: Any, records: list[str], expected: tuple[str, str | None]) -> None:
    """
    Without a valid record there is no policy, and none is fetched.
    """
    net.publish(AT, "TXT", *records)

    assert expected == seen(judge.one("mta_sts.policy"))
    assert not any(isinstance(question, HttpsQuestion) for question in judge.asked)


@pytest.mark.parametrize(
    ("changes", "cause"),
    [
        ({"status": 404}, "http_status"),
        ({"status": 301, "location": "https://www.alder.example/"}, "redirect"),
        ({"content_type": "text/html; charset=utf-8"}, "content_type"),
        ({"size": 70_000}, "too_large"),
        ({"outcome": HttpsOutcome.LIMIT}, "too_large"),
        ({"outcome": HttpsOutcome.CERTIFICATE, "status": None}, "certificate"),
        ({"outcome": HttpsOutcome.NOT_RESOLVED, "status": None}, "not_resolved"),
        ({"outcome": HttpsOutcome.REFUSED, "status": None}, "connection_refused"),
    ],
)
def test_not_served(judge: Any, announced: Any, changes: dict[str, Any], cause: str) -> None:
    """
    A policy that is not served in the way senders need it is a warning; while MX moves it is a failure, as old copies stay in force.
    """
    announced.serve(D, policy(OLD, *NEW), **changes)

    finding = judge.one("mta_sts.policy")

    assert ("warn", ("not_served", cause)) == (finding.status.value, finding.causes)
    assert ("fail", "not_served") == seen(judge.one("mta_sts.policy", phase="cutover"))
    assert ("warn", "not_served") == seen(judge.one("mta_sts.policy", phase="lockdown"))


@pytest.mark.parametrize(
    ("outcome", "cause"),
    [(HttpsOutcome.TIMEOUT, "connect_timeout"), (HttpsOutcome.PROXY, "proxy_error"), (HttpsOutcome.LIMIT, "limit")],
)
def test_could_not_fetch(judge: Any, announced: Any, outcome: HttpsOutcome, cause: str) -> None:
    """
    What this run could not find out is unknown.
    """
    announced.serve(D, "", outcome=outcome, status=None)

    assert ("unknown", cause) == seen(judge.one("mta_sts.policy", phase="cutover"))


@pytest.mark.parametrize(
    "text", ["", "mode: enforce", policy(OLD, "a.*.example"), policy(OLD, mode="Enforce"), policy(OLD, max_age="40000000")]
)
def test_policy_syntax(judge: Any, announced: Any, text: str) -> None:
    """
    A policy senders cannot use is as good as none.
    """
    announced.serve(D, text)

    finding = judge.one("mta_sts.policy")
    announced.serve(D, finding.words.paste)

    assert ("warn", "syntax") == seen(finding)
    assert ("pass", None) == seen(judge.one("mta_sts.policy"))


def test_could_not_ask(judge: Any, announced: Any) -> None:
    """
    Neither the record nor, before the move, the MX records may be missing from what is known.
    """
    announced.serve(D, policy(OLD, *NEW))
    announced.dns.fails["*", "MX", "*"] = DnsOutcome.TIMEOUT

    assert ("unknown", "not_reached") == seen(judge.one("mta_sts.policy"))
    assert ("pass", None) == seen(judge.one("mta_sts.policy", phase="cutover"))

    announced.dns.fails[AT, "TXT", ""] = DnsOutcome.SERVFAIL

    assert ("unknown", "dns_servfail") == seen(judge.one("mta_sts.policy"))


def test_without_https(judge: Any, announced: Any) -> None:
    """
    A run without HTTPS still knows where no policy is announced; where one is, the rest was left out.
    """
    assert ("not_applicable", "left_out") == seen(judge.one("mta_sts.policy", probes=["dns"]))

    announced.publish(AT, "TXT")

    assert ("pass", None) == seen(judge.one("mta_sts.policy", probes=["dns"]))


def test_where_it_does_not_concern(judge: Any, net: Any) -> None:
    """
    It concerns domains that exist and receive mail.
    """
    assert ("not_applicable", "no_mail") == seen(judge.one("mta_sts.policy", domains=[{"name": D, "role": "send_only"}]))

    net.dns.records.clear()

    assert ("not_applicable", "not_reached") == seen(judge.one("mta_sts.policy"))
