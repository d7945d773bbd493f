"""
``ranges.current``: is the shipped snapshot of the region's ranges still what the gateway publishes? And which ranges are required.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from ..environment import Environment, Phase
from ..knowledge.gateway import gateway
from ..knowledge.regions import CUSTOM, Region, region, snapshot
from ..observations import DnsAnswer, DnsOutcome, Observations, Plan, replay
from ..results import Finding, Status
from ..standards.addresses import is_private
from ..standards.ranges import AddressSet, Network, outermost, subtract
from ..standards.spf import Expansion, SpfFault, expand_ranges
from .case import Case, Check
from .dns_facts import causes_of, left_out, term
from .pasted import networks_of, read_list

_FAULTS = {
    SpfFault.SYNTAX: "spf_syntax",
    SpfFault.NOT_EXPANDED: "spf_not_expanded",
    SpfFault.NO_RECORD: "no_record",
    SpfFault.SEVERAL: "spf_several",
    SpfFault.LOOP: "spf_loop",
    SpfFault.LOOKUPS: "limit",
}


@dataclass(frozen=True, slots=True)
class Reference:
    """
    What a list of ranges is held against.

    Args:
        required: The ranges it has to cover.
        tolerated: The ranges it may hold besides.
        source: ``console``, ``live`` or ``snapshot``.
        causes: Why the live ranges are not known, where the snapshot has to stand in for them.
        answers: What this rests on.
    """

    required: tuple[Network, ...]
    tolerated: tuple[Network, ...]
    source: str
    causes: tuple[str, ...] = ()
    answers: tuple[DnsAnswer, ...] = ()

    @property
    def certain(self) -> bool:
        """
        False for the snapshot: it may be out of date, so nothing is failed by it.
        """
        return self.source != "snapshot"


def live_ranges(of: Region) -> Plan[Expansion]:
    """
    Ask DNS for a region's ranges.

    Args:
        of: The region; one without an SPF name has none.
    """
    if not of.spf:
        return Expansion("")
    return (yield from expand_ranges(of.spf))


def console_networks(environment: Environment) -> list[Network]:
    """
    The ranges the gateway's console shows, as far as they can be read and may be trusted.
    """
    return may_be_trusted(environment, _as_read(environment))


def _as_read(environment: Environment) -> list[Network]:
    """
    The ranges of the console's list, those too that no gateway has.
    """
    return list(dict.fromkeys(read_list(console_text(environment)).networks))


def console_text(environment: Environment) -> str:
    """
    The console's ranges as one text, ``""`` for none.
    """
    given = environment.console_ranges
    return "" if given is None else given if isinstance(given, str) else "\n".join(given)


def reference(environment: Environment) -> Plan[Reference]:
    """
    Find out what lists are held against: the console's ranges, else the live ones, else the snapshot.
    """
    console = tuple(console_networks(environment))
    if console:
        return Reference(console, console, "console")
    of = region(environment.region)
    shipped = networks_of(of.cidrs)
    live = yield from live_ranges(of)
    required = _within(shipped, live) if of.spf_is_superset else list(live.networks)
    if not live.complete or not required:
        return Reference(tuple(shipped), (*shipped, *live.networks), "snapshot", live_causes(live), live.answers)
    return Reference(tuple(required), (*live.networks, *shipped), "live", answers=live.answers)


def _within(shipped: list[Network], live: Expansion) -> list[Network]:
    """
    The parts of the snapshot that are still published in a record that holds other regions' ranges as well.
    """
    gone = AddressSet(subtract(shipped, AddressSet(live.networks)))
    return subtract(shipped, gone)


def required_ranges(environment: Environment, observations: Observations) -> list[str]:
    """
    The ranges the platform has to trust, ready to paste: the console's, else the live ones.

    Returns:
        CIDRs in order; empty where they are not known. A snapshot is never given out: retired blocks are somebody else's now.
    """
    found = replay(reference(environment), observations.answer)
    return [str(network) for network in outermost(may_be_trusted(environment, found.required))] if found.certain else []


def may_be_trusted(environment: Environment, networks: Iterable[Network]) -> list[Network]:
    """
    Those of some networks that may be handed out to be trusted: a console's list with a private range or the whole Internet in it has to be
    put right first.
    """
    private = environment.allow_private
    return [network for network in networks if network.prefixlen and (private or not is_private(str(network.network_address)))]


def live_causes(live: Expansion) -> tuple[str, ...]:
    """
    Why the live ranges are not known, gravest first.
    """
    from_dns = [cause for outcome in live.outcomes for cause in causes_of(outcome)]
    from_spf = [_FAULTS[problem.fault] for problem in live.problems if problem.fault in _FAULTS]
    return tuple(dict.fromkeys([*from_dns, *from_spf])) or ("no_ranges",)


def plan(case: Case) -> Plan[Expansion]:
    """
    The questions of ``ranges.current``.
    """
    return live_ranges(region(case.environment.region))


def judge(case: Case, check: Check) -> list[Finding]:
    """
    Judge ``ranges.current`` for the region.
    """
    environment = case.environment
    of = region(environment.region)
    values: dict[str, Any] = {"region": of.code, "gateway": gateway().name, "as_of": snapshot().as_of, "spf": of.spf}
    if of.code == CUSTOM:
        return [check.finding(of.code, Status.NOT_APPLICABLE, "custom", values, causes=("custom",))]
    if environment.console_ranges is None and any(scope.phase is Phase.LOCKDOWN for scope in environment.scopes):
        return [check.finding(of.code, Status.MANUAL, "console_needed", values, causes=("no_console_ranges",))]
    skipped = left_out(environment, check, [of.code])
    if skipped is not None:
        return skipped
    live = case.replay(live_ranges(of))
    evidence = case.evidence(*live.answers)
    shipped = networks_of(of.cidrs)
    new = [] if of.spf_is_superset else subtract(live.networks, AddressSet(shipped))
    gone = subtract(shipped, AddressSet(live.networks))
    values |= {
        "live": list(live.cidrs),
        "shipped": list(of.cidrs),
        "new": [str(network) for network in new],
        "gone": [str(network) for network in gone],
        "problems": _problems(live),
    }
    if not live.complete:
        message, more = _compared(_as_read(environment), shipped)
        return [check.finding(of.code, Status.UNKNOWN, message, values | more, causes=live_causes(live), evidence=evidence)]
    if not shipped:
        return [check.finding(of.code, Status.PASS, "live_only", values, evidence=evidence)]
    if gone or new:
        causes = [*(("gone",) if gone else ()), *(("new",) if new else ())]
        return [check.finding(of.code, Status.WARN, "differs", values, causes=causes, evidence=evidence)]
    given = _as_read(environment)
    required = _within(shipped, live) if of.spf_is_superset else live.networks
    values |= _apart(given, required, live.networks)
    if given and (values["missing"] or values["beyond"]):
        return [check.finding(of.code, Status.WARN, "console_differs", values, causes=("console_differs",), evidence=evidence)]
    return [check.finding(of.code, Status.PASS, "contained" if of.spf_is_superset else "equal", values, evidence=evidence)]


def _problems(live: Expansion) -> list[str]:
    """
    Why the live ranges are not known, in words; one word where the resolver is not believed.
    """
    if DnsOutcome.DISBELIEVED in live.outcomes:
        return [term(DnsOutcome.DISBELIEVED)]
    return [str(problem) for problem in live.problems]


def _compared(given: list[Network], shipped: list[Network]) -> tuple[str, dict[str, Any]]:
    """
    What is said where the live ranges are not known: the message, and how the console's list and the snapshot lie to each other.
    """
    if not given:
        return "unknown", {}
    if not shipped:
        return "unknown_given_alone", {}
    apart = _apart(given, shipped, shipped)
    return "unknown_given_apart" if apart["missing"] or apart["beyond"] else "unknown_given", apart


def _apart(given: Iterable[Network], required: Iterable[Network], known: Iterable[Network]) -> dict[str, list[str]]:
    """
    The ranges that are not wholly in a list, and those of the list that hold something else.
    """
    listed, right = AddressSet(given), AddressSet(known)
    missing = [str(network) for network in required if subtract([network], listed)]
    return {"missing": missing, "beyond": [str(network) for network in given if subtract([network], right)]}


CHECKS = (Check("ranges.current", "ranges", judge, plan),)
