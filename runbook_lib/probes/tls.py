"""
TLS over an open connection, with nothing hidden: what is no TLS is told from TLS that fails, and the chain is shown as it was sent.

It runs on memory buffers rather than on asyncio's transport: every byte is seen, counted and given up in time, over a proxy as well.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import ssl
import threading
from typing import Any

from ..observations.smtp import Problem, Stage, Trouble
from .connect import Connection, Stopped, said
from .network import Network
from .settings import Slot
from .smtp_reply import TooMuchError, shortened

MAX_WIRE = 262144
"""
Bytes taken from the peer without anything to show for it (a finished handshake, plaintext) before it is given up.
"""
_RECORDS = (20, 21, 22, 23)
_PLAIN_THEN_RECORD = re.compile(rb"\A([^\x14-\x17].*?)(?=[\x15\x16]\x03[\x00-\x04])", re.DOTALL)
_LOADING = threading.Lock()
"""
Held while trust roots are read, so that dialogues that begin together read them once.
"""
_LEGACY_SERVER_CONNECT = 0x4
"""
OpenSSL's SSL_OP_LEGACY_SERVER_CONNECT; Python names it from 3.12.
"""


class HandshakeProblem(Stopped):
    """
    There is no TLS.

    Args:
        problem: What went wrong, at `Stage.HANDSHAKE`.
        verify_code: OpenSSL's code where the certificate was the reason.
        version_may_help: The peer speaks TLS or closed; an older version might do.
    """

    def __init__(self, problem: Problem, *, verify_code: int | None = None, version_may_help: bool = False) -> None:
        super().__init__(problem)
        self.verify_code = verify_code
        self.version_may_help = version_may_help


def verified_context(network: Network) -> ssl.SSLContext:
    """
    TLS 1.2 or later, chain and name verified. The trust roots are read once a run, which takes some 40 ms: call it on a thread.

    Raises:
        OSError: The environment's `ca_file` cannot be read or holds no certificate.
    """
    with _LOADING:
        context = network.tls_context(Slot.SMTP)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        return _as_senders_verify(context)


def unverified_context() -> ssl.SSLContext:
    """
    TLS 1.2 or later with any certificate, also one whose key is too weak for this machine's policy.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers("DEFAULT:@SECLEVEL=0")
    return context


def old_context() -> ssl.SSLContext:
    """
    Whatever this machine's library can still speak, TLS 1.0 included, with any certificate.
    """
    return _speaking_old(unverified_context())


def old_verified_context(network: Network) -> ssl.SSLContext:
    """
    The same with chain and name verified: an old protocol is no reason not to know the certificate. Call it on a thread.

    Raises:
        OSError: The environment's `ca_file` cannot be read or holds no certificate.
    """
    context = ssl.create_default_context()
    if network.settings.ca_file is not None:
        context.load_verify_locations(network.settings.ca_file)
    return _speaking_old(_as_senders_verify(context))


def _as_senders_verify(context: ssl.SSLContext) -> ssl.SSLContext:
    context.hostname_checks_common_name = False  # RFC 9525: the common name is no name
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN  # as Python has it from 3.13: an issuing CA in ca_file is enough
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT  # Python has that from 3.13; mail servers' senders have it not
    return context


def _speaking_old(context: ssl.SSLContext) -> ssl.SSLContext:
    context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    context.options |= _LEGACY_SERVER_CONNECT
    context.set_ciphers("ALL:@SECLEVEL=0")
    return context


class TlsStream:
    """
    TLS on a connection, as the client.

    Args:
        connection: Open; nothing of the handshake was sent yet.
        context: What is accepted.
        host: Name for SNI and, where the context verifies, for the certificate.

    Raises:
        HandshakeProblem: The name cannot be put into a handshake.
    """

    def __init__(self, connection: Connection, context: ssl.SSLContext, host: str) -> None:
        self._connection = connection
        self._in, self._out = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.injected = b""
        try:
            self._tls = context.wrap_bio(self._in, self._out, server_hostname=host)
        except (ValueError, ssl.SSLError) as error:
            detail = f"not a name TLS can carry: {said(error)}"
            raise HandshakeProblem(Problem(Trouble.LOCAL, Stage.HANDSHAKE, detail)) from error

    @property
    def version(self) -> str | None:
        """
        Protocol version, for example ``TLSv1.3``.
        """
        return self._tls.version()

    @property
    def cipher(self) -> str | None:
        """
        OpenSSL's name of the cipher suite.
        """
        cipher = self._tls.cipher()
        return cipher[0] if cipher else None

    @property
    def chain(self) -> tuple[bytes, ...]:
        """
        Certificates as the server sent them, leaf first, DER.
        """
        # Public only from Python 3.13, where the public method calls this very one.
        inner: Any = self._tls._sslobj  # type: ignore[attr-defined]  # noqa: SLF001  # the only way to the chain before Python 3.13
        return tuple(bytes(ssl.PEM_cert_to_DER_cert(one.public_bytes())) for one in inner.get_unverified_chain() or ())

    async def handshake(self) -> None:
        """
        Carry out the handshake.

        Raises:
            HandshakeProblem: It failed.
        """
        received = 0
        while True:
            try:
                self._tls.do_handshake()
            except ssl.SSLWantReadError:
                await self._flush_or_fail()
            except ssl.SSLCertVerificationError as error:
                await self._farewell()
                problem = Problem(Trouble.CERTIFICATE, Stage.HANDSHAKE, said(ValueError(error.verify_message)))
                raise HandshakeProblem(problem, verify_code=error.verify_code) from error
            except ssl.SSLError as error:
                await self._farewell()
                raise HandshakeProblem(Problem(Trouble.PROTOCOL, Stage.HANDSHAKE, _reason(error)), version_may_help=True) from error
            else:
                await self._flush_or_fail()
                return
            data = await self._more()
            received += len(data)
            if received > MAX_WIRE:
                raise HandshakeProblem(Problem(Trouble.LIMIT, Stage.HANDSHAKE, f"a handshake of more than {MAX_WIRE} bytes"))
            if received == len(data):
                data = self._opening(data)
            self._in.write(data)

    async def receive(self) -> bytes:
        """
        Plaintext that has come; empty at the end.

        Raises:
            OSError: The connection broke, or (`ssl.SSLError`) what came is not TLS.
            TooMuchError: Records without end and without content.
        """
        received = 0
        while True:
            try:
                return self._tls.read(16384)
            except ssl.SSLWantReadError:
                pass
            except (ssl.SSLZeroReturnError, ssl.SSLEOFError):
                return b""
            data = await self._connection.receive()
            if not data:
                return b""
            received += len(data)
            if received > MAX_WIRE:
                raise TooMuchError(f"more than {MAX_WIRE} bytes of TLS without content")
            self._in.write(data)
            await asyncio.sleep(0)  # a flood is always ready; others must get their turn

    async def send(self, data: bytes) -> None:
        """
        Send all of it.

        Raises:
            OSError: The connection broke.
        """
        self._tls.write(data)
        await self._flush()

    async def _flush(self) -> None:
        data = self._out.read()
        if data:
            await self._connection.send(data)

    async def _flush_or_fail(self) -> None:
        try:
            await self._flush()
        except OSError as error:
            raise _lost(error) from error

    async def _farewell(self) -> None:
        with contextlib.suppress(OSError):  # the alert is a courtesy
            await self._flush()

    async def _more(self) -> bytes:
        try:
            data = await self._connection.receive()
        except OSError as error:
            raise _lost(error) from error
        if not data:
            detail = "the server closed the connection in the handshake"
            raise HandshakeProblem(Problem(Trouble.CLOSED, Stage.HANDSHAKE, detail), version_may_help=True)
        return data

    def _opening(self, data: bytes) -> bytes:
        """
        The first bytes of the server: a TLS record. Plaintext in front of one was put there by somebody; plaintext alone is no TLS.
        """
        if data[0] in _RECORDS:
            return data
        match = _PLAIN_THEN_RECORD.match(data)
        if match is None:
            raise HandshakeProblem(Problem(Trouble.PROTOCOL, Stage.HANDSHAKE, f"not TLS: {shortened(data, 80)}"))
        self.injected = match.group(1)
        return data[match.end() :]


def _lost(error: OSError) -> HandshakeProblem:
    return HandshakeProblem(Problem(Trouble.CLOSED, Stage.HANDSHAKE, said(error)), version_may_help=True)


def _reason(error: ssl.SSLError) -> str:
    return said(ValueError(error.reason.lower().replace("_", " ") if error.reason else str(error)))
