"""A passkey made of software, so that tests can lie in every place where a real one cannot."""

import hashlib
import json
import secrets
import struct

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from fido2 import cbor
from fido2.cose import ES256
from fido2.utils import websafe_decode, websafe_encode

PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40


class SoftPasskey:
    """One credential of one site; every field of what it says can be changed before it is said."""

    def __init__(self, origin, host):
        self.origin, self.host = origin, host
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.credential_id = secrets.token_bytes(16)
        self.counter = 0
        self.flags = PRESENT | VERIFIED
        self.user_handle = b""

    def make(self, options):
        """Answer to `navigator.credentials.create`, as JSON."""
        self.user_handle = options["publicKey"]["user"]["id"]
        public = cbor.encode(dict(ES256.from_cryptography_key(self.key.public_key())))
        attested = bytes(16) + struct.pack(">H", len(self.credential_id)) + self.credential_id + public
        data = self._data(self.flags | ATTESTED) + attested
        told = {"fmt": "none", "attStmt": {}, "authData": data}
        client = self._client("webauthn.create", options)
        response = {"clientDataJSON": client, "attestationObject": websafe_encode(cbor.encode(told))}
        return self._answer(response)

    def show(self, options):
        """Answer to `navigator.credentials.get`, as JSON; a real authenticator counts up each time."""
        data, client = self._data(self.flags), self._client("webauthn.get", options)
        signed = data + hashlib.sha256(websafe_decode(client)).digest()
        signature = self.key.sign(signed, ec.ECDSA(hashes.SHA256()))
        response = {"clientDataJSON": client, "authenticatorData": websafe_encode(data)}
        response |= {"signature": websafe_encode(signature), "userHandle": self.user_handle}
        return self._answer(response)

    def _data(self, flags):
        return hashlib.sha256(self.host.encode()).digest() + struct.pack(">BI", flags, self.counter)

    def _client(self, kind, options):
        said = {"type": kind, "challenge": options["publicKey"]["challenge"], "origin": self.origin}
        return websafe_encode(json.dumps(said).encode())

    def _answer(self, response):
        shown = websafe_encode(self.credential_id)
        return {"type": "public-key", "id": shown, "rawId": shown, "response": response} | {
            "clientExtensionResults": {}
        }
