"""How a text looks that a tool has encrypted, so that only that tool can change it.

Sources: getsops/sops aes/cipher.go (`encre`) and stores/stores.go (the key `sops` beside the values, with their
`mac`); fluxcd/kustomize-controller internal/decryptor/decryptor.go, `sopsFormatToMarkerBytes`: the markers of each
format; Ansible, "Encrypting content with Ansible Vault"; FiloSottile/age and RFC 9580 for their armour.
"""

SOPS = "sops"
"""Key at the top of a mapping that sops has encrypted, and of an object whose file was."""

SOPS_MAC = "mac"
"""Beside it stands what vouches for every value of the file: no value may change but by sops."""

SEALED_START, _END = "ENC[AES256_GCM,data:", "]"

MARKERS = ("sops_mac=ENC[", '"mac": "ENC[', '"mac":"ENC[', "mac: ENC[", "\n[sops]")
"""What stands in a file that sops has encrypted: dotenv, JSON and binary, YAML, INI."""

HEADERS = {
    "$ANSIBLE_VAULT;": "Ansible Vault",
    "-----BEGIN AGE ENCRYPTED FILE-----": "age",
    "-----BEGIN PGP MESSAGE-----": "PGP",
    "\0GITCRYPT\0": "git-crypt",
}
"""How a file begins that is encrypted as a whole → by what."""


def is_sealed_value(text: str) -> bool:
    """Tell whether a value is one that sops has encrypted."""
    return text.startswith(SEALED_START) and text.endswith(_END)


def sealed_by(text: str) -> str:
    """Return what has encrypted a whole file, by its text; "" where nothing has."""
    start = text.lstrip()
    tool = next((tool for header, tool in HEADERS.items() if start.startswith(header)), "")
    return tool or (SOPS if SEALED_START in text and any(marker in text for marker in MARKERS) else "")
