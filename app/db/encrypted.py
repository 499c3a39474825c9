"""Columns whose content is encrypted at rest: AES-256-GCM, key rotation by kid, the purpose bound into each ciphertext."""

from __future__ import annotations

import base64
import secrets

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from flask import current_app
from sqlalchemy import LargeBinary
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

from app.config import EncryptionKey

NONCE_BYTES = 12


class KeyMissing(RuntimeError):
    """This process does not hold the key of that purpose; by design most do not."""


class Keyring:
    """Encrypts under the first key of a purpose, decrypts under any."""

    def __init__(self, keys: tuple[EncryptionKey, ...]) -> None:
        self._keys = keys

    def encrypt(self, purpose: str, plain: str) -> bytes:
        """`kid:base64(nonce ‖ ciphertext)`. Raises `KeyMissing` where this process has no such key."""
        key = next((key for key in self._keys if key.purpose in (purpose, None)), None)
        if key is None:
            raise KeyMissing(purpose)
        nonce = secrets.token_bytes(NONCE_BYTES)
        sealed = AESGCM(key.secret).encrypt(nonce, plain.encode(), purpose.encode())
        return key.kid.encode() + b":" + base64.b64encode(nonce + sealed)

    def decrypt(self, purpose: str, stored: bytes) -> str:
        """The plain text. Raises `KeyMissing`, or `cryptography.exceptions.InvalidTag` for a forged or moved ciphertext."""
        kid, _, encoded = stored.partition(b":")
        key = next((key for key in self._keys if key.kid == kid.decode() and key.purpose in (purpose, None)), None)
        if key is None:
            raise KeyMissing(purpose)
        sealed = base64.b64decode(encoded)
        return AESGCM(key.secret).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], purpose.encode()).decode()

    def holds(self, purpose: str) -> bool:
        """True where this process can write what is encrypted for that purpose."""
        return any(key.purpose in (purpose, None) for key in self._keys)

    def is_current(self, purpose: str, stored: bytes) -> bool:
        """True where it was encrypted under the key that would be used now."""
        key = next((key for key in self._keys if key.purpose in (purpose, None)), None)
        return key is not None and stored.partition(b":")[0] == key.kid.encode()


class Encrypted(TypeDecorator[str]):
    """A text column stored encrypted under the keys of `purpose` (`discord`, `endpoints`, `accounts`)."""

    impl = LargeBinary(2048)
    cache_ok = True

    def __init__(self, purpose: str) -> None:
        super().__init__()
        self.purpose = purpose

    def process_bind_param(self, value: str | None, dialect: Dialect) -> bytes | None:
        return None if value is None else _keyring().encrypt(self.purpose, value)

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> str | None:
        return None if value is None else _keyring().decrypt(self.purpose, value)


def _keyring() -> Keyring:
    keyring: Keyring = current_app.extensions["keyring"]
    return keyring
