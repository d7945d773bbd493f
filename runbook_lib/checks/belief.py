"""
Whether the resolver is believed when it says that a name does not exist.

A resolver that knows internal names alone (split DNS, a captive portal) denies every public name, the customer's domain with them. So
before it is believed it is asked for names that are known to exist.
"""

from __future__ import annotations

from collections.abc import Iterable

from ..environment import Environment
from ..knowledge.platforms import default_control_hosts
from ..knowledge.regions import region
from ..observations import DnsAnswer, DnsOutcome, DnsQuestion, Observations, Plan, Via, ask_dns

_LEAST = 2
"""
So many of the names have to be denied: one may be gone.
"""
_NO_WORD = frozenset(
    {
        DnsOutcome.SERVFAIL,
        DnsOutcome.REFUSED,
        DnsOutcome.TIMEOUT,
        DnsOutcome.TRUNCATED,
        DnsOutcome.UNREACHABLE,
        DnsOutcome.MALFORMED,
        DnsOutcome.OTHER,
    }
)


def known_names(environment: Environment) -> tuple[str, ...]:
    """
    Names that are known to exist: the gateway's hosts, and the hosts that are asked whether port 25 is open.
    """
    return tuple(dict.fromkeys((*region(environment.region).mx, *environment.gateway_hosts, *default_control_hosts())))


def ask_known_names(environment: Environment) -> Plan[list[DnsAnswer]]:
    """
    Ask the resolver for the names that are known to exist.
    """
    return (yield from ask_dns(*(DnsQuestion(name, "A") for name in known_names(environment))))


def denies_known_names(environment: Environment, observations: Observations) -> bool:
    """
    True where the resolver was asked for names that are known to exist and says of each that it does not.
    """
    names = known_names(environment)
    asked = [observations.answer(DnsQuestion(name, rdtype, Via.RESOLVER)) for name in names for rdtype in ("A", "AAAA")]
    outcomes = [(one.question.name, one.outcome) for one in asked if isinstance(one, DnsAnswer)]
    denied = {name for name, outcome in outcomes if outcome is DnsOutcome.NXDOMAIN}
    return len(denied) >= _LEAST and not any(outcome in (DnsOutcome.ANSWER, DnsOutcome.NODATA) for _, outcome in outcomes)


def answers_nothing(answers: Iterable[DnsAnswer]) -> bool:
    """
    True where a resolver that was asked for the names known to exist has no word on any of them.
    """
    asked = list(answers)
    return len(asked) >= _LEAST and all(answer.outcome in _NO_WORD for answer in asked)
