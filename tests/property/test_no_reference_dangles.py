"""Every name in a gray object is the name of a gray object or of a baseline object, and of the gray one where there is one."""

from hypothesis import given, settings

from grayc.analysis.graph import references_of
from grayc.documents import ObjectKey
from grayc.k8s.kinds import CLUSTER_SCOPED
from grayc.plan.model import key_of
from tests.property.compile_shop import compile_shop
from tests.property.strategies import Shop, shops


@settings(max_examples=100, deadline=None)
@given(shop=shops())
def test_references_lead_somewhere(shop: Shop) -> None:
    release = compile_shop(shop).releases[0]
    plan, spec = release.plan, release.plan.spec
    gray = {key_of(spec, document.identity) for document in release.documents}
    baseline = {key_of(spec, document.identity) for document in plan.baseline}
    opened = {document.identity for document in release.documents if document.identity.kind == "Ingress"}
    for document in release.documents:
        for reference in references_of(document, spec):
            # Objects of the cluster, such as an IngressClass, stand in files of their own.
            assert reference.target in gray | baseline or reference.target.group_kind in CLUSTER_SCOPED
            copied: ObjectKey | None = reference.target if reference.target in plan.gray_names else None
            # An opt-out's canary leads back to the baseline on purpose.
            assert copied is None or (document.identity in opened and "-never" in document.identity.name)
