"""
The environment: one customer's mail environment as the file and the notebook's parameters describe it (contract section 1).
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import Enum
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ModelWrapValidatorHandler, PrivateAttr, model_validator
from pydantic import WrapValidator as Wrap

from . import addresses, fields, values
from .crossing import defaults, misfits, own_relay_target
from .parts import (
    APhase,
    APlatform,
    Attestation,
    Code,
    Contact,
    DeliveryPolicy,
    DomainName,
    Flag,
    GatewayOptions,
    HostName,
    InboundFirewall,
    Mailbox,
    Phase,
    Platform,
    PresentGateway,
    ProbeKind,
    Role,
    Sender,
    Title,
    TlsPolicy,
    ValidationMethod,
    VendorProcess,
    Waiver,
    one_of,
)
from .refusal import Refusals

NOTEBOOK_DEFAULTS: dict[str, Any] = {
    "customer": "",
    "platform": "",
    "phase": "",
    "region": "",
    "account_code": "",
    "vendor_process": "",
    "contacts": [],
    "gateway_hosts": [],
    "domains": [],
    "inbound_host": "",
    "inbound_port": None,
    "inbound_firewall": "",
    "tls_policy": "",
    "test_recipient": "",
    "probes": None,
    "send_test_message": False,
    "sender": "",
    "ehlo_name": "",
    "relay_test_domain": "",
    "validation_codes": {},
    "validation_method": "",
    "console_ranges": "",
    "present_gateway": {},
    "outbound_via_gateway": False,
    "senders": [],
    "allowlist": "",
    "gateway_list": "",
    "gateway_options": {},
    "internal_route": False,
    "delivery_policy": "",
    "exports": [],
    "attestations": {},
    "waivers": {},
    "nameservers": [],
    "propagation_resolvers": None,
    "control_hosts": None,
    "connect_to": {},
    "allow_private": False,
    "proxy": "",
    "source_address": "",
    "ca_file": "",
    "timeout": None,
    "time_limit": None,
    "sandbox": "",
    "language": "en",
    "output_dir": "reports",
    "interactive": None,
}
"""
What the notebook's parameters cell sets where nothing is given, in the order of the contract. None where an empty list means something.
"""
EMPTY_MEANS_SOMETHING = frozenset({"probes", "propagation_resolvers", "control_hosts"})
"""
Keys whose empty list is a value: none of them.
"""
NOTEBOOK_ONLY = frozenset({"interactive"})
"""
Parameters that no file has.
"""


@dataclass(frozen=True, slots=True)
class DomainScope:
    """
    One listed domain with everything that holds for it.

    Args:
        name: A-label, lower case, no final dot.
        unicode: The same name as people write it.
        role: What it is for. Only `Role.MAIL` has a route.
        phase: Expected state.
        platform: Where its mailboxes are.
        inbound_host: What the gateway delivers its mail to.
        test_recipient: A valid mailbox, its domain as an A-label; None where none is given.
    """

    name: str
    unicode: str
    role: Role
    phase: Phase
    platform: Platform
    inbound_host: str
    test_recipient: str | None


class Environment(BaseModel):
    """
    One customer's mail environment. Names are A-labels in lower case without a final dot.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=False)

    customer: Title = Field(description="Shown in the report.")
    platform: APlatform = Field(description="Where the mailboxes are.")
    phase: APhase = Field(Phase.PREPARE, description="The state that is expected now.")
    region: fields.Region = Field(description="Region of the gateway account; custom: with gateway_hosts and console_ranges.")
    account_code: Code | None = Field(None, description="Code of the gateway account. Its prefix must fit the region.")
    vendor_process: Annotated[VendorProcess, BeforeValidator(one_of(VendorProcess), json_schema_input_type=VendorProcess)] | None = Field(
        None, description="Which of the vendor's processes the customer is in."
    )
    contacts: tuple[Contact, ...] = Field((), max_length=50, description="Who is called, and what for.")
    gateway_hosts: tuple[HostName, ...] = Field((), max_length=50, description="The MX hosts the customer's console shows.")
    domains: fields.Domains = Field(description="The customer's domains, each a name or a map.")
    inbound_host: HostName = Field(description="Host name the gateway delivers to.")
    inbound_port: Annotated[int, BeforeValidator(values.port, json_schema_input_type=int | str)] = Field(25, description="Its port.")
    inbound_firewall: Annotated[InboundFirewall, BeforeValidator(one_of(InboundFirewall), json_schema_input_type=InboundFirewall)] = Field(
        InboundFirewall.OPEN, description="gateway_only: the firewall lets only the gateway in."
    )
    tls_policy: Annotated[TlsPolicy, BeforeValidator(one_of(TlsPolicy), json_schema_input_type=TlsPolicy)] = Field(
        TlsPolicy.OPPORTUNISTIC, description="What the gateway's delivery route demands of TLS."
    )
    test_recipient: Mailbox | None = Field(None, description="A valid internal mailbox.")
    probes: Annotated[
        tuple[Annotated[ProbeKind, BeforeValidator(one_of(ProbeKind), json_schema_input_type=ProbeKind)], ...],
        BeforeValidator(fields.probe_kinds, json_schema_input_type=list[ProbeKind]),
    ] = Field(tuple(ProbeKind), max_length=10, description="What this run may do.")
    send_test_message: Flag = Field(False, description="Whether one marked message is really sent.")
    sender: Annotated[str, BeforeValidator(addresses.null_or_mailbox, json_schema_input_type=str)] = Field(
        "", description="Envelope sender of the probe; empty is the null sender."
    )
    ehlo_name: Annotated[str, BeforeValidator(addresses.greeting_name, json_schema_input_type=str)] | None = Field(
        None, description="What the probe calls itself; without it, this machine's name."
    )
    relay_test_domain: DomainName | None = Field(None, description="A domain of the consultant's own, for the open-relay question.")
    validation_codes: Annotated[dict[DomainName, Code], Wrap(fields.unlike_keys(500, drop_empty=True))] = Field(
        default_factory=dict, description="Domain and the code the gateway's console showed for it."
    )
    validation_method: Annotated[ValidationMethod, BeforeValidator(one_of(ValidationMethod), json_schema_input_type=ValidationMethod)] = (
        Field(ValidationMethod.ANY, description="How the code is to be published.")
    )
    console_ranges: fields.ConsoleRanges | None = Field(None, description="The ranges the console shows: a list, or text as pasted.")
    present_gateway: PresentGateway | None = Field(None, description="What stands in front today.")
    outbound_via_gateway: Flag = Field(False, description="Whether outbound mail goes through the gateway.")
    senders: tuple[Sender, ...] = Field((), max_length=500, description="Who delivers directly today.")
    allowlist: fields.Pasted | None = Field(None, description="The platform's allow list, as pasted.")
    gateway_list: fields.Pasted | None = Field(None, description="The address list of Google's inbound gateway, as pasted.")
    gateway_options: GatewayOptions | None = Field(None, description="The tick boxes of Google's inbound gateway.")
    internal_route: Flag = Field(False, description="Google: whether an internal route exists.")
    delivery_policy: Annotated[DeliveryPolicy, BeforeValidator(one_of(DeliveryPolicy), json_schema_input_type=DeliveryPolicy)] | None = (
        Field(None, description='Whether the policy "Everyone To Internal" is new or already there.')
    )
    exports: tuple[fields.ExportedFile, ...] = Field((), max_length=200, description="Files of exported configuration.")
    attestations: Annotated[dict[fields.Attested, Attestation], Wrap(fields.unlike_keys(1000))] = Field(
        default_factory=dict, description="Step or check, and who confirms it."
    )
    waivers: Annotated[dict[fields.Waived, Waiver], Wrap(fields.unlike_keys(1000))] = Field(
        default_factory=dict, description="Check, or check and subject, and why it is accepted."
    )
    nameservers: tuple[fields.Nameserver, ...] = Field(
        (), max_length=20, description="ADDRESS, ADDRESS:PORT, https://… or tls://ADDRESS; without it, this machine's resolver."
    )
    propagation_resolvers: tuple[fields.Nameserver, ...] = Field((), max_length=50, description="Asked whether the change is seen.")
    control_hosts: tuple[fields.ControlHost, ...] = Field((), max_length=20, description="Asked whether port 25 is open from here.")
    connect_to: Annotated[dict[fields.Redirected, fields.Target], Wrap(fields.unlike_keys(5000))] = Field(
        default_factory=dict, description="HOST:PORT or ADDRESS:PORT, and the ADDRESS:PORT to connect to instead."
    )
    allow_private: Flag = Field(False, description="Whether private and loopback addresses are expected.")
    proxy: Annotated[str, BeforeValidator(addresses.proxy, json_schema_input_type=str)] | None = Field(
        None, description="socks5://HOST:PORT."
    )
    source_address: fields.Address | None = Field(None, description="Address SMTP is sent from.")
    ca_file: fields.TrustFile | None = Field(None, description="PEM file with one more trust root.")
    timeout: Annotated[float, BeforeValidator(lambda value: values.number(value, 0.1, 120), json_schema_input_type=float | str)] = Field(
        10.0, description="Seconds for one whole reply."
    )
    time_limit: Annotated[float, BeforeValidator(lambda value: values.number(value, 1, 86400), json_schema_input_type=float | str)] = Field(
        300.0, description="Seconds for the whole run."
    )
    sandbox: Annotated[str, BeforeValidator(values.world, json_schema_input_type=str)] | None = Field(
        None, description="World of the embedded sandbox; the network keys come from it."
    )
    language: fields.Language = Field("en", description="Language of the report.")
    output_dir: fields.OutputFolder = Field(Path("reports"), description="Where results go.")
    interactive: bool | None = Field(None, strict=True, description="Notebook only: whether forms are shown.")

    _given: dict[str, Any] = PrivateAttr(default_factory=dict)
    _redirects: dict[tuple[str, int], str] | None = PrivateAttr(None)

    @model_validator(mode="wrap")
    @classmethod
    def _whole(cls, data: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:
        if not isinstance(data, Mapping):
            return handler(data)
        given = given_of(data)
        made = handler(defaults(given))
        found = [*misfits(given), *own_relay_target(made.relay_test_domain, [entry.name for entry in made.domains])]
        if found:
            raise Refusals(found)
        made._given = {key: as_json(value) for key, value in given.items() if key not in NOTEBOOK_ONLY}  # noqa: SLF001  # its own class
        return made

    @property
    def scopes(self) -> tuple[DomainScope, ...]:
        """
        Every listed domain with everything that holds for it.
        """
        return tuple(
            DomainScope(
                name=entry.name,
                unicode=addresses.u_label(entry.name),
                role=entry.role,
                phase=entry.phase or self.phase,
                platform=entry.platform or self.platform,
                inbound_host=entry.inbound_host or self.inbound_host,
                test_recipient=entry.test_recipient or self.test_recipient,
            )
            for entry in self.domains
        )

    def redirected(self, name: str, port: int) -> str | None:
        """
        Where `connect_to` leads for a host or an address, None where it says nothing.

        Args:
            name: Host name or address, in any spelling.
            port: TCP or UDP port.
        """
        if not self.connect_to:
            return None
        if self._redirects is None:
            parts = ((key.rpartition(":"), target) for key, target in self.connect_to.items())
            self._redirects = {(_spelt(peer.strip("[]")), int(number)): target for (peer, _, number), target in parts}
        return self._redirects.get((_spelt(name), port))

    def as_given(self) -> dict[str, Any]:
        """
        The keys that were given, spelt as they were, as JSON can hold them. Reading them again gives an equal environment.
        """
        return {key: as_json(value) for key, value in self._given.items()}

    def as_parameters(self) -> dict[str, Any]:
        """
        The same as a notebook's parameters: files by their full path, since a notebook does not know the folder they were relative to.
        """
        given = self.as_given()
        if self.exports:
            given["exports"] = [str(path) for path in self.exports]
        if self.ca_file is not None:
            given["ca_file"] = str(self.ca_file)
        return given

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Environment):
            return NotImplemented
        return self.__dict__ == other.__dict__

    __hash__ = None  # type: ignore[assignment]  # it holds maps


def given_of(data: Mapping[str, Any]) -> dict[str, Any]:
    """
    The keys that say something; unknown ones stay, as they have to be refused.
    """
    return {key: value for key, value in data.items() if key not in NOTEBOOK_DEFAULTS or not is_empty(key, value)}


def is_empty(key: str, value: Any) -> bool:
    """
    True where a value is as good as not given.
    """
    if value is None:
        return True
    return key not in EMPTY_MEANS_SOMETHING and isinstance(value, str | list | tuple | Mapping) and len(value) == 0


def is_fresh(parameters: Mapping[str, Any]) -> bool:
    """
    True where a notebook was opened and nothing but `interactive`, `language` and `output_dir` was set: it then shows the sandbox.
    """
    free = ("interactive", "language", "output_dir")
    return all(key in free or (key in NOTEBOOK_DEFAULTS and is_default(key, value)) for key, value in parameters.items())


def is_default(key: str, value: Any) -> bool:
    """
    True where a notebook's parameter is what its parameters cell sets.
    """
    default = NOTEBOOK_DEFAULTS[key]
    return is_empty(key, value) or (type(value) is type(default) and bool(value == default))


def _spelt(name: str) -> str:
    try:
        return str(ipaddress.ip_address(name))
    except ValueError:
        return name.lower().rstrip(".")


def as_json(value: Any) -> Any:
    """
    A value as JSON can hold it.
    """
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, BaseModel):
        return as_json(value.model_dump(by_alias=True, exclude_unset=True))
    if isinstance(value, Mapping):
        return {str(key): as_json(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [as_json(item) for item in value]
    if isinstance(value, set | frozenset):
        return sorted(as_json(item) for item in value)
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, date):
        return value.isoformat()
    return value
