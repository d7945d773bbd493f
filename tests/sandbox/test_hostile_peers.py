"""
Each thing that can be wrong with a mail server ends in time and becomes the finding it should be.
"""

from __future__ import annotations

from typing import Any

import pytest

from runbook_lib.environment import environment_from_parameters, load_environment
from runbook_lib.sandbox import HEALTHY, scenario
from runbook_lib.sandbox.behaviour import StartTls, Trick
from runbook_lib.sandbox.certificates import CertificateKind, TlsVersions
from runbook_lib.session import Session

TENANT = "alder-pre-example.mail.protection.outlook.com"


@pytest.mark.parametrize(
    ("wrong", "check", "status", "cause"),
    [
        ({"trick": Trick.SILENT}, "route.greeting", "unknown", "protocol_error"),
        ({"trick": Trick.CLOSED}, "route.greeting", "unknown", "protocol_error"),
        ({"trick": Trick.ENDLESS_GREETING}, "route.greeting", "unknown", "limit"),
        ({"trick": Trick.ENDLESS_EHLO}, "route.greeting", "unknown", "limit"),
        ({"trick": Trick.LONG_LINE}, "route.greeting", "unknown", "limit"),
        ({"trick": Trick.DRIP}, "route.greeting", "unknown", "protocol_error"),
        ({"trick": Trick.BARE_LF}, "route.greeting", "warn", "irregular"),
        ({"trick": Trick.NO_EHLO}, "route.starttls", "fail", "absent"),
        ({"trick": Trick.HANGS_UP}, "route.recipient", "unknown", "protocol_error"),
        ({"greeting": "220 \x00\x1b[31m caf\xe9"}, "route.greeting", "warn", "irregular"),
        ({"greeting": "SSH-2.0-OpenSSH_9.9"}, "route.greeting", "unknown", "protocol_error"),
        ({"greeting": "421 4.3.2 Service not available"}, "route.greeting", "unknown", None),
        ({"greeting": "554 5.7.1 No mail here"}, "route.greeting", "fail", None),
        ({"starttls": StartTls.REFUSED}, "route.starttls", "fail", "refused"),
        ({"starttls": StartTls.HANDSHAKE}, "route.starttls", "fail", "handshake"),
        ({"starttls": StartTls.GARBAGE}, "route.starttls", "fail", "handshake"),
        ({"starttls": StartTls.INJECTED}, "route.starttls", "fail", "injected"),
        ({"certificate": CertificateKind.NOT_YET_VALID}, "route.certificate", "fail", "not_yet_valid"),
        ({"certificate": CertificateKind.ENDS_SOON}, "route.certificate", "warn", "ends_soon"),
        ({"certificate": CertificateKind.INCOMPLETE_CHAIN}, "route.certificate", "fail", "incomplete_chain"),
        ({"certificate": CertificateKind.UNTRUSTED}, "route.certificate", "fail", "untrusted"),
        ({"certificate": CertificateKind.WEAK_KEY}, "route.certificate", "fail", "weak_key"),
        ({"tls": TlsVersions.OLD}, "route.tls_version", "fail", None),
    ],
    ids=lambda value: "-".join(f"{key}_{item[:24]!r}" for key, item in value.items()) if isinstance(value, dict) else None,
)
async def test_a_hostile_or_broken_server(wrong: dict[str, Any], check: str, status: str, cause: str | None) -> None:
    """
    One property of the healthy customer's inbound host is changed, and both of its addresses get the finding for it.
    """
    given = load_environment(scenario(HEALTHY).environment_file).as_given()
    async with Session(environment_from_parameters({**given, "timeout": 1, "time_limit": 20})) as session:
        assert session.world is not None
        for key, value in wrong.items():
            setattr(session.world.faults.smtp(TENANT), key, value)
        findings = await session.run()
    found = [finding for finding in findings if finding.check == check]

    assert [status, status] == [finding.status.value for finding in found]
    assert cause is None or [cause, cause] == [finding.cause for finding in found]
