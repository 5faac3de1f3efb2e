"""What flags give a release in place of fields of its file: a tag, images, a last day, an owner.

And what names a release that was made so on a command line.
"""

import json
import re
from collections.abc import Iterator, Sequence

from grayc.diagnostics import Diagnostic, has_errors, shell
from grayc.documents.tree import get_text
from grayc.records import dataclass, replace
from grayc.source import SourceFile
from grayc.spec.load import load_spec
from grayc.spec.model import ReleaseSpec, Rule, TaggedRule, Traffic

_PLACES = {"metadata.name": "--tag", "spec.tag": "--tag", "spec.expires": "--expires", "spec.owner": "--owner"}
_IMAGE = re.compile(r"(?:(?P<service>[^/=]+)/)?(?P<container>[^/=]+)=(?P<image>.+)", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Flags:
    """Flags in place of fields; "" for what the file says.

    Attributes:
        images: `[SERVICE/]CONTAINER=IMAGE`, as written.
    """

    tag: str = ""
    images: tuple[str, ...] = ()
    expires: str = ""
    owner: str = ""

    def __bool__(self) -> bool:
        """Tell whether anything is given."""
        return bool(self.tag or self.images or self.expires or self.owner)


NO_FLAGS = Flags()


@dataclass(frozen=True, slots=True, kw_only=True)
class FlagImage:
    """One of the images.

    Attributes:
        text: as written.
        service: "" where it names none.
    """

    text: str
    service: str
    container: str
    image: str


def name_with(name: str, tag: str) -> str:
    """Return what a release is called in files, inventory and labels, where a run gives it a tag."""
    return f"{name}-{tag}" if tag else name


def images_of(flags: Flags) -> tuple[FlagImage, ...]:
    """Return the images that are given; `refuse_flags` has told of those that are none."""
    found = [(text, _IMAGE.fullmatch(text)) for text in flags.images]
    return tuple(
        FlagImage(text=text, service=match["service"] or "", container=match["container"], image=match["image"])
        for text, match in found
        if match is not None
    )


def refuse_flags(flags: Flags, name: str) -> tuple[Diagnostic, ...]:
    """Return what is wrong with flags: the same as would be in the fields that they stand for.

    Args:
        name: of the release, as its file has it.
    Diagnostics:
        GC702: an image is given in no form that is known.
        And what `load_spec` has against a tag, an image, a day and an owner.
    """
    unread = (*_no_text(flags), *_unread(flags))
    return unread or tuple(_as_fields(flags, name))


def _no_text(flags: Flags) -> Iterator[Diagnostic]:
    """Yield what came to no text: bytes of a command line that are no UTF-8."""
    for flag, text in (("--tag", flags.tag), ("--expires", flags.expires), ("--owner", flags.owner)):
        if not text.isprintable() and any("\ud800" <= sign <= "\udfff" for sign in text):
            yield Diagnostic(
                code="GC702", message=f"what `{flag}` gives is not UTF-8", help="set the locale to one of UTF-8"
            )


def _unread(flags: Flags) -> Iterator[Diagnostic]:
    for text in flags.images:
        if _IMAGE.fullmatch(text) is None:
            yield Diagnostic(
                code="GC702",
                message=f"`--image {text}` names no container and image",
                help="write `--image CONTAINER=IMAGE`, or `--image SERVICE/CONTAINER=IMAGE`",
            )


def _as_fields(flags: Flags, name: str) -> Iterator[Diagnostic]:
    """Yield what the language has against a small release that says the same."""
    images = {each.text.partition("=")[0]: each.image for each in images_of(flags)}
    said = {
        "tag": flags.tag or "gray",
        **({"expires": flags.expires} if flags.expires else {}),
        **({"owner": flags.owner} if flags.owner else {}),
        "baseline": ["."],
        "services": [{"name": "web", **({"images": images} if images else {})}],
    }
    whole = {
        "apiVersion": "grayc.dev/v1",
        "kind": "GrayRelease",
        "metadata": {"name": name_with(name, flags.tag)},
        "spec": said,
    }
    wrong = [each for each in load_spec(SourceFile(name="", text=json.dumps(whole))).diagnostics if has_errors((each,))]
    is_tag = any(found.field == "spec.tag" for found in wrong)
    for found in wrong:
        # The name is wrong because of the tag, too.
        if found.field != "metadata.name" or not is_tag:
            flag = _PLACES.get(found.field, "--image")
            yield replace(found, span=None, field="", notes=(), message=f"`{flag}`: {found.message}")


def with_flags(spec: ReleaseSpec, flags: Flags) -> ReleaseSpec:
    """Return the release with what a run gives it, but for images: whose they are only a plan knows."""
    if not flags:
        return spec
    tag = flags.tag or spec.tag
    return replace(
        spec,
        name=name_with(spec.name, flags.tag),
        tag=tag,
        expires=flags.expires or spec.expires,
        owner=flags.owner or spec.owner,
        traffic=_traffic(spec.traffic, tag),
        steps=tuple(replace(step, rules=_tagged(step.rules, tag)) for step in spec.steps),
    )


def _traffic(traffic: Traffic | None, tag: str) -> Traffic | None:
    return None if traffic is None else replace(traffic, rules=_tagged(traffic.rules, tag))


def _tagged(rules: Sequence[Rule], tag: str) -> tuple[Rule, ...]:
    return tuple(replace(rule, tag=tag) if isinstance(rule, TaggedRule) else rule for rule in rules)


def with_images(spec: ReleaseSpec, images: Sequence[tuple[str, str, str]]) -> ReleaseSpec:
    """Return the release with other images: service, container, image."""
    of: dict[str, dict[str, str]] = {}
    for service, container, image in images:
        of.setdefault(service, {})[container] = image
    return replace(
        spec,
        services=tuple(
            replace(service, images={**service.images, **of[service.name]}) if service.name in of else service
            for service in spec.services
        ),
    )


def file_word(spec: ReleaseSpec) -> str:
    """Return the word of a release's file, as it was named; `-` where it was piped."""
    file = spec.document.file
    return "-" if file.startswith("<") else shell.path(file)


def offline_command(spec: ReleaseSpec, out: str) -> str:
    """Return the command that takes the release's own lane out of a folder.

    Args:
        out: the word of the folder.
    """
    return " ".join(["grayc offline", file_word(spec), *_tag(spec), "-o", out])


def asking_words(spec: ReleaseSpec) -> list[str]:
    """Return what names the release to a command that compiles it, as it is compiled now.

    Images, owner and last day are left out: they decide neither where a request goes nor which lane it is.
    """
    last = spec.steps[-1].name if spec.steps else ""
    traffic = spec.traffic
    return [
        file_word(spec),
        *_tag(spec),
        *([shell.flag("step", spec.step)] if spec.step != last else []),
        *([shell.flag("gateway", traffic.gateway)] if traffic and traffic.gateway is not traffic.written else []),
    ]


def _tag(spec: ReleaseSpec) -> list[str]:
    """Return the flag that gave the release its tag; none where its file did: `name_with` gave it its name, too."""
    written = get_text(spec.document.data, ("metadata", "name"))
    is_given = spec.name != written and spec.name == name_with(written, spec.tag)
    return [shell.flag("tag", spec.tag)] if is_given else []
