"""Which names stand for a secret value."""

import re
from functools import lru_cache

_PARTS = (
    "password", "passwd", "passphrase", "secret", "token", "credential", "apikey", "accesskey", "privatekey",
    "authkey", "signingkey", "encryptionkey", "masterkey", "sshkey", "connectionstring",
)  # fmt: skip
"""In any place of a name, case and separators aside."""

_WORDS = frozenset({"auth", "authorization", "dsn", "key", "keys", "pass", "pw", "pwd", "salt", "jwt", "cookie"})
"""As a word of its own: `KEY` in `SIGN_KEY`, not in `KEYCLOAK_URL`."""

_BORDERS = re.compile(r"[^A-Za-z0-9]+|(?<=[a-z0-9])(?=[A-Z])")


@lru_cache(maxsize=4_096)
def looks_secret(name: str) -> bool:
    """Tell whether a variable or key of this name may hold a secret.

    Errs on the safe side: a value hidden without need costs less than one shown.
    """
    words = [word.lower() for word in _BORDERS.split(name)]
    joined = "".join(words)
    return any(part in joined for part in _PARTS) or not _WORDS.isdisjoint(words)
