"""
Who does what is to be done: on some platforms one party does what others share elsewhere.
"""

from __future__ import annotations

from ..environment import Environment
from ..knowledge.platforms import platform_facts
from .route_view import mail_scopes


def who_does(environment: Environment, role: str, subject: str = "") -> str:
    """
    Who does what a role does, on the platform of a subject; of anything but a domain or an inbound host on the platforms of all.

    Args:
        environment: Its domains and their platforms.
        role: A code of `Words.who`.
        subject: What a finding is about.

    Returns:
        The role itself where the platforms differ.
    """
    mail = mail_scopes(environment)
    mine = [scope for scope in mail if subject and subject in (scope.name, scope.inbound_host)] or mail
    there = {platform_facts(scope.platform.value).roles.get(role, role) for scope in mine}
    return there.pop() if len(there) == 1 else role
