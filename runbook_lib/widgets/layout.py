"""
Which fields the form has, in which sections, and for whom.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ..environment import DeliveryPolicy, Environment, InboundFirewall, Phase, Platform, Role, TlsPolicy, ValidationMethod, VendorProcess
from ..knowledge.regions import CUSTOM, regions
from ..knowledge.text import Catalogue, languages
from ..reporting.labels import Labels
from .fields import ChoiceField, Field, FlagField, GroupField, LinesField
from .pasted import PastedField
from .rows import RowsField


@dataclass(frozen=True, slots=True)
class Section:
    """
    A part of the form.

    Args:
        id: Its title is ``form.section.<id>``.
        fields: In order.
        open: Shown from the start.
        concerns: Whether a platform needs it.
    """

    id: str
    fields: tuple[Field, ...]
    open: bool = False
    concerns: Callable[[str], bool] = lambda _: True


def sections(catalogue: Catalogue) -> tuple[Section, ...]:
    """
    The whole form, empty.
    """
    return (
        Section("customer", _customer(catalogue), open=True),
        Section("domains", (_domains(catalogue),), open=True),
        Section("route", _route(catalogue), open=True),
        Section("console", _console(catalogue)),
        Section("lists", _lists(catalogue)),
        Section("today", _today(catalogue)),
        Section("google", _google(catalogue), concerns=lambda platform: platform == "google_workspace"),
        Section("run", _run(catalogue)),
        Section("exceptions", (_waivers(catalogue),)),
    )


def start_fields(catalogue: Catalogue) -> tuple[Field, ...]:
    """
    The few fields that a new environment needs.
    """
    customer, platform, _, region, *_ = _customer(catalogue)
    return (customer, platform, region, _domains(catalogue), Field("inbound_host", catalogue), Field("test_recipient", catalogue))


def _platforms(catalogue: Catalogue) -> list[tuple[str, str]]:
    return [(each.value, Labels(catalogue).pick("platform", each.value)) for each in Platform]


def _phases(catalogue: Catalogue) -> list[tuple[str, str]]:
    return [(each.value, Labels(catalogue).pick("phase", each.value)) for each in Phase]


def _words(catalogue: Catalogue, group: str, values: Sequence[str]) -> list[tuple[str, str]]:
    return [(value, catalogue.text(f"form.choice.{group}", value)) for value in values]


def _default(key: str) -> str:
    """
    What counts where a key is not given.
    """
    return str(Environment.model_fields[key].default)


def _customer(catalogue: Catalogue) -> tuple[Field, ...]:
    places = [(each.code, f"{catalogue.region(each.code)} ({each.code})") for each in regions()]
    places.append((CUSTOM, catalogue.text("form.choice.region", "custom")))
    return (
        Field("customer", catalogue),
        ChoiceField("platform", catalogue, _platforms(catalogue)),
        ChoiceField("phase", catalogue, _phases(catalogue), optional=True, default=_default("phase")),
        ChoiceField("region", catalogue, places),
        Field("account_code", catalogue),
        ChoiceField("vendor_process", catalogue, _words(catalogue, "vendor_process", list(VendorProcess)), optional=True),
        ChoiceField("language", catalogue, _words(catalogue, "language", languages()), default="en"),
        _contacts(catalogue),
    )


def _contacts(catalogue: Catalogue) -> RowsField:
    def row() -> tuple[Sequence[Field], Sequence[Field]]:
        parts = [Field(name, catalogue, f"form.of_contact.{name}") for name in ("name", "role", "phone", "email")]
        return (*parts, FlagField("emergency", catalogue, "form.of_contact.emergency")), ()

    return RowsField("contacts", catalogue, row)


def _domains(catalogue: Catalogue) -> RowsField:
    def row() -> tuple[Sequence[Field], Sequence[Field]]:
        parts = (
            Field("name", catalogue, "form.of_domain.name"),
            ChoiceField(
                "role", catalogue, _words(catalogue, "role", list(Role)), optional=True, default=Role.MAIL, words="form.of_domain.role"
            ),
            Field("test_recipient", catalogue, "form.of_domain.test_recipient"),
        )
        more = (
            ChoiceField("phase", catalogue, _phases(catalogue), optional=True, words="form.of_domain.phase"),
            ChoiceField("platform", catalogue, _platforms(catalogue), optional=True, words="form.of_domain.platform"),
            Field("inbound_host", catalogue, "form.of_domain.inbound_host"),
        )
        return parts, more

    return RowsField("domains", catalogue, row, plain="name")


def _route(catalogue: Catalogue) -> tuple[Field, ...]:
    return (
        Field("inbound_host", catalogue),
        Field("test_recipient", catalogue),
        ChoiceField("delivery_policy", catalogue, _words(catalogue, "delivery_policy", list(DeliveryPolicy)), optional=True),
        *(
            ChoiceField(key, catalogue, _words(catalogue, key, values), optional=True, default=_default(key))
            for key, values in (("tls_policy", list(TlsPolicy)), ("inbound_firewall", list(InboundFirewall)))
        ),
        FlagField("send_test_message", catalogue),
    )


def _console(catalogue: Catalogue) -> tuple[Field, ...]:
    def code() -> tuple[Sequence[Field], Sequence[Field]]:
        return (Field("domain", catalogue, "form.of_code.domain"), Field("code", catalogue, "form.of_code.code")), ()

    return (
        LinesField("gateway_hosts", catalogue),
        PastedField("console_ranges", catalogue),
        RowsField("validation_codes", catalogue, code, named_by="domain", plain="code"),
        ChoiceField(
            "validation_method",
            catalogue,
            _words(catalogue, "validation_method", list(ValidationMethod)),
            optional=True,
            default=_default("validation_method"),
        ),
    )


def _lists(catalogue: Catalogue) -> tuple[Field, ...]:
    return (PastedField("allowlist", catalogue),)


def _answers(catalogue: Catalogue) -> list[tuple[str, str]]:
    """
    What may be answered where "no" is something else than no answer.
    """
    return [("true", catalogue.text("walk.answer", "yes")), ("false", catalogue.text("walk.answer", "no"))]


def _google(catalogue: Catalogue) -> tuple[Field, ...]:
    boxes = [
        ChoiceField(name, catalogue, _answers(catalogue), optional=True, words=f"form.of_google.{name}")
        for name in ("require_tls", "reject_all", "detect_external_ip")
    ]
    return (
        PastedField("gateway_list", catalogue),
        GroupField("gateway_options", catalogue, boxes),
        FlagField("internal_route", catalogue),
    )


def _today(catalogue: Catalogue) -> tuple[Field, ...]:
    def sender() -> tuple[Sequence[Field], Sequence[Field]]:
        parts = [Field(name, catalogue, f"form.of_sender.{name}") for name in ("name", "from", "ip")]
        return (*parts, ChoiceField("tls", catalogue, _answers(catalogue), optional=True, words="form.of_sender.tls")), ()

    present = (
        Field("name", catalogue, "form.of_present.name"),
        LinesField("hosts", catalogue, "form.of_present.hosts"),
        LinesField("ranges", catalogue, "form.of_present.ranges"),
        FlagField("locked", catalogue, "form.of_present.locked"),
    )
    return (
        GroupField("present_gateway", catalogue, present),
        RowsField("senders", catalogue, sender),
        FlagField("outbound_via_gateway", catalogue),
    )


def _run(catalogue: Catalogue) -> tuple[Field, ...]:
    def redirect() -> tuple[Sequence[Field], Sequence[Field]]:
        return (Field("peer", catalogue, "form.of_redirect.peer"), Field("target", catalogue, "form.of_redirect.target")), ()

    return (
        LinesField("probes", catalogue),
        LinesField("nameservers", catalogue),
        LinesField("propagation_resolvers", catalogue),
        LinesField("control_hosts", catalogue),
        Field("proxy", catalogue),
        Field("source_address", catalogue),
        Field("inbound_port", catalogue),
        Field("timeout", catalogue),
        Field("time_limit", catalogue),
        Field("sender", catalogue),
        Field("ehlo_name", catalogue),
        Field("relay_test_domain", catalogue),
        RowsField("connect_to", catalogue, redirect, named_by="peer", plain="target"),
        FlagField("allow_private", catalogue),
        Field("ca_file", catalogue),
        Field("sandbox", catalogue),
        Field("output_dir", catalogue),
    )


def _waivers(catalogue: Catalogue) -> RowsField:
    def row() -> tuple[Sequence[Field], Sequence[Field]]:
        return tuple(Field(name, catalogue, f"form.of_waiver.{name}") for name in ("check", "reason", "by", "expires")), ()

    return RowsField("waivers", catalogue, row, named_by="check")
