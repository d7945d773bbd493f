"""
How far the MX records of a tenant's domains have moved, as far as a lock has to wait for it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import cast

from ..environment import DomainScope, Environment
from ..observations import DnsAnswer, DnsQuestion, Plan, Via, ask_dns, together
from ..standards.mx import MxView, see_mx
from .case import Case
from .dns_facts import causes_of
from .mx_gateway import compare_view, hosts_are_certain


@dataclass(frozen=True)
class Move:
    """
    How far the MX records of one domain have moved.

    Args:
        scope: The domain.
        view: Its MX records.
        resolvers: What public resolvers give.
    """

    scope: DomainScope
    view: MxView
    resolvers: tuple[DnsAnswer, ...]

    def done(self, environment: Environment) -> bool | None:
        """
        True where the zone and every resolver that answers have exactly the gateway's hosts, so that the old TTL has passed for them; None
        where none of the resolvers to be asked answered.
        """
        if not self.view.outcome.found:
            return None
        compared = compare_view(environment, self.view)
        if not compared.moved:
            return None if compared.touches_gateway and not hosts_are_certain(environment) else False
        heard = [answer for answer in (self.view.recursive, *self.resolvers) if answer.outcome.found]
        if not all({record.target for record in answer.records} == set(self.view.hosts) for answer in heard):
            return False
        return True if not self.resolvers or any(answer.outcome.found for answer in self.resolvers) else None

    @property
    def causes(self) -> tuple[str, ...]:
        """
        Why it is not known.
        """
        return causes_of(self.view.outcome, *(answer.outcome for answer in self.resolvers)) or ("mx_unknown",)

    @property
    def answers(self) -> tuple[DnsAnswer, ...]:
        """
        What it rests on.
        """
        return (*self.view.answers, *self.resolvers)


def see_moves(case: Case, scopes: Iterable[DomainScope]) -> Plan[tuple[Move, ...]]:
    """
    Ask for the MX records of some domains, of their own servers and of public resolvers.
    """
    return tuple((yield from together([_see_move(case.environment, scope) for scope in scopes])))


def _see_move(environment: Environment, scope: DomainScope) -> Plan[Move]:
    questions = [DnsQuestion(scope.name, "MX", Via.PROPAGATION, resolver) for resolver in environment.propagation_resolvers]
    view, answers = cast("tuple[MxView, list[DnsAnswer]]", tuple((yield [see_mx(scope.name), _ask_all(questions)])))
    return Move(scope, view, tuple(answers))


def _ask_all(questions: list[DnsQuestion]) -> Plan[list[DnsAnswer]]:
    return (yield from ask_dns(*questions)) if questions else []
