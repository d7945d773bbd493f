"""
The manners of the probes, as the mail servers of made-up customers see them.
"""

from __future__ import annotations

import pytest

from runbook_lib.environment import load_environment
from runbook_lib.sandbox import scenario
from runbook_lib.session import Session


@pytest.mark.parametrize("name", ["alder-pre", "nutmeg-open-relay", "alder-locked"])
async def test_asks_politely(name: str) -> None:
    """
    The mail servers see one RCPT a transaction, never DATA, and a QUIT at the end of each connection.
    """
    async with Session(load_environment(scenario(name).environment_file)) as session:
        await session.run()
        assert session.world is not None
        log = session.world.smtp_log
    connections: dict[int, list[str]] = {}
    for item in log:
        connections.setdefault(item.connection, []).append(item.command.split(":", maxsplit=1)[0].upper())

    assert connections
    for commands in connections.values():
        envelope = [command for command in commands if command in ("MAIL FROM", "RCPT TO")]
        assert "DATA" not in commands
        assert "QUIT" == commands[-1]
        assert envelope[1::2] == ["RCPT TO"] * (len(envelope) // 2)
        assert envelope[::2] == ["MAIL FROM"] * ((len(envelope) + 1) // 2)
