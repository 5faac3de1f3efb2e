"""What becomes of what is encrypted: it is shared, nothing changes it, and its names are those of the cluster."""

from collections.abc import Iterator, Mapping

from grayc.analysis.graph import references_of
from grayc.diagnostics import Diagnostic
from grayc.documents import ObjectKey
from grayc.documents.findings import at_object, note_at
from grayc.documents.generated import generated_name
from grayc.documents.sealed import edited_by, object_sealed_by
from grayc.k8s.sealed import SOPS
from grayc.planning.claims import Claim
from grayc.planning.index import BaselineIndex
from grayc.spec.findings import at_spec
from grayc.spec.model import ReleaseSpec, ServiceSpec


def sealed_config(spec: ReleaseSpec, claim: Claim, service: ServiceSpec, tool: str) -> Diagnostic:
    """Refuse a change of what is encrypted: plain text in it would leave production without the whole object."""
    identity = claim.document.identity
    return at_spec(
        spec,
        next(changes.config_path(identity.name) for changes in service.changes if identity.name in changes.config),
        key=True,
        code="GC623",
        message=f"`config` changes `{identity.ref}`, which is encrypted ({tool})",
        object=identity.ref,
        notes=(note_at(claim.document, ("metadata", "name"), "the object"),),
        help=f"change it for production and lane {edited_by(claim.document, tool)}; or give the lane a value of its "
        "own by `env`, or a Secret beside the lane that a patch names",
    )


def sealed_by_generators(
    spec: ReleaseSpec, index: BaselineIndex, copied: Mapping[ObjectKey, Claim]
) -> Iterator[Diagnostic]:
    """Yield the Secrets that kustomize makes of encrypted files, named by copies: production's have other names.

    Source: kustomize-controller internal/decryptor/decryptor.go, `DecryptSources`: Flux decrypts the files of
    `secretGenerator` before it builds, so that the hash in the name is one of what they say.
    """
    seen: set[ObjectKey] = set()
    for claim in copied.values():
        for key in (reference.target for reference in references_of(claim.document, spec)):
            secret = index.by_key.get(key) if key not in seen else None
            seen.add(key)
            if secret is None or SOPS in secret.data:
                continue
            own = generated_name(secret)
            tool = object_sealed_by(secret) if own else ""
            if tool:
                yield at_object(
                    secret,
                    ("metadata", "name"),
                    code="GC166",
                    message=f"`{secret.identity.ref}` has a hash of what is still encrypted ({tool}) in its name, and "
                    "production's has one of what it says: gray pods would wait for it for ever",
                    notes=(note_at(claim.document, ("metadata", "name"), f"`{claim.document.identity.ref}` names it"),),
                    help=f"set `disableNameSuffixHash: true` in `options` of the generator of `{own}`, and let "
                    "production have that first",
                )
