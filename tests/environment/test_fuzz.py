"""
No input gets a traceback: every file and every mapping is an environment, or an `EnvironmentFileError` that can be shown.
"""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from runbook_lib.environment import (
    NOTEBOOK_DEFAULTS,
    Environment,
    EnvironmentFileError,
    environment_from_parameters,
    environment_schema,
    load_environment,
)

SLOW = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
SCHEMA = Draft202012Validator(environment_schema())
KEYS = st.sampled_from(
    [*NOTEBOOK_DEFAULTS, "name", "role", "by", "at", "expires", "reason", "locked", "require_tls", "from", "mx.ttl", "x"]
)
WORDS = st.sampled_from(
    [
        "alder.example",
        "mail.alder.example",
        "192.0.2.1",
        "192.0.2.1:25",
        "microsoft_365",
        "eu",
        "custom",
        "prepare",
        "yes",
        "25",
        "1e5",
        "",
        "~",
        "null",
        "socks5://h.example:1",
        "[::1]:25",
        "2026-12-31",
        "anna@alder.example",
        "&a",
        "*a",
        "!a",
        "|",
        ">",
        "'",
        '"',
        "{",
        "[",
        "- ",
        "? ",
        ": ",
        "#",
        "%",
        "---",
    ]
)
SCALARS = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), WORDS, st.text(max_size=30))
TREES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS | st.text(max_size=8), inner, max_size=4), max_leaves=12
)


def sound(attempt: Any) -> None:
    """
    An environment, or an error whose every word can be shown.
    """
    try:
        made: Environment = attempt()
    except EnvironmentFileError as error:
        told = error.problems
    else:
        assert made == environment_from_parameters(json.loads(json.dumps(made.as_given())))
        return

    assert told
    for problem in told:
        assert (problem.key + problem.value + problem.message).isprintable()
        assert len(problem.value) <= 80
    json.dumps([problem.value for problem in told], ensure_ascii=False).encode()


def load_bytes(content: bytes) -> Environment:
    """
    Load a file with this content.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "a.yaml")
        path.write_bytes(content)
        return load_environment(path)


@SLOW
@given(st.binary(max_size=300))
def test_any_bytes(content: bytes) -> None:
    """
    Any bytes are refused with a sentence.
    """
    sound(lambda: load_bytes(content))


@SLOW
@given(
    st.lists(
        st.one_of(
            KEYS.map(lambda key: f"{key}: "), WORDS, st.sampled_from(["\n", "\n  ", "\n- ", " ", ", ", "]", "}"]), st.text(max_size=5)
        ),
        max_size=40,
    )
)
def test_text_like_yaml(parts: list[str]) -> None:
    """
    Text made of YAML's signs and our keys is an environment or refused with a sentence.
    """
    sound(lambda: load_bytes("".join(parts).encode("utf-8", "surrogatepass")))


@SLOW
@given(st.dictionaries(KEYS | st.text(max_size=8), TREES, max_size=8))
def test_any_parameters(parameters: dict[str, Any]) -> None:
    """
    Any mapping papermill could hand over is an environment or refused with a sentence.
    """
    sound(lambda: environment_from_parameters(parameters))


HOSTS = st.from_regex(r"[a-z]([a-z0-9-]{0,8}[a-z0-9])?\.(alder|bücher)\.example", fullmatch=True)
LINES = st.text(st.characters(categories=["L", "N", "P", "S"]), min_size=1, max_size=20)
ADDRESSES = st.ip_addresses().map(str)
PEERS = st.builds("{}:{}".format, HOSTS, st.integers(1, 65535))
TARGETS = st.builds("{}:{}".format, st.ip_addresses(v=4), st.integers(1, 65535))
ENTRIES = st.one_of(
    HOSTS,
    st.fixed_dictionaries(
        {"name": HOSTS},
        optional={
            "role": st.sampled_from(["mail", "parked", "send_only"]),
            "phase": st.sampled_from(["prepare", "cutover"]),
            "inbound_host": HOSTS,
        },
    ),
)
GOOD = st.fixed_dictionaries(
    {
        "customer": LINES,
        "platform": st.sampled_from(["microsoft_365", "google_workspace", "on_premises", "hybrid", "hosted_exchange"]),
        "region": st.sampled_from(["eu", "de", "us", "usb", "ca", "za", "au", "je", "uspcom"]),
        "domains": st.lists(ENTRIES, min_size=1, max_size=4, unique_by=lambda entry: entry if isinstance(entry, str) else entry["name"]),
        "inbound_host": HOSTS,
    },
    optional={
        "phase": st.sampled_from(["prepare", "cutover", "lockdown"]),
        "vendor_process": st.sampled_from(["connect_application", "connect_process", "onboarding"]),
        "contacts": st.lists(
            st.fixed_dictionaries(
                {"name": LINES, "phone": st.from_regex(r"\+44 1632 960[0-9]{3}", fullmatch=True)},
                optional={"role": LINES, "email": HOSTS.map("anna@{}".format), "emergency": st.booleans()},
            ),
            max_size=2,
        ),
        "gateway_hosts": st.lists(HOSTS, max_size=3),
        "inbound_port": st.integers(1, 65535),
        "tls_policy": st.sampled_from(["opportunistic", "strict"]),
        "test_recipient": HOSTS.map("anna@{}".format),
        "probes": st.lists(st.sampled_from(["dns", "https", "smtp"]), min_size=1, max_size=3),
        "send_test_message": st.booleans(),
        "validation_codes": st.dictionaries(HOSTS, LINES, max_size=3),
        "console_ranges": st.lists(st.sampled_from(["192.0.2.0/24", "2001:db8::/32"]), max_size=2)
        | st.text(st.characters(exclude_categories=["Cs"])),
        "present_gateway": st.fixed_dictionaries(
            {}, optional={"name": LINES, "hosts": st.lists(HOSTS, max_size=2), "locked": st.booleans()}
        ),
        "senders": st.lists(
            st.fixed_dictionaries({"name": LINES}, optional={"from": HOSTS, "ip": ADDRESSES, "tls": st.booleans()}), max_size=2
        ),
        "allowlist": st.text(st.characters(exclude_categories=["Cs"])),
        "gateway_options": st.fixed_dictionaries({}, optional={"require_tls": st.booleans(), "reject_all": st.booleans()}),
        "waivers": st.dictionaries(
            st.sampled_from(["mx.ttl", "mx.ttl alder.example", "route.host"]),
            st.fixed_dictionaries({"reason": LINES, "by": LINES, "expires": st.dates().map(str)}),
            max_size=2,
        ),
        "nameservers": st.lists(ADDRESSES, max_size=2),
        "propagation_resolvers": st.lists(ADDRESSES, max_size=2),
        "control_hosts": st.lists(HOSTS | PEERS, max_size=2),
        "connect_to": st.dictionaries(PEERS, TARGETS, max_size=2),
        "timeout": st.floats(0.1, 120) | st.integers(1, 120),
        "output_dir": st.just("reports/here"),
    },
)


@SLOW
@given(GOOD)
def test_good_environments_survive(parameters: dict[str, Any]) -> None:
    """
    A right environment is taken, reads back equal from what was given, and the JSON Schema takes it too.
    """
    made = environment_from_parameters(parameters)

    assert made == environment_from_parameters(json.loads(json.dumps(made.as_given())))
    assert [] == list(SCHEMA.iter_errors(parameters))
    assert len(made.domains) == len(made.scopes)
