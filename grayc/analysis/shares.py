"""What MSE and Higress make of a share of requests."""

import struct


def weight_and_total(percent: int) -> tuple[int, int]:
    """Return a weight and total that these gateways turn into exactly `percent`.

    A share of 53 of 100 becomes 52 in single precision; a thousandth of a percent more does not, and is less than
    the gateway can tell apart.

    Source: higress pkg/ingress/config/ingress_config.go normalizeWeightedCluster: int32(float32(w)/float32(t)*100).
    """
    return (percent, 100) if truncated_percent(percent, 100) == percent else (percent * 1000 + 1, 100_000)


def truncated_percent(weight: int, total: int) -> int:
    """Return the whole percent that the gateway gives to a weight, in its single-precision arithmetic."""
    share = _single(_single(weight) / _single(total))
    return int(_single(share * 100))


def _single(number: float) -> float:
    value: float = struct.unpack("f", struct.pack("f", number))[0]
    return value
