"""What a key to the API looks like, and how it is kept."""

from __future__ import annotations

import hmac
import re
from hashlib import sha256

KEY = re.compile(r"rungs_([0-9a-f]{8})_([A-Za-z0-9_-]{43})")
# 43 characters of base64 are 256 bits: nothing to guess, so a plain digest keeps them well.
SECRET_BYTES, PREFIX_BYTES = 32, 4
MOST_LIVE = 20
LIFETIMES = (30, 90, 365)


def key_of(prefix: str, secret: str) -> str:
    """The key as its owner sees it, once."""
    return f"rungs_{prefix}_{secret}"


def parse_key(text: str) -> tuple[str, str] | None:
    """(prefix, secret) of a key, or None when the text is no key of ours."""
    match = KEY.fullmatch(text)
    return (match[1], match[2]) if match else None


def digest_of(secret: str) -> str:
    """SHA-256 in hex. The secret is random, so it needs no salt and no slow hash."""
    return sha256(secret.encode()).hexdigest()


def opens(secret: str, digest: str) -> bool:
    """Whether this secret is the one kept as `digest`, in constant time."""
    return hmac.compare_digest(digest_of(secret), digest)
