"""A copy agent that lies, in the ways its control file names: `python -m tests.drills.parts.liar PORT KEYS CONTROL`.

wrong-hash: says honestly that it stored other bytes · other-key: signs with a key nobody pinned · old-nonce: gives an
answer to another question · unsigned · perfect: stores nothing and says what the site wants to hear.
"""

import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from licheng.foundations.custody.signed import NONCE_HEADER, SIGNATURE_HEADER, private_key, seal_answer

NOBODY = "00000000-0000-0000-0000-000000000000"


class Liar(BaseHTTPRequestHandler):
    """One question, one lie."""

    protocol_version = "HTTP/1.1"

    def do_PUT(self):
        """Take the bytes and throw them away."""
        size = int(self.headers["Content-Length"])
        self.rfile.read(size)
        self._lie({"operation": "put", "size": size})

    def do_POST(self):
        """The file is never there, but for the perfect liar."""
        state = "good" if self._mode() == "perfect" else "missing"
        self._lie({"operation": "check", "state": state})

    def do_GET(self):
        """Other bytes than were sent."""
        self._send(200, b"something else", "")

    def _mode(self):
        return Path(self.server.control).read_text().strip()

    def _lie(self, said):
        mode, asked = self._mode(), self.path.split("/")[2].partition("?")[0]
        key = self.server.stranger if mode == "other-key" else self.server.key
        said |= {
            "name": "b",
            "nonce": "0" * 32 if mode == "old-nonce" else self.headers[NONCE_HEADER],
            "sha256": "0" * 64 if mode == "wrong-hash" else asked,
            "volume": NOBODY,
            "epoch": 0,
        }
        body, signature = seal_answer(key, said)
        self._send(200, body, "" if mode == "unsigned" else signature)

    def _send(self, status, body, signature):
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.send_header(SIGNATURE_HEADER, signature)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_arguments):
        """Nothing: the drill says what happened."""


def main(port, keys, control):
    """Serve until killed."""
    server = ThreadingHTTPServer(("127.0.0.1", int(port)), Liar)
    server.key, server.stranger = private_key(Path(keys) / "b.key"), Ed25519PrivateKey.generate()
    server.control = control
    server.serve_forever()


if __name__ == "__main__":
    main(*sys.argv[1:])
