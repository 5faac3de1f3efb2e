"""The picture as plain data."""

from collections.abc import Sequence

from grayc.analysis.picture import Picture
from grayc.analysis.traffic import without_secrets
from grayc.plan.reasons import why_data
from grayc.spec.rule_data import encode


def graph_data(pictures: Sequence[Picture]) -> dict[str, object]:
    """Return pictures as plain data."""
    return {"graphs": [_graph(picture) for picture in pictures]}


def _graph(picture: Picture) -> dict[str, object]:
    return {
        "release": picture.release,
        "tag": picture.tag,
        "rules": [encode(without_secrets(rule)) for rule in picture.rules],
        "entries": [
            {
                "object": way.title,
                "gateway": str(way.gateway),
                "places": list(way.places),
                "colouredOnly": way.is_coloured_only,
            }
            for way in picture.ways
        ],
        "rows": [
            {
                "call": row.is_call,
                "entered": row.is_entered,
                "entries": list(row.entries),
                "stops": [
                    {
                        "service": stop.name,
                        "hasGray": stop.has_gray,
                        "copy": stop.copy,
                        "carried": None if stop.carriage is None else str(stop.carriage),
                        **why_data(stop.why),
                    }
                    for stop in row.stops
                ],
            }
            for row in picture.rows
        ],
    }
