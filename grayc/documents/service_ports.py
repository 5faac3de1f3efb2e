"""The ports by which a Service can be asked."""

from grayc.documents.model import Document
from grayc.documents.tree import get_list, get_map, get_text


def service_ports(service: Document, *, with_targets: bool = False) -> tuple[int | str, ...]:
    """Return numbers and names of a Service's ports, each once; none for one whose ports say nothing.

    That is one without ports, and one of type ExternalName, which is a name in DNS.

    Args:
        with_targets: what a port leads to counts as well.
    """
    if get_text(service.data, ("spec", "type")) == "ExternalName":
        return ()
    keys = ("port", "name", "targetPort") if with_targets else ("port", "name")
    found = (get_map(port, ()).get(key) for port in get_list(service.data, ("spec", "ports")) for key in keys)
    return tuple(dict.fromkeys(each for each in found if isinstance(each, int | str) and each))


def lacks_port(ports: tuple[int | str, ...], port: int | str) -> bool:
    """Tell whether a port as a route writes it is none of a Service's; one that is not written lacks nothing."""
    return bool(ports) and port != "" and str(port) not in map(str, ports)


def show_ports(ports: tuple[int | str, ...]) -> str:
    """Return the ports of a Service as messages have them."""
    return ", ".join(f"`{port}`" for port in ports)
