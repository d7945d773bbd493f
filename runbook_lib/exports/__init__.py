"""
Readers of exported configuration: bytes to typed values, no input or output of their own but `read_exports`.
"""

from .addresses import AddressEntry, AddressList, parse_address, parse_addresses
from .aggregate import AggregateReport, AuthResult, ReportRow
from .collection import Exports, read_exports, read_file
from .exchange import AnonymousRight, ExchangeCertificate, HybridConfiguration, ReceiveConnector, RecipientFilterConfig, SendConnector
from .export import Export, ExportedObject, Section
from .fields import FieldProblem
from .google import GooglePolicy
from .kinds import Kind
from .messages import DeliveredMessage, HeaderField, read_message
from .microsoft import (
    AcceptedDomain,
    ArcConfig,
    ConnectionFilterPolicy,
    InboundConnector,
    OrganizationConfig,
    Origin,
    OutboundConnector,
    TransportConfig,
    TransportRule,
)
from .readers import AddressSpace
from .reading import read_export
from .recipients import Recipient, RecipientSource, TraceRow
from .vantage import SCHEMA as VANTAGE_SCHEMA
from .vantage import Vantage

__all__ = [
    "VANTAGE_SCHEMA",
    "AcceptedDomain",
    "AddressEntry",
    "AddressList",
    "AddressSpace",
    "AggregateReport",
    "AnonymousRight",
    "ArcConfig",
    "AuthResult",
    "ConnectionFilterPolicy",
    "DeliveredMessage",
    "ExchangeCertificate",
    "Export",
    "ExportedObject",
    "Exports",
    "FieldProblem",
    "GooglePolicy",
    "HeaderField",
    "HybridConfiguration",
    "InboundConnector",
    "Kind",
    "OrganizationConfig",
    "Origin",
    "OutboundConnector",
    "ReceiveConnector",
    "Recipient",
    "RecipientFilterConfig",
    "RecipientSource",
    "ReportRow",
    "Section",
    "SendConnector",
    "TraceRow",
    "TransportConfig",
    "TransportRule",
    "Vantage",
    "parse_address",
    "parse_addresses",
    "read_export",
    "read_exports",
    "read_file",
    "read_message",
]
