"""
All exports of a customer together, by kind. ``None`` is "no such export was given", an empty tuple "one was given, and it holds none".
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from ..errors import ExportError
from ..knowledge.text import Catalogue, visible
from .addresses import AddressList
from .aggregate import AggregateReport
from .decoding import LARGEST
from .exchange import AnonymousRight, ExchangeCertificate, HybridConfiguration, ReceiveConnector, RecipientFilterConfig, SendConnector
from .export import Export
from .google import GooglePolicy, allowlist_of
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
from .reading import read_export
from .recipients import Recipient, TraceRow
from .vantage import Vantage

T = TypeVar("T")
_CHANGING = (
    InboundConnector,
    OutboundConnector,
    ConnectionFilterPolicy,
    TransportRule,
    AcceptedDomain,
    OrganizationConfig,
    ReceiveConnector,
)
"""
What says when it was changed and by what name it goes.
"""
_PLATFORM_RECIPIENTS = (Kind.RECIPIENTS, Kind.GOOGLE_USERS, Kind.GOOGLE_GROUPS, Kind.GOOGLE_ALIASES)


@dataclass(frozen=True, slots=True)
class Exports:
    """
    The exports of one customer.

    Args:
        files: In the order of the environment's list.
    """

    files: tuple[Export, ...] = ()

    def of(self, kind: Kind, value: type[T]) -> tuple[T, ...] | None:
        """
        All objects of a kind, from all files; one that stands in two files counts once, as the newer of the two has it.

        Args:
            kind: The kind.
            value: Their class.

        Returns:
            None where no file is of that kind; ``()`` where one is, and holds none.
        """
        sections = [(export, section) for export in self.files for section in export.sections if section.kind is kind]
        if not sections:
            return None
        items = [(export, item) for export, section in sections for item in section.objects if isinstance(item, value)]
        return tuple(dict.fromkeys(_newest(items)))

    def given(self, kind: Kind) -> bool:
        """
        True where a file of that kind was given.
        """
        return any(section.kind is kind for export in self.files for section in export.sections)

    def file_of(self, value: object) -> Export | None:
        """
        The file an object came from, for evidence.
        """
        return next((export for export in self.files if any(item is value for item in export.objects)), None)

    def files_of(self, kind: Kind) -> tuple[Export, ...]:
        """
        The files that hold a kind.
        """
        return tuple(export for export in self.files if any(section.kind is kind for section in export.sections))

    @property
    def inbound_connectors(self) -> tuple[InboundConnector, ...] | None:
        """
        ``Get-InboundConnector``.
        """
        return self.of(Kind.INBOUND_CONNECTORS, InboundConnector)

    @property
    def outbound_connectors(self) -> tuple[OutboundConnector, ...] | None:
        """
        ``Get-OutboundConnector``.
        """
        return self.of(Kind.OUTBOUND_CONNECTORS, OutboundConnector)

    @property
    def connection_filter_policies(self) -> tuple[ConnectionFilterPolicy, ...] | None:
        """
        ``Get-HostedConnectionFilterPolicy``.
        """
        return self.of(Kind.CONNECTION_FILTER_POLICIES, ConnectionFilterPolicy)

    @property
    def transport_rules(self) -> tuple[TransportRule, ...] | None:
        """
        ``Get-TransportRule``, in the order of the files; `TransportRule.priority` has the order of processing.
        """
        return self.of(Kind.TRANSPORT_RULES, TransportRule)

    @property
    def accepted_domains(self) -> tuple[AcceptedDomain, ...] | None:
        """
        ``Get-AcceptedDomain``, online and on-premises; `AcceptedDomain.origin` tells them apart where it is known.
        """
        return self.of(Kind.ACCEPTED_DOMAINS, AcceptedDomain)

    @property
    def organization_configs(self) -> tuple[OrganizationConfig, ...] | None:
        """
        ``Get-OrganizationConfig``.
        """
        return self.of(Kind.ORGANIZATION_CONFIGS, OrganizationConfig)

    @property
    def arc_configs(self) -> tuple[ArcConfig, ...] | None:
        """
        ``Get-ArcConfig``.
        """
        return self.of(Kind.ARC_CONFIGS, ArcConfig)

    @property
    def transport_configs(self) -> tuple[TransportConfig, ...] | None:
        """
        ``Get-TransportConfig``.
        """
        return self.of(Kind.TRANSPORT_CONFIGS, TransportConfig)

    @property
    def receive_connectors(self) -> tuple[ReceiveConnector, ...] | None:
        """
        ``Get-ReceiveConnector``.
        """
        return self.of(Kind.RECEIVE_CONNECTORS, ReceiveConnector)

    @property
    def send_connectors(self) -> tuple[SendConnector, ...] | None:
        """
        ``Get-SendConnector``.
        """
        return self.of(Kind.SEND_CONNECTORS, SendConnector)

    @property
    def exchange_certificates(self) -> tuple[ExchangeCertificate, ...] | None:
        """
        ``Get-ExchangeCertificate``.
        """
        return self.of(Kind.EXCHANGE_CERTIFICATES, ExchangeCertificate)

    @property
    def anonymous_rights(self) -> tuple[AnonymousRight, ...] | None:
        """
        ``Get-ADPermission`` on the receive connectors; rows that name another user than the anonymous one are left out.
        """
        rows = self.of(Kind.ANONYMOUS_RIGHTS, AnonymousRight)
        return None if rows is None else tuple(row for row in rows if row.anonymous is not False)

    @property
    def hybrid_configurations(self) -> tuple[HybridConfiguration, ...] | None:
        """
        ``Get-HybridConfiguration``.
        """
        return self.of(Kind.HYBRID_CONFIGURATIONS, HybridConfiguration)

    @property
    def recipient_filter_configs(self) -> tuple[RecipientFilterConfig, ...] | None:
        """
        ``Get-RecipientFilterConfig``.
        """
        return self.of(Kind.RECIPIENT_FILTER_CONFIGS, RecipientFilterConfig)

    @property
    def google_policies(self) -> tuple[GooglePolicy, ...] | None:
        """
        Policy API, ScubaGoggles or GAM.
        """
        return self.of(Kind.GOOGLE_POLICIES, GooglePolicy)

    @property
    def google_allowlist(self) -> AddressList | None:
        """
        Google's email allow list; None where no export tells, also where the only one is a first page of several and the list is not on it.
        """
        policies = self.google_policies
        if policies is None:
            return None
        found = allowlist_of(policies)
        pages = any(problem.kind == "more_pages" for export in self.files_of(Kind.GOOGLE_POLICIES) for problem in export.problems)
        return None if pages and not any(policy.is_allowlist for policy in policies) else found

    @property
    def platform_recipients(self) -> tuple[Recipient, ...] | None:
        """
        Everybody the platform has: Exchange recipients, Google users, groups and aliases.
        """
        lists = [found for kind in _PLATFORM_RECIPIENTS if (found := self.of(kind, Recipient)) is not None]
        return tuple(item for found in lists for item in found) if lists else None

    @property
    def gateway_addresses(self) -> tuple[Recipient, ...] | None:
        """
        The internal addresses the gateway knows.
        """
        return self.of(Kind.GATEWAY_ADDRESSES, Recipient)

    @property
    def message_trace(self) -> tuple[TraceRow, ...] | None:
        """
        Rows of message traces.
        """
        return self.of(Kind.MESSAGE_TRACE, TraceRow)

    @property
    def aggregate_reports(self) -> tuple[AggregateReport, ...] | None:
        """
        DMARC aggregate reports.
        """
        return self.of(Kind.AGGREGATE_REPORTS, AggregateReport)

    @property
    def messages(self) -> tuple[tuple[str, DeliveredMessage], ...] | None:
        """
        Delivered messages, each with its file's name.
        """
        found = [(export.file, item) for export in self.files for item in export.objects if isinstance(item, DeliveredMessage)]
        return tuple(found) if found else None

    @property
    def vantages(self) -> tuple[tuple[str, Vantage], ...] | None:
        """
        What the probe kit saw elsewhere, each with its file's name.
        """
        found = [(export.file, item) for export in self.files for item in export.objects if isinstance(item, Vantage)]
        return tuple(found) if found else None


def _newest(items: Sequence[tuple[Export, T]]) -> list[T]:
    """
    Objects without those that another file has in a newer state: by when they were changed, else by when the files were exported.

    Where neither tells which is the newer, both are kept.
    """
    named: dict[tuple[object, ...], list[tuple[Export, T]]] = {}
    for export, item in items:
        key = _identity(item)
        if key:
            named.setdefault(key, []).append((export, item))
    old: set[int] = set()
    for same in named.values():
        if len({export.file for export, _ in same}) == len(same) > 1:
            old |= {id(item) for item in _outdated(same)}
    return [item for _, item in items if id(item) not in old]


def _identity(item: object) -> tuple[object, ...]:
    """
    What tells an object from others of its kind, ``()`` where that cannot be told or nothing says when it was changed.
    """
    if not isinstance(item, _CHANGING):
        return ()
    name = item.domain_name if isinstance(item, AcceptedDomain) else item.identity if isinstance(item, ReceiveConnector) else item.name
    return (type(item), getattr(item, "origin", None), name.lower()) if name else ()


def _outdated(same: Sequence[tuple[Export, T]]) -> list[T]:
    for moments in ([getattr(item, "when_changed", None) for _, item in same], [export.exported_at for export, _ in same]):
        told = [moment for moment in moments if moment is not None]
        if len(told) == len(same) and len(set(told)) > 1:
            newest = max(told)
            return [item for (_, item), moment in zip(same, moments, strict=True) if moment != newest]
    return []


def read_exports(paths: Iterable[Path | str]) -> Exports:
    """
    Read files.

    Args:
        paths: Where they are; they are named in errors and findings by their last part.

    Raises:
        ExportError: The first that cannot be used.
    """
    return Exports(tuple(read_file(Path(path)) for path in paths))


def read_file(path: Path, texts: Catalogue | None = None) -> Export:
    """
    Read one file; of a file that is too large no more than a little over the limit is read.

    Args:
        path: Where it is.
        texts: The words of an error; without it in `own_language`.

    Raises:
        ExportError: It cannot be read or used.
    """
    try:
        with path.open("rb") as stream:
            content = stream.read(LARGEST + 1)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        problem = (texts or Catalogue()).text("exports.not_readable", reason=reason)
        raise ExportError(visible(str(path)), "not_readable", problem) from error
    return read_export(path.name, content, texts)
