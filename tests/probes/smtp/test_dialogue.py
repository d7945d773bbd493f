"""
What one dialogue learns of a server that behaves, or refuses in an orderly way.
"""

from __future__ import annotations


async def test_everything_in_one_connection(serve, ask, good_tls, transactions):
    """
    One verified connection gives greeting, capabilities, TLS, certificate and the three RCPT replies.
    """
    replies = {"RCPT TO:<nobody": "550 5.1.1 no such user", "RCPT TO:<someone": "554 5.7.1 relay access denied"}
    server = await serve(lambda peer: peer.serve(replies, tls=good_tls))

    dialogue = await ask(server.port, *transactions)

    (seen,) = dialogue.connections
    assert seen.problem is None
    assert ("verified", "EHLO", 220, "TLSv1.3") == (seen.purpose, seen.hello, seen.greeting.code, seen.tls.version)
    assert (True, ()) == (seen.tls.verified, seen.tls.causes)
    assert ("mail.alder.example",) == seen.tls.chain[0].names
    assert "STARTTLS" in seen.capabilities
    assert "STARTTLS" not in seen.capabilities_tls
    assert [250, 550, 554] == [result.rcpt.code for result in dialogue.results]
    assert server.peers[0].lines == [
        "EHLO probe.example",
        "STARTTLS",
        "EHLO probe.example",
        "MAIL FROM:<>",
        "RCPT TO:<anna@alder.example>",
        "RSET",
        "MAIL FROM:<>",
        "RCPT TO:<nobody-4711@alder.example>",
        "RSET",
        "MAIL FROM:<>",
        "RCPT TO:<someone@foreign.example>",
        "RSET",
        "QUIT",
    ]
