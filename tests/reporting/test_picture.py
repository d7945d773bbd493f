"""
The mail-flow picture.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from runbook_lib.knowledge.text import Catalogue, languages
from runbook_lib.reporting import render_picture
from runbook_lib.reporting.labels import Labels
from runbook_lib.reporting.picture import WIDEST_WORD, flow_of, stretch_of, wrapped
from runbook_lib.results import Message, Result, Status

TakeApart = Callable[[str], Any]


def test_stations_carry_the_hosts(not_ready: Result, catalogue: Catalogue) -> None:
    """
    Each station names its hosts: MX as DNS has it, the gateway's by region, the inbound host and the platform.
    """
    nodes = flow_of(not_ready, Labels(catalogue)).nodes

    assert [node.title for node in nodes] == ["Sender", "MX records", "Gateway", "Inbound host", "Mailbox"]
    assert nodes[1].lines == ("eu-smtp-inbound-1.mimecast.com", "eu-smtp-inbound-2.mimecast.com", "mail.alder.example")
    assert nodes[2].lines == ("eu-smtp-inbound-1.mimecast.com", "eu-smtp-inbound-2.mimecast.com")
    assert nodes[3].lines == ("alder-example.mail.protection.outlook.com",)
    assert nodes[4].lines == ("Microsoft 365",)


def test_a_host_is_shown_as_it_is_asked(not_ready: Result, catalogue: Catalogue) -> None:
    """
    However it was typed; two spellings are one host.
    """
    domains = [{"name": "alder.example", "inbound_host": "mail.alder.example"}]
    typed = replace(not_ready, environment={**not_ready.environment, "inbound_host": " Mail.Alder.Example. ", "domains": domains})

    assert flow_of(typed, Labels(catalogue)).nodes[3].lines == ("mail.alder.example",)


def _with_mx(result: Result, **hosts: tuple[tuple[int, str], ...]) -> Result:
    """
    A result whose domains have these MX records, by their first label.
    """
    like = next(finding for finding in result.findings if finding.check == "mx.present")
    observed = {
        name: {
            "kind": "dns",
            "question": {"name": f"{name}.example", "rdtype": "MX", "via": "resolver"},
            "records": [{"preference": preference, "target": target} for preference, target in records],
        }
        for name, records in hosts.items()
    }
    return replace(result, findings=tuple(replace(like, subject=f"{name}.example") for name in hosts), observations=observed)


def test_mx_records_say_whose_they_are(not_ready: Result, catalogue: Catalogue) -> None:
    """
    A null MX is said in words. Where domains have different hosts each line says whose they are; where they have the same, none does.
    """
    hosts = ((10, "mx1.gw.example"), (10, "mx2.gw.example"))
    same, differ = (
        _with_mx(not_ready, ash=hosts, elm=hosts),
        _with_mx(not_ready, ash=hosts, elm=hosts, oak=((5, "mail.x.example"),), fir=((0, ""),)),
    )
    null = _with_mx(not_ready, fir=((0, ""),))

    assert ("mx1.gw.example", "mx2.gw.example") == flow_of(same, Labels(catalogue)).nodes[1].lines
    assert ("none (null MX)",) == flow_of(null, Labels(catalogue)).nodes[1].lines
    assert flow_of(differ, Labels(catalogue)).nodes[1].lines == (
        "ash, elm: mx1.gw.example, mx2.gw.example",
        "oak: mail.x.example",
        "fir: none (null MX)",
    )


def test_stretches_have_their_gravest_sign_and_count(not_ready: Result, catalogue: Catalogue) -> None:
    """
    A stretch shows the gravest finding on it and how many of its findings are like that.
    """
    flow = flow_of(not_ready, Labels(catalogue))

    assert [(stretch.status, stretch.count) for stretch in flow.stretches] == [
        (Status.UNKNOWN, "1 of 5"),
        (Status.FAIL, "1 of 3"),
        (Status.FAIL, "1 of 9"),
        (Status.WAIVED, "1 of 6"),
    ]


def test_what_could_not_be_looked_at_is_dashed(incomplete: Result, catalogue: Catalogue) -> None:
    """
    A stretch that is not known or has no findings at all is not looked at; others are.
    """
    flow = flow_of(incomplete, Labels(catalogue))
    nothing = flow_of(replace(incomplete, findings=()), Labels(catalogue))

    assert [stretch.looked_at for stretch in flow.stretches] == [True, True, False, True]
    assert [stretch.looked_at for stretch in nothing.stretches] == [False] * 4
    assert "rb-dashed" in render_picture(incomplete, catalogue).text


def test_way_that_no_mail_takes_yet_is_dotted(ready: Result, not_ready: Result, catalogue: Catalogue) -> None:
    """
    Before the move the way through the gateway is planned; once any domain's MX leads there it is in use.
    """
    before, after = flow_of(ready, Labels(catalogue)), flow_of(not_ready, Labels(catalogue))
    unseen = replace(ready, findings=tuple(finding for finding in ready.findings if finding.check != "mx.gateway"))

    assert [stretch.planned for stretch in before.stretches] == [False, True, True, False]
    assert not any(stretch.planned for flow in (after, flow_of(unseen, Labels(catalogue))) for stretch in flow.stretches)
    assert "No mail takes this way yet." in render_picture(ready, catalogue).text


def test_way_round_the_gateway_is_drawn_where_it_matters(ready: Result, not_ready: Result, catalogue: Catalogue) -> None:
    """
    The direct way is drawn once somebody looked at it.
    """
    assert flow_of(ready, Labels(catalogue)).around is None
    assert "Round the gateway" in render_picture(not_ready, catalogue).text


def test_picture_can_be_read_aloud(not_ready: Result, catalogue: Catalogue, take_apart: TakeApart) -> None:
    """
    Title and description tell what the picture shows, in both shapes.
    """
    page = take_apart(render_picture(not_ready, catalogue).text)

    assert [item["role"] for item in page.all("svg")] == ["img", "img"]
    assert "Gateway to inbound host: Broken, 1 of 9 findings." in page.words
    assert "Inbound host: alder-example.mail.protection.outlook.com." in page.words


@pytest.mark.parametrize("language", languages())
@pytest.mark.parametrize("findings", [True, False], ids=["looked-at", "nothing"])
def test_words_fit_between_the_boxes(incomplete: Result, language: str, findings: bool) -> None:
    """
    Below a sign no line is longer than the gap is wide, and all of it stands on the canvas, in every language.
    """
    result = incomplete if findings else replace(incomplete, findings=())
    lying = re.search(r"<svg.*?</svg>", render_picture(result, Catalogue(language)).text, re.DOTALL)
    assert lying is not None
    svg = ET.fromstring(lying.group())
    texts = [text for text in svg.iter("text") if text.get("text-anchor") == "middle" and not list(text)]

    assert len(texts) > 8
    assert max(len(text.text or "") for text in texts) <= WIDEST_WORD
    assert max(float(text.attrib["y"]) for text in texts) < float(svg.attrib["viewBox"].split()[3])


def test_long_names_are_wrapped_and_never_cut() -> None:
    """
    A name is broken behind dots and hyphens, and hard where there are none; nothing is lost.
    """
    name = "alder-example.mail.protection.outlook.com"

    assert wrapped(name, 17) == ["alder-example.", "mail.protection.", "outlook.com"]
    assert "".join(wrapped("x" * 63, 17)) == "x" * 63
    assert max(map(len, wrapped("x" * 63 + ".example", 17))) <= 17


@pytest.mark.parametrize(
    ("check", "stretch"),
    [
        ("mx.ttl", "to_mx"),
        ("mx.gateway", "to_gateway"),
        ("route.certificate", "to_inbound"),
        ("route.recipient", "to_mailbox"),
        ("m365.bypass_rule", "to_mailbox"),
        ("exchange.firewall", "to_inbound"),
        ("lockdown.direct", "round"),
        ("spf.record", None),
    ],
)
def test_checks_belong_to_a_part_of_the_way(check: str, stretch: str | None) -> None:
    """
    Every check that looks at the way of the mail has its place on it.
    """
    assert stretch == stretch_of(check)


def test_what_opens_the_lock_is_drawn_round_the_gateway(not_ready: Result, catalogue: Catalogue) -> None:
    """
    Google's own ranges in the inbound gateway let everybody past it; a domain that moves later, as planned, is no fault of the way.
    """
    first = not_ready.findings[0]
    hole = replace(first, check="google.inbound_gateway", status=Status.FAIL, causes=("google_ranges",))
    planned = replace(first, check="lockdown.scope", status=Status.FAIL, causes=(), message=Message("lockdown.scope.planned"))
    holed = flow_of(replace(not_ready, findings=(hole,)), Labels(catalogue))
    waves = flow_of(replace(not_ready, findings=(planned,)), Labels(catalogue))

    assert holed.around is not None
    assert holed.around.status is Status.FAIL
    assert waves.around is None


def test_a_door_that_the_picture_does_not_show_is_named(not_ready: Result, catalogue: Catalogue) -> None:
    """
    The inbound host is drawn; another host of the platform that is open is told beside the way round.
    """
    labels, host = Labels(catalogue), str(not_ready.environment["inbound_host"])
    first = replace(not_ready.findings[0], check="lockdown.direct", status=Status.FAIL, causes=("open",))

    def name(subject: str) -> str:
        around = flow_of(replace(not_ready, findings=(replace(first, subject=subject),)), labels).around
        return "" if around is None else around.name

    assert [name(host), name("other.example")] == ["Round the gateway", "Round the gateway, by other.example"]
