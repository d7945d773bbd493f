"""
The environment file: what it may say, reading it, and errors that name file, key, value and what would be right.
"""

from __future__ import annotations

from ..errors import EnvironmentFileError, KeyProblem
from .addresses import as_asked
from .doubts import Doubt, doubts, of_another_phase
from .loading import environment_from_parameters, load_environment, place_of, value_from_text, with_network
from .model import NOTEBOOK_DEFAULTS, DomainScope, Environment, is_fresh
from .parts import (
    Attestation,
    Contact,
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
    VendorProcess,
    Waiver,
)
from .problems import catalogue_of
from .saving import Notes, fingerprint, save_environment
from .schema import environment_schema
from .values import safe_name

__all__ = [
    "NOTEBOOK_DEFAULTS",
    "Attestation",
    "Contact",
    "DeliveryPolicy",
    "DomainEntry",
    "DomainScope",
    "Doubt",
    "Environment",
    "EnvironmentFileError",
    "GatewayOptions",
    "InboundFirewall",
    "KeyProblem",
    "Notes",
    "Phase",
    "Platform",
    "PresentGateway",
    "ProbeKind",
    "Role",
    "Sender",
    "TlsPolicy",
    "ValidationMethod",
    "VendorProcess",
    "Waiver",
    "as_asked",
    "catalogue_of",
    "doubts",
    "environment_from_parameters",
    "environment_schema",
    "fingerprint",
    "is_fresh",
    "load_environment",
    "of_another_phase",
    "place_of",
    "safe_name",
    "save_environment",
    "value_from_text",
    "with_network",
]
