"""A device with one passkey, as a browser speaks with it: for tests without a browser."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from fido2 import cbor
from fido2.cose import ES256
from fido2.utils import websafe_encode

HOST, ORIGIN = "localhost", "http://localhost"
USER_PRESENT, USER_VERIFIED, WITH_KEY = 1, 4, 64


@dataclass
class Device:
    """Makes one key and answers with it; `is_owner` says whether it knows who holds it."""

    is_owner: bool = True
    origin: str = ORIGIN
    identifier: bytes = b"device-1"
    owner: str = ""
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    def make(self, options: dict[str, Any]) -> dict[str, Any]:
        """Return the answer to a page that asks for a new passkey."""
        asked = options["publicKey"]
        self.owner = asked["user"]["id"]
        attested = b"\0" * 16 + len(self.identifier).to_bytes(2, "big") + self.identifier
        point = ES256.from_cryptography_key(self.key.public_key())  # type: ignore[no-untyped-call]
        public = cbor.encode(dict(point))
        data = self._data(WITH_KEY) + attested + public
        return self._answer(
            clientDataJSON=self._said("webauthn.create", asked["challenge"]),
            attestationObject=cbor.encode({"fmt": "none", "attStmt": {}, "authData": data}),
        ) | {"clientExtensionResults": {"credProps": {"rk": True}}}

    def use(self, options: dict[str, Any]) -> dict[str, Any]:
        """Return the answer to a page that asks for a passkey."""
        said, data = self._said("webauthn.get", options["publicKey"]["challenge"]), self._data(0)
        signature = self.key.sign(data + sha256(said).digest(), ec.ECDSA(SHA256()))
        answer = self._answer(clientDataJSON=said, authenticatorData=data, signature=signature)
        answer["response"]["userHandle"] = self.owner
        return answer

    def _data(self, flags: int) -> bytes:
        flags |= USER_PRESENT | (USER_VERIFIED if self.is_owner else 0)
        return sha256(HOST.encode()).digest() + bytes([flags]) + (0).to_bytes(4, "big")

    def _said(self, kind: str, challenge: str) -> bytes:
        return json.dumps({"type": kind, "challenge": challenge, "origin": self.origin}).encode()

    def _answer(self, **parts: bytes) -> dict[str, Any]:
        name = websafe_encode(self.identifier)
        response = {key: websafe_encode(value) for key, value in parts.items()}
        return {"id": name, "rawId": name, "type": "public-key", "response": response, "clientExtensionResults": {}}
