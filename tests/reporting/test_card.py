"""
Cards for the notebook.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from runbook_lib.knowledge.text import Catalogue
from runbook_lib.reporting import Html, Paste, Todo, Way, render_card, render_inputs, render_live_found, render_live_head, render_summary
from runbook_lib.results import Answer, Finding, Gate, Message, Result, Stage, Status

TakeApart = Callable[[str], Any]


@pytest.fixture(scope="module")
def card(not_ready: Result, catalogue: Catalogue) -> Html:
    """
    The card of a step with all a card can have.
    """
    todo = Todo(
        "Prove each domain",
        (Way("New console", ("Account → Onboarding",)),),
        "Customer's DNS",
        ("Publish it.",),
        (Paste("DNS", "a IN TXT x"),),
        "Soon.",
    )
    findings = [finding for finding in not_ready.findings if finding.step in ("domain", "route")]
    return render_card(
        "Domains",
        "Why so.",
        catalogue,
        todo=[todo],
        paste=[Paste("", "more")],
        findings=findings,
        observations=not_ready.observations,
        practice=True,
    )


def test_card_has_all_its_parts_in_order(card: Html, take_apart: TakeApart) -> None:
    """
    Why, what to do, what was found, what to do about it; all open.
    """
    words = take_apart(card.text).words
    parts = [
        "Practice data",
        "Domains",
        "Why so.",
        "What to do",
        "Prove each domain",
        "New console",
        "a IN TXT x",
        "What was found",
        "Certificate",
        "What to do next",
    ]

    assert sorted(map(words.index, parts)) == list(map(words.index, parts))


def test_card_needs_no_script_and_no_click(card: Html, take_apart: TakeApart) -> None:
    """
    A card is static: no script, no button, no input; only the evidence is folded.
    """
    tags = [tag for tag, _ in take_apart(card.text).elements]

    assert not {"script", "button", "input", "a"} & set(tags)
    assert "Evidence (1)" in card.text


def test_card_shows_only_its_own_evidence(card: Html) -> None:
    """
    Observations that no finding of the step names are not repeated.
    """
    assert "RCPT TO" in card.text
    assert "mta-sts.alder.example" not in card.text


def test_hostile_text_stays_text(hostile: Result, catalogue: Catalogue, take_apart: TakeApart) -> None:
    """
    Titles, things to do, findings, observations and inputs bring no element in.
    """
    text = hostile.findings[0].words.summary
    todo = Todo(text, (Way(text, (text,)),), text, (text,), (Paste(text, text),), text)
    cards = [
        render_card(
            text, text, catalogue, todo=[todo], paste=[Paste(text, text)], findings=hostile.findings, observations=hostile.observations
        ),
        render_inputs(text, [text], hostile.environment, catalogue),
        render_summary(hostile, catalogue),
    ]
    tags = {tag for card in cards for tag, _ in take_apart(card.text).elements}

    assert not {"script", "img"} & tags
    assert not any(character in card.text for card in cards for character in "\x00\x1b\u202e")


def test_summary_says_what_is_missing(not_ready: Result, ready: Result, catalogue: Catalogue, take_apart: TakeApart) -> None:
    """
    The last card has the answer with its sign, the gates, the picture and what to do next.
    """
    words = take_apart(render_summary(not_ready, catalogue).text).words

    assert "✕ Not ready: 2 things are broken" in words
    assert "Remove the record of preference 20." in words
    assert "✓ Ready to move MX" in take_apart(render_summary(ready, catalogue).text).words


def test_inputs_are_words_and_lists(catalogue: Catalogue, take_apart: TakeApart) -> None:
    """
    The first card says who is called, who confirmed what and what is accepted as lists; a value that is no list stands as it is.
    """
    right = {
        "customer": "Alder",
        "phase": "cutover",
        "contacts": [{"name": "Anna <b>", "phone": "+44 1632 960001", "emergency": True}],
        "attestations": {"intake": {"by": "Mira", "at": "2026-11-20", "phase": "prepare", "note": "All there"}},
        "waivers": {"mx.ttl alder.example": {"reason": "Registrar", "by": "Ben", "expires": "2026-12-31"}},
    }
    words = take_apart(render_inputs("Alder", [], right, catalogue).text).words
    wrong = take_apart(render_inputs("Alder", [], {"contacts": "Anna", "attestations": ["x"], "waivers": {"mx": 5}}, catalogue).text).words

    assert "Phase phase Cut-over" in words
    assert "Anna <b> Emergency contact +44 1632 960001" in words
    assert "Intake Mira 20 November 2026 Prepare All there" in words
    assert "TTL of the MX records (alder.example) Registrar Ben 31 December 2026" in words
    assert "Contacts contacts Anna" in wrong
    assert "attestations x" in wrong
    assert "Findings that are accepted waivers mx: 5" in wrong


def test_summary_names_whom_to_call(ready: Result, catalogue: Catalogue, take_apart: TakeApart) -> None:
    """
    The emergency contact stands in one line of the last card; without one there is no line.
    """
    contacts = [{"name": "Support", "phone": "112"}, {"name": "<i>Anna", "phone": "+44 1632 960001", "emergency": True}]
    named = replace(ready, environment={**ready.environment, "contacts": contacts})
    words = take_apart(render_summary(named, catalogue).text).words

    assert "Emergency contact: <i>Anna, +44 1632 960001" in words
    assert "Support" not in words
    assert "Emergency contact" not in take_apart(render_summary(ready, catalogue).text).words


def test_card_of_the_step_shows_its_gates(not_ready: Result, catalogue: Catalogue, take_apart: TakeApart) -> None:
    """
    Whether MX may be moved stands where it is moved, and nowhere else.
    """
    words = {
        step: take_apart(render_card("Title", "", catalogue, step=step, whole=not_ready).text).words for step in ("mx", "lockdown", "route")
    }

    assert "Move the MX records ✕ Not yet Blocked by: MX and the gateway · alder.example" in words["mx"]
    assert "Lock the platform" in words["lockdown"]
    assert "Move the MX records" not in words["lockdown"]
    assert "May it be done now?" not in words["route"]


def test_gate_says_why_what_is_in_order_blocks_it(ready: Result, catalogue: Catalogue, take_apart: TakeApart) -> None:
    """
    Nobody guesses that a row marked OK stands against the lock: the reason stands behind it. What is done says so.
    """
    name = next(finding.name for finding in ready.findings if finding.check == "mx.gateway")
    gates = {
        "move_mx": Gate(Answer.GO, stage=Stage.DONE),
        "lock": Gate(Answer.NO_GO, (name,)),
        "roll_back": Gate(Answer.GO, stage=Stage.IDLE),
    }
    words = take_apart(render_summary(replace(ready, gates=gates), catalogue).text).words

    assert "alder.example: MX has not moved yet" in words
    assert "Move the MX records ✓ Done" in words
    assert "Go back – Nothing to take back" in words


def test_gate_waits_for_steps_nobody_has_looked_at(ready: Result, catalogue: Catalogue, take_apart: TakeApart) -> None:
    """
    In the middle of a walk a gate names the steps that are missing, each once, and not every check in them. Of what nobody has looked at
    nothing is to be put right.
    """
    findings = tuple(
        replace(finding, status=Status.UNKNOWN, causes=("not_asked",)) if finding.step in ("route", "mx") else finding
        for finding in ready.findings
    )
    waiting = tuple(finding.name for finding in findings if finding.causes == ("not_asked",))
    half = replace(ready, findings=findings, gates={"move_mx": Gate(Answer.OPEN, waiting)})
    words = take_apart(render_card("Title", "", catalogue, step="mx", whole=half).text).words

    assert len(waiting) > 4
    assert "Waits for: Verify the route, which nobody has looked at yet" in words
    assert words.count("which nobody has looked at yet") == 2
    assert "What to do next" not in words


def test_card_is_shown_by_a_notebook(card: Html) -> None:
    """
    IPython shows it as HTML.
    """
    assert card._repr_html_() == card.text == str(card)


def test_card_without_anything_is_a_heading(catalogue: Catalogue, take_apart: TakeApart) -> None:
    """
    A step that asks nothing and found nothing shows its title and no empty parts.
    """
    page = take_apart(render_card("Title", "", catalogue).text)

    assert page.headings == [2]
    assert page.all("table") == []


def test_card_says_what_its_findings_wait_for(
    ready: Result, make_finding: Callable[..., Finding], catalogue: Catalogue, take_apart: TakeApart
) -> None:
    """
    What is to be done about a step's findings may stand in another step; other steps' own to-dos are not repeated.
    """
    root = make_finding(
        "domain.delegation", "a.example", Status.UNKNOWN, "Silent.", remedy="Give a resolver.", causes=("dns_timeout", "resolver_silent")
    )
    mine = make_finding("mx.present", "a.example", Status.UNKNOWN, "Not asked.", remedy="Run it again.", causes=("dns_timeout",))
    other = make_finding("route.host", "h", Status.FAIL, "Wrong.", remedy="Correct it.")
    whole = replace(ready, findings=(root, mine, other), gates={})
    words = take_apart(render_card("MX", "", catalogue, findings=[mine], step="mx", whole=whole).text).words

    assert "Give a resolver." in words
    assert "1 other check waits for this." in words
    assert "Run it again." not in words
    assert "Correct it." not in words


def test_old_answers_that_are_still_given_are_no_complete_move(not_ready: Result, catalogue: Catalogue, take_apart: TakeApart) -> None:
    """
    While a resolver still gives the old records the headline says so, and what comes next is to wait.
    """
    order = replace(next(finding for finding in not_ready.findings if finding.check == "mx.gateway"), status=Status.PASS)
    late = replace(order, check="mx.propagation", status=Status.WARN)
    whole = replace(not_ready, phase="cutover", findings=(order,))
    words = [take_apart(render_summary(replace(whole, findings=found), catalogue).text).words for found in ((order,), (order, late))]

    assert "✓ The move is complete" in words[0]
    assert "Next: lock the platform" in words[0]
    assert "✓ MX has moved; some resolvers still give the old records" in words[1]
    assert "that has to go on working" in words[1]


def test_what_blocks_a_gate_leads_to_its_row_in_a_live_card(ready: Result, catalogue: Catalogue) -> None:
    """
    Each blocker is a link to its row in its step's card, those beyond the third in a fold; as static HTML they are text.
    """
    names = tuple(finding.name for finding in ready.findings[:6])
    whole = replace(ready, gates={"lock": Gate(Answer.NO_GO, names)})
    live = render_live_found("Lock", catalogue, findings=(), observations={}, step="lockdown", whole=whole).text
    static = render_card("Lock", "", catalogue, step="lockdown", whole=whole).text
    blocked, _, rest = live.partition('<details class="rb-gate-rest"><summary>and 3 more</summary>')

    assert (3, 3) == (blocked.count("data-rb-go="), rest.count("data-rb-go="))
    assert f'data-rb-go="{ready.findings[0].step}" data-rb-row="{names[0]}"' in blocked
    assert "and 3 more</summary>" in static
    assert "data-rb-go" not in static
    rows = render_live_found("Any", catalogue, findings=ready.findings[:6], observations={}, whole=whole).text
    assert f'data-rb-key="{names[0]}"' in rows
    assert "data-rb-key" not in render_card("Any", "", catalogue, findings=ready.findings[:6], whole=whole).text


@pytest.mark.parametrize("language", ["en", "de"])
def test_fields_can_be_pressed_in_a_live_card_alone(language: str) -> None:
    """
    The name of a field is a button in what is read, without its key, and stays as it is in what is copied; a card that is not live has the
    name alone.
    """
    words = Catalogue(language)
    said = [
        words.fill(text, {}) for text in ("A {key.console_ranges}.", "B {key.of_present.locked}, {key.phase.cutover}.", "C {key.senders}")
    ]
    todo = [Todo(said[0], lines=(said[1],), paste=(Paste("", said[2]),))]
    live = render_live_head("route", "Route", "", words, state=None, todo=todo).text
    static = render_card("Route", "", words, todo=todo).text

    assert ["console_ranges", "of_present.locked", "phase"] == re.findall('data-rb-tell="field" data-rb-about="([^"]*)"', live)
    assert "data-rb-tell" not in static
    for card in (live, static):
        read, copied = re.sub(r"<[^>]*>", "", card.partition("<pre")[0]), card.partition("<pre")[2]
        assert words.fields("form.console_ranges")["label"] in read
        assert not re.search(r"\((console_ranges|locked|cutover)\)", read)
        assert "(senders)" in copied


def test_a_field_is_no_way_to_bring_markup_in(catalogue: Catalogue) -> None:
    """
    What only looks like the name of a field stays text, however hostile.
    """
    hostile = '"Inbound host" (inbound_host)"><img src=x onerror=alert(1)> "<b>" (b)'
    html = render_live_head("route", hostile, hostile, catalogue, state=None, todo=[Todo(hostile, lines=(hostile,))]).text

    assert "<img" not in html
    assert "<b>" not in html


@pytest.mark.parametrize(
    ("phase", "message", "causes", "said"),
    [
        ("cutover", "lockdown.scope.planned", (), ["Not ready to lock: 1 domain has still to move", "as planned"]),
        ("lockdown", "mx.gateway.not_moved", ("not_moved",), ["1 thing is broken", "Set the phase to Prepare, or move MX first"]),
        ("lockdown", "lockdown.direct.locked_early", ("locked_early",), ["1 thing is broken", "Mail is being turned away or held up now"]),
    ],
)
def test_headline_names_what_matters(  # noqa: PLR0917  # three fixtures, and four values of a case
    not_ready: Result, catalogue: Catalogue, take_apart: TakeApart, phase: str, message: str, causes: tuple[str, ...], said: list[str]
) -> None:
    """
    A move in waves is no alarm, a phase that is ahead of the move is said, and mail that is being turned away at this moment most of all.
    """
    first = not_ready.findings[0]
    found = replace(first, check=message.rpartition(".")[0], status=Status.FAIL, causes=causes, message=Message(message))
    words = take_apart(render_summary(replace(not_ready, phase=phase, findings=(found,)), catalogue).text).words

    assert not [each for each in said if each not in words]


def test_every_door_for_the_same_reason_is_said_once(ready: Result, catalogue: Catalogue, take_apart: TakeApart) -> None:
    """
    Seven hosts of one platform that are all locked are one reason against going back.
    """
    door = replace(ready.findings[0], check="lockdown.direct", status=Status.PASS, causes=("locked",))
    doors = tuple(replace(door, subject=f"host{number}.example") for number in range(7))
    gates = {"roll_back": Gate(Answer.NO_GO, tuple(each.name for each in doors))}
    words = take_apart(render_summary(replace(ready, findings=doors, gates=gates), catalogue).text).words

    assert words.count("Way round the gateway: locked; unlock it first") == 1
    assert "more" not in words.partition("Go back")[2].partition("The way of the mail")[0]


def test_a_domain_whose_former_records_are_not_known_is_named(ready: Result, catalogue: Catalogue, take_apart: TakeApart) -> None:
    """
    Of several domains each one that is in the way of going back is named: they are looked up one by one.
    """
    moved = replace(ready.findings[0], check="mx.gateway", status=Status.PASS, causes=())
    domains = tuple(replace(moved, subject=f"{name}.example") for name in ("alder", "birch"))
    gates = {"roll_back": Gate(Answer.OPEN, tuple(each.name for each in domains))}
    words = take_apart(render_summary(replace(ready, findings=domains, gates=gates), catalogue).text).words

    assert "alder.example: where MX led before the move" in words
    assert "birch.example: where MX led before the move" in words
