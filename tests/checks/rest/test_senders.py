"""
`senders.direct`: named senders, and those that traces and reports show.
"""

from __future__ import annotations

from typing import Any

import pytest

from runbook_lib.results import Status

CHECK = "senders.direct"
SCANNER = {"name": "Scanner", "from": "scan@alder.example", "ip": "192.0.2.9"}
THROUGH = ("203.0.113.5", 20)
PHASES = [("prepare", Status.WARN), ("cutover", Status.WARN), ("lockdown", Status.FAIL)]


def _brief(found: dict[str, Any]) -> dict[str, tuple[Status, str | None]]:
    return {subject: (finding.status, finding.cause) for subject, finding in found.items()}


@pytest.mark.parametrize(("phase", "status"), PHASES)
def test_named_senders(desk: Any, phase: str, status: Status) -> None:
    """
    Each named direct sender is warned of, and fails once the lock is on; a fixed address gets the command for a connector of its own.
    """
    found = desk(CHECK, phase=phase, senders=[SCANNER, {"name": "Shop"}])

    assert {"Scanner": (status, "direct_sender"), "Shop": (status, "direct_sender")} == _brief(found)
    assert "-SenderIPAddresses @('192.0.2.9')" in found["Scanner"].words.paste
    assert found["Shop"].words.paste == ""


@pytest.mark.parametrize(("phase", "status"), [("prepare", Status.NOT_APPLICABLE), ("cutover", Status.MANUAL), ("lockdown", Status.MANUAL)])
def test_no_inventory(desk: Any, phase: str, status: Status) -> None:
    """
    Without an inventory somebody has to confirm, from the cut-over on.
    """
    assert desk.one(CHECK, phase=phase).status is status


def test_a_trace_before_the_cutover_is_said_to_be_read(desk: Any, trace: Any) -> None:
    """
    Somebody who gave a trace early hears that it was read and from when on it counts.
    """
    found = desk.one(CHECK, {"trace.json": trace(("192.0.2.77", 3))}, phase="prepare")

    assert (Status.NOT_APPLICABLE, f"{CHECK}.read_early") == (found.status, found.message.id)
    assert "were read, and count from the cut-over on" in found.words.summary
    assert len(found.evidence) == 1


@pytest.mark.parametrize(("phase", "status"), PHASES[1:])
def test_source_in_a_trace(desk: Any, trace: Any, phase: str, status: Status) -> None:
    """
    Whoever delivers past the gateway after the move is a sender of its own; the gateway, Microsoft and inside addresses are not.
    """
    rows = trace(THROUGH, ("192.0.2.77", 5), ("192.0.2.77", 4), ("40.107.1.1", 3), ("10.1.2.3", 3), ("", 3))
    found = desk(CHECK, {"trace.json": rows}, phase=phase)

    assert {"192.0.2.77": (status, "direct_sender")} == _brief(found)
    assert found["192.0.2.77"].message.values["count"] == 2
    assert len(found["192.0.2.77"].evidence) == 1


def test_mail_of_the_time_before_the_move_is_no_direct_sender(desk: Any, trace: Any) -> None:
    """
    Before the gateway first delivered everybody came straight, and for a day afterwards some still do.
    """
    rows = trace(("192.0.2.77", 25), THROUGH, ("192.0.2.78", 19.5), ("203.0.113.5", 1))

    assert {"tenant": (Status.PASS, None)} == _brief(desk(CHECK, {"trace.json": rows}, phase="lockdown"))


def test_short_trace_is_no_inventory(desk: Any, trace: Any) -> None:
    """
    A trace of a few days, or one without any mail through the gateway, leaves the question to a person.
    """
    short = desk.one(CHECK, {"trace.json": trace(("203.0.113.5", 3), ("203.0.113.5", 1))}, phase="cutover")
    before = desk.one(CHECK, {"trace.json": trace(("192.0.2.77", 3))}, phase="lockdown")

    assert (Status.MANUAL, f"{CHECK}.manual_short") == (short.status, short.message.id)
    assert (Status.MANUAL, f"{CHECK}.manual_before") == (before.status, before.message.id)


def test_trace_before_the_move_with_another_gateway_in_front(desk: Any, trace: Any) -> None:
    """
    Before the move the addresses of the gateway in front today tell who goes round it.
    """
    rows = trace(("192.0.2.200", 20), ("198.18.0.7", 3))
    found = desk(CHECK, {"trace.json": rows}, present_gateway={"name": "Old", "ranges": ["192.0.2.192/26"]})

    assert {"198.18.0.7": (Status.WARN, "direct_sender")} == _brief(found)


def test_trace_without_direction(desk: Any, trace: Any) -> None:
    """
    Mail from the customer's own domain may be a user's mail program, where the trace does not say whether it came from outside.
    """
    rows = trace(THROUGH, ("192.0.2.77", 5, "ann@alder.example"), direction="")
    inside = trace(THROUGH, ("192.0.2.77", 5, "ann@alder.example"), ("203.0.113.5", 1), direction="Originating")

    assert {"192.0.2.77": (Status.UNKNOWN, "origin_unclear")} == _brief(desk(CHECK, {"t.json": rows}, phase="lockdown"))
    assert {"tenant": (Status.MANUAL, None)} == _brief(desk(CHECK, {"t.json": inside}, phase="lockdown"))


def test_named_sender_seen_in_a_trace_stands_once(desk: Any, trace: Any) -> None:
    """
    What a trace shows of a named sender is told with it.
    """
    found = desk(CHECK, {"t.json": trace(THROUGH, ("192.0.2.9", 2))}, phase="lockdown", senders=[SCANNER])

    assert list(found) == ["Scanner"]
    assert found["Scanner"].message.values["count"] == 1


def test_sender_with_a_connector_of_its_own(desk: Any, connector: Any) -> None:
    """
    A connector for its address or its domain lets a sender past the lock; a disabled one, or the lock itself, does not.
    """
    own = connector("Scanners", ConnectorType="OnPremises", SenderIPAddresses=["192.0.2.9"], RestrictDomainsToIPAddresses=False)
    partner = connector("Partner", SenderDomains=["smtp:partner.example;1"], SenderIPAddresses=["198.18.0.0/24"])
    keys = {"phase": "lockdown", "senders": [SCANNER, {"name": "Partner", "from": "partner.example", "ip": "198.18.0.1"}]}

    assert {Status.PASS} == {finding.status for finding in desk(CHECK, {"c.json": [own, partner]}, **keys).values()}
    assert {Status.FAIL} == {
        finding.status
        for finding in desk(
            CHECK, {"c.json": [{**own, "Enabled": False}, connector("Lock", SenderIPAddresses=["0.0.0.0/1"])]}, **keys
        ).values()
    }


def test_sender_behind_the_gateway_or_on_its_list(desk: Any) -> None:
    """
    What comes from the gateway's addresses, stands on Google's list or is inside the customer's network is let through.
    """
    behind = desk.one(CHECK, phase="lockdown", senders=[{"name": "App", "ip": "203.0.113.9"}])
    google = {"platform": "google_workspace", "inbound_host": "smtp.google.com", "phase": "lockdown"}
    listed = desk.one(CHECK, **google, gateway_list="203.0.113.0/25, 192.0.2.9", senders=[SCANNER])
    unlisted = desk.one(CHECK, **google, gateway_list="203.0.113.0/25", senders=[SCANNER])
    inside = desk.one(
        CHECK, platform="on_premises", inbound_host="mail.alder.example", phase="lockdown", senders=[{**SCANNER, "ip": "10.0.0.9"}]
    )

    assert (behind.status, listed.status, inside.status) == (Status.PASS, Status.PASS, Status.PASS)
    assert unlisted.message.id == f"{CHECK}.rejected_google"


def test_hostile_name_stays_out_of_the_command(desk: Any) -> None:
    """
    A sender's name is nothing but a name in a command to paste.
    """
    found = desk.one(CHECK, senders=[{"name": "x'; Remove-Mailbox ann #", "ip": "192.0.2.9"}])

    assert "'Direct sender x Remove-Mailbox ann'" in found.words.paste


def test_many_sources_are_cut(desk: Any, trace: Any) -> None:
    """
    Beyond fifty sources there is one line for the rest.
    """
    found = desk(CHECK, {"t.json": trace(THROUGH, *((f"192.0.2.{number}", 2) for number in range(1, 61)))}, phase="lockdown")

    assert len(found) == 51
    assert (Status.FAIL, 10) == (found["tenant"].status, found["tenant"].message.values["number"])


def test_aggregate_report_of_the_platform(desk: Any, trace: Any) -> None:
    """
    A report's row counts where it names a recipient in the customer's domain, and only then.
    """

    def report(to: str) -> str:
        return (
            "<feedback><report_metadata><org_name>Enterprise Outlook</org_name><report_id>1</report_id>"
            "<date_range><begin>1795478400</begin><end>1795564800</end></date_range></report_metadata>"
            "<policy_published><domain>alder.example</domain><p>none</p></policy_published>"
            "<record><row><source_ip>192.0.2.44</source_ip><count>7</count><policy_evaluated><disposition>none</disposition>"
            "<dkim>fail</dkim><spf>pass</spf></policy_evaluated></row>"
            f"<identifiers><envelope_to>{to}</envelope_to><header_from>alder.example</header_from></identifiers></record></feedback>"
        )

    rows = trace(THROUGH, ("203.0.113.5", 0.5))

    assert list(desk(CHECK, {"t.json": rows, "r.xml": report("alder.example")}, phase="lockdown")) == ["192.0.2.44"]
    assert list(desk(CHECK, {"t.json": rows, "r.xml": report("elsewhere.example")}, phase="lockdown")) == ["tenant"]
