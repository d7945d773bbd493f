"""
Single values: what is taken, and how it is spelt afterwards.
"""

from __future__ import annotations

import ipaddress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runbook_lib.environment import addresses, safe_name, values
from runbook_lib.environment.addresses import a_label
from runbook_lib.environment.refusal import Refusal, nearest, shown


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("mail.alder.example", "mail.alder.example"),
        ("MAIL.Alder.Example.", "mail.alder.example"),
        ("localhost", "localhost"),
        ("r3---sn.example", "r3---sn.example"),
        ("xn--i-7iq.ws", "xn--i-7iq.ws"),
        ("1.2.0.192.in-addr.arpa", "1.2.0.192.in-addr.arpa"),
        ("straße.example", "xn--strae-oqa.example"),
        ("例え。テスト", "xn--r8jz45g.xn--zckzah"),
        (" mail.alder.example ", "mail.alder.example"),
    ],
)
def test_host(written: str, kept: str) -> None:
    """
    A host name is kept as an A-label in lower case without its final dot.
    """
    assert kept == addresses.host(written)


@pytest.mark.parametrize(
    ("name", "shown_as"),
    [
        ("xn--bcher-kva.example", "bücher.example"),
        ("alder.example", "alder.example"),
        ("xn--i-7iq.ws", "xn--i-7iq.ws"),
        ("xn--.example", "xn--.example"),
    ],
)
def test_u_label(name: str, shown_as: str) -> None:
    """
    A name is shown as people write it where that is valid, else as it is.
    """
    assert shown_as == addresses.u_label(name)


@pytest.mark.parametrize(
    "written",
    [
        "anna@alder.example",
        "änna@alder.example",
        '"anna b"@alder.example',
        "a+b!#$%&'*/=?^_`{|}~-@alder.example",
        "a@localhost",
        '"a\\"@b"@alder.example',
    ],
)
def test_mailbox(written: str) -> None:
    """
    All local parts of RFC 5321 and RFC 6531 are taken as they are.
    """
    assert written == addresses.mailbox(written)


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ("mail.alder.example", ("mail.alder.example", None)),
        ("_x.alder.example:25", ("_x.alder.example", 25)),
        ("192.0.2.1:25", ("192.0.2.1", 25)),
        ("192.0.2.1", ("192.0.2.1", None)),
        ("[2001:DB8::1]:25", ("2001:db8::1", 25)),
        ("2001:db8::1", ("2001:db8::1", None)),
        ("[::1]", ("::1", None)),
    ],
)
def test_peer(written: str, found: tuple[str, int | None]) -> None:
    """
    A peer is a host or an address, with a port or without.
    """
    assert found == addresses.peer(written)


@pytest.mark.parametrize(
    "written", ["::1:99999999", "a:b", "a:0", "a:70000", "[::1", "::1]:25", "[a.example]:25", "fe80::1%eth0", ":25", "a:25:26", ""]
)
def test_no_peer(written: str) -> None:
    """
    What could be read in two ways is refused.
    """
    with pytest.raises(Refusal):
        addresses.peer(written)


@pytest.mark.parametrize(
    "written",
    [
        "::1",
        "[::1]:5353",
        "192.0.2.53",
        "192.0.2.53:53",
        "tls://192.0.2.53",
        "tls://[::1]:853",
        "https://dns.example:8443/q?a=b",
        "https://[::1]/dns-query",
    ],
)
def test_nameserver(written: str) -> None:
    """
    Every form of the contract is taken as given.
    """
    assert written == addresses.nameserver(written)


@pytest.mark.parametrize(
    "written",
    [
        "https://",
        "https:///q",
        "http://dns.example/",
        "https://dns.example/{?dns}",
        "https://dns.example/#x",
        "https://a b/",
        "udp://192.0.2.1",
        "tls://",
    ],
)
def test_no_nameserver(written: str) -> None:
    """
    Other forms are refused.
    """
    with pytest.raises(Refusal):
        addresses.nameserver(written)


def test_ranges_keep_host_bits() -> None:
    """
    Host bits that are set are a finding of the allow list checks, not an error of the file.
    """
    assert "192.0.2.1/24" == addresses.network("192.0.2.1/24")


@pytest.mark.parametrize(
    ("customer", "name"),
    [
        ("Alder & Sons, Ltd.", "Alder-Sons-Ltd"),
        ("../../x", "x"),
        ("<script>alert(1)</script>", "script-alert-1-script"),
        ("", "customer"),
        ("...", "customer"),
        ("\x00\x1b", "customer"),
        ("CON", "customer-CON"),
        ("nul.txt", "customer-nul.txt"),
        ("com¹", "customer-com1"),
        ("-rf", "rf"),
        ("／..／x", "x"),
        ("Bücher AG", "Bücher-AG"),
        ("{customer}", "customer"),
    ],
)
def test_safe_name(customer: str, name: str) -> None:
    """
    A customer's name becomes one harmless part of a path.
    """
    assert name == safe_name(customer)


@given(st.text(max_size=500))
def test_safe_name_is_always_safe(customer: str) -> None:
    """
    Whatever the customer is called, the name is one part of a path, bounded, and the same when made safe again.
    """
    name = safe_name(customer)

    assert 0 < len(name.encode()) <= 89
    assert not set(name) & set('/\\:*?"<>|{}\x00 ')
    assert not name.startswith((".", "-"))
    assert not name.endswith((".", " "))
    assert ".." not in name
    assert name == safe_name(name)


@given(st.ip_addresses())
def test_addresses(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> None:
    """
    Every address is read, in its shortest spelling, alone and with a port.
    """
    assert str(address) == addresses.address(address.exploded)
    assert (str(address), 25) == addresses.endpoint(addresses.joined(address.exploded, 25))


@given(st.one_of(st.text(), st.integers(), st.floats(), st.binary(), st.lists(st.text()), st.none(), st.booleans()))
def test_no_value_gets_a_traceback(value: Any) -> None:
    """
    Every function either takes a value or refuses it with a printable sentence, and what is taken is taken again unchanged.
    """
    for take in (
        values.text,
        values.pasted,
        values.truth,
        values.port,
        addresses.address,
        addresses.network,
        addresses.host,
        addresses.domain,
        addresses.mailbox,
        addresses.target,
        addresses.control_host,
        addresses.redirected,
        addresses.nameserver,
        addresses.proxy,
        addresses.greeting_name,
        addresses.null_or_mailbox,
        addresses.mailbox_or_domain,
        values.moment,
        values.world,
    ):
        try:
            taken: Any = take(value)
        except Refusal as refusal:
            sentence = str(refusal)
        else:
            sentence = ""

            assert taken == take(taken)

        assert sentence.isprintable()


def test_shown_leaves_out_credentials() -> None:
    """
    A password in a URL is never repeated.
    """
    assert "socks5://…@proxy.example" == shown("socks5://user:pa/ss@proxy.example")


def test_nearest() -> None:
    """
    A misspelt word finds its neighbour, a strange one finds none.
    """
    assert "tls_policy" == nearest("TLS-Policy", ["tls_policy", "timeout"])
    assert nearest("zzz", ["tls_policy", "timeout"]) is None


def test_an_ascii_label_beside_an_internationalised_one_stays_as_it_is() -> None:
    """
    Hyphens in the third and fourth place are allowed in an ASCII label (RFC 5890 section 2.3.1), whatever its neighbours are.
    """
    assert "r3--sn.xn--bcher-kva.example" == a_label("r3--sn.bücher.example", "r3--sn.bücher.example")
