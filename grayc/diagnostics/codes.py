"""The table of diagnostic codes.

Hundreds by stage: 1 source and documents, 2 spec, 3 plan, 4 passes and checks, 5 gateways, 6 output, 9 faults of
grayc itself. A code keeps its meaning for ever; a retired one stays here with the version that dropped it. Each has a
page in `pages/`, whose example the tests build.
"""

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """How much a finding weighs. Only an error stops the compiler."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


class Mark(StrEnum):
    """What a stage asks of a finding, whatever its code."""

    AMBIGUOUS = "readers may read it in two ways"
    TEMPLATE = "a template that nobody rendered reads so"
    ODD_VALUE = "a schema says more of the value"
    ISOLATION = "lane and baseline cross"
    REGISTRY = "a registry lists instances of lane and baseline as one"
    LOSS = "what a gateway can not do, or does besides"
    MENDED = "an earlier run was killed, and the next one finishes it"
    BEFORE = "known of a folder only before it is written"
    MOVED = "production is not what a lane was made from"


@dataclass(frozen=True, slots=True)
class Code:
    """A row of the table.

    Attributes:
        name: the bad thing, in words joined by `-`.
        severity: of every finding with this code.
        acceptable: `spec.accept` may live with it.
        exit_status: 1 where the input is wrong, 2 where grayc could not answer, 3 where grayc is wrong.
        mark: what stages ask about it.
    """

    name: str
    severity: Severity = Severity.ERROR
    acceptable: bool = False
    exit_status: int = 1
    mark: Mark | None = None


_WARNING, _NOTE = Severity.WARNING, Severity.NOTE

CODES: dict[str, Code] = {
    # 1xx: source and documents
    "GC101": Code("file-not-found", exit_status=2),
    "GC102": Code("file-not-readable", exit_status=2),
    "GC103": Code("no-manifest-found"),
    "GC104": Code("not-utf-8"),
    "GC105": Code("invalid-yaml", mark=Mark.TEMPLATE),
    "GC106": Code("duplicate-key"),
    "GC107": Code("value-without-json"),
    "GC108": Code("tag-not-allowed"),
    "GC109": Code("key-not-text", mark=Mark.TEMPLATE),
    "GC110": Code("control-character"),
    "GC111": Code("looks-like-a-template"),
    "GC112": Code("ambiguous-scalar", _WARNING, mark=Mark.AMBIGUOUS),
    "GC113": Code("ambiguous-merge"),
    "GC114": Code("dropped-document"),
    "GC115": Code("text-shows-otherwise", _WARNING),
    "GC120": Code("too-deep"),
    "GC121": Code("too-many-aliases"),
    "GC122": Code("file-too-large"),
    "GC123": Code("too-many-documents"),
    "GC124": Code("scalar-too-long"),
    "GC125": Code("input-too-large"),
    "GC126": Code("alias-to-itself"),
    "GC127": Code("too-many-values"),
    "GC128": Code("too-much-to-patch"),
    "GC130": Code("not-an-object"),
    "GC131": Code("left-out-document", _WARNING),
    "GC132": Code("duplicate-object"),
    "GC133": Code("invalid-list"),
    "GC134": Code("invalid-kind"),
    "GC135": Code("invalid-namespace"),
    "GC136": Code("invalid-object-name"),
    "GC137": Code("invalid-label"),
    "GC138": Code("wrong-structure"),
    "GC139": Code("wrong-kind-of-value", _NOTE, mark=Mark.ODD_VALUE),
    "GC150": Code("path-outside-root"),
    "GC151": Code("path-not-allowed"),
    "GC152": Code("not-a-regular-file", exit_status=2),
    "GC153": Code("file-changed-while-read", exit_status=2),
    "GC154": Code("output-in-baseline", exit_status=2),
    "GC160": Code("renderer-not-found", exit_status=2),
    "GC161": Code("rendering-failed", exit_status=2),
    "GC162": Code("rendering-timed-out", exit_status=2),
    "GC163": Code("rendering-differs-each-time"),
    "GC164": Code("rendering-costs-too-much", exit_status=2),
    # 2xx: spec
    "GC201": Code("not-a-release"),
    "GC202": Code("unknown-field"),
    "GC203": Code("missing-field"),
    "GC204": Code("wrong-type"),
    "GC205": Code("invalid-value"),
    "GC206": Code("value-out-of-range"),
    "GC207": Code("invalid-tag"),
    "GC208": Code("fields-exclude-each-other"),
    "GC209": Code("duplicate-service"),
    "GC210": Code("several-weights"),
    "GC211": Code("invalid-rule"),
    "GC212": Code("invalid-patch"),
    "GC213": Code("invalid-call-path"),
    "GC215": Code("invalid-pattern"),
    "GC216": Code("several-documents"),
    "GC217": Code("unknown-service"),
    "GC218": Code("unknown-step"),
    "GC219": Code("patterns-too-large"),
    "GC220": Code("too-many-rules-on-routes"),
    # 3xx: plan
    "GC301": Code("service-not-found"),
    "GC302": Code("service-takes-no-object"),
    "GC303": Code("service-without-workload"),
    "GC304": Code("workload-ambiguous"),
    "GC305": Code("object-in-two-services"),
    "GC306": Code("kind-not-copied"),
    "GC307": Code("removed-api-version"),
    "GC308": Code("namespace-mismatch"),
    "GC309": Code("baseline-holds-gray-objects"),
    "GC310": Code("unknown-config"),
    "GC311": Code("config-without-use"),
    "GC312": Code("unused-config-left-out", _WARNING),
    "GC313": Code("service-shared", _NOTE),
    "GC314": Code("unknown-kind-copied", _WARNING),
    "GC315": Code("nothing-to-emit"),
    "GC316": Code("unknown-share"),
    "GC317": Code("config-claimed-twice"),
    "GC318": Code("kind-stays-on-baseline", _NOTE),
    "GC320": Code("unknown-entry"),
    "GC321": Code("rules-without-entry"),
    "GC322": Code("entry-without-path"),
    "GC323": Code("entry-is-a-canary"),
    "GC324": Code("unknown-call"),
    "GC325": Code("entry-of-another-gateway", _WARNING, acceptable=True),
    "GC326": Code("entry-kind-not-opened", _WARNING, acceptable=True),
    "GC327": Code("class-unknown", _WARNING, acceptable=True),
    "GC328": Code("entry-named-twice"),
    "GC329": Code("entry-without-class", acceptable=True),
    "GC330": Code("accept-without-finding"),
    "GC331": Code("finding-not-acceptable"),
    "GC340": Code("another-version"),
    "GC341": Code("selector-finds-others"),
    "GC342": Code("workload-without-selector"),
    "GC345": Code("not-promoted", _WARNING),
    "GC346": Code("promotion-not-final"),
    "GC347": Code("promoted-into-a-base", _NOTE),
    "GC348": Code("not-what-was-tested"),
    "GC349": Code("promoted-to-others-too", _WARNING),
    "GC380": Code("registry-without-seen-clients", _NOTE),
    # 4xx: passes and checks
    "GC401": Code("name-too-long"),
    "GC402": Code("name-taken"),
    "GC403": Code("invalid-name"),
    "GC404": Code("label-value-too-long"),
    "GC405": Code("invalid-selector"),
    "GC406": Code("patch-breaks-structure"),
    "GC410": Code("unknown-container"),
    "GC411": Code("replicas-without-field"),
    "GC412": Code("autoscaling-without-scaler"),
    "GC413": Code("unknown-variable", _WARNING),
    "GC414": Code("unknown-config-key", _WARNING),
    "GC415": Code("config-key-in-binary-data"),
    "GC416": Code("invalid-bounds"),
    "GC417": Code("check-without-service"),
    "GC418": Code("check-without-port"),
    "GC419": Code("check-kept-out", _WARNING, acceptable=True),
    "GC430": Code("patch-target-not-found"),
    "GC431": Code("patch-does-not-apply"),
    "GC432": Code("patch-touches-lane-label"),
    "GC433": Code("patch-renames-object"),
    "GC434": Code("patch-without-effect", _WARNING),
    "GC435": Code("other-agent-beside", _WARNING, acceptable=True),
    "GC436": Code("agent-not-as-asked", _WARNING, acceptable=True),
    "GC437": Code("stop-outlasts-grace", _WARNING, acceptable=True),
    "GC438": Code("two-agent-namespaces", _WARNING, acceptable=True),
    "GC439": Code("profile-in-config-centre", _NOTE),
    "GC440": Code("workload-not-prepared", mark=Mark.ISOLATION),
    "GC441": Code("baseline-catches-gray-pods", acceptable=True, mark=Mark.ISOLATION),
    "GC442": Code("gray-service-without-pods", mark=Mark.ISOLATION),
    "GC443": Code("application-name-differs", mark=Mark.ISOLATION),
    "GC444": Code("gray-catches-baseline-pods", mark=Mark.ISOLATION),
    "GC445": Code("selector-without-own-pods", mark=Mark.ISOLATION),
    "GC446": Code("policy-finds-gray-pods-only", acceptable=True, mark=Mark.ISOLATION),
    "GC447": Code("placement-counts-gray-pods", _WARNING, acceptable=True, mark=Mark.ISOLATION),
    "GC448": Code("rule-loses-gray-pods", acceptable=True, mark=Mark.ISOLATION),
    "GC449": Code("registered-address-rewritten", _NOTE),
    "GC450": Code("service-made-cluster-ip", _NOTE),
    "GC451": Code("immutable-copy-made-mutable", _NOTE),
    "GC452": Code("budget-loosened", _NOTE),
    "GC453": Code("claims-start-empty", _NOTE),
    "GC454": Code("single-writer-volume-shared", _WARNING, acceptable=True),
    "GC455": Code("pods-without-names", _WARNING, acceptable=True),
    "GC456": Code("scaler-name-left-out", _NOTE),
    "GC457": Code("registered-beside-production", acceptable=True, mark=Mark.REGISTRY),
    "GC458": Code("registers-elsewhere", acceptable=True),
    "GC459": Code("registers-fixed-address", acceptable=True),
    "GC460": Code("reference-leads-nowhere", _WARNING, acceptable=True),
    "GC461": Code("baseline-names-gray-object"),
    "GC462": Code("baseline-name-in-text", _NOTE),
    "GC470": Code("namespace-without-agent", _WARNING, acceptable=True),
    "GC471": Code("namespace-not-in-baseline", _NOTE),
    "GC472": Code("agent-switch-not-text"),
    "GC473": Code("agent-switched-off", _WARNING, acceptable=True),
    "GC474": Code("agent-lost-from-options", _WARNING, acceptable=True),
    "GC475": Code("own-agent-options", _NOTE),
    "GC476": Code("another-tag-set", _WARNING, acceptable=True),
    "GC477": Code("baseline-carries-the-tag", _WARNING, acceptable=True),
    "GC478": Code("probe-port-not-declared", _WARNING, acceptable=True),
    "GC479": Code("probe-number-not-declared", _NOTE),
    "GC480": Code("too-few-gray-pods", _WARNING, acceptable=True),
    "GC481": Code("application-name-unsure", _WARNING, acceptable=True),
    "GC482": Code("agent-label-misplaced", _WARNING, acceptable=True),
    "GC483": Code("baseline-without-agent", _WARNING, acceptable=True),
    "GC484": Code("other-agent-first", acceptable=True),
    "GC485": Code("service-not-reached", _WARNING, acceptable=True),
    "GC486": Code("tag-lost-on-the-way", _WARNING, acceptable=True),
    "GC487": Code("hop-takes-no-requests", _WARNING, acceptable=True),
    "GC490": Code("calls-routed-already", acceptable=True),
    # 5xx: gateways
    "GC501": Code("rule-not-expressible", mark=Mark.LOSS),
    "GC502": Code("default-backend-not-gray", _WARNING),
    "GC503": Code("lane-header-taken"),
    "GC504": Code("guard-left-to-you", _NOTE),
    "GC505": Code("entry-not-for-gateway"),
    "GC506": Code("host-or-path-not-found"),
    "GC507": Code("canary-widens-the-route", _WARNING),
    "GC508": Code("gateway-does-less", acceptable=True, mark=Mark.LOSS),
    "GC509": Code("canary-spreads", acceptable=True, mark=Mark.LOSS),
    "GC510": Code("canary-before-expressions", _WARNING),
    "GC511": Code("session-cookie-decides", _WARNING),
    "GC512": Code("lane-comes-before-other-routes", acceptable=True, mark=Mark.LOSS),
    "GC513": Code("prefix-before-exact", _WARNING),
    "GC514": Code("route-asks-the-same-header"),
    "GC515": Code("too-many-matches"),
    "GC516": Code("entry-in-the-baseline", _WARNING, acceptable=True, mark=Mark.LOSS),
    "GC517": Code("pattern-can-run-away", _WARNING),
    "GC520": Code("route-opened-twice"),
    "GC521": Code("rules-of-releases-meet"),
    "GC522": Code("rules-of-releases-can-meet", _WARNING),
    "GC523": Code("shares-above-the-whole"),
    "GC524": Code("expectation-not-met"),
    "GC525": Code("rule-does-not-enter"),
    "GC526": Code("more-meetings-than-told", _WARNING),
    "GC530": Code("share-of-known-methods", _NOTE),
    "GC531": Code("route-takes-the-rule"),
    "GC532": Code("gateway-not-in-baseline", _NOTE),
    "GC533": Code("left-with-the-baseline-route", _WARNING, acceptable=True),
    "GC534": Code("delegate-of-different-headers"),
    "GC535": Code("delegate-route-is-dropped"),
    "GC536": Code("connections-stay", _WARNING, acceptable=True),
    "GC538": Code("patch-touches-entry"),
    "GC540": Code("rule-not-proved", _NOTE),
    "GC541": Code("more-requests-than-asked", _NOTE),
    "GC542": Code("entry-of-others-requests", _WARNING, acceptable=True),
    "GC560": Code("port-not-of-the-service", _WARNING, acceptable=True),
    "GC561": Code("gray-port-not-of-the-service", acceptable=True),
    # 6xx: output
    "GC601": Code("file-claimed-twice"),
    "GC602": Code("output-not-writable", exit_status=2),
    "GC603": Code("output-edited-by-hand"),
    "GC604": Code("foreign-file-kept", _NOTE),
    "GC605": Code("output-locked", exit_status=2),
    "GC606": Code("inventory-damaged", exit_status=2),
    "GC607": Code("output-interrupted", exit_status=2, mark=Mark.MENDED),
    "GC608": Code("output-path-refused", exit_status=2),
    "GC609": Code("mass-removal"),
    "GC610": Code("foreign-file-in-the-way"),
    "GC611": Code("link-in-the-way", exit_status=2),
    "GC612": Code("output-would-replace-input", exit_status=2),
    "GC614": Code("output-too-large"),
    "GC620": Code("not-editable-in-place"),
    "GC630": Code("not-an-output-folder", exit_status=2),
    "GC631": Code("unknown-lane"),
    "GC632": Code("baseline-moved", _NOTE, mark=Mark.MOVED),
    "GC633": Code("listed-file-gone", _WARNING),
    "GC634": Code("production-leads-into-the-lane", _WARNING),
    "GC635": Code("cluster-refuses-the-change", _WARNING, mark=Mark.BEFORE),
    "GC636": Code("object-left-the-lane", _NOTE, mark=Mark.BEFORE),
    "GC637": Code("canary-comes-too-late", _WARNING, mark=Mark.BEFORE),
    "GC640": Code("left-by-another-place", exit_status=2),
    "GC641": Code("killed-run-finished", _WARNING, mark=Mark.MENDED),
    "GC642": Code("not-an-object-of-the-lane"),
    "GC643": Code("repository-in-the-output", exit_status=2),
    # 7xx: commands
    "GC701": Code("unknown-code", exit_status=2),
    "GC702": Code("usage", exit_status=2),
    "GC703": Code("library-missing", exit_status=2),
    "GC711": Code("no-repository", exit_status=2),
    "GC712": Code("unknown-revision", exit_status=2),
    "GC713": Code("not-the-repository", exit_status=2),
    "GC720": Code("lane-past-its-date", _WARNING),
    "GC721": Code("object-against-its-schema"),
    "GC722": Code("kind-not-checked", _WARNING),
    "GC723": Code("unknown-kubernetes-version", exit_status=2),
    "GC724": Code("kubeconform-failed", exit_status=2),
    "GC725": Code("invalid-custom-schema", exit_status=2),
    "GC726": Code("schema-costs-too-much", exit_status=2),
    "GC730": Code("no-gateway-to-ask"),
    "GC731": Code("no-gray-release"),
    "GC732": Code("which-gray-release"),
    "GC733": Code("chosen-at-each-run"),
    "GC734": Code("not-carried", _WARNING),
    "GC735": Code("not-as-exported"),
    # 9xx: faults of grayc
    "GC901": Code("fault", exit_status=3),
    "GC902": Code("broken-invariant", exit_status=3),
}
