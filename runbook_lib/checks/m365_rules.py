"""
``m365.bypass_rule``: does a mail flow rule give exactly the gateway's mail SCL -1, and does none let everybody through?
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ..exports import AddressList, Kind, Origin, TransportRule
from ..knowledge.gateway import gateway
from ..results import Status
from ..standards.ranges import AddressSet, Network, subtract
from .m365_remedies import NONE, Change, Script, disable_rule, enable_rule, new_rule, quoted, ready, unused
from .m365_skip import in_effect, skip_way
from .m365_trust import RULE, Judged, Way
from .m365_view import MOST_SHOWN, Tenant
from .pasted import networks_of

_CMDLET = "Set-TransportRule"
_BYPASS = -1
_WIDEST = 1 << 16
"""
Addresses in one entry beyond which a condition keeps nobody out.
"""
_BROAD = {"FromScope", "SentToScope", "RecipientDomainIs", "SenderIpRanges"}
"""
Conditions that may hold for all of the gateway's mail.
"""
_INSIDE = "inorganization"


@dataclass(frozen=True)
class _Rules:
    """
    All rules of a tenant.

    Args:
        tenant: The tenant.
        every: In the order in which they are processed.
    """

    tenant: Tenant
    every: tuple[TransportRule, ...]

    @property
    def bypasses(self) -> tuple[TransportRule, ...]:
        return tuple(rule for rule in self.every if rule.set_scl == _BYPASS)

    def before(self, rule: TransportRule) -> tuple[TransportRule, ...]:
        index = next(index for index, one in enumerate(self.every) if one is rule)
        return self.every[:index]

    def effective(self, rule: TransportRule) -> list[Network]:
        kept_out = AddressSet(_networks(rule.except_if_sender_ip_ranges))
        return subtract(_networks(rule.sender_ip_ranges), kept_out)


def rule_way(tenant: Tenant) -> Way:
    """
    Bypass rules as a way of trust. A long list of ranges may be spread over several rules.
    """
    exported = tenant.case.exports.transport_rules
    online = [rule for rule in exported or () if rule.origin is not Origin.ON_PREMISES]
    order = sorted(range(len(online)), key=lambda index: (online[index].priority is None, online[index].priority or 0, index))
    rules = _Rules(tenant, tuple(online[index] for index in order))
    nothing = tenant.said(Status.FAIL, f"{RULE}.none", {"name": "-"}, ("missing",))
    items = [*_open(rules), *_meant(rules)]
    return Way(RULE, tenant.case.exports.given(Kind.TRANSPORT_RULES), tuple(items), nothing)


def _open(rules: _Rules) -> list[Judged]:
    """
    Rules that let everybody through, whoever they were meant for.
    """
    found = []
    for rule in rules.bypasses:
        ranges = rule.sender_ip_ranges
        more: dict[str, Any] = {
            "name": rule.name,
            "conditions": list(rule.looks_at) or "-",
            "ranges": list(ranges.texts)[:MOST_SHOWN] if ranges is not None else [],
            "paste": disable_rule(rule.name).lines,
        }
        if _out_of_use(rule, rules.tenant.case.now) - {"not_yet_active"} or (rule.from_scope or "").casefold() == _INSIDE:
            continue
        if ranges is None:
            said = rules.tenant.incomplete(["SenderIpRanges"], more, [rule])
            found.append(Judged(rule.name, said, sound=None, always=True))
        elif not ranges or _wide(ranges):
            said = rules.tenant.said(Status.FAIL, f"{RULE}.open_bypass", more, ("open_bypass",), [rule])
            found.append(Judged(rule.name, said, begun=False, always=True))
    return found


def _wide(entries: AddressList) -> bool:
    return any(entry.size > _WIDEST for entry in entries.entries)


def _meant(rules: _Rules) -> list[Judged]:
    """
    Rules meant for the gateway. One that would let everybody through is never to be turned on, so it is none.
    """
    tenant = rules.tenant
    touching = [rule for rule in rules.bypasses if tenant.touches(rule.sender_ip_ranges)]
    meant = [rule for rule in touching if rule.sender_ip_ranges is not None and not _wide(rule.sender_ip_ranges)]
    faults = {id(rule): _faults(rules, rule) for rule in meant}
    good = [rule for rule in meant if not faults[id(rule)]]
    covered = [network for rule in good for network in rules.effective(rule)]
    judged = []
    for rule in meant:
        causes = faults[id(rule)]
        if causes:
            judged.append(_faulty(rules, rule, causes, covered))
        else:
            judged.append(_working(rules, rule, covered, first=good[0]))
    return judged


def _values(rules: _Rules, rule: TransportRule, covered: Iterable[Network]) -> dict[str, Any]:
    stoppers = _stoppers(rules, rule)
    lacking = rules.tenant.lacking([*covered, *rules.effective(rule)])
    return {
        "name": rule.name,
        "state": rule.state or "?",
        "mode": rule.mode or "?",
        "priority": rule.priority if rule.priority is not None else "?",
        "from": rule.activation_date.isoformat() if rule.activation_date else None,
        "until": rule.expiry_date.isoformat() if rule.expiry_date else None,
        "ranges": list(rule.sender_ip_ranges.texts)[:MOST_SHOWN] if rule.sender_ip_ranges else [],
        "missing": [str(network) for network in lacking or ()],
        "conditions": _narrow(rules.tenant, rule),
        "stopper": [one.name for one in stoppers],
        "skipping": [connector.name for connector in in_effect(rules.tenant)],
    }


def _faulty(rules: _Rules, rule: TransportRule, causes: tuple[str, ...], covered: Iterable[Network]) -> Judged:
    tenant = rules.tenant
    more = _values(rules, rule, covered)
    if causes == ("not_in_export",):
        return Judged(rule.name, tenant.incomplete(["State", "Mode"], more, [rule]), sound=None)
    every = (*causes, *(("missing",) if more["missing"] else ()))
    more["paste"] = _remedy(rules, rule, every, more["missing"]).lines
    return Judged(rule.name, tenant.said(Status.FAIL, f"{RULE}.{causes[0]}", more, every, [rule]))


def _working(rules: _Rules, rule: TransportRule, covered: Sequence[Network], first: TransportRule) -> Judged:
    tenant = rules.tenant
    more = _values(rules, rule, covered)
    lacking = tenant.lacking(covered)
    conflict = bool(in_effect(tenant))
    skipping = skip_way(tenant).sound
    if conflict and (skipping or not lacking):
        more["paste"] = disable_rule(rule.name).lines if skipping else []
        message = "conflicts_with_ef" if skipping else "conflicts_unfinished"
        said = tenant.said(Status.WARN, f"{RULE}.{message}", more, ("conflicts_with_ef",), [rule])
        settled = tenant.settled(said, rule.when_changed)
        return Judged(rule.name, said, sound=None if lacking is None or settled is not said else not lacking, always=True)
    if lacking is None:
        return Judged(rule.name, tenant.unsure(more, [rule]), sound=None)
    if lacking and rule is not first:
        said = tenant.said(Status.NOT_APPLICABLE, f"{RULE}.counted_with", {**more, "stopper": [first.name]}, ("missing",), [rule])
        return Judged(rule.name, said)
    if lacking:
        causes = ("missing", *(("conflicts_with_ef",) if conflict else ()))
        more["paste"] = _remedy(rules, rule, causes, [str(network) for network in lacking]).lines
        return Judged(rule.name, tenant.said(Status.FAIL, f"{RULE}.missing", more, causes, [rule]))
    said = tenant.said(Status.PASS, f"{RULE}.right", more, (), [rule])
    beyond = _beyond(tenant, rule)
    if beyond:
        texts = [text for kind in beyond.values() for text in kind]
        change = Change(_CMDLET, rule.name)
        kept = [each for entry in (rule.sender_ip_ranges or AddressList()).entries if entry.text not in texts for each in entry.networks]
        elsewhere = [each for other in rules.bypasses if other is not rule for each in rules.effective(other)]
        change.alter("SenderIpRanges", ready(tenant.lacking([*kept, *elsewhere]) or ()), texts)
        more |= {"beyond": texts[:MOST_SHOWN], "paste": change.script.lines}
        said = tenant.said(Status.WARN, f"{RULE}.excess", more, tuple(beyond), [rule])
    elif _stoppers(rules, rule):
        more["paste"] = _first(rule).lines
        said = tenant.said(Status.WARN, f"{RULE}.shadowed_in_part", more, ("shadowed",), [rule])
    settled = tenant.settled(said, rule.when_changed)
    return Judged(rule.name, settled, sound=True if settled is said else None)


def _faults(rules: _Rules, rule: TransportRule) -> tuple[str, ...]:
    if rule.state is None or rule.mode is None:
        return ("not_in_export",)
    out = _out_of_use(rule, rules.tenant.case.now)
    found: list[str] = [cause for cause in ("disabled", "audit", "expired", "not_yet_active") if cause in out]
    if any(_stops_all(rules.tenant, one) for one in _stoppers(rules, rule)):
        found.append("shadowed")
    if _narrow(rules.tenant, rule):
        found.append("narrowed")
    return tuple(found)


def _out_of_use(rule: TransportRule, now: datetime) -> set[str]:
    found = {
        "disabled": rule.state is not None and rule.state.casefold() != "enabled",
        "audit": rule.mode is not None and rule.mode.casefold() != "enforce",
        "expired": rule.expiry_date is not None and rule.expiry_date <= now,
        "not_yet_active": rule.activation_date is not None and rule.activation_date > now,
    }
    return {cause for cause, is_so in found.items() if is_so}


def _stoppers(rules: _Rules, rule: TransportRule) -> list[TransportRule]:
    """
    Rules that come first, are at work and end the processing of mail that may be the gateway's.
    """
    tenant = rules.tenant
    return [
        one
        for one in rules.before(rule)
        if one.stop_rule_processing
        and one.set_scl != _BYPASS
        and not _out_of_use(one, tenant.case.now)
        and (one.from_scope or "").casefold() != _INSIDE
        and (not one.sender_ip_ranges or tenant.touches(one.sender_ip_ranges))
    ]


def _stops_all(tenant: Tenant, rule: TransportRule) -> bool:
    """
    True where a rule's conditions hold for all of the gateway's mail to one of the domains, or for all from some of its addresses.
    """
    if set(rule.looks_at) - _BROAD or _exceptions(tenant, rule):
        return False
    domains = {name.lower().rstrip(".") for name in rule.recipient_domain_is or ()}
    return not domains or any({scope.name, scope.unicode.lower()} & domains for scope in tenant.scopes)


def _narrow(tenant: Tenant, rule: TransportRule) -> list[str]:
    """
    Conditions and exceptions that keep a rule from holding for all mail from the gateway.
    """
    narrow = [key for key in rule.looks_at if key not in _BROAD]
    if (rule.from_scope or "").casefold() == _INSIDE:
        narrow.append("FromScope")
    if (rule.sent_to_scope or "").casefold() not in ("", _INSIDE):
        narrow.append("SentToScope")
    domains = {name.lower().rstrip(".") for name in rule.recipient_domain_is or ()}
    if domains and not all({scope.name, scope.unicode.lower()} & domains for scope in tenant.scopes):
        narrow.append("RecipientDomainIs")
    return [*narrow, *_exceptions(tenant, rule)]


def _exceptions(tenant: Tenant, rule: TransportRule) -> list[str]:
    """
    Exceptions of a rule that may keep mail from the gateway out; of addresses its ranges are told without them.
    """
    domains = {name.lower().rstrip(".") for name in rule.except_if_recipient_domain_is or ()}
    elsewhere = bool(domains) and not any({scope.name, scope.unicode.lower()} & domains for scope in tenant.scopes)
    harmless = {"ExceptIfSenderIpRanges", *(("ExceptIfRecipientDomainIs",) if elsewhere else ())}
    return [key for key in rule.leaves_out if key not in harmless]


def _beyond(tenant: Tenant, rule: TransportRule) -> dict[str, list[str]]:
    """
    Entries of a rule that hold what is not the gateway's: everything beyond it is waved through.
    """
    entries = rule.sender_ip_ranges or AddressList()
    found = tenant.beyond(entries)
    named = {text for texts in found.values() for text in texts}
    more = [entry.text for entry in entries.entries if entry.text not in named and subtract(entry.networks, tenant.own)]
    return {**found, **({"excess": more} if more else {})}


def _first(rule: TransportRule) -> Script:
    change = Change(_CMDLET, rule.name)
    change.set("Priority", "0", str(rule.priority or 0))
    return change.script


def _remedy(rules: _Rules, rule: TransportRule, causes: Sequence[str], missing: Sequence[str]) -> Script:
    """
    The commands that make a rule trust the gateway; a second rule beside one that has further conditions.
    """
    tenant = rules.tenant
    if "narrowed" in causes:
        if not tenant.required:
            return Script()
        return new_rule(unused(f"{gateway().name} inbound - bypass", [one.name for one in rules.every]), ready(tenant.required))
    change = Change(_CMDLET, rule.name)
    excepted = rule.except_if_sender_ip_ranges or AddressList()
    wrong = [entry.text for entry in excepted.entries if any(tenant.own.touches(each) for each in entry.networks)] if missing else []
    if missing:
        kept_out = [each for entry in excepted.entries if entry.text not in wrong for each in entry.networks]
        held = subtract(_networks(rule.sender_ip_ranges), AddressSet(kept_out))
        change.alter("SenderIpRanges", ready(subtract(networks_of(missing), AddressSet(held))))
        change.alter("ExceptIfSenderIpRanges", remove=wrong)
    if "audit" in causes:
        change.set("Mode", "Enforce", quoted(rule.mode or ""))
    if "expired" in causes and rule.expiry_date:
        change.set("ExpiryDate", NONE, quoted(rule.expiry_date.isoformat()))
    if "not_yet_active" in causes and rule.activation_date:
        change.set("ActivationDate", NONE, quoted(rule.activation_date.isoformat()))
    if "shadowed" in causes:
        change.set("Priority", "0", str(rule.priority or 0))
    return change.script.then(enable_rule(rule.name)) if "disabled" in causes else change.script


def _networks(entries: AddressList | None) -> list[Network]:
    return list(entries.networks) if entries is not None else []
