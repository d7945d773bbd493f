"""
Results to be shown: a healthy customer, a broken one, an unfinished one, and one whose every text is hostile.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from runbook_lib.knowledge.text import Catalogue
from runbook_lib.results import Answer, Finding, Gate, Message, Result, Status, Words

AT = "2026-11-23T21:58:04.120000Z"
OUTLOOK = "alder-example.mail.protection.outlook.com"
GATEWAY = ("eu-smtp-inbound-1.mimecast.com", "eu-smtp-inbound-2.mimecast.com")
HOSTILE = '<script>alert(1)</script>"\'><img src=x onerror=alert(2)> \x1b[31mred\x1b[0m \u202egnp.exe\u202c \x00 {{7*7}} [bold]x[/bold] </style></title>'


def finding(
    check: str,
    subject: str,
    status: Status,
    summary: str,
    *,
    expected: str = "",
    observed: str = "",
    remedy: str = "",
    who: str = "",
    paste: str = "",
    causes: tuple[str, ...] = (),
    evidence: tuple[str, ...] = (),
) -> Finding:
    """
    One finding with its sentences.
    """
    steps = {"domain": "domain", "ranges": "ranges", "allowlist": "ranges", "mx": "mx", "dnssec": "authentication", "lockdown": "lockdown"}
    family = check.split(".", 1)[0]
    step = steps.get(family, "platform" if family in ("m365", "google") else "intake" if family == "present" else "route")
    words = Words(summary, expected, observed, remedy, who, paste, "RFC 5321 section 5.1; gateway documentation, seen 2026-05")
    return Finding(check, step, subject, status, Message(f"{check}.x"), causes[0] if causes else None, causes, evidence, words)


def mx_answer(domain: str, hosts: tuple[str, ...], via: str = "resolver", server: str = "") -> dict[str, Any]:
    """
    A DNS answer to an MX question.
    """
    records = [
        {"name": domain, "rdtype": "MX", "ttl": 3600, "data": f"{10 * n} {host}", "preference": 10 * n, "target": host, "texts": []}
        for n, host in enumerate(hosts, 1)
    ]
    question = {"name": domain, "rdtype": "MX", "via": via, "server": server, "server_name": "ns1.dns.example" if server else "", "zone": domain if server else ""}
    return {
        "kind": "dns",
        "question": question,
        "outcome": "answer",
        "at": AT,
        "took_ms": 12.3,
        "rcode": "NOERROR",
        "flags": ["aa"] if server else ["rd", "ra", "ad"],
        "records": records,
        "aliases": [],
        "soa": None,
        "referral": [],
        "extended_error": None,
        "server": server or "192.0.2.53:53",
        "transport": "udp",
        "detail": "",
        "size": 128,
    }


def certificate(name: str, issuer: str) -> dict[str, Any]:
    """
    A certificate as the result document has it.
    """
    return {
        "der": base64.b64encode(name.encode() * 30).decode(),
        "subject": f"CN={name}",
        "issuer": f"CN={issuer}",
        "not_before": "2026-01-03T00:00:00Z",
        "not_after": "2027-01-03T23:59:59Z",
        "names": [name],
        "key": "RSA",
        "key_bits": 2048,
        "signature_hash": "sha256",
        "sha256": name.encode().hex().ljust(64, "0")[:64],
        "spki_sha256": "ab" * 32,
        "self_signed": name == issuer,
        "authority": False,
    }


def reply(code: int, *lines: str) -> dict[str, Any]:
    """
    An SMTP reply as the result document has it.
    """
    return {"code": code, "lines": list(lines), "irregular": []}


def dialogue(host: str, address: str, *, causes: tuple[str, ...] = ()) -> dict[str, Any]:
    """
    An SMTP dialogue with everything in it.
    """
    valid = {"envelope": "valid", "sender": "", "recipient": "kim@alder.example"}
    foreign = {"envelope": "foreign", "sender": "", "recipient": "probe@elsewhere.example"}
    spoken = [
        (0.0, "note", f"connecting to {address}:25"),
        (21.4, "note", "connected"),
        (44.0, "server", f"220 {host} Microsoft ESMTP MAIL Service ready"),
        (44.2, "client", "EHLO probe.example"),
        (66.1, "server", f"250-{host} Hello"),
        (66.1, "server", "250-SIZE 157286400"),
        (66.1, "server", "250 STARTTLS"),
        (66.3, "client", "STARTTLS"),
        (88.0, "server", "220 2.0.0 SMTP server ready"),
        (131.7, "note", "TLSv1.3 TLS_AES_256_GCM_SHA384"),
        (132.0, "client", "MAIL FROM:<>"),
        (153.2, "server", "250 2.1.0 Sender OK"),
        (153.3, "client", "RCPT TO:<kim@alder.example>"),
        (181.0, "server", "250 2.1.5 Recipient OK"),
        (181.1, "client", "QUIT"),
        (202.5, "server", "221 2.0.0 Service closing transmission channel"),
    ]
    chain = [certificate("mail.protection.outlook.com", "DigiCert Cloud Services CA-1"), certificate("DigiCert Cloud Services CA-1", "DigiCert Global Root CA")]
    connection = {
        "purpose": "verified",
        "at": AT,
        "target": f"{address}:25",
        "local_address": "198.51.100.7",
        "connect_ms": 21.4,
        "took_ms": 202.5,
        "greeting": reply(220, f"{host} Microsoft ESMTP MAIL Service ready"),
        "hello": "EHLO",
        "ehlo": reply(250, f"{host} Hello", "SIZE 157286400", "STARTTLS"),
        "capabilities": ["SIZE 157286400", "PIPELINING", "STARTTLS", "8BITMIME"],
        "starttls": reply(220, "2.0.0 SMTP server ready"),
        "injected": "",
        "tls": {"version": "TLSv1.3", "cipher": "TLS_AES_256_GCM_SHA384", "verified": not causes, "chain": chain, "causes": list(causes), "missing_issuer": None, "detail": ""},
        "ehlo_tls": reply(250, "Hello"),
        "capabilities_tls": ["SIZE 157286400", "PIPELINING", "8BITMIME"],
        "results": [
            {"transaction": valid, "mail": reply(250, "2.1.0 Sender OK"), "rcpt": reply(250, "2.1.5 Recipient OK"), "data": None, "message": None, "problem": None, "retried_after_s": None},
            {"transaction": foreign, "mail": reply(250, "2.1.0 Sender OK"), "rcpt": reply(550, "5.7.64 Relay Access Denied"), "data": None, "message": None, "problem": None, "retried_after_s": 61.0},
        ],
        "problem": None,
        "transcript": [{"at_ms": at, "who": who, "text": text} for at, who, text in spoken],
    }
    question = {"host": host, "address": address, "port": 25, "transactions": [valid, foreign], "tls": True, "greylist_retry": True}
    return {"kind": "smtp", "question": question, "at": AT, "took_ms": 402.0, "connections": [connection], "problem": None}


def healthy_findings(domain: str = "alder.example") -> list[Finding]:
    """
    What a customer ready to move gets.
    """
    ok, address = Status.PASS, "52.101.73.2"
    made = [
        finding("present.gateway", "tenant", ok, "No other gateway stands in front today.", expected="Nothing that locks the platform.", observed="None named, none seen."),
        finding("domain.delegation", domain, ok, f"The 2 name servers of {domain} answer with authority and agree.", expected="All with authority, one serial.", observed="ns1.dns.example, ns2.dns.example: serial 2026112301.", evidence=("o1",)),
        finding("domain.validation", domain, ok, f"The validation code of {domain} is published on both name servers.", expected="TXT abc123.", observed="TXT abc123 on 2 of 2."),
        finding("ranges.current", "eu", ok, "The shipped list of gateway ranges equals the live one.", expected="11 ranges.", observed="11 ranges."),
        finding("allowlist.syntax", "allowlist", ok, "Each of the 11 entries is spelt right.", expected="Entries without stray characters.", observed="11 entries.", evidence=("o5",)),
        finding("allowlist.coverage", "allowlist", ok, "The allow list covers every gateway range.", expected="11 ranges.", observed="11 of 11."),
        finding("gateway.accepts", domain, ok, f"The gateway takes mail for kim@{domain}.", expected="250 to RCPT.", observed="250 2.1.5 from both hosts."),
        finding("gateway.test_connection", "tenant", ok, "The console's own connection test was green.", expected="A green tick.", observed="Confirmed by Robin Moss on 23 November 2026.", causes=("attested",), evidence=("o6",)),
        finding("route.host", OUTLOOK, ok, "The inbound host is a Microsoft 365 host of this customer.", expected="A known form.", observed=OUTLOOK),
        finding("route.resolves", OUTLOOK, ok, "The inbound host has 2 public addresses.", expected="At least one.", observed="52.101.73.2, 52.101.73.31"),
        *(
            finding(f"route.{name}", address, ok, text, expected="So.", observed="So.", evidence=("o3",))
            for name, text in (
                ("connect", "Port 25 opens in 21 ms."),
                ("greeting", "The server greets with 220 and understands EHLO."),
                ("starttls", "STARTTLS is offered and works."),
                ("tls_version", "TLS 1.3 is used."),
                ("certificate", "The certificate is valid until 3 January 2027 and carries the host's name."),
                ("recipient", "The test recipient is accepted."),
                ("unknown_recipient", "A random address is refused."),
                ("relay", "Mail for a foreign domain is refused."),
            )
        ),
        finding("route.delivery", address, Status.NOT_APPLICABLE, "Not asked for: no test message was sent."),
        finding("mx.present", domain, ok, f"{domain} has MX records.", expected="At least one.", observed=f"10 {OUTLOOK}", evidence=("o1", "o2")),
        finding("mx.target", OUTLOOK, ok, "The MX host has addresses of its own.", expected="A or AAAA.", observed="2 addresses."),
        finding("mx.gateway", domain, ok, f"{domain} does not point at the gateway yet, which is right at this phase.", expected="Not moved.", observed=f"10 {OUTLOOK}", evidence=("o1",)),
        finding("mx.ttl", domain, ok, "The TTL of the MX records is 5 minutes.", expected="600 s or less.", observed="300 s.", evidence=("o1",)),
        finding("mx.propagation", domain, Status.NOT_APPLICABLE, "Not needed before the move."),
        finding("dnssec.status", domain, ok, f"{domain} is not signed, and nothing is wrong with that.", expected="Secure or insecure.", observed="Insecure."),
        finding("lockdown.direct", OUTLOOK, Status.NOT_APPLICABLE, "Not needed before lockdown."),
    ]
    return made


def result_of(findings: list[Finding], **changes: Any) -> Result:
    """
    A result document with these findings.
    """
    domain = "alder.example"
    environment = {
        "customer": "Alder Timber Ltd",
        "platform": "microsoft_365",
        "phase": "prepare",
        "region": "eu",
        "domains": [domain, {"name": "xn--bcher-kva.example", "role": "parked"}],
        "inbound_host": OUTLOOK,
        "test_recipient": f"kim@{domain}",
        "console_ranges": ["195.130.217.0/24", "91.220.42.0/24", "146.101.78.0/24"],
        "validation_codes": {domain: "abc123"},
        "attestations": {"gateway.test_connection": {"by": "Robin Moss", "at": "2026-11-23", "phase": "prepare"}},
    }
    result = Result(
        tool_version="0.1.0",
        runbook="microsoft_365",
        phase="prepare",
        environment=environment,
        started="2026-11-23T21:58:03Z",
        finished="2026-11-23T21:58:06Z",
        vantage={"addresses": ["198.51.100.7"], "nameservers": ["192.0.2.53"], "proxy": None, "port_25": "open"},
        findings=tuple(findings),
        gates={"move_mx": Gate(), "lock": Gate(), "roll_back": Gate()},
        observations={
            "o1": mx_answer(domain, (OUTLOOK,)),
            "o2": mx_answer(domain, (OUTLOOK,), "authoritative", "192.0.2.11"),
            "o3": dialogue(OUTLOOK, "52.101.73.2"),
            "o4": {"kind": "vantage", "question": {"hosts": ["smtp.google.com"]}, "state": "open", "at": AT, "took_ms": 30.0, "tries": [{"host": "smtp.google.com", "target": "192.0.2.80:25", "opened": True, "problem": None}]},
            "o5": {"kind": "file", "subject": "allowlist", "text": "195.130.217.0/24\n 91.220.42.0/24\n", "sha256": "cd" * 32},
            "o6": {"kind": "person", "subject": "gateway.test_connection", "by": "Robin Moss", "at": "2026-11-23", "phase": "prepare", "note": "Green tick at 21:40."},
            "o7": {"kind": "https", "question": {"url": "https://mta-sts.alder.example/.well-known/mta-sts.txt"}, "outcome": "answer", "at": AT, "took_ms": 80.0, "status": 200, "content_type": "text/plain", "location": "", "body": "version: STSv1\nmode: enforce\n", "size": 30, "address": "192.0.2.90", "detail": ""},
        },
        attestations=({"for": "gateway.test_connection", "by": "Robin Moss", "at": "2026-11-23", "phase": "prepare", "note": "Green tick at 21:40."},),
        waivers=(),
    )
    return replace(result, **changes)


@pytest.fixture(scope="session")
def catalogue() -> Catalogue:
    """
    The English texts.
    """
    return Catalogue()


@pytest.fixture(scope="session")
def ready() -> Result:
    """
    A customer who may move.
    """
    return result_of(healthy_findings(), gates={"move_mx": Gate(Answer.GO), "lock": Gate(), "roll_back": Gate(Answer.GO)})


@pytest.fixture(scope="session")
def not_ready() -> Result:
    """
    A customer with two faults, a change, things not known and a waiver, halfway through the cut-over, in the sandbox.
    """
    domain = "alder.example"
    replaced = {
        "mx.gateway": finding(
            "mx.gateway", domain, Status.FAIL,
            f"{domain} still lists mail.alder.example (preference 20). Mail that uses it goes round the gateway.",
            expected=", ".join(GATEWAY), observed=f"10 {GATEWAY[0]}, 10 {GATEWAY[1]}, 20 mail.alder.example",
            remedy="Remove the record of preference 20. The other two stay as they are.", who="customer_dns",
            paste=f"{domain}. 300 IN MX 10 {GATEWAY[0]}.\n{domain}. 300 IN MX 10 {GATEWAY[1]}.", causes=("residual",), evidence=("o1",),
        ),
        "route.certificate": finding(
            "route.certificate", "52.101.73.2", Status.FAIL,
            "The certificate of mail.alder.example ended on 3 May 2026. The gateway's strict TLS test fails until it is renewed.",
            expected="Valid for at least 30 days.", observed="Ended on 3 May 2026.", remedy="Renew the certificate and install it on the mail server.",
            who="server_admin", causes=("expired", "hostname_mismatch"), evidence=("o3",),
        ),
        "mx.ttl": finding(
            "mx.ttl", domain, Status.WARN, "The TTL of the MX records is 1 day. The move takes that long to reach everybody.",
            expected="600 s or less.", observed="86400 s.", remedy="Lower the TTL to 300 s, 48 hours before the change.", who="customer_dns", evidence=("o1",),
        ),
        "domain.delegation": finding(
            "domain.delegation", domain, Status.UNKNOWN,
            f"The name servers of {domain} gave no answer within 10 s (ns1: time-out, ns2: refused). So nothing is said about them.",
            expected="An answer.", observed="ns1: time-out, ns2: refused.", remedy="Run it again in a few minutes. Should they stay silent, ask whoever runs them.",
            who="consultant", causes=("dns_timeout",),
        ),
        "domain.validation": finding(
            "domain.validation", domain, Status.UNKNOWN, "Not found out, because domain.delegation was not found out either.",
            causes=("dns_timeout",), evidence=(f"domain.delegation {domain}",),
        ),
        "gateway.test_connection": finding(
            "gateway.test_connection", "tenant", Status.MANUAL, "Nobody has confirmed the console's own connection test.",
            expected="A green tick in the gateway console.", observed="Not attested.",
            remedy="In the gateway console open the delivery route, press Test Connection, and note the result.", who="gateway_admin",
        ),
        "allowlist.coverage": finding("allowlist.coverage", "allowlist", Status.WAIVED, "2 gateway ranges are not on the list.", expected="11 ranges.", observed="9 of 11."),
        "lockdown.direct": finding("lockdown.direct", OUTLOOK, Status.PASS, "The platform is not locked yet, which is right at this phase.", expected="Open.", observed="250 2.1.5"),
    }
    findings = [replaced.get(item.check, item) for item in healthy_findings()]
    base = result_of(findings)
    blocked = (f"mx.gateway {domain}", "route.certificate 52.101.73.2", f"domain.delegation {domain}", "gateway.test_connection tenant")
    return replace(
        base,
        phase="cutover",
        environment={**base.environment, "phase": "cutover", "sandbox": "half-moved"},
        gates={"move_mx": Gate(Answer.NO_GO, blocked), "lock": Gate(Answer.OPEN, blocked[:2]), "roll_back": Gate(Answer.GO)},
        observations={**base.observations, "o1": mx_answer(domain, (*GATEWAY, "mail.alder.example")), "o3": dialogue(OUTLOOK, "52.101.73.2", causes=("expired",))},
        waivers=({"for": "allowlist.coverage", "reason": "The two ranges are retired on 1 December.", "by": "Robin Moss", "expires": "2026-12-01"},),
    )


@pytest.fixture(scope="session")
def incomplete() -> Result:
    """
    A customer at lockdown of whom three things are not known; the inbound host could not be looked at.
    """
    findings = []
    for item in healthy_findings():
        if item.check == "route.connect":
            item = replace(item, status=Status.UNKNOWN, cause="egress_blocked", causes=("egress_blocked",))  # noqa: PLW2901
            words = Words("Port 25 is closed from here, so nothing is said about 52.101.73.2.", "An open port.", "Time-out; every control host timed out too.", "Run it from a network with port 25 open.", "consultant", "", "RFC 5321")
            item = item.worded(words)  # noqa: PLW2901
        elif item.step == "route" and item.subject == "52.101.73.2":
            item = replace(item, status=Status.NOT_APPLICABLE)  # noqa: PLW2901
        elif item.check in ("allowlist.coverage", "gateway.test_connection"):
            item = replace(item, status=Status.MANUAL).worded(Words("Nobody has confirmed it.", "A confirmation.", "None.", "Look at it in the console.", "tenant_admin", "", "C4"))  # noqa: PLW2901
        findings.append(item)
    return result_of(findings, phase="lockdown")


@pytest.fixture(scope="session")
def hostile() -> Result:
    """
    A result in which every text that can come from outside is hostile.
    """
    words = Words(HOSTILE, HOSTILE, HOSTILE, HOSTILE, "tenant_admin", HOSTILE, HOSTILE)
    findings = [replace(item, subject=f"{HOSTILE}{n}", status=list(Status)[n % 7], causes=(HOSTILE,), evidence=(HOSTILE, "o1", "o3"), words=words) for n, item in enumerate(healthy_findings())]

    def poisoned(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: item if key in ("kind", "at", "not_before", "not_after", "via", "rdtype") else poisoned(item) for key, item in value.items()}
        if isinstance(value, list):
            return [poisoned(item) for item in value] + ([HOSTILE] if value and isinstance(value[0], str) else [])
        return HOSTILE if isinstance(value, str) else value

    base = result_of(findings)
    environment = {**poisoned(dict(base.environment)), "sandbox": HOSTILE, HOSTILE: HOSTILE}
    return replace(
        base,
        environment=environment,
        tool_version=HOSTILE,
        runbook=HOSTILE,
        vantage={"addresses": [HOSTILE], "nameservers": [HOSTILE], "proxy": HOSTILE, "port_25": HOSTILE},
        gates={"move_mx": Gate(Answer.NO_GO, (HOSTILE, f"mx.ttl {HOSTILE}")), HOSTILE: Gate()},
        observations={**{key: poisoned(value) for key, value in base.observations.items()}, HOSTILE: {"kind": HOSTILE, HOSTILE: HOSTILE}},
        attestations=tuple(poisoned(dict(item)) for item in base.attestations),
        waivers=({"for": HOSTILE, "reason": HOSTILE, "by": HOSTILE, "expires": HOSTILE},),
    )


@pytest.fixture(scope="session")
def huge() -> Result:
    """
    A result with 200 findings, lists of 5000 characters and a transcript of 5000 lines.
    """
    hosts = ", ".join(f"host-{n}.very-long-label-of-a-mail-server.alder.example" for n in range(100))[:5000]
    statuses = list(Status)
    findings = [
        finding(f"mx.target{n % 4}", f"host-{n}.alder.example", statuses[n % 7], f"Finding {n}.", expected=hosts, observed=hosts, remedy=f"Remedy {n % 40}: {hosts[:300]}", who="customer_dns", evidence=("o3",))
        for n in range(200)
    ]
    base = result_of(findings)
    talk: dict[str, Any] = dialogue(OUTLOOK, "52.101.73.2")
    talk["connections"][0]["transcript"] = [{"at_ms": float(n), "who": "server", "text": f"250-{n} " + "x" * 500} for n in range(5000)]
    return replace(base, observations={f"o{n}": talk for n in range(1, 120)})


@pytest.fixture(scope="session")
def every(ready: Result, not_ready: Result, incomplete: Result, hostile: Result, huge: Result) -> dict[str, Result]:
    """
    All of them, by name.
    """
    return {"ready": ready, "not_ready": not_ready, "incomplete": incomplete, "hostile": hostile, "huge": huge}


@pytest.fixture(scope="session")
def make_finding() -> Callable[..., Finding]:
    """
    Makes a finding with its sentences.
    """
    return finding
