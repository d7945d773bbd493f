"""
Google settings in JSON and in GAM's two kinds of CSV.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from typing import Any

import pytest

from runbook_lib.errors import ExportError
from runbook_lib.exports import Exports, Kind

Several = Callable[..., Exports]
ALLOWLIST = {
    "name": "policies/abc",
    "customer": "customers/C1",
    "policyQuery": {"orgUnit": "orgUnits/1", "orgUnitPath": "/", "sortOrder": 1},
    "setting": {"type": "settings/gmail.email_spam_filter_ip_allowlist", "value": {"allowedIpAddresses": ["192.0.2.0/24", "8.8.8.8/24"]}},
    "type": "ADMIN",
}


def other(setting: str) -> dict[str, Any]:
    """
    A policy of another type.
    """
    return {"name": f"policies/{setting}", "setting": {"type": f"settings/gmail.{setting}", "value": {}}, "type": "SYSTEM"}


def table(rows: list[dict[str, Any]], quote: str = '"') -> bytes:
    """
    Rows as CSV.
    """
    stream = io.StringIO()
    writer = csv.DictWriter(stream, list(rows[0]), quotechar=quote)
    writer.writeheader()
    writer.writerows(rows)
    return stream.getvalue().encode()


FORMS = {
    "page": json.dumps({"policies": [ALLOWLIST]}).encode(),
    "list": json.dumps([ALLOWLIST]).encode(),
    "one": json.dumps(ALLOWLIST).encode(),
    "lines": (json.dumps(ALLOWLIST) + "\n" + json.dumps(other("imap_access"))).encode(),
    "scubagoggles": json.dumps(
        {"policies": {"Alder": {"gmail_email_spam_filter_ip_allowlist": {"allowedIpAddresses": ["192.0.2.0/24", "8.8.8.8/24"]}}}}
    ).encode(),
    "json column": table([{"name": "policies/abc", "JSON": json.dumps(ALLOWLIST)}]),
    "json column, other quote": table([{"name": "policies/abc", "JSON": json.dumps(ALLOWLIST)}], quote="'"),
    "flattened, counted": table(
        [
            {
                "name": "policies/abc",
                "policyQuery.orgUnitPath": "/",
                "setting.type": "settings/gmail.email_spam_filter_ip_allowlist",
                "setting.value.allowedIpAddresses": "2",
                "setting.value.allowedIpAddresses.0": "192.0.2.0/24",
                "setting.value.allowedIpAddresses.1": "8.8.8.8/24",
                "type": "ADMIN",
            }
        ]
    ),
    "flattened, joined": table(
        [{"setting.type": "gmail.email_spam_filter_ip_allowlist", "setting.value.allowedIpAddresses": "192.0.2.0/24 8.8.8.8/24"}]
    ),
}


@pytest.mark.parametrize("form", FORMS)
def test_the_allow_list_is_read_from_every_form(exports: Several, form: str) -> None:
    """
    The API's page, a list, one policy, one a line, ScubaGoggles, and GAM's CSV in both forms give the same list.
    """
    made = exports(FORMS[form])

    assert Kind.GOOGLE_POLICIES == made.files[0].kind
    assert made.google_allowlist is not None
    assert ("192.0.2.0/24", "8.8.8.8/24") == made.google_allowlist.texts
    assert ["host_bits"] == [problem.kind for problem in made.files[0].problems]


def test_an_absent_allow_list_is_empty_only_in_a_full_export(exports: Several) -> None:
    """
    Google leaves a list out that was never set; of a filtered export, or the first page of several, that says nothing.
    """
    few = [other("imap_access")]
    full = [other(name) for name in ("imap_access", "pop_access", "auto_forwarding", "confidential_mode", "mail_delegation")]

    assert exports(few).google_allowlist is None
    assert exports({"policies": full, "nextPageToken": "more"}).google_allowlist is None
    empty = exports({"policies": full}).google_allowlist
    assert empty is not None
    assert 0 == len(empty)
    assert exports().google_allowlist is None


def test_a_policy_keeps_where_it_applies(exports: Several) -> None:
    """
    Organisational unit and whether an administrator set it.
    """
    (policy,) = exports(ALLOWLIST).google_policies or ()

    assert ("/", True, "policies/abc") == (policy.org_unit, policy.admin, policy.name)


def test_a_list_that_is_none_is_noted(exports: Several) -> None:
    """
    A text where the list should be makes the allow list unknown, not empty.
    """
    damaged = {**ALLOWLIST, "setting": {"type": ALLOWLIST["setting"]["type"], "value": {"allowedIpAddresses": 3}}}  # type: ignore[index]
    made = exports(damaged)

    assert made.google_allowlist is None
    assert ["not_list"] == [problem.kind for problem in made.files[0].problems]


def test_a_json_column_with_something_else_is_refused(exports: Several) -> None:
    """
    A column JSON that holds no policies is an error with advice.
    """
    with pytest.raises(ExportError, match="quotechar"):
        exports(b"name,JSON\r\na,{broken\r\n")
