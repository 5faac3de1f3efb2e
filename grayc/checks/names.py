"""Names and label values of the lane are ones that Kubernetes takes, and free."""

from grayc.diagnostics import Diagnostic, Note
from grayc.documents import Document
from grayc.documents.tree import get_map, get_text
from grayc.k8s.kinds import kind_row
from grayc.k8s.lane_labels import PROTECTED, is_check
from grayc.k8s.names import LABEL_VALUE_WORDS, RULE_WORDS, is_label_value, is_name
from grayc.plan.model import ReleasePlan
from grayc.spec.findings import at_spec


def check_names(documents: tuple[Document, ...], plan: ReleasePlan) -> tuple[Diagnostic, ...]:
    """Return what is wrong with the names of gray objects.

    Diagnostics:
        GC401: the suffix makes a name longer than its kind allows.
        GC402: the baseline has an object of that kind and name.
        GC403: the name has signs that its kind does not allow.
        GC404: a label value of the lane is too long or has signs that labels do not allow.
    Source: the limits of `k8s.kinds`, each with its reason.
    """
    diagnostics: list[Diagnostic] = []
    taken = {plan.key_of(document.identity): document for document in plan.baseline}
    for document in documents:
        identity = document.identity
        row = kind_row(identity.group_kind)
        if len(identity.name) > row.name_limit:
            over = len(identity.name) - row.name_limit
            diagnostics.append(
                Diagnostic(
                    code="GC401",
                    message=f"gray name `{identity.name}` has {len(identity.name)} characters, {over} more than a "
                    f"{identity.kind} may have ({row.name_limit}: {row.limit_source})",
                    span=document.span(("metadata", "name")),
                    field="metadata.name",
                    object=identity.ref,
                    notes=(Note(message="the tag is part of every gray name", span=plan.spec.span(("spec", "tag"))),),
                    help=f"use a tag shorter by {over}"
                    if over < len(plan.spec.tag)
                    else f"shorten {_named_by(document, plan)}",
                )
            )
        elif not is_name(identity.name, row.name_rule):
            diagnostics.append(
                Diagnostic(
                    code="GC403",
                    message=f"gray name `{identity.name}` is not a name for a {identity.kind}: "
                    f"{RULE_WORDS[row.name_rule]}",
                    span=document.span(("metadata", "name")),
                    field="metadata.name",
                    object=identity.ref,
                    help="rename the object in the baseline",
                )
            )
        key = plan.key_of(identity)
        if key in taken:
            other = taken[key]
            diagnostics.append(
                Diagnostic(
                    code="GC402",
                    message=f"the gray name `{identity.ref}` is taken by an object of the baseline",
                    span=document.span(("metadata", "name")),
                    field="metadata.name",
                    object=identity.ref,
                    notes=(Note(message="the object that has it", span=other.span(("metadata", "name"))),),
                    help="choose another tag; or take the other object out of the baseline, if an earlier release "
                    "left it there",
                )
            )
        diagnostics += _check_labels(document, plan)
    return tuple(diagnostics)


def _named_by(document: Document, plan: ReleasePlan) -> str:
    return "the name of the check" if _is_check(document, plan) else "the object's name in the baseline"


def _is_check(document: Document, plan: ReleasePlan) -> bool:
    service = get_text(document.data, ("metadata", "labels", plan.spec.marks.service))
    return is_check(document.identity.group_kind, service)


def _check_labels(document: Document, plan: ReleasePlan) -> list[Diagnostic]:
    labels = get_map(document.data, ("metadata", "labels"))
    return [
        at_spec(
            plan.spec,
            ("spec", "tag"),
            code="GC404",
            message=f"label `{label}: {labels[label]}` of `{document.identity.ref}` is not a label value: "
            f"{LABEL_VALUE_WORDS}",
            object=document.identity.ref,
            help=f"shorten the tag or the name of the {'check' if _is_check(document, plan) else 'service'}",
        )
        for label in PROTECTED
        if label in labels and not is_label_value(str(labels[label]))
    ]
