"""Which names stand for a secret value."""

import re
from functools import lru_cache

_PARTS = (
    "password", "passwd", "passphrase", "secret", "token", "credential", "apikey", "accesskey", "privatekey",
    "authkey", "signingkey", "encryptionkey", "masterkey", "sshkey", "connectionstring", "requirepass", "masterauth",
)  # fmt: skip
"""In any place of a name, case and separators aside."""

_WORDS = frozenset(
    {"auth", "authorization", "creds", "dsn", "key", "keys", "pass", "pw", "pwd", "salt", "jwt", "cookie"}
)
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


def names_secret(word: str) -> bool:
    """Tell whether a word means a secret wherever it stands, so that what follows it in a text is one: `password`.

    Not `key`, `auth` or `pass`, which say something else as often.
    """
    lower = word.lower()
    return lower == "authorization" or any(part in lower.replace("_", "").replace("-", "") for part in _PARTS)
