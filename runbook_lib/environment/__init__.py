"""
The environment file: what it may say, reading it, and errors that name file, key, value and what would be right.
"""

from __future__ import annotations

from ..errors import EnvironmentFileError, KeyProblem
from .loading import environment_from_parameters, load_environment, with_network
from .model import NOTEBOOK_DEFAULTS, DomainScope, Environment, is_fresh
from .parts import (
    Attestation,
    DeliveryPolicy,
    DomainEntry,
    GatewayOptions,
    InboundFirewall,
    Phase,
    Platform,
    PresentGateway,
    ProbeKind,
    Role,
    Sender,
    TlsPolicy,
    ValidationMethod,
    Waiver,
)
from .schema import environment_schema
from .values import safe_name

__all__ = [
    "NOTEBOOK_DEFAULTS",
    "Attestation",
    "DeliveryPolicy",
    "DomainEntry",
    "DomainScope",
    "Environment",
    "EnvironmentFileError",
    "GatewayOptions",
    "InboundFirewall",
    "KeyProblem",
    "Phase",
    "Platform",
    "PresentGateway",
    "ProbeKind",
    "Role",
    "Sender",
    "TlsPolicy",
    "ValidationMethod",
    "Waiver",
    "environment_from_parameters",
    "environment_schema",
    "is_fresh",
    "load_environment",
    "safe_name",
    "with_network",
]
