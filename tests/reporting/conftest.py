"""
Results to be shown: the three stored beside this file, one whose every text is hostile, and one that is far too big.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from runbook_lib.knowledge.text import Catalogue
from runbook_lib.results import Answer, Finding, Gate, Message, Result, Status, Words

HOSTILE = (
    "<script>alert(1)</script>\"'><img src=x onerror=alert(2)> \x1b[31mred\x1b[0m \u202egnp.exe\u202c \x00 {{7*7}} "
    "[bold]x[/bold] </style></title>"
)
KEPT = frozenset({"kind", "at", "not_before", "not_after", "via", "rdtype"})


def stored(name: str) -> Result:
    """
    A result document that lies beside this file.
    """
    return Result.from_json(json.loads(Path(__file__).with_name(f"{name}.json").read_text(encoding="utf-8")))


def poisoned(value: Any) -> Any:
    """
    A JSON value with a hostile text in the place of every text, but for those a program reads.
    """
    if isinstance(value, dict):
        return {key: item if key in KEPT else poisoned(item) for key, item in value.items()}
    if isinstance(value, list):
        return [poisoned(item) for item in value]
    return HOSTILE if isinstance(value, str) else value


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
    return stored("ready")


@pytest.fixture(scope="session")
def not_ready() -> Result:
    """
    A customer halfway through the cut-over, in the sandbox: two faults, a change, things not known, and a waiver.
    """
    return stored("not_ready")


@pytest.fixture(scope="session")
def incomplete() -> Result:
    """
    A customer at lockdown of whom three things are not known; the inbound host could not be looked at.
    """
    return stored("incomplete")


@pytest.fixture(scope="session")
def hostile(ready: Result) -> Result:
    """
    A result in which every text that can come from outside is hostile.
    """
    words = Words(HOSTILE, HOSTILE, HOSTILE, HOSTILE, "tenant_admin", HOSTILE, HOSTILE)
    statuses = list(Status)
    findings = tuple(
        replace(item, subject=f"{HOSTILE}{n}", status=statuses[n % 7], causes=(HOSTILE,), evidence=(HOSTILE, "o1", "o3"), words=words)
        for n, item in enumerate(ready.findings)
    )
    return replace(
        ready,
        environment={**poisoned(dict(ready.environment)), "sandbox": HOSTILE, HOSTILE: HOSTILE},
        tool_version=HOSTILE,
        runbook=HOSTILE,
        vantage={"addresses": [HOSTILE], "nameservers": [HOSTILE], "proxy": HOSTILE, "port_25": HOSTILE},
        findings=findings,
        gates={"move_mx": Gate(Answer.NO_GO, (HOSTILE, f"mx.ttl {HOSTILE}")), HOSTILE: Gate()},
        observations={**{key: poisoned(value) for key, value in ready.observations.items()}, HOSTILE: {"kind": HOSTILE, HOSTILE: HOSTILE}},
        attestations=tuple(poisoned(dict(item)) for item in ready.attestations),
        waivers=({"for": HOSTILE, "reason": HOSTILE, "by": HOSTILE, "expires": HOSTILE},),
    )


@pytest.fixture(scope="session")
def huge(ready: Result) -> Result:
    """
    A result with 200 findings, lists of 5000 characters, and 79 dialogues of 5000 lines.
    """
    hosts = ", ".join(f"host-{n}.very-long-label-of-a-mail-server.alder.example" for n in range(100))[:5000]
    statuses = list(Status)
    findings = []
    for n in range(200):
        words = Words(f"Finding {n}.", hosts, hosts, f"Remedy {n % 40}: {hosts[:300]}", "customer_dns", "", "RFC 5321")
        check, subject = f"mx.target{n % 4}", f"host-{n}.alder.example"
        findings.append(Finding(check, "mx", subject, statuses[n % 7], Message(check), evidence=("o3",), words=words))
    talk: dict[str, Any] = json.loads(json.dumps(ready.observations["o3"]))
    talk["connections"][0]["transcript"] = [{"at_ms": float(n), "who": "server", "text": f"250-{n} " + "x" * 200} for n in range(5000)]
    return replace(ready, findings=tuple(findings), observations={f"o{n}": talk for n in range(1, 80)})


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

    def make(
        check: str,
        subject: str,
        status: Status,
        summary: str,
        *,
        remedy: str = "",
        who: str = "",
        evidence: tuple[str, ...] = (),
        causes: tuple[str, ...] = (),
    ) -> Finding:
        words = Words(summary=summary, remedy=remedy, who=who)
        step, cause = check.split(".", maxsplit=1)[0], next(iter(causes), None)
        return Finding(check, step, subject, status, Message(check), cause, causes, evidence, words)

    return make


@dataclass
class Page:
    """
    A page taken apart: elements with their attributes in order, text, headings, and what was not closed.
    """

    elements: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    text: list[str] = field(default_factory=list)
    headings: list[int] = field(default_factory=list)
    unclosed: list[str] = field(default_factory=list)

    @property
    def words(self) -> str:
        """
        The text with white space made single.
        """
        return " ".join(" ".join(self.text).split())

    def all(self, tag: str) -> list[dict[str, str]]:
        """
        The attributes of every element of one kind.
        """
        return [attributes for name, attributes in self.elements if name == tag]


class _Taker(HTMLParser):
    VOID = frozenset({"meta", "link"})

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.page = Page()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.page.elements.append((tag, {name: value or "" for name, value in attrs}))
        if tag[0] == "h" and tag[1:].isdigit():
            self.page.headings.append(int(tag[1:]))
        if tag not in self.VOID:
            self.page.unclosed.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.page.elements.append((tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        assert self.page.unclosed.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self.page.unclosed:
            self.page.text.append(data)


@pytest.fixture(scope="session")
def take_apart() -> Callable[[str], Page]:
    """
    Takes a page apart.
    """

    def take(html: str) -> Page:
        taker = _Taker()
        taker.feed(html)
        taker.close()
        return taker.page

    return take
