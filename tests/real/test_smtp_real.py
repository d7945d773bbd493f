"""
The SMTP probe against Debian's Postfix, started here with its own configuration and queue on a loopback port.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import trustme

from runbook_lib.observations import Envelope, Problem, Purpose, SmtpDialogue, SmtpQuestion, SmtpTransaction, Stage, Trouble
from runbook_lib.probes import Settings, network_with
from runbook_lib.probes.smtp import run_dialogue

pytestmark = pytest.mark.real

HOST = "mail.alder.example"
VALID = SmtpTransaction(Envelope.VALID, "", "anna@alder.example")
UNKNOWN = SmtpTransaction(Envelope.UNKNOWN, "", "nobody-4711@alder.example")
FOREIGN = SmtpTransaction(Envelope.FOREIGN, "", "someone@foreign.example")
GREYLISTED = SmtpTransaction(Envelope.VALID, "", "grey@alder.example")
DELIVERY = SmtpTransaction(Envelope.DELIVERY, "", "anna@alder.example")
FACES = """
{port} inet n - n - - smtpd
{plain} inet n - n - - smtpd -o smtpd_tls_security_level=none
{wrong} inet n - n - - smtpd -o smtpd_tls_chain_files={folder}/wrong.pem
{old} inet n - n - - smtpd -o smtpd_tls_protocols=<=TLSv1.1 -o smtpd_tls_ciphers=low -o tls_low_cipherlist=ALL:@SECLEVEL=0
"""
MAIN = """
myhostname = mail.alder.example
mydestination = alder.example
local_recipient_maps = inline:{{ anna@alder.example=x, grey@alder.example=x }}
smtpd_recipient_restrictions = check_recipient_access inline:{{ {{ grey@alder.example = 451 4.7.1 Greylisted }} }}
smtpd_tls_chain_files = {folder}/good.pem
"""


@dataclass(frozen=True)
class Postfix:
    """
    A running Postfix.

    Args:
        folder: Where it lives.
        ports: Port of each of its faces.
    """

    folder: Path
    ports: dict[str, int]

    async def ask(self, face: str, *transactions: SmtpTransaction, **settings: Any) -> SmtpDialogue:
        """
        Carry out a dialogue with one of its faces.
        """
        redirected = {f"{HOST}:25": f"127.0.0.1:{self.ports[face]}"}
        wanted = {"timeout": 5.0, "ca_file": self.folder / "ca.pem", "connect_to": redirected, "ehlo_name": "probe.example"} | settings
        return await run_dialogue(network_with(Settings(**wanted)), SmtpQuestion(HOST, "192.0.2.7", 25, transactions))

    @property
    def log(self) -> str:
        """
        What Postfix has logged.
        """
        return (self.folder / "mail.log").read_text()


@pytest.fixture(scope="module")
def postfix(start_postfix: Callable[..., tuple[Path, dict[str, int]]]) -> Postfix:
    """
    Postfix with a good certificate on one port, and other faces on others.
    """
    return Postfix(*start_postfix(MAIN, FACES, ("port", "plain", "wrong", "old"), _certificates))


def _certificates(folder: Path) -> None:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(folder / "ca.pem"))
    for name, host in (("good", HOST), ("wrong", "other.alder.example")):
        certificate = authority.issue_cert(host, key_type=trustme.KeyType.RSA)
        certificate.private_key_and_cert_chain_pem.write_to_path(str(folder / f"{name}.pem"))


async def test_whole_dialogue(postfix: Postfix) -> None:
    """
    Postfix takes the valid recipient, refuses the unknown one and the relaying, over verified TLS and pipelined.
    """
    dialogue = await postfix.ask("port", VALID, UNKNOWN, FOREIGN)

    (seen,) = dialogue.connections
    assert (seen.problem, seen.purpose, seen.injected) == (None, Purpose.VERIFIED, "")
    assert seen.tls is not None
    assert (seen.tls.version, seen.tls.verified, seen.tls.causes) == ("TLSv1.3", True, ())
    assert "PIPELINING" in seen.capabilities_tls
    assert [(result.rcpt.code, result.rcpt.enhanced) for result in dialogue.results if result.rcpt] == [
        (250, "2.1.5"),
        (550, "5.1.1"),
        (554, "5.7.1"),
    ]
    assert seen.transcript[-1].text.startswith("221 ")
    assert all(reply.irregular == () for reply in (seen.greeting, seen.ehlo, seen.ehlo_tls) if reply)


async def test_without_tls(postfix: Postfix) -> None:
    """
    Where STARTTLS is not offered everything else is still learnt.
    """
    dialogue = await postfix.ask("plain", VALID, UNKNOWN)

    (seen,) = dialogue.connections
    assert (seen.purpose, seen.starttls) == (Purpose.PLAIN, None)
    assert [result.rcpt.code for result in dialogue.results if result.rcpt] == [250, 550]


async def test_certificate_of_another_name(postfix: Postfix) -> None:
    """
    A certificate for another host is named as such, and the dialogue goes on.
    """
    dialogue = await postfix.ask("wrong", VALID)

    assert [one.purpose for one in dialogue.connections] == [Purpose.VERIFIED, Purpose.UNVERIFIED]
    tls = dialogue.connections[1].tls
    assert tls is not None
    assert (tls.causes, tls.chain[0].names) == (("hostname_mismatch",), ("other.alder.example",))
    assert dialogue.results[0].rcpt is not None


async def test_old_tls_only(postfix: Postfix) -> None:
    """
    A Postfix that ends at TLS 1.1 refuses our handshake; the second connection shows which version it has.
    """
    dialogue = await postfix.ask("old", VALID)

    first, second = dialogue.connections
    assert first.problem is not None
    assert (first.problem.trouble, first.problem.stage) == (Trouble.PROTOCOL, Stage.HANDSHAKE)
    assert second.tls is not None
    assert (second.purpose, second.tls.version) == (Purpose.OLD_TLS, "TLSv1.1")
    assert dialogue.results[0].rcpt is not None


async def test_greylisting(postfix: Postfix) -> None:
    """
    A 451 for the recipient is asked once more after the hold time and then stands.
    """
    dialogue = await postfix.ask("port", GREYLISTED, UNKNOWN, greylist_hold_s=0.3)

    assert [one.purpose for one in dialogue.connections] == [Purpose.VERIFIED, Purpose.GREYLIST_RETRY]
    first, second = dialogue.results
    assert (first.answer and first.answer.code, first.retried_after_s) == (451, 0.3)
    assert (second.answer and second.answer.code) == 550


async def test_a_message_only_with_leave(postfix: Postfix) -> None:
    """
    Without `send_test_message` Postfix never sees a message; with it exactly one, which it queues.
    """
    without = await postfix.ask("port", VALID, DELIVERY)
    queued_before = postfix.log.count("message-id=")
    sent = await postfix.ask("port", VALID, DELIVERY, send_test_message=True)

    assert without.results[1].problem == Problem(Trouble.NOT_ASKED, Stage.MAIL, "no message may be sent in this run")
    assert queued_before == 0
    message = sent.results[1].message
    assert message is not None
    assert message.text.startswith("2.0.0 Ok: queued")
    assert postfix.log.count("message-id=") == 1
