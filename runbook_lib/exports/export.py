"""
One file of exported configuration, as it was understood.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from .aggregate import AggregateReport
from .exchange import AnonymousRight, ExchangeCertificate, HybridConfiguration, ReceiveConnector, RecipientFilterConfig, SendConnector
from .fields import FieldProblem
from .google import GooglePolicy
from .kinds import Kind
from .messages import DeliveredMessage
from .microsoft import (
    AcceptedDomain,
    ArcConfig,
    ConnectionFilterPolicy,
    InboundConnector,
    OrganizationConfig,
    OutboundConnector,
    TransportConfig,
    TransportRule,
)
from .recipients import Recipient, TraceRow
from .vantage import Vantage

ExportedObject = (
    InboundConnector
    | OutboundConnector
    | ConnectionFilterPolicy
    | TransportRule
    | AcceptedDomain
    | OrganizationConfig
    | ArcConfig
    | TransportConfig
    | ReceiveConnector
    | SendConnector
    | ExchangeCertificate
    | AnonymousRight
    | HybridConfiguration
    | RecipientFilterConfig
    | GooglePolicy
    | Recipient
    | TraceRow
    | AggregateReport
    | DeliveredMessage
    | Vantage
)
"""
Anything an export can hold.
"""


@dataclass(frozen=True, slots=True)
class Section:
    """
    The objects of one kind in a file.

    Args:
        kind: What they are.
        objects: In the file's order; empty where the export says that there are none.
    """

    kind: Kind
    objects: tuple[ExportedObject, ...] = ()


@dataclass(frozen=True, slots=True)
class Export:
    """
    One file.

    Args:
        file: As the user named it.
        kind: What it holds; `Kind.SEVERAL` for several, `Kind.NOTHING` for a bare ``null`` or ``[]``.
        sha256: Of its bytes, lower-case hexadecimal.
        sections: One for each kind in it; none for `Kind.NOTHING`.
        exported_at: When, where the file itself says so, UTC.
        problems: Values that could not be read.
        text: The file itself, as evidence; ``""`` where it is not kept (see `read_export`).
    """

    file: str
    kind: Kind
    sha256: str
    sections: tuple[Section, ...] = ()
    exported_at: datetime | None = None
    problems: tuple[FieldProblem, ...] = ()
    text: str = ""

    @property
    def objects(self) -> tuple[ExportedObject, ...]:
        """
        All objects in it.
        """
        return tuple(item for section in self.sections for item in section.objects)
