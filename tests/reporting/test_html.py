"""
The report page.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest

from runbook_lib.knowledge.text import Catalogue, visible
from runbook_lib.reporting import render_report
from runbook_lib.results import Finding, Result, Status

NAMES = ("ready", "not_ready", "incomplete", "hostile", "huge")
TAGS = frozenset(
    [
        "html",
        "head",
        "meta",
        "title",
        "link",
        "style",
        "body",
        "header",
        "main",
        "footer",
        "section",
        "h1",
        "h2",
        "h3",
        "h4",
        "p",
        "span",
        "a",
        "ul",
        "ol",
        "li",
        "dl",
        "div",
        "dt",
        "dd",
        "table",
        "caption",
        "thead",
        "tbody",
        "tr",
        "th",
        "td",
        "details",
        "summary",
        "pre",
        "code",
        "figure",
        "figcaption",
        "svg",
        "desc",
        "g",
        "path",
        "circle",
        "rect",
        "text",
        "tspan",
    ]
)
ATTRIBUTES = frozenset(
    [
        "lang",
        "charset",
        "http-equiv",
        "content",
        "name",
        "rel",
        "href",
        "class",
        "role",
        "aria-hidden",
        "aria-labelledby",
        "id",
        "scope",
        "colspan",
        "data-label",
        "tabindex",
        "start",
        "viewbox",
        "d",
        "cx",
        "cy",
        "r",
        "x",
        "y",
        "width",
        "height",
        "rx",
        "text-anchor",
    ]
)

TakeApart = Callable[[str], Any]


@pytest.fixture(scope="module")
def pages(every: dict[str, Result], catalogue: Catalogue) -> dict[str, str]:
    """
    Each result's report.
    """
    return {name: render_report(result, catalogue) for name, result in every.items()}


@pytest.mark.parametrize("name", NAMES)
def test_page_has_only_the_elements_of_its_templates(name: str, pages: dict[str, str], take_apart: TakeApart) -> None:
    """
    Whatever the texts say, no element and no attribute comes in that no template has.
    """
    page = take_apart(pages[name])

    assert {tag for tag, _ in page.elements} <= TAGS
    assert {attribute for _, attributes in page.elements for attribute in attributes} <= ATTRIBUTES
    assert page.unclosed == []


@pytest.mark.parametrize("name", NAMES)
def test_page_loads_nothing_and_runs_nothing(name: str, pages: dict[str, str], take_apart: TakeApart) -> None:
    """
    The page refers to nothing outside itself, and says by its policy that it must not.
    """
    page = take_apart(pages[name])
    policy = next(meta["content"] for meta in page.all("meta") if meta.get("http-equiv") == "Content-Security-Policy")
    styles = re.findall(r"<style>(.*?)</style>", pages[name], re.DOTALL)

    assert policy.startswith("default-src 'none'; style-src 'unsafe-inline'; img-src data:")
    assert {link["href"] for link in page.all("link")} == {"data:,"}
    assert all(link["href"].startswith("#") for link in page.all("a"))
    assert len(styles) == 1
    assert "url(" not in styles[0]
    assert "@import" not in styles[0]


def test_hostile_text_is_shown_and_never_emitted(pages: dict[str, str], take_apart: TakeApart) -> None:
    """
    Control and bidirectional characters are written out; markup is text.
    """
    page = take_apart(pages["hostile"])

    assert re.findall("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", pages["hostile"]) == []
    assert "<script>alert(1)</script>" in page.words
    assert "\\x1b[31mred" in page.words
    assert "\\u202egnp.exe" in page.words


@pytest.mark.parametrize("name", NAMES)
def test_links_on_the_page_lead_somewhere(name: str, pages: dict[str, str], take_apart: TakeApart) -> None:
    """
    Every id is there once and every link has its target.
    """
    page = take_apart(pages[name])
    ids = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    named = [part for _, attributes in page.elements for part in attributes.get("aria-labelledby", "").split()]

    assert len(ids) == len(set(ids))
    assert {link["href"][1:] for link in page.all("a")} | set(named) <= set(ids)


@pytest.mark.parametrize("name", NAMES)
def test_headings_go_down_one_at_a_time(name: str, pages: dict[str, str], take_apart: TakeApart) -> None:
    """
    There is one first-level heading, and no level is left out on the way down.
    """
    headings = take_apart(pages[name]).headings

    assert headings.count(1) == 1
    assert headings[0] == 1
    assert all(later - earlier <= 1 for earlier, later in pairwise(headings))


def test_tables_name_their_columns_and_rows(pages: dict[str, str], take_apart: TakeApart) -> None:
    """
    Every table header says what it heads; the page says its language.
    """
    page = take_apart(pages["not_ready"])

    assert {header["scope"] for header in page.all("th")} == {"col", "row"}
    assert page.all("html") == [{"lang": "en"}]


@pytest.mark.parametrize("name", NAMES)
def test_every_finding_is_on_the_page(
    *, name: str, every: dict[str, Result], pages: dict[str, str], catalogue: Catalogue, take_apart: TakeApart
) -> None:
    """
    Each finding is there with its summary, expected and observed, whatever its status; of what was not reached the title.
    """
    words = take_apart(pages[name]).words
    missing = [
        finding.name
        for finding in every[name].findings
        for text in _told(finding, catalogue)
        if " ".join(visible(text).split()) not in words
    ]

    assert missing == []


LISTS = re.compile(r"\n• |(?=[\d.]+/\d+, )")
"""
Where a page may put something between: items, and address ranges.
"""


def _told(finding: Finding, catalogue: Catalogue) -> tuple[str, ...]:
    if "not_reached" in finding.causes:
        return (catalogue.fields("ui.check")[finding.check],)
    subject = "" if finding.subject == "tenant" else finding.subject
    told = [part for text in (finding.words.expected, finding.words.observed) for part in LISTS.split(text)]
    return finding.words.summary, *told, subject


def test_answer_comes_before_all_else(pages: dict[str, str], take_apart: TakeApart) -> None:
    """
    Answer, gates, picture, next actions, steps, confirmations, exceptions, scope and appendix come in this order.
    """
    words = take_apart(pages["not_ready"]).words
    order = [
        "Not ready: 2 things are broken", "May it be done now?", "The way of the mail", "What to do next", "Step by step",
        "To confirm by a person", "Accepted exceptions", "Not covered here", "Appendix", "Inputs used", "For the consultant",
        "How to run it again",
    ]  # fmt: skip
    places = [words.index(text) for text in order]

    assert sorted(places) == places


@pytest.mark.parametrize(
    ("name", "phase", "line"),
    [
        ("ready", "prepare", "Ready to move MX"),
        ("ready", "cutover", "The move is complete"),
        ("ready", "lockdown", "Locked down"),
        ("not_ready", "cutover", "Not ready: 2 things are broken"),
        ("incomplete", "lockdown", "Not finished: 3 things are not yet known"),
    ],
)
def test_verdict_is_one_line(
    *, name: str, phase: str, line: str, every: dict[str, Result], catalogue: Catalogue, take_apart: TakeApart
) -> None:
    """
    The answer says what the phase asks.
    """
    page = take_apart(render_report(replace(every[name], phase=phase), catalogue))

    assert line in page.words


def test_one_thing_is_singular(every: dict[str, Result], catalogue: Catalogue, take_apart: TakeApart) -> None:
    """
    One broken thing is not two.
    """
    result = every["not_ready"]
    one = replace(result, findings=tuple(finding for finding in result.findings if finding.check != "mx.gateway"))

    assert "Not ready: 1 thing is broken" in take_apart(render_report(one, catalogue)).words


def test_empty_result_is_shown(every: dict[str, Result], catalogue: Catalogue, take_apart: TakeApart) -> None:
    """
    A run that came to nothing says so.
    """
    empty = replace(every["ready"], findings=(), observations={}, environment={}, vantage={}, gates={})

    assert "Not finished: nothing was looked at" in take_apart(render_report(empty, catalogue)).words


def test_practice_data_say_so(pages: dict[str, str], take_apart: TakeApart) -> None:
    """
    A sandbox report carries the band, for screen and for every sheet of paper; a real one does not.
    """
    practice = take_apart(pages["not_ready"])

    assert practice.words.count("Practice data, not a customer") == 2
    assert [item.get("class") for item in practice.all("p")][:2] == ["rb-band", "rb-side"]
    assert "Practice data" not in take_apart(pages["ready"]).words


def test_evidence_is_complete(pages: dict[str, str], take_apart: TakeApart) -> None:
    """
    Transcript with times, DNS flags and server, certificate chain and given text are on the page.
    """
    words = take_apart(pages["not_ready"]).words

    assert "153.3 we RCPT TO:<kim@alder.example>" in words
    assert "rd ra ad" in words
    assert "192.0.2.11" in words
    assert "CN=DigiCert Cloud Services CA-1" in words
    assert "-----BEGIN CERTIFICATE-----" in words
    assert "mode: enforce" in words


def test_each_step_names_all_its_evidence(not_ready: Result, catalogue: Catalogue, take_apart: TakeApart) -> None:
    """
    Also what is shown with a step before it, as a link to that place: the number is the one of the step's card.
    """
    *others, last = not_ready.findings
    shared = next(key for finding in others for key in finding.evidence if key in not_ready.observations)
    result = replace(not_ready, findings=(*others, replace(last, evidence=(shared,))))
    page = take_apart(render_report(result, catalogue))
    used = {
        step: {key for finding in result.findings if finding.step == step for key in finding.evidence if key in result.observations}
        for step in dict.fromkeys(finding.step for finding in result.findings)
    }

    assert [len(keys) for keys in used.values() if keys] == [int(count) for count in re.findall(r"Evidence : [^()]*\((\d+)\)", page.words)]
    assert "Shown with a step above: " in page.words


def test_exceptions_say_who_why_and_until_when(pages: dict[str, str], take_apart: TakeApart) -> None:
    """
    A waiver is listed with all it needs.
    """
    waived = "List covers the gateway The two ranges are retired on 1 December. Robin Moss 1 December 2026"

    assert waived in take_apart(pages["not_ready"]).words


def test_international_names_have_both_forms(pages: dict[str, str], take_apart: TakeApart) -> None:
    """
    A domain is shown as people write it and as DNS has it.
    """
    assert "bücher.example (xn--bcher-kva.example) (parked)" in take_apart(pages["ready"]).words


def test_gates_name_what_blocks_them(pages: dict[str, str], take_apart: TakeApart) -> None:
    """
    A closed gate names what blocks it with a link, and counts what it does not name.
    """
    page = take_apart(pages["not_ready"])

    assert "Blocked by: MX and the gateway · alder.example Certificate · 52.101.73.2 Name servers · alder.example and 1 more" in page.words


def test_page_is_the_same_every_time(every: dict[str, Result], catalogue: Catalogue, pages: dict[str, str]) -> None:
    """
    The same result makes the same bytes.
    """
    assert render_report(every["not_ready"], catalogue) == pages["not_ready"]


def test_page_stays_bounded(pages: dict[str, str]) -> None:
    """
    A result with far too much evidence still makes a page that opens; what is left out is named.
    """
    assert len(pages["huge"]) < 12_000_000
    assert len(pages["not_ready"]) < 150_000
    assert "in result.json" in pages["huge"]


def _with(result: Result, **given: Any) -> Result:
    return replace(result, environment={**result.environment, **given})


def test_contacts_are_text(every: dict[str, Result], catalogue: Catalogue, take_apart: TakeApart) -> None:
    """
    A contact called ``<script>`` is shown and never run; control characters are written out; the number stands as it is dialled.
    """
    evil = "<script>alert(1)</script>\u202e"
    contacts = [{"name": evil, "role": evil, "phone": "+44 (0)1632 960001 ext. 7", "email": "<b>@b.example", "emergency": evil}]
    html = render_report(_with(every["ready"], contacts=contacts, vendor_process=evil), catalogue)
    page = take_apart(html)

    assert {tag for tag, _ in page.elements} <= TAGS
    assert "\u202e" not in html
    assert page.words.count("<script>alert(1)</script>\\u202e") == 4
    assert "+44 (0)1632 960001 ext. 7 <b>@b.example" in page.words


def test_emergency_contact_stands_first(every: dict[str, Result], catalogue: Catalogue, take_apart: TakeApart) -> None:
    """
    Who is called first when mail stops is on top, behind the way back; the others keep their order.
    """
    contacts = [
        {"name": "Support", "phone": "+44 1632 960900"},
        {"name": "Ben Ode", "email": "ben@mobile.example"},
        {"name": "Anna Berg", "role": "Administrator", "phone": "+44 1632 960001", "emergency": True},
    ]
    result = _with(every["ready"], contacts=contacts, vendor_process="onboarding")
    words = take_apart(render_report(result, catalogue)).words
    section = words[words.index("Who is called") : words.index("To confirm by a person")]
    german = take_apart(render_report(result, Catalogue("de"))).words

    assert "Anna Berg Emergency contact Administrator +44 1632 960001 Support +44 1632 960900 Ben Ode ben@mobile.example" in section
    assert "☐" not in section
    assert words.index("Step by step") < words.index("Who is called")
    assert "Set up through Onboarding wizard" in words
    assert "Anna Berg Notfallkontakt" in german


@pytest.mark.parametrize("given", [None, [], "Anna", [7]], ids=str)
def test_nobody_to_call_is_an_open_point(every: dict[str, Result], catalogue: Catalogue, take_apart: TakeApart, given: Any) -> None:
    """
    Where nobody is named the report says so; the consultant is told in the appendix what to fill in, by the form's label. A contact without
    an emergency is half of it.
    """
    result = every["ready"]
    page = take_apart(render_report(result if given is None else _with(result, contacts=given), catalogue))
    half = take_apart(render_report(_with(result, contacts=[{"name": "Anna", "phone": "112"}]), catalogue)).words

    body, _, appendix = page.words.partition("For the consultant")
    assert "Nobody is named who is called when mail stops." in body
    assert '"Contacts" (contacts)' not in body
    assert 'Who is called when mail stops is entered under "Contacts".' in appendix
    assert "Nobody is named" not in half
    assert "No emergency contact is marked." in half


def test_appendix_has_the_words_of_the_form(every: dict[str, Result], catalogue: Catalogue, take_apart: TakeApart) -> None:
    """
    What was asked is said in the form's words with the key behind; how the run looked is folded; what stands above is not said twice.
    """
    said = {"intake": {"by": "Mira", "at": "2026-11-20", "phase": "prepare", "note": "NOTE OF MIRA"}}
    result = _with(
        every["ready"],
        platform="google_workspace",
        tls_policy="strict",
        senders=[{"name": "Scanner", "from": "scan@alder.example", "tls": False}],
        connect_to={"mail.alder.example:25": "127.0.0.1:2525"},
        control_hosts=[],
        timeout=2.5,
        attestations=said,
        contacts=[{"name": "Anna", "phone": "+44 1632 960001"}],
        strange={"a": [1, None]},
    )
    html = render_report(replace(result, attestations=({"for": "intake", **said["intake"]},)), catalogue)
    words = take_apart(html).words
    appendix = words[words.index("Inputs used") :]
    asked, settings = appendix.split("Settings of this run (4)")
    folded = html[html.index("Settings of this run (4)") :].split("</details>")[0]

    assert "Mailboxes on platform Google Workspace" in asked
    assert "TLS the gateway demands tls_policy TLS with a valid certificate" in asked
    assert "Scanner · Sends as: scan@alder.example · Uses TLS: no" in asked
    assert "Seconds for one reply timeout 2.5" in settings
    assert "Hosts that show whether port 25 is open from here control_hosts none" in settings
    assert "mail.alder.example:25 → 127.0.0.1:2525" in settings
    assert "strange a:" in settings
    assert all(key in folded for key in ("timeout", "control_hosts", "connect_to", "strange"))
    assert not [word for word in ("papermill", "NOTE OF MIRA", "+44 1632 960001") if word in appendix]
    assert 1 == words.count("NOTE OF MIRA") == words.count("+44 1632 960001")


def test_long_inputs_are_folded(every: dict[str, Result], catalogue: Catalogue, take_apart: TakeApart) -> None:
    """
    A pasted list is there to the last line, and is no wall; a console's ranges stand among the ranges alone.
    """
    pasted = "".join(f"192.0.2.{number}\n" for number in range(60))
    page = take_apart(render_report(_with(every["ready"], allowlist=pasted, console_ranges=["203.0.113.0/24"]), catalogue))

    assert "Allow list, as pasted allowlist 60 lines 192.0.2.0 192.0.2.1" in page.words
    assert "console_ranges" not in page.words
    assert "203.0.113.0/24" in page.words


def test_not_needed_is_folded_away(every: dict[str, Result], pages: dict[str, str], take_apart: TakeApart) -> None:
    """
    What was not needed is counted and can be opened, with its reason.
    """
    words = take_apart(pages["incomplete"]).words
    count = sum(finding.status is Status.NOT_APPLICABLE and finding.step == "route" for finding in every["incomplete"].findings)

    assert f"{count} checks were not needed here" in words


def _with_findings(result: Result, *findings: Finding) -> Result:
    return replace(result, findings=(*result.findings, *findings))


@pytest.mark.parametrize(
    ("status", "because"), [(Status.UNKNOWN, "Not found out because of"), (Status.NOT_APPLICABLE, "Not reached because of")], ids=str
)
def test_what_was_not_reached_is_one_row(
    *,
    status: Status,
    because: str,
    every: dict[str, Result],
    make_finding: Callable[..., Finding],
    catalogue: Catalogue,
    take_apart: TakeApart,
) -> None:
    """
    All that one finding stopped is told in one row with a link to it, and each can still be linked to; what another stopped is a row of its
    own.
    """
    stoppers = [make_finding("route.connect", where, Status.UNKNOWN, "No answer.", remedy="Open it.") for where in ("h1", "h2")]
    stopped = [
        make_finding(check, where, status, "TOLD NINE TIMES", evidence=(f"route.connect {where}",), causes=("not_reached",))
        for where in ("h1", "h2")
        for check in ("route.greeting", "route.starttls")
    ]
    html = render_report(_with_findings(every["ready"], *stoppers, *stopped), catalogue)
    page = take_apart(html)
    ids = [attributes["id"] for _, attributes in page.elements if attributes.get("id", "").startswith("f")]

    assert 2 == page.words.count(because)
    assert f"{because} Port 25 opens · h1 : Greeting , STARTTLS (2)" in page.words
    assert "TOLD NINE TIMES" not in html
    assert len(every["ready"].findings) + 6 == len(ids) == len(set(ids))


def test_what_was_not_looked_at_says_why(
    every: dict[str, Result], make_finding: Callable[..., Finding], catalogue: Catalogue, take_apart: TakeApart
) -> None:
    """
    What nobody needs, what nobody gave anything for and what the run left out are told apart, in the counts, in the rows and in the folds.
    """
    kinds = {"other_platform": "mx.ttl", "nothing_given": "allowlist.syntax", "empty": "allowlist.excess", "left_out": "route.host"}
    findings = [
        replace(make_finding(check, "x", Status.NOT_APPLICABLE, "S.", causes=(cause,)), step="mx") for cause, check in kinds.items()
    ]
    words = take_apart(render_report(replace(every["ready"], findings=tuple(findings)), catalogue)).words

    assert "– 2 not looked at (nothing given) – 1 left out – 1 not needed" in words
    assert "2 checks were not looked at: nothing was given" in words
    assert "1 check was left out of this run" in words
    assert "1 check was not needed here" in words
    assert "– Not looked at Spelling of the list x" in words


def test_a_subject_is_named_as_people_call_it(
    every: dict[str, Result], make_finding: Callable[..., Finding], catalogue: Catalogue, take_apart: TakeApart
) -> None:
    """
    A list by its label, an exported one by its file, an internationalised name in both forms; a list nobody knows by its key. What a waiver
    is given for stands in the details.
    """
    named = {
        "allowlist": 'Allow list, as pasted"',
        "google-policies.json#settings/gmail": "google-policies.json",
        "some_list": "some_list",
        "xn--bcher-kva.example": "bücher.example (xn--bcher-kva.example)",
    }
    checks = ["allowlist.coverage", "allowlist.syntax", "allowlist.excess", "mx.gateway"]
    findings = tuple(
        make_finding(check, key, Status.FAIL, "S.", remedy=f"Remedy of {check}.") for check, key in zip(checks, named, strict=True)
    )
    page = take_apart(render_report(replace(every["ready"], findings=findings), catalogue))

    assert [said for said in named.values() if page.words.count(said) < len(("row", "action"))] == []
    assert "allowlist.syntax google-policies.json#settings/gmail" in page.words
    assert page.words.count("#settings/gmail") == 1
    assert "(allowlist)" not in page.words


def test_a_confirmation_says_for_what_it_counted(
    every: dict[str, Result], make_finding: Callable[..., Finding], catalogue: Catalogue, take_apart: TakeApart
) -> None:
    """
    Of several domains those that rested on it; that it was not needed where the program found out itself; that it is asked for again.
    """
    findings = (
        make_finding("domain.validation", "a.example", Status.PASS, "A.", causes=("attested",)),
        make_finding("domain.validation", "b.example", Status.FAIL, "B."),
        make_finding("lockdown.scope", "a.example", Status.PASS, "C."),
        make_finding("gateway.delivery_policy", "tenant", Status.MANUAL, "D."),
    )
    names = ("domain.validation", "lockdown.scope", "gateway.delivery_policy")
    said = tuple({"for": name, "by": "Eva", "at": "2026-11-20", "phase": "prepare"} for name in names)
    words = take_apart(render_report(replace(every["ready"], findings=findings, attestations=said), catalogue)).words

    assert "Validation code (a.example) Eva" in words
    assert "Scope of the lock (not needed: it was looked at) Eva" in words
    assert "Delivery policy (given in another phase: it is asked for again) Eva" in words


def test_whole_tenant_is_not_named(pages: dict[str, str]) -> None:
    """
    The subject of what is about a whole tenant is a word for programs; people see the title alone.
    """
    assert not re.findall(r">\s*tenant\s*<|· tenant\b|\(tenant\)", pages["ready"] + pages["not_ready"] + pages["incomplete"])


def test_customer_is_told_what_to_confirm_and_the_consultant_how(
    every: dict[str, Result], make_finding: Callable[..., Finding], catalogue: Catalogue, take_apart: TakeApart
) -> None:
    """
    What waits for a person names who, what and the number of the action that says where to look; lines for the environment file stand in
    the appendix alone, with the button that does the same.
    """
    finding = make_finding("gateway.test_connection", "tenant", Status.MANUAL, "Confirm it.", remedy="Console > Test.", who="gateway_admin")
    page = take_apart(render_report(replace(every["ready"], findings=(finding,)), catalogue))
    section = page.words[page.words.index("To confirm by a person") : page.words.index("Accepted exceptions")]
    appendix = page.words[page.words.index("For the consultant") :]

    assert "Test in the gateway console Gateway administrator" in section
    assert "no. 1 above" in section
    assert {"href": "#a1"} in page.all("a")
    assert "attestations" not in page.words[: page.words.index("For the consultant")]
    assert 'the button "I have done this"' in appendix
    assert "gateway.test_connection: {by: NAME" in appendix


@pytest.mark.parametrize(
    ("language", "finished", "expected"),
    [
        ("en", "2026-11-23T16:00:00Z", "23 November 2026 16:00 UTC, took less than a second"),
        ("de", "2026-11-23T16:00:00Z", "Dauer unter einer Sekunde"),
        ("en", "2026-11-23T16:00:02Z", "took 2 s"),
        ("en", "2026-11-23T17:30:00Z", "23 November 2026 16:00 UTC to 23 November 2026 17:30 UTC"),
    ],
)
def test_how_long_it_took(*, language: str, finished: str, expected: str, every: dict[str, Result], take_apart: TakeApart) -> None:
    """
    No run takes no time; where a person walked through it, the hours in between were no work.
    """
    result = replace(every["ready"], started="2026-11-23T16:00:00Z", finished=finished)

    assert expected in take_apart(render_report(result, Catalogue(language))).words


@pytest.mark.parametrize(
    ("sandbox", "vantage", "expected"),
    [
        (None, {"addresses": ["192.0.2.1"], "port_25": "unknown"}, "Seen from 192.0.2.1 Made by"),
        (None, {"addresses": ["192.0.2.1"], "port_25": "open"}, "Seen from 192.0.2.1; port 25 open Made by"),
        (None, {"addresses": ["192.0.2.1"], "port_25": "blocked"}, "Seen from 192.0.2.1; port 25 closed from there Made by"),
        (None, {}, "Seen from no outside connection was made Made by"),
        ("alder", {"addresses": ["127.0.0.1"], "port_25": "unknown"}, "Seen from the practice servers on this machine Made by"),
    ],
)
def test_where_it_was_seen_from(
    *, sandbox: str | None, vantage: dict[str, Any], expected: str, every: dict[str, Result], catalogue: Catalogue, take_apart: TakeApart
) -> None:
    """
    Port 25 is spoken of where it is known to be open or closed; practice data are seen from the practice servers.
    """
    result = replace(_with(every["ready"], sandbox=sandbox), vantage=vantage)

    assert expected in take_apart(render_report(result, catalogue)).words


def test_ranges_say_in_words_how_sure_they_are(every: dict[str, Result], catalogue: Catalogue, take_apart: TakeApart) -> None:
    """
    The shipped ranges of a region say so where they are not fully confirmed.
    """
    german = take_apart(render_report(_with(every["ready"], region="eu"), Catalogue("de"))).words

    assert ", not fully confirmed" in take_apart(render_report(_with(every["ready"], region="eu"), catalogue)).words
    assert ", nicht ganz bestätigt" in german


def test_files_are_named_without_where_they_lie(ready: Result, catalogue: Catalogue, take_apart: TakeApart) -> None:
    """
    A customer's report does not tell the folders of the consultant's machine.
    """
    given = {**ready.environment, "exports": ["/srv/robin/customers/alder/tenant.json", "D:\\Kunden\\Robin\\users.csv"]}
    words = take_apart(render_report(replace(ready, environment=given), catalogue)).words

    assert "tenant.json" in words
    assert "users.csv" in words
    assert not [part for part in ("robin", "Kunden") if part in words]
