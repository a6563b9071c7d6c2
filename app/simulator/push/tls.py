"""TLS over bytes that have been received already: the port finds out by the first of them that they are TLS."""

import ssl

_CHUNK_BYTES = 64 * 1024


class TlsLayer:
    """Turn what came from the client into plain bytes, and plain bytes into what goes to it."""

    def __init__(self, context: ssl.SSLContext) -> None:
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._incoming, self._outgoing, server_side=True)
        self._is_open = False

    def receive(self, data: bytes) -> bytes:
        """Take bytes from the client and return what they say in plain; raises ssl.SSLError where they are no TLS.

        What the handshake has to send lies ready in ``take_output``.
        """
        self._incoming.write(data)
        plain = bytearray()
        try:
            if not self._is_open:
                self._tls.do_handshake()
                self._is_open = True
            while chunk := self._tls.read(_CHUNK_BYTES):
                plain += chunk
        except ssl.SSLWantReadError:
            pass
        return bytes(plain)

    def encrypt(self, plain: bytes) -> bytes:
        """Return what is to be sent for plain bytes."""
        self._tls.write(plain)
        return self.take_output()

    def take_output(self) -> bytes:
        """Return what is to be sent now."""
        return self._outgoing.read()
