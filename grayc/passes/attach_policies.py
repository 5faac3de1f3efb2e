"""Put the gray side of routes and Services under what is attached to the baseline's by name."""

import re
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from itertools import count, islice

from grayc.analysis.attachments import (
    INGRESS,
    SERVICE,
    Named,
    group_kind_of,
    is_selected,
    names_of,
    target_refs,
    target_selectors,
    way_of,
)
from grayc.analysis.graph import references_of, rows_of_spec
from grayc.analysis.traffic import meaning_of
from grayc.diagnostics import Checked, Diagnostic
from grayc.documents import Document, ObjectKey, Path
from grayc.documents.findings import at_object
from grayc.documents.tree import get, get_list, get_map, get_text, is_mapping, put
from grayc.k8s.attachments import ATTACHMENTS, Attachment, Way, is_policy_by_name
from grayc.k8s.kinds import CLUSTER_SCOPED, GroupKind
from grayc.k8s.references import Use
from grayc.k8s.server_fields import OWNER_LABELS, is_owner_annotation
from grayc.passes.model import Lane
from grayc.plan.model import Entry, ReleasePlan
from grayc.records import dataclass, replace

Plain = dict[str, object]

_MOST_TARGETS = 16
"""Targets of one policy. Source: kubernetes-sigs/gateway-api, apis/v1/backendtlspolicy_types.go, `MaxItems`."""
_UNKNOWN = Attachment(authenticates=True)
_NUMBERED = re.compile(r"rule-([1-9][0-9]{0,5})")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Gray:
    """What stands for an object of the baseline in the lane.

    Attributes:
        base: the baseline's own.
        documents: its gray ones, by name.
        service: the release's service that they are labelled for.
        entry: how it is opened; None for a Service.
    """

    base: Document
    documents: Mapping[str, Document]
    service: str
    entry: Entry | None = None


class _NotCovered(Exception):
    """No object of the lane can do for its gray side what this one does; says why, and where."""

    def __init__(self, why: str, path: Path, gray: _Gray) -> None:
        super().__init__(why)
        self.why = why
        self.path = path
        self.gray = gray


def attach_policies(lane: Lane, plan: ReleasePlan) -> Checked[Lane]:
    """Return the lane and, after all else, a copy of each policy that names what has a gray side.

    A copy names the gray objects alone. What it names besides follows the copies, as the table of references says.

    Diagnostics:
        GC550: what may authenticate does not cover the gray side of what it names.
        GC551: something else does not cover it.
        GC552: a kind that nobody knows is copied, as its name says that it is a policy.
    Source: the table of `k8s.attachments`. Of two policies for one target most controllers take the older one, so
    none of the baseline changes, and no copy names what one of the baseline does.
    """
    grays = _Grays(lane, plan)
    if not grays.of:
        return Checked(value=lane)
    made: list[Document] = []
    diagnostics: list[Diagnostic] = []
    taken = {plan.key_of(item.identity) for item in (*plan.baseline, *lane.documents)}
    written = _Written(plan)
    # Rules of the lane for calls of gray pods to production's host: these call the gray one, too.
    carried = [item for item in lane.added if way_of(item) is Way.HOST]
    for policy in (*plan.baseline, *carried):
        way = way_of(policy)
        if way is None:
            continue
        named = [
            (name, grays.of[name.target])
            for name in names_of(policy, plan.spec)
            if name.target in grays.of and not written.covers(policy, name, grays.of[name.target])
        ]
        needed = _Policy(policy, named, grays, plan)
        try:
            specs = needed.specs(way)
            refused = needed.refused() if specs else None
        except _NotCovered as found:
            specs, refused = [], found
        if refused is not None:
            diagnostics.append(_not_covered(policy, refused))
            continue
        for document in _objects(policy, specs, plan, taken):
            taken.add(plan.key_of(document.identity))
            made.append(document)
        if specs and policy.identity.group_kind not in ATTACHMENTS and not _is_told(policy, plan):
            diagnostics.append(_unknown_kind(policy, made[-1], named))
    return Checked(value=lane.adding(made), diagnostics=tuple(diagnostics))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rules:
    """The rules of a gray route.

    Attributes:
        by_name: name of a rule of the base → its position.
        gray: position of a rule of the base → position and name of each gray rule that is made of it.
    """

    by_name: Mapping[str, int]
    gray: Mapping[int, tuple[tuple[int, str], ...]]


def _changed_labels(gray: _Gray) -> set[str]:
    """Return the labels of which some gray object has another value than the base."""
    own = get_map(gray.base.data, ("metadata", "labels"))
    return {
        label
        for document in gray.documents.values()
        for others in (get_map(document.data, ("metadata", "labels")),)
        for label in {*own, *others}
        if own.get(label) != others.get(label)
    }


class _Grays:
    """All that has a gray side of another name: copied Services and opened routes."""

    def __init__(self, lane: Lane, plan: ReleasePlan) -> None:
        self.of: dict[ObjectKey, _Gray] = {
            plan.key_of(gray.copy.document.identity): _Gray(
                base=gray.copy.document,
                documents={gray.copy.gray_name: gray.document},
                service=gray.copy.service.name,
            )
            for gray in lane.copies
            if gray.document.identity.group_kind == SERVICE
        }
        added: dict[tuple[object, str], list[Document]] = {}
        for document in lane.added:
            added.setdefault((document.place, document.identity.kind), []).append(document)
        for entry in plan.entries:
            documents = added.get((entry.document.place, entry.document.identity.kind))
            if documents:
                self.of[plan.key_of(entry.document.identity)] = _Gray(
                    base=entry.document,
                    documents={document.identity.name: document for document in documents},
                    service=entry.owner.name,
                    entry=entry,
                )
        # Kind and label → what has another value of it in the lane, or none: only these can be missed by labels.
        self._by_label: dict[tuple[GroupKind, str], list[_Gray]] = {}
        for gray in self.of.values():
            for label in _changed_labels(gray):
                self._by_label.setdefault((gray.base.identity.group_kind, label), []).append(gray)
        self._missed: dict[str, list[tuple[_Gray, tuple[str, ...]]]] = {}
        self._rules: dict[tuple[object, str], _Rules] = {}

    def missed_by(self, selector: Plain) -> list[tuple[_Gray, tuple[str, ...]]]:
        """Return what an item of `targetSelectors` selects, wherever it stands, and which gray ones of it not."""
        kind, asked = group_kind_of(selector), get_map(selector, ("matchLabels",))
        labels = {*asked, *(get_text(item, ("key",)) for item in get_list(selector, ("matchExpressions",)))}
        key = repr((kind, asked, get_list(selector, ("matchExpressions",))))
        if key not in self._missed:
            found: list[tuple[_Gray, tuple[str, ...]]] = []
            candidates = {
                gray.base.place: gray for label in sorted(labels) for gray in self._by_label.get((kind, label), ())
            }
            for gray in candidates.values():
                if is_selected(gray.base, selector):
                    missed = tuple(
                        name for name, document in gray.documents.items() if not is_selected(document, selector)
                    )
                    found += [(gray, missed)] if missed else []
            self._missed[key] = found
        return self._missed[key]

    def rules_of(self, document: Document, gray: _Gray) -> _Rules:
        """Return the rules of one gray route."""
        key = (document.place, document.identity.name)
        if key not in self._rules:
            names = [get_text(rule, ("name",)) for rule in get_list(gray.base.data, ("spec", "rules"))]
            opened = sorted({path.rule for path in gray.entry.paths}) if gray.entry is not None else []
            made: dict[int, list[tuple[int, str]]] = {}
            # Gray rules are written for one condition after the other, each time for all that is opened.
            for place, rule in enumerate(get_list(document.data, ("spec", "rules")) if opened else ()):
                made.setdefault(opened[place % len(opened)], []).append((place, get_text(rule, ("name",))))
            self._rules[key] = _Rules(
                by_name={name: at for at, name in enumerate(names) if name},
                gray={at: tuple(found) for at, found in made.items()},
            )
        return self._rules[key]


class _Written:
    """What people have written for gray objects themselves, in the baseline."""

    def __init__(self, plan: ReleasePlan) -> None:
        self._texts: dict[tuple[object, Path], str] = {}
        self._said: dict[tuple[GroupKind, ObjectKey], set[tuple[object, ...]]] = {}
        suffix = plan.spec.suffix
        for policy in plan.baseline:
            if way_of(policy) is not None:
                for name in names_of(policy, plan.spec):
                    if suffix in name.target.name:
                        key = (policy.identity.group_kind, name.target)
                        self._said.setdefault(key, set()).add(self._says(policy, name.path))

    def covers(self, policy: Document, named: Named, gray: _Gray) -> bool:
        """Tell whether the baseline says for every gray object what a policy says for what it names."""
        keys = [(policy.identity.group_kind, named.target._replace(name=name)) for name in gray.documents]
        if not all(key in self._said for key in keys):
            return False
        said = self._says(policy, named.path)
        return all(said in self._said[key] for key in keys)

    def _says(self, policy: Document, path: Path) -> tuple[object, ...]:
        """Return what a policy says for the name at a path: a rule of its own list, else all but its targets."""
        match way_of(policy):
            case Way.MATCH_RULES:
                # ("spec", "matchRules", at, "ingress", item): two plugins are two filters, so it must be the same one.
                return policy.place, path[3], self._text(policy, path[:3], _MATCHED)
            case Way.TARGET_REFS:
                ref = get_map(policy.data, path[:-1])
                sections = (repr(ref.get("sectionName")), repr(ref.get("sectionNames")))
                return *sections, self._text(policy, ("spec",), _TARGETS)
            case _:
                return ("", self._text(policy, ("spec",), ("host",)))

    def _text(self, policy: Document, path: Path, without: Sequence[str]) -> str:
        key = (policy.place, path)
        if key not in self._texts:
            kept = {key: value for key, value in get_map(policy.data, path).items() if key not in without}
            self._texts[key] = repr(sorted(kept.items()))
        return self._texts[key]


class _Policy:
    """One object of the baseline that is attached to others, and what the lane needs of it."""

    def __init__(
        self, document: Document, named: Sequence[tuple[Named, _Gray]], grays: _Grays, plan: ReleasePlan
    ) -> None:
        self._document = document
        self._named = named
        self._grays = grays
        self._plan = plan
        self._row = ATTACHMENTS.get(document.identity.group_kind, _UNKNOWN)
        self._spec = get_map(document.data, ("spec",))

    def refused(self) -> _NotCovered | None:
        """Return why none is made, though it could be."""
        identity = self._document.identity
        path, gray = (self._named[0][0].path, self._named[0][1]) if self._named else (("spec",), None)
        if gray is None:
            return None
        for service in self._plan.spec.services:
            if identity.kind in service.share or identity.ref in service.share:
                return _NotCovered(f"`share` of service `{service.name}` names it", path, gray)
        known = identity.group_kind in ATTACHMENTS or is_policy_by_name(identity.kind)
        if known or _is_told(self._document, self._plan):
            return None
        return _NotCovered(f"grayc does not know kind `{identity.kind}` of `{identity.api_version}`", path, gray)

    def specs(self, way: Way) -> list[tuple[Plain, str]]:
        """Return the `spec` of every copy, and the service that it is labelled for.

        Raises:
            _NotCovered: no copy does the same.
        """
        match way:
            case Way.TARGET_REFS:
                return self._by_targets()
            case Way.HOST:
                return [self._by_host(name, gray) for name, gray in self._named if self._has_settings()]
            case Way.MATCH_RULES:
                return self._by_rules() if self._named else []

    def _by_targets(self) -> list[tuple[Plain, str]]:
        by_path = {name.path[:-1]: gray for name, gray in self._named}
        targets: list[tuple[Plain, str]] = []
        is_list = False
        for path, ref in target_refs(self._document):
            gray = by_path.get(path)
            if gray is not None:
                is_list = is_list or len(path) > len(("spec", "targetRef"))
                targets += ((made, gray.service) for made in self._gray_targets(ref, path, gray))
        for path, selector in target_selectors(self._document):
            if get_text(selector, ("sectionName",)):
                by_section = list(self._missed_rules(selector, path))
                is_list = is_list or bool(by_section)
                targets += by_section
                continue
            for gray, names in self._grays.missed_by(selector):
                missed = self._missed_by(selector, path, gray, names)
                is_list = is_list or bool(missed)
                targets += ((made, gray.service) for made in missed)
        if not targets:
            return []
        kept = {key: value for key, value in self._spec.items() if key not in _TARGETS}
        if is_list:
            return [
                ({"targetRefs": [target for target, _ in part], **kept}, part[0][1])
                for part in (targets[start : start + _MOST_TARGETS] for start in range(0, len(targets), _MOST_TARGETS))
            ]
        return [({"targetRef": target, **kept}, service) for target, service in targets]

    def _gray_targets(self, ref: Plain, path: Path, gray: _Gray) -> Iterator[Plain]:
        """Yield a target for every gray object, with the names of its rules in place of the base's."""
        for name, document in gray.documents.items():
            made = {**ref, "name": name}
            if gray.entry is None or not ("sectionName" in ref or "sectionNames" in ref):
                yield made
                continue
            section = get_text(ref, ("sectionName",))
            if section:
                yield from ({**made, "sectionName": each} for each in self._sections(section, document, path, gray))
            listed = [each for each in get_list(ref, ("sectionNames",)) if isinstance(each, str)]
            sections = [new for each in listed for new in self._sections(each, document, path, gray)]
            if sections:
                yield {**made, "sectionNames": sections}

    def _sections(self, section: str, document: Document, path: Path, gray: _Gray) -> tuple[str, ...]:
        """Return the names of the gray rules that are made of a rule of the base; none where it is not opened.

        Raises:
            _NotCovered: which rule is meant is not known.
        """
        rules = self._grays.rules_of(document, gray)
        at = rules.by_name.get(section)
        numbered = _NUMBERED.fullmatch(section) if self._row.numbers_rules else None
        if at is None and numbered is not None:
            at = int(numbered[1]) - 1
        if at is None and self._document.identity.group_kind not in ATTACHMENTS:
            # A name that no rule has may be one that its controller gives.
            raise _NotCovered(f"no rule has the name `{section}`", path, gray)
        names = rules.gray.get(-1 if at is None else at, ())
        if self._row.numbers_rules:
            return tuple(name or f"rule-{place + 1}" for place, name in names)
        if not all(name for _, name in names):
            raise _NotCovered(f"no gray rule has the name `{section}`", path, gray)
        return tuple(name for _, name in names)

    def _missed_by(self, selector: Plain, path: Path, gray: _Gray, names: Iterable[str]) -> list[Plain]:
        """Return targets for the gray objects that a selector misses, where it selects the base.

        Raises:
            _NotCovered: they stand in another namespace, which a target cannot name.
        """
        key_of = self._plan.key_of
        here = key_of(self._document.identity).namespace == key_of(gray.base.identity).namespace
        if not here and get_text(selector, ("namespaces", "from")) in ("All", "Selector"):
            raise _NotCovered("its labels select the one and not the other", path, gray)
        group, kind = group_kind_of(selector)
        return [{"group": group, "kind": kind, "name": name} for name in names] if here else []

    def _missed_rules(self, selector: Plain, path: Path) -> Iterator[tuple[Plain, str]]:
        """Yield targets for the gray rules that a selector with the name of a rule misses, each with its service.

        Of several gray rules that are made of one the first alone has its name.
        """
        section, (group, kind) = get_text(selector, ("sectionName",)), group_kind_of(selector)
        for gray in self._grays.of.values():
            if gray.base.identity.group_kind != (group, kind) or not is_selected(gray.base, selector):
                continue
            for name, document in gray.documents.items():
                covered = {section} if is_selected(document, selector) else set()
                missed = [each for each in self._sections(section, document, path, gray) if each not in covered]
                if missed and self._missed_by(selector, path, gray, [name]):
                    target: Plain = {"group": group, "kind": kind, "name": name}
                    yield from (({**target, "sectionName": each}, gray.service) for each in missed)

    def _has_settings(self) -> bool:
        """Tell whether a DestinationRule says more than which subsets there are."""
        return bool(set(self._spec) - {"host", "subsets", "exportTo", "workloadSelector"}) or any(
            get_map(subset, ("trafficPolicy",)) for subset in get_list(self._spec, ("subsets",))
        )

    def _by_host(self, name: Named, gray: _Gray) -> tuple[Plain, str]:
        """Return a DestinationRule's `spec` for the gray host.

        Subsets are cuts of the baseline Service's own pods, and gray pods are in none. What all of them ask for the
        host's connections holds for gray ones too.

        Raises:
            _NotCovered: they ask for different TLS.
        Source: Istio 1.27 reference, Subset: `trafficPolicy` overrides that of the rule, setting by setting.
        """
        spec = {key: value for key, value in self._spec.items() if key != "subsets"}
        whole = get_map(self._spec, ("trafficPolicy",))
        subsets = [
            {**whole, **get_map(subset, ("trafficPolicy",))}
            for subset in get_list(self._spec, ("subsets",))
            if is_mapping(subset)
        ]
        if any(subset.get("tls") != subsets[0].get("tls") for subset in subsets):
            raise _NotCovered("its subsets ask for different `tls`, and gray pods are in none", name.path, gray)
        if subsets:
            common = {
                key: value for key, value in subsets[0].items() if all(value == each.get(key) for each in subsets)
            }
            whole = {**whole, **common}
        if whole:
            spec["trafficPolicy"] = whole
        text = get_text(self._spec, ("host",))
        end = name.start + len(name.target.name)
        spec["host"] = f"{text[: name.start]}{next(iter(gray.documents))}{text[end:]}"
        return spec, gray.service

    def _by_rules(self) -> list[tuple[Plain, str]]:
        """Return the `spec` of a Higress plugin whose rules name the gray objects alone.

        Two plugins of one module are two filters, and both see every request. So there is one for the lane only where
        the baseline's does nothing to gray requests: no rule by domain, no configuration besides the rules.

        Raises:
            _NotCovered: it does.
        """
        name, gray = self._named[0]
        rules = [rule for rule in get_list(self._spec, ("matchRules",)) if is_mapping(rule)]
        disabled = self._spec.get("defaultConfigDisable") is True
        if self._spec.get("pluginConfig") or (self._spec.get("defaultConfig") and not disabled):
            raise _NotCovered("a second plugin would apply what stands beside `matchRules` twice", name.path, gray)
        kinds = {tuple(key for key in ("ingress", "service", "domain") if get_list(rule, (key,))) for rule in rules}
        if any("domain" in kind for kind in kinds):
            raise _NotCovered("a rule by domain would hold for a gray request beside that of the lane", name.path, gray)
        if len(kinds) > 1 and meaning_of(self._plan.rules).percent:
            # A share is a part of the baseline's own route, whose rule counts before that of the gray Service.
            raise _NotCovered("of its rules one would hold for the share and one for its Service", name.path, gray)
        made: list[object] = []
        by_path = {named.path: (named, each) for named, each in self._named}
        for at, rule in enumerate(get_list(self._spec, ("matchRules",))):
            if not is_mapping(rule):
                continue
            changed = {
                key: self._listed(at, key, by_path, both=key == "ingress" and bool(get_list(rule, ("service",))))
                for key in ("ingress", "service")
                if get_list(rule, (key,))
            }
            if any(changed.values()):
                whole = {key: changed.get(key) or rule[key] for key in rule}
                made.append(whole)
        return [({**self._spec, "matchRules": made}, gray.service)]

    def _listed(self, at: int, key: str, by_path: Mapping[Path, tuple[Named, _Gray]], *, both: bool) -> list[object]:
        """Return the gray names of a list of a rule; `both`, beside the baseline's own, as a share is on its route."""
        names: list[object] = []
        for item, text in enumerate(get_list(self._spec, ("matchRules", at, key))):
            found = by_path.get(("spec", "matchRules", at, key, item))
            if found is None or not isinstance(text, str):
                continue
            named, gray = found
            end = named.start + len(named.target.name)
            if both:
                names.append(text)
            names += [f"{text[: named.start]}{name}{text[end:]}" for name in gray.documents]
        return names


_TARGETS = ("targetRef", "targetRefs", "targetSelectors")
_MATCHED = ("ingress", "service", "domain")


def _is_told(policy: Document, plan: ReleasePlan) -> bool:
    """Tell whether the release says what fields of a kind name."""
    return any(rows_of_spec(plan.spec, policy.identity.group_kind))


def _objects(
    base: Document, specs: Sequence[tuple[Plain, str]], plan: ReleasePlan, taken: Container[ObjectKey]
) -> Iterator[Document]:
    """Yield copies with another `spec` each, every one under the first name that no other object has."""
    metadata = get_map(base.data, ("metadata",))
    namespace = metadata.get("namespace") or (
        plan.spec.namespace if plan.spec.set_namespace and base.identity.group_kind not in CLUSTER_SCOPED else None
    )
    labels = {
        key: value
        for key, value in get_map(metadata, ("labels",)).items()
        if key not in OWNER_LABELS or OWNER_LABELS[key] not in (None, value)
    }
    annotations = {
        key: value for key, value in get_map(metadata, ("annotations",)).items() if not is_owner_annotation(key)
    }
    suffix = plan.spec.suffix
    names = _names(base.identity.name.removesuffix(suffix), suffix)
    for spec, service in specs:
        document = base
        while plan.key_of(document.identity) in taken:
            data: Plain = {
                "apiVersion": base.identity.api_version,
                "kind": base.identity.kind,
                "metadata": {
                    "name": next(names),
                    **({"namespace": namespace} if namespace else {}),
                    "labels": {**labels, **plan.spec.labels(service)},
                    **({"annotations": annotations} if annotations else {}),
                },
                "spec": spec,
            }
            document = replace(base, data=data)
        yield _following(document, plan)


def _names(name: str, suffix: str) -> Iterator[str]:
    yield f"{name}{suffix}"
    yield from (f"{name}-{number}{suffix}" for number in count(2))


def _following(document: Document, plan: ReleasePlan) -> Document:
    """Return a copy whose references follow the copies; its targets are gray already.

    Into another namespace they do not: what grants that names the baseline's object, and the baseline's does.
    """
    data = document.data
    home = plan.key_of(document.identity).namespace
    for reference in reversed(tuple(references_of(document, plan.spec))):
        gray = plan.gray_names.get(reference.target)
        follows = reference.row.use is Use.FOLLOW and reference.path[:2] not in _ATTACHED
        if gray is not None and follows and reference.target.namespace == home:
            text = get_text(data, reference.path)
            end = reference.start + len(reference.target.name)
            data = put(data, reference.path, text[: reference.start] + gray + text[end:])
    return document if data is document.data else replace(document, data=data)


_ATTACHED = tuple(("spec", field) for field in (*_TARGETS, "host", "matchRules"))


def _not_covered(policy: Document, found: _NotCovered) -> Diagnostic:
    row = ATTACHMENTS.get(policy.identity.group_kind, _UNKNOWN)
    base = found.gray.base.identity
    text = get_text(policy.data, found.path)
    # Higress calls an Ingress of another namespace than its own `namespace/name`, as the plugin does.
    before = text.removesuffix(base.name) if base.group_kind == INGRESS and text.endswith(base.name) else ""
    grays = ", ".join(f"`{before}{name}`" for name in islice(found.gray.documents, _MOST_TARGETS))
    what = "may authenticate, and names" if row.authenticates else "names"
    return at_object(
        policy,
        found.path if get(policy.data, found.path) is not None else ("metadata", "name"),
        code="GC550" if row.authenticates else "GC551",
        message=f"`{policy.identity.ref}` {what} `{base.ref}`, and its gray side {grays} is not covered: {found.why}",
        help=f"write one for {grays} too, or let it name the whole Gateway or namespace, and accept the finding"
        if base.group_kind != INGRESS
        else f"add {grays} beside each `{before}{base.name}` in it while the lane lives; or accept the finding",
    )


def _unknown_kind(policy: Document, made: Document, named: Sequence[tuple[Named, _Gray]]) -> Diagnostic:
    return at_object(
        policy,
        named[0][0].path if named else ("spec",),
        code="GC552",
        message=f"grayc does not know kind `{policy.identity.kind}` of `{policy.identity.api_version}`; what "
        f"`{policy.identity.ref}` names has a copy of it in the lane, `{made.identity.name}`",
        help="nothing to do where it is a policy of the Gateway API, as its name says; else write "
        f"`share: [{policy.identity.kind}]` in the service, or name its fields in `spec.references`",
    )
