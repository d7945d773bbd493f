"""
Networks as the rest of the house gets them, and which probe answers which question.

This is the top of the room: it knows every probe, the probes know `Network`, and `Network` knows none of them. Each probe brings its own
libraries, so none is loaded before something is asked of it.
"""

from __future__ import annotations

import time
from collections.abc import Collection
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from ..observations import DnsQuestion, HttpsQuestion, Observation, Question, SmtpQuestion
from .dns_servers import machine_nameservers
from .network import Network
from .settings import Settings

if TYPE_CHECKING:
    from ..environment import Environment


def open_network(environment: Environment, *, started: float | None = None) -> Network:
    """
    The network a customer's environment describes.

    Args:
        environment: Whose.
        started: `time.monotonic` when the run began; None is now.
    """
    settings = Settings(
        nameservers=tuple(environment.nameservers or ()) or machine_nameservers(),
        propagation_resolvers=tuple(environment.propagation_resolvers or ()),
        connect_to=dict(environment.connect_to),
        allow_private=environment.allow_private,
        proxy=environment.proxy,
        source_address=environment.source_address,
        ca_file=Path(environment.ca_file) if environment.ca_file else None,
        timeout=float(environment.timeout),
        time_limit=float(environment.time_limit),
        sender=environment.sender or "",
        ehlo_name=environment.ehlo_name,
        probes=frozenset(str(probe) for probe in environment.probes),
        send_test_message=environment.send_test_message,
        language=environment.language,
    )
    return network_with(settings, deadline=(time.monotonic() if started is None else started) + settings.time_limit)


def network_with(settings: Settings, *, deadline: float | None = None) -> Network:
    """
    A network that asks as the settings say.

    Args:
        settings: How.
        deadline: `time.monotonic` by which the run must end; by default `Settings.time_limit` from now.
    """
    return Network(settings, _carry_out, deadline=deadline)


def load_ahead(probes: Collection[str]) -> None:
    """
    Load what only a later question needs: some 100 ms of computing, free on a thread while the first answers are under way.

    Args:
        probes: Kinds of probe the run may make.
    """
    if "smtp" in probes:
        import_module(".smtp", __package__)
        import_module(".certificates", __package__)  # the largest part, and needed last: not before a handshake has shown a chain


async def _carry_out(network: Network, question: Question) -> Observation:
    if isinstance(question, DnsQuestion):
        from .dns import ask_dns  # noqa: PLC0415  # a probe is loaded when it is first asked

        return await ask_dns(network, question)
    if isinstance(question, HttpsQuestion):
        from .https import fetch  # noqa: PLC0415  # a probe is loaded when it is first asked

        return await fetch(network, question)
    if isinstance(question, SmtpQuestion):
        from .smtp import run_dialogue  # noqa: PLC0415  # a probe is loaded when it is first asked

        return await run_dialogue(network, question)
    from .control import ask_port  # noqa: PLC0415  # a probe is loaded when it is first asked

    return await ask_port(network, question)
