"""
The parts an environment is made of: choices, and the maps inside it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from enum import StrEnum
from typing import Annotated, Any, Self, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema, model_validator

from . import addresses, values
from .refusal import Refusal, Refusals, nearest

Choice = TypeVar("Choice", bound=StrEnum)


class Platform(StrEnum):
    """
    Where the mailboxes are.
    """

    MICROSOFT_365 = "microsoft_365"
    GOOGLE_WORKSPACE = "google_workspace"
    ON_PREMISES = "on_premises"
    HYBRID = "hybrid"
    HOSTED_EXCHANGE = "hosted_exchange"


class Phase(StrEnum):
    """
    The state that is expected.
    """

    PREPARE = "prepare"
    CUTOVER = "cutover"
    LOCKDOWN = "lockdown"

    @classmethod
    def furthest(cls, phases: Iterable[Phase]) -> Phase:
        """
        The one of some phases that comes last.
        """
        return max(phases, key=list(cls).index)


class Role(StrEnum):
    """
    What a domain is for.
    """

    MAIL = "mail"
    PARKED = "parked"
    SEND_ONLY = "send_only"


class TlsPolicy(StrEnum):
    """
    What the gateway's delivery route demands of TLS.
    """

    OPPORTUNISTIC = "opportunistic"
    STRICT = "strict"


class InboundFirewall(StrEnum):
    """
    Whom the firewall in front of the inbound host lets in.
    """

    OPEN = "open"
    GATEWAY_ONLY = "gateway_only"


class ValidationMethod(StrEnum):
    """
    How the code of the gateway's console is to be published.
    """

    ANY = "any"
    TXT = "txt"
    CNAME = "cname"


class ProbeKind(StrEnum):
    """
    What a run may do.
    """

    DNS = "dns"
    HTTPS = "https"
    SMTP = "smtp"


class DeliveryPolicy(StrEnum):
    """
    Whether the delivery-route policy "Everyone To Internal" is made or reused.
    """

    NEW = "new"
    EXISTING = "existing"


class VendorProcess(StrEnum):
    """
    Which of the gateway vendor's processes the customer is in.
    """

    CONNECT_APPLICATION = "connect_application"
    CONNECT_PROCESS = "connect_process"
    ONBOARDING = "onboarding"


def one_of(choices: type[Choice]) -> Callable[[Any], Choice]:
    """
    A function that takes one word of a choice, and names the nearest where there is none such.
    """
    words = [choice.value for choice in choices]

    def take(value: Any) -> Choice:
        plain = values.text(value)
        if plain in words:
            return choices(plain)
        near = nearest(plain, words)
        if near:
            raise Refusal("choice_near", value, choices=", ".join(words), nearest=near)
        raise Refusal("choice", value, choices=", ".join(words))

    return take


Text = Annotated[str, BeforeValidator(values.text, json_schema_input_type=str)]
Title = Annotated[str, BeforeValidator(values.bounded(200), json_schema_input_type=str)]
Note = Annotated[str, BeforeValidator(values.bounded(2000), json_schema_input_type=str)]
Code = Annotated[str, BeforeValidator(values.text, json_schema_input_type=str | float)]
Flag = Annotated[bool, BeforeValidator(values.truth, json_schema_input_type=bool | str)]
HostName = Annotated[str, BeforeValidator(addresses.host, json_schema_input_type=str)]
DomainName = Annotated[str, BeforeValidator(addresses.domain, json_schema_input_type=str)]
Mailbox = Annotated[str, BeforeValidator(addresses.mailbox, json_schema_input_type=str)]
Range = Annotated[str, BeforeValidator(addresses.network, json_schema_input_type=str)]
APlatform = Annotated[Platform, BeforeValidator(one_of(Platform), json_schema_input_type=Platform)]
APhase = Annotated[Phase, BeforeValidator(one_of(Phase), json_schema_input_type=Phase)]
ARole = Annotated[Role, BeforeValidator(one_of(Role), json_schema_input_type=Role)]


_DATE = WithJsonSchema({"not": {"type": ["object", "array", "boolean", "number", "null"]}})
"""
Some YAML readers hand an editor's schema check a date, others the text of one: all that is certain is what it is not.
"""


class Part(BaseModel):
    """
    A map inside an environment. A key without a value is as good as not there.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    @model_validator(mode="before")
    @classmethod
    def _without_empty(cls, data: Any) -> Any:
        if not isinstance(data, Mapping):
            return data
        known = cls.keys()
        return {key: value for key, value in data.items() if key not in known or not (value is None or value in ("", [], {}))}

    @classmethod
    def keys(cls) -> tuple[str, ...]:
        """
        The keys this map can have.
        """
        return tuple(field.alias or name for name, field in cls.model_fields.items())


class DomainEntry(Part):
    """
    One domain as listed, with what is different for it.
    """

    name: DomainName = Field(description="The domain, in either form of an internationalised name.")
    role: ARole = Field(Role.MAIL, description="What it is for: mail, parked or send_only.")
    phase: APhase | None = Field(None, description="Its own phase, where customers move in waves.")
    platform: APlatform | None = Field(None, description="Its own platform.")
    inbound_host: HostName | None = Field(None, description="What the gateway delivers its mail to.")
    test_recipient: Mailbox | None = Field(None, description="A valid mailbox for it.")


class Contact(Part):
    """
    Somebody who is called. A telephone number or a mail address is due.
    """

    name: Title = Field(description="Who: a person or a desk.")
    role: Title | None = Field(None, description="What they are called for.")
    phone: Annotated[str, BeforeValidator(values.phone, json_schema_input_type=str | float)] | None = Field(
        None, description="Telephone number, as it is dialled."
    )
    email: Mailbox | None = Field(None, description="Mail address.")
    emergency: Flag = Field(False, description="Whether this is who is called when mail stops.")

    @model_validator(mode="after")
    def _reachable(self) -> Self:
        if self.phone is None and self.email is None:
            raise Refusals([(".phone", "", Refusal("contact_unreachable"))])
        return self


class PresentGateway(Part):
    """
    What stands in front of the platform today.
    """

    name: Title | None = Field(None, description="What it is called.")
    hosts: tuple[HostName, ...] = Field((), max_length=100, description="Its MX hosts.")
    ranges: tuple[Range, ...] = Field((), max_length=5000, description="The addresses it delivers from.")
    locked: Flag = Field(False, description="Whether the platform refuses what does not come through it.")


class Sender(Part):
    """
    Somebody who delivers directly to the platform today.
    """

    name: Title = Field(description="What it is: a scanner, an application, a partner.")
    from_: Annotated[str, BeforeValidator(addresses.mailbox_or_domain, json_schema_input_type=str)] | None = Field(
        None, alias="from", description="The address or domain it sends as."
    )
    ip: Range | None = Field(None, description="The address or range it sends from.")
    tls: Flag | None = Field(None, description="Whether it uses TLS.")


class GatewayOptions(Part):
    """
    The tick boxes of Google's inbound gateway; None where it is not known.
    """

    require_tls: Flag | None = Field(None, description='"Require TLS for connections from the email gateways".')
    reject_all: Flag | None = Field(None, description='"Reject all mail not from gateway IPs".')
    detect_external_ip: Flag | None = Field(None, description='"Automatically detect external IP".')


class Attestation(Part):
    """
    What a person confirms having done.
    """

    by: Title = Field(description="Who.")
    at: Annotated[str, BeforeValidator(values.moment), _DATE] = Field(description="When: 2026-11-23 or 2026-11-23T16:00:00Z.")
    phase: APhase = Field(description="The phase it counts in.")
    note: Note | None = Field(None, description="What else is to be said.")


class Waiver(Part):
    """
    An accepted exception.
    """

    reason: Note = Field(description="Why it is accepted.")
    by: Title = Field(description="By whom.")
    expires: Annotated[date, BeforeValidator(values.day), _DATE] = Field(description="The last day it counts, as 2026-12-31.")
