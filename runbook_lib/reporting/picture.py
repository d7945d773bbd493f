"""
The way of the mail as a picture: sender, MX records, gateway, inbound host, mailbox, and the way round the gateway.

Drawn twice as inline SVG from the same values: lying for screens and paper, standing for phones. Style sheet and width choose one.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from ..errors import KnowledgeError
from ..knowledge.regions import region
from ..results import GRAVITY, Finding, Result, Status
from .labels import PLANNED, SIGNS, Labels, gravest
from .markup import Html, render

HOSTS = 4
"""
At most so many hosts are named in one box; the others are counted.
"""
WIDEST_WORD = 12
"""
Characters of a word that fit below a sign, between two boxes.
"""
LOOKED_AT = frozenset(GRAVITY) - {Status.UNKNOWN, Status.NOT_APPLICABLE}
ROUTE_TO_MAILBOX = frozenset({"route.recipient", "route.unknown_recipient", "route.relay", "route.delivery"})
TO_INBOUND = frozenset({"gateway.test_connection", "gateway.delivery_policy", "exchange.firewall", "hosted.confirmation"})
TO_GATEWAY = frozenset({"mx.gateway", "gateway.accepts", "domain.validation", "mta_sts.policy", "dane.tlsa", "recipients.coverage"})
THROUGH_GATEWAY = frozenset({"to_gateway", "to_inbound"})
"""
The part of the way that mail takes only after the move.
"""
SHUT = frozenset({"locked", "locked_early", "unreachable_from_here"})
"""
Causes by which a door that was tried is shut.
"""
OPEN_RIGHTLY = frozenset({"lockdown.direct.open_rightly", "lockdown.direct.open_after_move"})
TO_MX = frozenset({"dnssec.status", "domain.delegation"})
FAMILIES = {"mx": "to_mx", "route": "to_inbound", "ranges": "to_inbound", "lockdown": "round", "senders": "round"}
PLATFORM_FAMILIES = frozenset({"allowlist", "m365", "google", "exchange", "present", "delivery"})


@dataclass(frozen=True, slots=True)
class Node:
    """
    One station of the mail.
    """

    title: str
    lines: tuple[str, ...]
    mono: bool = True


@dataclass(frozen=True, slots=True)
class Stretch:
    """
    The way between two stations.

    Args:
        name: From where to where, in words.
        status: Gravest status of its findings; None where there are none.
        looked_at: False draws it dashed.
        planned: Mail takes it only after the move; drawn dotted.
        shut: It was seen shut; drawn to its sign and no further.
        word: Word of the status.
        count: How many findings have it, of how many.
        tale: All of it in one sentence.
    """

    name: str
    status: Status | None
    looked_at: bool
    planned: bool
    shut: bool
    word: str
    count: str
    tale: str

    @property
    def sign(self) -> str:
        """
        The sign in the middle.
        """
        return SIGNS[self.status or Status.NOT_APPLICABLE]

    @property
    def css(self) -> str:
        """
        Class of its status.
        """
        return (self.status or Status.NOT_APPLICABLE).value

    @property
    def line(self) -> str:
        """
        Class of its line, ``""`` for a solid one.
        """
        return "rb-dashed" if not self.looked_at else "rb-dotted" if self.planned else ""


@dataclass(frozen=True, slots=True)
class Flow:
    """
    All that is drawn: five stations, the four stretches between them, and the one that leaves the gateway out.
    """

    nodes: tuple[Node, ...]
    stretches: tuple[Stretch, ...]
    around: Stretch | None


def stretch_of(check: str) -> str | None:
    """
    The part of the way a check looks at, None for one that belongs to none.
    """
    for name, checks in (("to_mailbox", ROUTE_TO_MAILBOX), ("to_inbound", TO_INBOUND), ("to_gateway", TO_GATEWAY), ("to_mx", TO_MX)):
        if check in checks:
            return name
    family = check.split(".", 1)[0]
    return "to_mailbox" if family in PLATFORM_FAMILIES else FAMILIES.get(family)


def flow_of(result: Result, labels: Labels) -> Flow:
    """
    Put a result on the way of the mail.
    """
    environment = result.environment
    nodes = (
        Node(labels("picture.sender"), (labels("picture.sender_note"),), mono=False),
        Node(labels("picture.mx"), _hosts(mx_hosts(result, labels), labels)),
        Node(labels("picture.gateway"), _hosts(gateway_hosts(environment), labels)),
        Node(labels("picture.inbound"), _hosts(_inbound_hosts(environment), labels)),
        Node(labels("picture.mailbox"), tuple(labels.pick("platform", name) for name in _of_domains(environment, "platform")), mono=False),
    )
    found: dict[str, list[Finding]] = {}
    for finding in result.findings:
        found.setdefault(_place(finding), []).append(finding)
    planned = THROUGH_GATEWAY if _not_moved(result.findings) else frozenset()
    names = ("to_mx", "to_gateway", "to_inbound", "to_mailbox")
    stretches = tuple(_stretch(name, found.get(name, []), labels, planned=name in planned) for name in names)
    around = _stretch("round", found.get("round", []), labels, door=_other_door(found.get("round", []), environment))
    return Flow(nodes, stretches, around if around.looked_at or around.status is Status.UNKNOWN else None)


def draw(flow: Flow, labels: Labels, prefix: str = "rb") -> Html:
    """
    The picture, both ways.

    Args:
        flow: What is drawn.
        labels: The words.
        prefix: Of the ids on the page.
    """
    tale = [labels("picture.node", name=node.title, hosts=list(node.lines)) for node in flow.nodes]
    tale += [stretch.tale for stretch in (*flow.stretches, *([flow.around] if flow.around else []))]
    title = labels("picture.title")
    return render(
        "picture.svg.j2",
        lying=_lying(flow),
        standing=_standing(flow, labels),
        title=title,
        tale=" ".join(tale),
        prefix=prefix,
        planned=labels("picture.planned"),
    )


def mx_hosts(result: Result, labels: Labels) -> list[str]:
    """
    The hosts the domains' MX records name, most preferred first, as the resolver saw them last; where domains differ, behind the first
    label of those they belong to.
    """
    subjects = {finding.subject for finding in result.findings if finding.check == "mx.present"}
    newest: dict[str, Sequence[Mapping[str, Any]]] = {}
    for observation in result.observations.values():
        question = observation.get("question")
        if observation.get("kind") == "dns" and isinstance(question, Mapping) and question.get("rdtype") == "MX":
            name = str(question.get("name"))
            if question.get("via") == "resolver" and name in subjects:
                newest[name] = observation.get("records") or ()
    owners: dict[tuple[str, ...], list[str]] = {}
    for domain, records in newest.items():
        targets = sorted(records, key=lambda record: (record.get("preference") or 0, str(record.get("target") or "")))
        hosts = tuple(str(record.get("target") or labels("picture.null_mx")) for record in targets)
        if hosts:
            owners.setdefault(hosts, []).append(domain.partition(".")[0])
    if len(owners) <= 1:
        return [host for hosts in owners for host in hosts]
    return [f"{', '.join(dict.fromkeys(domains))}: {', '.join(hosts)}" for hosts, domains in owners.items()]


def gateway_hosts(environment: Mapping[str, Any]) -> list[str]:
    """
    The gateway's MX hosts: those of the environment, else those of its region.
    """
    given = environment.get("gateway_hosts")
    if isinstance(given, list | tuple) and given:
        return [str(host) for host in given]
    try:
        return list(region(str(environment.get("region"))).mx)
    except KnowledgeError:
        return []


def _inbound_hosts(environment: Mapping[str, Any]) -> list[str]:
    """
    The inbound hosts as they are asked, however somebody typed them.
    """
    return list(dict.fromkeys(host.strip().lower().removesuffix(".") for host in _of_domains(environment, "inbound_host")))


def _of_domains(environment: Mapping[str, Any], key: str) -> list[str]:
    domains = environment.get("domains")
    own = (
        [str(domain[key]) for domain in domains if isinstance(domain, Mapping) and key in domain]
        if isinstance(domains, list | tuple)
        else []
    )
    everywhere = [str(environment[key])] if environment.get(key) else []
    return list(dict.fromkeys([*everywhere, *own]))


def _hosts(hosts: Sequence[str], labels: Labels) -> tuple[str, ...]:
    if not hosts:
        return (labels("picture.no_hosts"),)
    more = (labels("picture.more", n=len(hosts) - HOSTS),) if len(hosts) > HOSTS else ()
    return (*hosts[:HOSTS], *more)


def _place(finding: Finding) -> str:
    """
    The part of the way a finding is about, ``""`` for none: what opens the lock is about the way round, and a domain that moves later, as
    planned, is about none.
    """
    if finding.message.id == PLANNED:
        return ""
    if finding.status is Status.FAIL and "google_ranges" in finding.causes:
        return "round"
    return stretch_of(finding.check) or ""


def _not_moved(findings: Iterable[Finding]) -> bool:
    """
    True where every domain's MX records are known to lead past the gateway still.
    """
    seen = [finding for finding in findings if finding.check == "mx.gateway" and finding.status is not Status.NOT_APPLICABLE]
    return bool(seen) and all(finding.message.id == "mx.gateway.recorded" or finding.causes == ("not_moved",) for finding in seen)


def _open_rightly(findings: Iterable[Finding]) -> bool:
    """
    True where the way round the gateway is open, and that is right for now.
    """
    return any(finding.message.id in OPEN_RIGHTLY for finding in findings)


def _other_door(findings: Iterable[Finding], environment: Mapping[str, Any]) -> str:
    """
    The one door that is wrong, where it is none of the inbound hosts and the picture would not show it; ``""`` for none.
    """
    wrong = {finding.subject for finding in findings if finding.check == "lockdown.direct" and finding.status is Status.FAIL}
    return min(wrong) if len(wrong) == 1 and not wrong.intersection(_inbound_hosts(environment)) else ""


def _stretch(name: str, findings: Sequence[Finding], labels: Labels, *, planned: bool = False, door: str = "") -> Stretch:
    statuses: list[Status] = [finding.status for finding in findings if finding.status is not Status.NOT_APPLICABLE]
    title = labels(f"picture.{name}_by", door=door) if door else labels(f"picture.{name}")
    worst = gravest(statuses)
    if worst is None:
        return Stretch(title, None, False, planned, False, labels("picture.not_looked"), "", labels("picture.link_none", name=title))
    count, total = statuses.count(worst), len(statuses)
    doors = [finding for finding in findings if finding.check == "lockdown.direct" and finding.status is not Status.NOT_APPLICABLE]
    shut = bool(doors) and all(SHUT.intersection(door.causes) for door in doors)
    open_rightly = worst is Status.PASS and _open_rightly(findings)
    early = shut and any("locked_early" in door.causes for door in doors)
    way = "shut_early" if early else "shut" if shut and worst is Status.PASS else "open_for_now" if open_rightly else ""
    word = labels(f"picture.{way}") if way else labels.word(worst)
    tale = labels("picture.link", name=title, word=word, n=count, total=total)
    looked_at = worst is not Status.UNKNOWN and bool(LOOKED_AT & set(statuses))
    if planned:
        tale = f"{tale} {labels('picture.link_planned')}"
    return Stretch(title, worst, looked_at, planned, shut, word, labels("picture.count", n=count, total=total), tale)


@dataclass(frozen=True, slots=True)
class Line:
    """
    One line of text in a box; one that goes on from the line above is set in.
    """

    text: str
    inset: int


@dataclass(frozen=True, slots=True)
class Box:
    """
    A station with its place: left upper corner, size, text.
    """

    x: float
    y: float
    width: float
    height: float
    title: str
    lines: tuple[Line, ...]
    mono: bool


@dataclass(frozen=True, slots=True)
class Road:
    """
    A stretch with its place: SVG path, the arrow's tip and which way it points, middle of the sign, place of its words, how they are set.
    """

    stretch: Stretch
    path: str
    tip: tuple[float, float]
    way: Literal["right", "down", "up"]
    x: float
    y: float
    text_x: float
    text_y: float
    anchor: str
    inline: bool = False
    caption: str = ""

    @property
    def words(self) -> list[str]:
        """
        The words below the sign, in lines that fit between two boxes.
        """
        return textwrap.wrap(self.stretch.word, WIDEST_WORD, break_long_words=False)

    @property
    def head(self) -> str:
        """
        SVG path of the arrow's head.
        """
        (x, y), back, side = self.tip, 8, 4.5
        if self.way == "right":
            return f"M{x:g} {y:g}L{x - back:g} {y - side:g}V{y + side:g}Z"
        base = y - back if self.way == "down" else y + back
        return f"M{x:g} {y:g}L{x - side:g} {base:g}H{x + side:g}Z"


@dataclass(frozen=True, slots=True)
class Drawing:
    """
    Boxes and roads on a canvas.
    """

    width: float
    height: float
    boxes: tuple[Box, ...]
    roads: tuple[Road, ...]


def wrapped(name: str, width: int) -> list[str]:
    """
    A host name in lines of at most so many characters, broken behind a dot, a hyphen or an @ where there is one.
    """
    lines, line = [], ""
    for part in re.findall(r"[^.@ -]*[.@ -]|[^.@ -]+$", name):
        piece = part
        if line and len(line) + len(piece) > width:
            lines.append(line)
            line = ""
        while len(piece) > width:
            lines.append(piece[:width])
            piece = piece[width:]
        line += piece
    return [*lines, line] if line else lines


def _lines(node: Node, width: int) -> tuple[Line, ...]:
    inset = 5 if node.mono else 0
    lines = [Line(line.strip(), inset if number else 0) for host in node.lines for number, line in enumerate(wrapped(host, width - 1))]
    return tuple([*lines[:15], Line("…", 0)] if len(lines) > 16 else lines)


def _lying(flow: Flow) -> Drawing:
    box_width, gap, top = 126.0, 96.0, 8.0
    texts = [_lines(node, 17) for node in flow.nodes]
    boxes: list[Box] = []
    roads: list[Road] = []
    height = 44.0 + 15.0 * max(map(len, texts))
    for number, node in enumerate(flow.nodes):
        x = number * (box_width + gap) + 1
        boxes.append(Box(x, top, box_width, height, node.title, texts[number], node.mono))
        if number:
            middle = top + 27
            start, end = x - gap, x
            roads.append(
                Road(
                    flow.stretches[number - 1],
                    f"M{start:g} {middle:g}H{end - 7:g}",
                    (end - 1, middle),
                    "right",
                    *(x - gap / 2, middle),
                    *(x - gap / 2, middle + 31),
                    "middle",
                )
            )
    total = max(top + height + 8, *(road.text_y + 15.0 * (len(road.words) + road.stretch.planned) + 6 for road in roads))
    if flow.around is not None:
        from_x, to_x = box_width / 2, 3 * (box_width + gap) + box_width / 2
        low = total + 22
        middle_x = (from_x + to_x) / 2
        rest = "" if flow.around.shut else f"H{to_x:g}V{top + height + 7:g}"
        path = f"M{from_x:g} {top + height:g}V{low:g}H{middle_x:g}{rest}"
        roads.append(
            Road(
                flow.around,
                path,
                (to_x, top + height + 1),
                "up",
                middle_x,
                low,
                middle_x,
                low + 30,
                "middle",
                inline=True,
                caption=flow.around.name,
            )
        )
        total = low + 42
    return Drawing(5 * box_width + 4 * gap + 2, total, tuple(boxes), tuple(roads))


def _standing(flow: Flow, labels: Labels) -> Drawing:
    left, box_width, gap = (34.0 if flow.around else 2.0), 284.0, 62.0
    boxes: list[Box] = []
    roads: list[Road] = []
    y = 4.0
    for number, node in enumerate(flow.nodes):
        lines = _lines(node, 38)
        height = 34.0 + 15.0 * len(lines)
        if number:
            x = left + 30
            middle = y - gap / 2
            path = f"M{x:g} {y - gap:g}V{y - 7:g}"
            roads.append(Road(flow.stretches[number - 1], path, (x, y - 1), "down", x, middle, x + 22, middle + 4, "start", inline=True))
        boxes.append(Box(left, y, box_width, height, node.title, lines, node.mono))
        y += height + gap
    total = y - gap + 4
    if flow.around is not None:
        start, end = boxes[0].y + boxes[0].height / 2, boxes[3].y + boxes[3].height / 2
        middle, caption = boxes[2].y + boxes[2].height / 2, labels("picture.round_long")
        rest = "" if flow.around.shut else f"V{end:g}H{left - 7:g}"
        path = f"M{left:g} {start:g}H14V{middle:g}{rest}"
        roads.append(Road(flow.around, path, (left - 1, end), "right", 14, middle, 2, total + 14, "start", inline=True, caption=caption))
        total += 26
    return Drawing(left + box_width + 2, total, tuple(boxes), tuple(roads))
