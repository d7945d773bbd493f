"""
Observations as blocks of facts, tables, transcripts and text, for the engineer who wants to see all of it.

It reads the JSON form and takes nothing for granted: what a stored result lacks is not shown, what it has too much of is shown as recorded.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from .labels import Labels

ROWS = 300
"""
At most so many lines of one table or transcript are shown; a note says how many there are besides.
"""
TEXT = 40_000
"""
At most so many characters of one text are shown.
"""
Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Facts:
    """
    Names and values.
    """

    rows: tuple[tuple[str, str], ...]
    kind: Literal["facts"] = "facts"


@dataclass(frozen=True, slots=True)
class Grid:
    """
    A table with a heading and column heads.
    """

    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""
    kind: Literal["grid"] = "grid"


@dataclass(frozen=True, slots=True)
class Script:
    """
    A transcript: milliseconds, who (``client``, ``server``, ``note``), the word for that, the line.
    """

    caption: str
    rows: tuple[tuple[str, str, str, str], ...]
    note: str = ""
    kind: Literal["script"] = "script"


@dataclass(frozen=True, slots=True)
class Verbatim:
    """
    Text as it is.
    """

    caption: str
    text: str
    note: str = ""
    kind: Literal["verbatim"] = "verbatim"


@dataclass(frozen=True, slots=True)
class Fold:
    """
    Blocks under a heading that can be opened.
    """

    caption: str
    blocks: tuple[Block, ...]
    kind: Literal["fold"] = "fold"


Block = Facts | Grid | Script | Verbatim | Fold


@dataclass(frozen=True, slots=True)
class Evidence:
    """
    One observation, ready to be shown.

    Args:
        key: Its id in the result.
        title: Kind, subject and outcome in one line.
        blocks: All of it.
    """

    key: str
    title: str
    blocks: tuple[Block, ...]


class EvidenceMaker:
    """
    Makes blocks of observations. A certificate that was shown in full is only named the next time.

    Args:
        labels: The words.
    """

    def __init__(self, labels: Labels) -> None:
        self._labels = labels
        self._certificates: set[str] = set()

    def make(self, key: str, observation: Json) -> Evidence:
        """
        Show one observation.
        """
        makers = {
            "dns": self._dns,
            "smtp": self._smtp,
            "https": self._https,
            "file": self._file,
            "person": self._person,
            "vantage": self._vantage,
        }
        maker = makers.get(text(observation.get("kind")), self._other)
        try:
            blocks = maker(observation)
        except (AttributeError, KeyError, TypeError, ValueError):  # a document of another make: shown as it is
            blocks = self._other(observation)
        return Evidence(key, self.title(observation), tuple(blocks))

    def cut(self, key: str) -> tuple[Block, ...]:
        """
        What stands in the place of an observation for which a page has no room.
        """
        return (Verbatim(self._labels("evidence.other"), self._labels("appendix.cut_evidence", key=key)),)

    def title(self, observation: Json) -> str:
        """
        One line that tells observations apart.
        """
        kind = text(observation.get("kind"))
        question = observation.get("question")
        asked: Json = question if isinstance(question, Mapping) else {}
        parts = {
            "dns": [
                f"{text(asked.get('name')) or '.'} {text(asked.get('rdtype'))}",
                text(asked.get("server")),
                text(observation.get("outcome")),
            ],
            "smtp": [text(asked.get("host")), text(asked.get("address"))],
            "https": [text(asked.get("url")), text(observation.get("outcome"))],
            "file": [text(observation.get("subject"))],
            "person": [text(observation.get("subject")), text(observation.get("by"))],
            "vantage": [self._labels.pick("port", text(observation.get("state")))],
        }.get(kind, [kind])
        label = self._labels(f"evidence.{kind}") if kind in self._labels.catalogue.fields("ui.evidence") else self._labels("evidence.other")
        return " · ".join([label, *(part for part in parts if part)])

    def _dns(self, seen: Json) -> list[Block]:
        question = seen["question"]
        asked = f"{text(question.get('name')) or '.'} {text(question.get('rdtype'))} ({text(question.get('via'))})"
        server = " ".join(filter(None, [text(question.get("server_name")), text(question.get("server"))]))
        facts = self._facts(
            asked=" → ".join(filter(None, [asked, server])),
            zone=question.get("zone"),
            server=seen.get("server"),
            outcome=seen.get("outcome"),
            rcode=seen.get("rcode"),
            flags=" ".join(seen.get("flags") or ()),
            transport=seen.get("transport"),
            at=self._at(seen),
            took=self._ms(seen.get("took_ms")),
            size=self._labels("evidence.bytes", n=seen["size"]) if seen.get("size") else "",
            error=seen.get("extended_error"),
            detail=seen.get("detail"),
        )
        authority = [*([seen["soa"]] if seen.get("soa") else []), *(seen.get("referral") or ())]
        return [
            facts,
            *self._records("aliases", seen.get("aliases") or ()),
            *self._records("records", seen.get("records") or ()),
            *self._records("authority", authority),
        ]

    def _records(self, caption: str, records: Sequence[Json]) -> list[Block]:
        rows = [(text(r.get("name")) or ".", text(r.get("ttl")), text(r.get("rdtype")), text(r.get("data"))) for r in records]
        columns = tuple(self._labels(f"column.{name}") for name in ("name", "ttl", "type", "data"))
        return self._grid(self._labels(f"evidence.{caption}"), columns, rows)

    def _smtp(self, seen: Json) -> list[Block]:
        question = seen["question"]
        facts = self._facts(
            asked=f"{text(question.get('host'))} {text(question.get('address'))} port {text(question.get('port'))}",
            at=self._at(seen),
            took=self._ms(seen.get("took_ms")),
            problem=self._problem(seen.get("problem")),
        )
        connections = seen.get("connections") or ()
        blocks: list[Block] = [facts]
        for number, connection in enumerate(connections, 1):
            purpose = self._labels.pick("purpose", text(connection.get("purpose")))
            caption = self._labels("evidence.connection", n=number, total=len(connections), purpose=purpose)
            blocks.append(Fold(caption, tuple(self._connection(connection))))
        return blocks

    def _connection(self, seen: Json) -> list[Block]:
        tls = seen.get("tls") or {}
        names = " ".join(filter(None, [text(tls.get("version")), text(tls.get("cipher")), text(tls.get("detail"))]))
        facts = self._facts(
            target=seen.get("target"),
            **{"from": seen.get("local_address")},
            at=self._at(seen),
            opened=self._ms(seen.get("connect_ms")),
            took=self._ms(seen.get("took_ms")),
            greeting=self._reply(seen.get("greeting")),
            hello=" ".join(filter(None, [text(seen.get("hello")), self._reply(seen.get("ehlo"))])),
            capabilities=" · ".join(map(text, seen.get("capabilities") or ())),
            starttls=self._reply(seen.get("starttls")),
            injected=seen.get("injected"),
            tls=names,
            verified=self._yes(tls.get("verified")) if tls else "",
            tls_causes=", ".join(map(text, tls.get("causes") or ())),
            missing_issuer=tls.get("missing_issuer"),
            capabilities_tls=" · ".join(map(text, seen.get("capabilities_tls") or ())),
            problem=self._problem(seen.get("problem")),
        )
        return [
            facts,
            *self._envelopes(seen.get("results") or ()),
            *self._transcript(seen.get("transcript") or ()),
            *self._chain(tls.get("chain") or ()),
        ]

    def _envelopes(self, results: Sequence[Json]) -> list[Block]:
        rows = []
        for result in results:
            asked = result["transaction"]
            replies = [self._reply(result.get(stage)) for stage in ("message", "data", "rcpt", "mail")]
            outcome = [next(filter(None, replies), ""), self._problem(result.get("problem"))]
            if result.get("retried_after_s") is not None:
                outcome.append(self._labels("evidence.retried", seconds=result["retried_after_s"]))
            what = self._labels.pick("envelope", text(asked.get("envelope")))
            rows.append((what, f"<{text(asked.get('sender'))}>", f"<{text(asked.get('recipient'))}>", "; ".join(filter(None, outcome))))
        columns = (
            self._labels("column.what"),
            self._labels("evidence.mail_from"),
            self._labels("evidence.rcpt_to"),
            self._labels("evidence.reply"),
        )
        return self._grid(self._labels("evidence.envelopes"), columns, rows)

    def _transcript(self, lines: Sequence[Json]) -> list[Block]:
        words = {"client": "client", "server": "server_says", "note": "note"}
        rows = []
        for line in lines[:ROWS]:
            who = text(line.get("who"))
            who = who if who in words else "note"
            rows.append(
                (f"{float(line.get('at_ms') or 0):.1f}", who, self._labels(f"evidence.{words[who]}"), text(line.get("text"))[:TEXT])
            )
        return [Script(self._labels("evidence.transcript"), tuple(rows), self._cut(len(lines)))] if rows else []

    def _chain(self, chain: Sequence[Json]) -> list[Block]:
        blocks: list[Block] = []
        for number, certificate in enumerate(chain[:20], 1):
            fingerprint = text(certificate.get("sha256"))
            caption = f"{self._labels('evidence.certificate', n=number)} · {text(certificate.get('subject'))}"
            if fingerprint in self._certificates:
                blocks.append(Facts(((caption, self._labels("evidence.seen_before")),)))
                continue
            self._certificates.add(fingerprint)
            blocks.append(Fold(caption, tuple(self._certificate(certificate))))
        return [Fold(self._labels("evidence.certificates"), tuple(blocks))] if blocks else []

    def _certificate(self, seen: Json) -> list[Block]:
        der = text(seen.get("der"))
        pem = "\n".join(["-----BEGIN CERTIFICATE-----", *(der[i : i + 64] for i in range(0, len(der), 64)), "-----END CERTIFICATE-----"])
        facts = self._facts(
            subject=seen.get("subject"),
            issuer=seen.get("issuer"),
            valid=self._labels("evidence.valid_span", start=seen["not_before"], end=seen["not_after"]),
            names=", ".join(map(text, seen.get("names") or ())),
            public_key=self._labels("evidence.key_size", key=text(seen.get("key")), bits=seen.get("key_bits")),
            signature=seen.get("signature_hash"),
            fingerprint=seen.get("sha256"),
            spki=seen.get("spki_sha256"),
            self_signed=self._yes(seen.get("self_signed")),
            authority_certificate=self._yes(seen.get("authority")),
        )
        return [facts, *([self._verbatim("pem", pem)] if der else [])]

    def _https(self, seen: Json) -> list[Block]:
        facts = self._facts(
            url=seen["question"]["url"],
            target=seen.get("address"),
            at=self._at(seen),
            took=self._ms(seen.get("took_ms")),
            outcome=seen.get("outcome"),
            status=seen.get("status"),
            content_type=seen.get("content_type"),
            location=seen.get("location"),
            size=self._labels("evidence.bytes", n=seen["size"]) if seen.get("size") else "",
            detail=seen.get("detail"),
        )
        return [facts, *([self._verbatim("body", text(seen["body"]))] if seen.get("body") else [])]

    def _file(self, seen: Json) -> list[Block]:
        return [self._facts(fingerprint=seen.get("sha256")), self._verbatim("text", text(seen.get("text")))]

    def _person(self, seen: Json) -> list[Block]:
        return [self._facts(by=seen.get("by"), at=seen.get("at"), state=seen.get("phase"), note=seen.get("note"))]

    def _vantage(self, seen: Json) -> list[Block]:
        rows = [
            (text(one.get("host")), text(one.get("target")), self._yes(one.get("opened")), self._problem(one.get("problem")))
            for one in seen.get("tries") or ()
        ]
        columns = tuple(self._labels(f"evidence.{name}") for name in ("host", "target", "opened_port", "problem"))
        facts = self._facts(state=self._labels.pick("port", text(seen.get("state"))), at=self._at(seen), took=self._ms(seen.get("took_ms")))
        return [facts, *self._grid(self._labels("evidence.vantage"), columns, rows)]

    def _other(self, seen: Json) -> list[Block]:
        return [self._verbatim("json", json.dumps(seen, ensure_ascii=False, indent=1, default=str))]

    def _facts(self, **values: Any) -> Facts:
        return Facts(tuple((self._labels(f"evidence.{name}"), text(value)[:TEXT]) for name, value in values.items() if text(value)))

    def _grid(self, caption: str, columns: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> list[Block]:
        cut = tuple(tuple(cell[:TEXT] for cell in row) for row in rows[:ROWS])
        return [Grid(caption, columns, cut, self._cut(len(rows)))] if rows else []

    def _verbatim(self, caption: str, value: str) -> Verbatim:
        beyond = value[TEXT:].count("\n") + 1 if len(value) > TEXT else 0
        note = self._labels("appendix.cut", n=beyond) if beyond else ""
        return Verbatim(self._labels(f"evidence.{caption}"), value[:TEXT], note)

    def _cut(self, count: int) -> str:
        return self._labels("appendix.cut", n=count - ROWS) if count > ROWS else ""

    def _reply(self, reply: Any) -> str:
        if not reply:
            return ""
        odd = reply.get("irregular") or ()
        words = " / ".join(map(text, reply.get("lines") or ()))
        return f"{reply.get('code')} {words}" + (f" ({self._labels('evidence.irregular')}: {', '.join(map(text, odd))})" if odd else "")

    def _problem(self, problem: Any) -> str:
        if not problem:
            return ""
        stopped = self._labels("evidence.stopped", trouble=text(problem.get("trouble")), stage=text(problem.get("stage")))
        return ": ".join(filter(None, [stopped, text(problem.get("detail"))]))

    def _yes(self, value: Any) -> str:
        return self._labels("evidence.yes" if value else "evidence.no")

    def _ms(self, value: Any) -> str:
        return self._labels("evidence.ms", ms=f"{float(value):.1f}") if value is not None else ""

    def _at(self, seen: Json) -> str:
        return text(seen.get("at")).replace("T", " ").replace("Z", " UTC").replace("+00:00", " UTC")


def text(value: Any) -> str:
    """
    Any JSON value as text; None is nothing.
    """
    return "" if value is None else str(value)


def size_of(blocks: Iterable[Block]) -> int:
    """
    About how many characters blocks take on a page.
    """
    total = 0
    for block in blocks:
        if isinstance(block, Fold):
            total += size_of(block.blocks)
        elif isinstance(block, Verbatim):
            total += 60 + len(block.text)
        else:
            total += sum(60 + sum(map(len, row)) for row in block.rows)
    return total
