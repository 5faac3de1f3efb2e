"""`.grayc-inventory`: which files of an output folder grayc wrote, for which release, and their digests; and of each
release what lane it is and which baseline it was made from.

The name has no manifest's suffix, so `kubectl apply -f` and Argo CD pass over it. It holds no time, path or version
of grayc, one file or object a line, so that two branches which change different ones merge. Lanes came later than
files: an inventory without them is read, and what it does not say is not known.
"""

import json
import re
from collections.abc import Mapping
from datetime import date
from json.encoder import encode_basestring_ascii as _quoted

from grayc.documents.mesh_claim import MeshClaim
from grayc.k8s.carriers import BAGGAGE, TagCarrier
from grayc.k8s.kinds import CORE
from grayc.k8s.names import is_api_version, is_dns_label, is_kind, is_label_value, is_name_of, is_namespace
from grayc.k8s.profiles import PROFILES, Marks, Profile
from grayc.k8s.providers import MESH_VERSIONS
from grayc.records import dataclass, field

INVENTORY = ".grayc-inventory"
MESH_OWNER = "mesh/lanes"
"""Owner of the files that all lanes have in common: no release is called so, since no name of one holds `/`."""
FORMAT = "grayc.inventory/v1"
MAX_BOOKKEEPING_BYTES = 32 * 1024 * 1024
"""Largest inventory or journal that is read."""

MESH_FILES = "zz_mesh_"
"""How the names of these files start. What follows a release's name in those of its own is `.`, or `_entry`."""

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*\.(?:yaml|yml|json)", re.ASCII)
_DIGEST = re.compile(r"[0-9a-f]{64}", re.ASCII)
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_LONGEST_KEY = 1024
_LONGEST_RULE_TEXT = 4096
_LONGEST_PATH = 4096
_LARGEST_PORT = 65_535
_MOST_PORTS = 1_000
_MOST_FOLDERS = 1_000
_HEADER = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,256}", re.ASCII)
_HOST = re.compile(r"[A-Za-z0-9*._-]{0,253}", re.ASCII)
_MOST_CONDITIONS = 100
_MOST_IMAGES = 1_000
# As the release language has them.
_IMAGE = re.compile(r"[^\s=]{1,512}=[\x21-\x7e]{1,1024}")
_OWNER = re.compile(r"[^\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]{1,200}")
_WHOLE = 100
# Source: POSIX `NAME_MAX` on all file systems in use.
_LONGEST_NAME = 255


class DamagedError(Exception):
    """Bookkeeping that is not what grayc writes; the text says what is wrong."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Owned:
    """One file of the inventory.

    Attributes:
        owner: the release it was written for.
        sha256: digest of what was written.
    """

    owner: str
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A host and path that a lane opens, as two lanes are compared by it.

    Attributes:
        controller: reads the Ingress; "" for a route of another kind.
        namespace: of the route; "" where nobody says.
        host: "" for any.
        path_type: as the route has it.
    """

    gateway: str
    controller: str
    namespace: str
    host: str
    path_type: str
    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """The `grayc build` by which a lane was built, as far as flags decide what it is.

    Attributes:
        spec: path of its release file from the output folder; "" where there is no such path to tell.
        tag, images, expires, owner: what the flags of these names gave in place of fields.
        step: `--step`. gateway: `--gateway`.
        lanes: `--lanes`, from the output folder.
        patch: `--baseline-patch`, from the output folder.
    """

    spec: str = ""
    tag: str = ""
    images: tuple[str, ...] = ()
    expires: str = ""
    owner: str = ""
    step: str = ""
    gateway: str = ""
    lanes: tuple[str, ...] = ()
    patch: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LaneRecord:
    """What an inventory says of one release.

    Attributes:
        profile: whose marks its objects carry; an older grayc knew one.
        namespace: where the objects are that name none; "" where the release does not say, and in an inventory of
            before it was kept.
        services: names of the released services, in the order of the spec.
        gateways: that its entries are opened on; none where the release has no rules.
        rules: as the release language writes them, in order of precedence.
        expires: last day of the lane, as `YYYY-MM-DD`.
        owner: who answers for it.
        opens_in: objects of the baseline that must be changed to open the lane, named as in `baseline`.
        work: consumer groups, subscriptions and queues that the lane has for itself, in words.
        lasting: instances that stay in a registry when the lane's pods are gone, in words.
        opens: the hosts and paths that it opens; None where an older grayc did not record them.
        asks: headers that its rules ask at any step, in lower case.
        beside: of these, those that lanes beside it asked too, which decides how values are written.
        mesh: the hosts whose calls it leads into the lane.
        command: how it was built; None where an older grayc did not record it.
        baseline: baseline object that was used → digest of what it said.
    """

    tag: str
    profile: Profile = Profile.ZADIG
    namespace: str = ""
    services: tuple[str, ...] = ()
    gateways: tuple[str, ...] = ()
    rules: tuple[Mapping[str, object], ...] = ()
    expires: str | None = None
    owner: str | None = None
    opens_in: tuple[str, ...] = ()
    work: tuple[str, ...] = ()
    lasting: tuple[str, ...] = ()
    opens: tuple[Opened, ...] | None = None
    asks: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()
    mesh: tuple[MeshClaim, ...] = ()
    command: Command | None = None
    baseline: Mapping[str, str] = field(default_factory=dict)

    @property
    def marks(self) -> Marks:
        """How its objects are marked."""
        return PROFILES[self.profile]

    @property
    def is_whole(self) -> bool:
        """Tell whether all is recorded that other lanes are held against."""
        return self.opens is not None or not self.gateways


@dataclass(frozen=True, slots=True, kw_only=True)
class Inventory:
    """What grayc put into an output folder.

    Attributes:
        files: file name → who owns it.
        lanes: release → its lane.
    """

    files: Mapping[str, Owned] = field(default_factory=dict)
    lanes: Mapping[str, LaneRecord] = field(default_factory=dict)

    def files_of(self, owner: str) -> tuple[str, ...]:
        """Return the names of a release's files, in order."""
        return tuple(sorted(name for name, row in self.files.items() if row.owner == owner))

    @property
    def owners(self) -> tuple[str, ...]:
        """The releases that have files, by name."""
        return tuple(sorted({row.owner for row in self.files.values()} - {MESH_OWNER}))


def is_file_name(name: str) -> bool:
    """Tell whether grayc may write a file of this name: no folder, no hidden file, a manifest's suffix."""
    return len(name) <= _LONGEST_NAME and _NAME.fullmatch(name) is not None


def is_digest(text: object) -> bool:
    """Tell whether it is a SHA-256 in hex."""
    return isinstance(text, str) and _DIGEST.fullmatch(text) is not None


def format_inventory(inventory: Inventory) -> str:
    """Return the text of an inventory."""
    files = ",\n".join(
        f'    {_quoted(name)}: {{"owner": {_quoted(row.owner)}, "sha256": {_quoted(row.sha256)}}}'
        for name, row in sorted(inventory.files.items())
    )
    lanes = ",\n".join(_lane_text(name, lane) for name, lane in sorted(inventory.lanes.items()))
    tail = f',\n  "lanes": {{\n{lanes}\n  }}' if lanes else ""
    held = f"{{\n{files}\n  }}" if files else "{}"
    return f'{{\n  "format": {json.dumps(FORMAT)},\n  "files": {held}{tail}\n}}\n'


_formatted: dict[tuple[str, int], tuple[LaneRecord, str]] = {}
_MOST_FORMATTED = 2_000


def _lane_text(name: str, lane: LaneRecord) -> str:
    """Return a lane's text; each release of a run writes those of all releases before it."""
    known = _formatted.get((name, id(lane)))
    if known is None:
        if len(_formatted) >= _MOST_FORMATTED:
            _formatted.clear()
        # The lane itself is kept, so that no other gets its id.
        known = _formatted[name, id(lane)] = (lane, _format_lane(name, lane))
    return known[1]


def _format_lane(name: str, lane: LaneRecord) -> str:
    fields: dict[str, object] = {"tag": lane.tag}
    if lane.profile is not Profile.ZADIG:
        fields["profile"] = lane.profile
    if lane.namespace:
        fields["namespace"] = lane.namespace
    fields["services"] = lane.services
    if lane.gateways:
        fields["gateway"] = lane.gateways[0]
        if len(lane.gateways) > 1:
            fields["gateways"] = lane.gateways
        fields["rules"] = lane.rules
        if lane.opens is not None:
            fields["opens"] = [
                list(row)
                for row in sorted(
                    (each.gateway, each.controller, each.namespace, each.host, each.path_type, each.path)
                    for each in lane.opens
                )
            ]
    if lane.asks:
        fields["asks"] = lane.asks
    if lane.beside:
        fields["beside"] = lane.beside
    if lane.mesh:
        fields["mesh"] = [_format_claim(claim) for claim in sorted(lane.mesh, key=lambda claim: claim.host)]
    if lane.command is not None:
        fields["build"] = _format_command(lane.command)
    if lane.expires is not None:
        fields["expires"] = lane.expires
    if lane.owner is not None:
        fields["owner"] = lane.owner
    if lane.opens_in:
        fields["opensIn"] = lane.opens_in
    if lane.work:
        fields["work"] = lane.work
    if lane.lasting:
        fields["lasting"] = lane.lasting
    rows = [f"      {json.dumps(key)}: {json.dumps(value)}" for key, value in fields.items()]
    objects = ",\n".join(f"        {_quoted(key)}: {_quoted(lane.baseline[key])}" for key in sorted(lane.baseline))
    rows.append(f'      "baseline": {{\n{objects}\n      }}' if objects else '      "baseline": {}')
    return f"{lane_head(name)}\n" + ",\n".join(rows) + "\n    }"


def _format_claim(claim: MeshClaim) -> dict[str, object]:
    return {
        "service": claim.service,
        **({"namespace": claim.namespace} if claim.namespace else {}),
        "gray": claim.gray,
        "header": claim.carrier.header,
        **({"member": claim.carrier.member} if claim.carrier.member else {}),
        "ports": claim.ports,
        "api": claim.api_version,
        **({"grpc": claim.grpc} if claim.grpc else {}),
        **({"in": claim.routes[0] if len(claim.routes) == 1 else claim.routes} if claim.routes else {}),
        **({"argocd": True} if claim.is_argocd else {}),
    }


def _format_command(command: Command) -> dict[str, object]:
    rows = {
        "spec": command.spec,
        "tag": command.tag,
        "images": command.images,
        "expires": command.expires,
        "owner": command.owner,
        "step": command.step,
        "gateway": command.gateway,
        "lanes": command.lanes,
        "patch": command.patch,
    }
    return {key: value for key, value in rows.items() if value}


def lane_head(release: str) -> str:
    """Return the line with which a release's lane starts; an inventory holds it once, or not at all."""
    return f"    {json.dumps(release)}: {{"


_parsed: dict[bytes, Inventory] = {}
"""The texts read or written last; each release of a run looks into the one that the release before wrote."""

_MOST_PARSED = 2


def remember(data: bytes, inventory: Inventory) -> None:
    """Keep what a text that is written holds, so that it need not be read again."""
    while len(_parsed) >= _MOST_PARSED:
        del _parsed[next(iter(_parsed))]
    _parsed[data] = inventory


def parse_inventory(data: bytes) -> Inventory:
    """Return the inventory that a text holds.

    Raises:
        DamagedError: it holds none, or names a file that grayc would never write.
    """
    known = _parsed.get(data)
    if known is None:
        known = _parse(data)
        remember(data, known)
    return known


def _parse(data: bytes) -> Inventory:
    found = parse_bookkeeping(data, FORMAT)
    rows, lanes = found.get("files"), found.get("lanes", {})
    if not isinstance(rows, dict):
        raise DamagedError("`files` is missing")
    if not isinstance(lanes, dict):
        raise DamagedError("`lanes` is no mapping")
    files = {}
    for name, row in rows.items():
        match row:
            case {"owner": str(owner), "sha256": str(sha256)} if (
                is_file_name(name)
                and is_digest(sha256)
                and is_owner(owner)
                and (owner != MESH_OWNER or name.startswith(MESH_FILES))
            ):
                files[name] = Owned(owner=owner, sha256=sha256)
            case _:
                raise DamagedError(f"the row of {name[:300]!a} is not what grayc writes")
    return Inventory(files=files, lanes={name: _parse_lane(name, lane) for name, lane in lanes.items()})


def _parse_lane(name: str, data: object) -> LaneRecord:
    """Return one lane. What a later version may add is passed over; what is there has the syntax of the language.

    From a tag and its services selectors are made, and from what is opened commands: nothing else may stand there.
    """
    fields: Mapping[str, object] = data if isinstance(data, dict) else {}
    services, rules, baseline = fields.get("services"), fields.get("rules", []), fields.get("baseline")
    tag, gateway, expires = fields.get("tag"), fields.get("gateway", ""), fields.get("expires")
    opens_in, work, lasting = (fields.get(key, []) for key in ("opensIn", "work", "lasting"))
    home, gateways = fields.get("namespace", ""), fields.get("gateways", [gateway] if gateway else [])
    asks, beside = fields.get("asks", []), fields.get("beside", [])
    profile = _profile(name, fields.get("profile", Profile.ZADIG))
    match (tag, home, gateways, expires, services, opens_in, work, lasting, rules, asks, beside, baseline):
        case (str(), str(), list(), None | str(), list(), list(), list(), list(), list(), list(), list(), dict()) if (
            is_dns_label(name)
            and is_dns_label(tag)
            and (not home or is_namespace(home))
            and all(isinstance(each, str) and is_dns_label(each) for each in gateways)
            and (expires is None or _is_day(expires))
            and all(isinstance(each, str) and each and is_label_value(each) for each in services)
            and all(isinstance(each, str) and _is_opened(each) for each in opens_in)
            and all(
                isinstance(each, str) and len(each) <= _LONGEST_KEY and each.isprintable() for each in (*work, *lasting)
            )
            and all(map(_is_rule, rules))
            and all(isinstance(each, str) and _HEADER.fullmatch(each) for each in (*asks, *beside))
            and all(len(key) <= _LONGEST_KEY and key.isprintable() for key in baseline)
            and all(map(is_digest, baseline.values()))
        ):
            return LaneRecord(
                tag=tag,
                profile=profile,
                namespace=home,
                services=tuple(services),
                gateways=tuple(gateways),
                rules=tuple(rules),
                expires=expires,
                owner=_owner(name, fields.get("owner")),
                opens_in=tuple(opens_in),
                work=tuple(work),
                lasting=tuple(lasting),
                opens=_parse_opens(name, fields.get("opens")),
                asks=tuple(asks),
                beside=tuple(beside),
                mesh=_parse_mesh(name, tag, PROFILES[profile].suffix(tag), fields.get("mesh", [])),
                command=_parse_command(name, fields.get("build")),
                baseline=baseline,
            )
        case _:
            raise DamagedError(f"the lane of {name[:300]!a} is not what grayc writes")


def _profile(name: str, data: object) -> Profile:
    if not isinstance(data, str) or data not in set(Profile):
        raise DamagedError(f"the profile of the lane of {name[:300]!a} is none that grayc knows")
    return Profile(data)


def _parse_opens(name: str, data: object) -> tuple[Opened, ...] | None:
    if data is None:
        return None
    found = []
    for row in data if isinstance(data, list) else [None]:
        match row:
            case [str(gateway), str(controller), str(space), str(host), str(path_type), str(path)] if (
                is_dns_label(gateway)
                and (not space or is_namespace(space))
                and _HOST.fullmatch(host)
                and all(len(text) <= _LONGEST_KEY and text.isprintable() for text in (controller, path_type))
                and len(path) <= _LONGEST_RULE_TEXT
                and path.isprintable()
            ):
                found.append(
                    Opened(
                        gateway=gateway,
                        controller=controller,
                        namespace=space,
                        host=host,
                        path_type=path_type,
                        path=path,
                    )
                )
            case _:
                raise DamagedError(f"what the lane of {name[:300]!a} opens is not what grayc writes")
    return tuple(found)


def _parse_mesh(name: str, tag: str, suffix: str, data: object) -> tuple[MeshClaim, ...]:
    """Return what a lane claims of hosts in a mesh.

    Objects and commands are made of it, so each part has its syntax.
    """
    found: dict[tuple[str, str], MeshClaim] = {}
    for row in data if isinstance(data, list) else [None]:
        fields: Mapping[str, object] = row if isinstance(row, dict) else {}
        service, space, gray = fields.get("service"), fields.get("namespace", ""), fields.get("gray")
        header, member = fields.get("header"), fields.get("member", "")
        ports, api = fields.get("ports"), fields.get("api")
        routes, grpc, is_argocd = fields.get("in", []), fields.get("grpc", []), fields.get("argocd", False)
        routes = [routes] if isinstance(routes, str) else routes
        match (service, space, gray, header, member, ports, grpc, api, routes, is_argocd):
            case (str(), str(), str(), str(), str(), list(), list(), str(), list(), bool()) if (
                is_name_of((CORE, "Service"), service)
                and gray == f"{service}{suffix}"
                and is_name_of((CORE, "Service"), gray)
                and (not space or is_namespace(space))
                and _HEADER.fullmatch(header)
                and header == header.lower()
                and (not member or (header == BAGGAGE and _HEADER.fullmatch(member)))
                and len(ports) <= _MOST_PORTS
                and all(_is_port(port) for port in ports)
                and all(port in ports for port in grpc)
                and api in MESH_VERSIONS
                and len(routes) <= _MOST_PORTS
                and all(isinstance(route, str) and _is_opened(route) for route in routes)
                and (space, service) not in found
            ):
                found[space, service] = MeshClaim(
                    service=service,
                    namespace=space,
                    tag=tag,
                    release=name,
                    gray=gray,
                    carrier=TagCarrier(header=header, member=member),
                    ports=tuple(ports),
                    api_version=api,
                    routes=tuple(routes),
                    grpc=tuple(grpc),
                    is_argocd=is_argocd,
                )
            case _:
                raise DamagedError(f"a mesh host of the lane of {name[:300]!a} is not what grayc writes")
    return tuple(found.values())


def _is_port(port: object) -> bool:
    return isinstance(port, int) and not isinstance(port, bool) and 0 < port <= _LARGEST_PORT


def _parse_command(name: str, data: object) -> Command | None:
    if data is None:
        return None
    fields: Mapping[str, object] = data if isinstance(data, dict) else {"spec": None}
    spec, step, gateway = (fields.get(key, "") for key in ("spec", "step", "gateway"))
    tag, expires = (fields.get(key, "") for key in ("tag", "expires"))
    images, owner = fields.get("images", []), _owner(name, fields.get("owner")) or ""
    lanes, patch = fields.get("lanes", []), fields.get("patch", "")
    match (spec, step, gateway, lanes, patch, tag, images, expires):
        case (str(), str(), str(), list(), str(), str(), list(), str()) if (
            len(lanes) <= _MOST_FOLDERS
            and all(isinstance(each, str) and _is_path(each) for each in (spec, patch, *lanes))
            and (not step or is_dns_label(step))
            and (not gateway or is_dns_label(gateway))
            and (not tag or is_dns_label(tag))
            and (not expires or _is_day(expires))
            and len(images) <= _MOST_IMAGES
            and all(isinstance(each, str) and _IMAGE.fullmatch(each) for each in images)
        ):
            return Command(
                spec=spec,
                tag=tag,
                images=tuple(images),
                expires=expires,
                owner=owner,
                step=step,
                gateway=gateway,
                lanes=tuple(lanes),
                patch=patch,
            )
        case _:
            raise DamagedError(f"how the lane of {name[:300]!a} was built is not what grayc writes")


def _owner(name: str, data: object) -> str | None:
    if data is None or (isinstance(data, str) and _OWNER.fullmatch(data)):
        return data
    raise DamagedError(f"the owner of the lane of {name[:300]!a} is not what grayc writes")


def _is_path(text: str) -> bool:
    """Tell whether it is a path from the output folder, as it is printed in a command."""
    return len(text) <= _LONGEST_PATH and text.isprintable() and not text.startswith("/")


def is_owner(name: str) -> bool:
    """Tell whether files of an output folder may be of this owner: a release, or all lanes together."""
    return name == MESH_OWNER or is_dns_label(name)


def _is_day(text: str) -> bool:
    if _DAY.fullmatch(text) is None:
        return False
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _is_opened(key: str) -> bool:
    """Tell whether it names an object as `baseline_lock` does: `VirtualService.networking.istio.io shop/web`."""
    kind, _, place = key.partition(" ")
    kind, dot, group = kind.partition(".")
    namespace, slash, name = place.rpartition("/")
    return (
        is_kind(kind)
        and (is_api_version(f"{group}/v1") if dot else True)
        and (is_namespace(namespace) if slash else True)
        and is_name_of((group, kind), name)
    )


def _is_rule(data: object) -> bool:
    """Tell whether it is a rule in the form of `spec.rule_data`, which reads and writes what is in it."""
    match data:
        case {"weight": int(percent), **rest}:
            by = rest.pop("by", "client")
            return not isinstance(percent, bool) and 0 <= percent <= _WHOLE and not rest and _is_by(by)
        case {"all": list(conditions), **rest}:
            return not rest and 0 < len(conditions) <= _MOST_CONDITIONS and all(map(_is_condition, conditions))
        case {"tagged": True, "header": str() as header, "value": str() as tag, **rest}:
            member = rest.pop("member", "")
            texts = [header, tag, member]
            return not rest and all(isinstance(text, str) and len(text) <= _LONGEST_RULE_TEXT for text in texts)
        case _:
            return _is_condition(data)


def _is_by(data: object) -> bool:
    match data:
        case "client":
            return True
        case {"digits": "decimal" | "hex", **rest} if len(rest) == 1:
            return _is_condition(rest)
        case _:
            return False


def _is_condition(data: object) -> bool:
    match data:
        case {"cookie": str() as name, **rest} | {"header": str() as name, **rest} | {"query": str() as name, **rest}:
            values = rest.pop("values", [])
            texts = [name, *values] if isinstance(values, list) else [None]
            texts += [rest.pop(key) for key in ("value", "pattern") if key in rest]
            return not rest and all(isinstance(text, str) and len(text) <= _LONGEST_RULE_TEXT for text in texts)
        case _:
            return False


def parse_bookkeeping(data: bytes, form: str) -> dict[str, object]:
    """Return the mapping that a bookkeeping file holds.

    Raises:
        DamagedError: it is no JSON mapping of this format, or a key stands twice.
    """
    try:
        found = json.loads(data.decode(), object_pairs_hook=_once)
    except (ValueError, RecursionError) as error:
        conflict = b"<<<<<<<" in data
        raise DamagedError("it holds merge conflict marks" if conflict else f"it is not JSON: {error}") from None
    if not isinstance(found, dict) or found.get("format") != form:
        raise DamagedError(f"its format is not `{form}`")
    return found


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise DamagedError("a name stands twice")
    return found
