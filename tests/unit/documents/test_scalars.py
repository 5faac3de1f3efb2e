import pytest

from grayc.documents.scalars import ScalarError, is_doubtful, key_text, resolve_plain, resolve_tagged


@pytest.mark.parametrize(
    ("text", "value"),
    [
        *[(text, True) for text in ("y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON")],
        *[(text, False) for text in ("n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF")],
        *[(text, None) for text in ("", "~", "null", "Null", "NULL")],
        *[(text, text) for text in ("tRue", "yEs", "nUll", "nan", "inf", "NaN", "Infinity", "oN", "none", "=", "<<")],
        ("0", 0), ("-0", 0), ("+1", 1), ("12", 12), ("-12", -12),
        ("0777", 511), ("007", 7), ("0o777", 511), ("0O777", 511), ("-0o17", -15), ("-017", -15),
        ("0x1F", 31), ("0X1f", 31), ("-0x10", -16), ("0b101", 5), ("0B11", 3), ("-0b11", -3), ("+0b11", 3),
        ("08", 8), ("0888", 888), ("09.5", 9.5), ("1_000", 1000), ("1__0", 10), ("0_7", 7), ("1_", 1), ("0x_1F", 31),
        ("1.", 1), (".5", 0.5), ("-.5", -0.5), ("+.5", 0.5), ("1.0", 1), ("1.10", 1.1), ("-1.5", -1.5), ("-0.0", 0),
        ("1e3", 1000), ("1E3", 1000), ("12e5", 1200000), ("1234567e8", 123456700000000), ("0e0", 0), ("1.0e+3", 1000),
        ("1e-400", 0), (".1e3", 100), ("._5", "._5"), (".5_", ".5_"), (".", "."), ("..", ".."), ("...", "..."),
        ("5e400", "5e400"), ("-5e400", "-5e400"), ("1e", "1e"), ("1e+", "1e+"), ("e3", "e3"),
        ("9223372036854775807", 2**63 - 1), ("-9223372036854775808", -(2**63)),
        ("9223372036854775808", 2.0**63), ("18446744073709551615", 2.0**64), ("18446744073709551616", 2.0**64),
        ("-9223372036854775809", -(2.0**63)), ("4611686018427387905.0", 4611686018427388000), ("1e18", 10**18), ("1e19", 1e19), ("0xFFFFFFFFFFFFFFFF", 2.0**64), ("0x1FFFFFFFFFFFFFFFF", "0x1FFFFFFFFFFFFFFFF"),
        ("1e36", 1e36), ("9" * 5000, "9" * 5000), ("0" * 5000 + "1", 1), ("1" + "_" * 5000, 1),
        ("22:22", "22:22"), ("1:30:00", "1:30:00"), ("190:20:30.15", "190:20:30.15"),
        ("2001-01-01", "2001-01-01"), ("2001-99-99", "2001-99-99"), ("2001-12-14t21:59:43.10-05:00",) * 2,
        ("100m", "100m"), ("1Gi", "1Gi"), ("10%", "10%"), ("1.2.3", "1.2.3"), ("10.0.0.1", "10.0.0.1"), ("1,000", "1,000"),
        ("0x", "0x"), ("0o8", "0o8"), ("0b2", "0b2"), ("_1", "_1"), ("-", "-"), ("--", "--"), ("+", "+"), ("-x", "-x"),
        ("0x1.8p3", "0x1.8p3"), ("1_000.5", 1000.5), ("٣", "٣"), ("1٣", "1٣"), ("+-1", "+-1"), ("1 2", "1 2"),
    ],
)  # fmt: skip
def test_plain_text_means_what_kubernetes_says(text: str, value: object) -> None:
    read = resolve_plain(text)

    assert read == value
    assert type(read) is type(value)


@pytest.mark.parametrize("text", [".inf", ".Inf", ".INF", "-.inf", "+.inf", ".nan", ".NaN", ".NAN"])
def test_a_number_that_json_does_not_have_is_refused(text: str) -> None:
    with pytest.raises(ScalarError) as caught:
        resolve_plain(text)

    assert caught.value.code == "GC107"


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("a", "a"), ("1", "1"), ("0x10", "16"), ("1_0", "10"), ("010", "8"), ("on", "true"), ("n", "false"), ("=", "="),
        ("1.50", "1.5"), ("1e3", "1000"), ("1.0", "1"), ("100000.0", "100000"), ("1e6", "1e+06"), ("1e30", "1e+30"),
        ("1234567.5", "1.2345675e+06"), ("123456789.5", "1.2345679e+08"), ("0.00001", "1e-05"), ("0.0001", "0.0001"),
        ("-1.5", "-1.5"), ("0.0", "0"), ("-0.0", "-0"), ("1e-46", "0"), ("16777217.0", "1.6777216e+07"),
         ("1e300", ".inf"), ("-1e300", "-.inf"), ("2001-01-01", "2001-01-01"), ("08", "8"),
    ],
)  # fmt: skip
def test_a_plain_key_becomes_the_key_that_json_gets(text: str, key: str) -> None:
    assert key_text(text) == key


@pytest.mark.parametrize(
    ("text", "code"),
    [("null", "GC109"), ("~", "GC109"), ("", "GC109"), ("18446744073709551615", "GC109"), (".inf", "GC107")],
)
def test_what_kubernetes_takes_for_no_key_is_refused(text: str, code: str) -> None:
    with pytest.raises(ScalarError) as caught:
        key_text(text)

    assert caught.value.code == code


@pytest.mark.parametrize(
    ("tag", "text", "value"),
    [
        ("str", "123", "123"), ("str", "", ""), ("int", "123", 123), ("int", "0x10", 16), ("float", "1", 1),
        ("float", "1.5", 1.5), ("bool", "yes", True), ("null", "", None), ("null", "~", None),
    ],
)  # fmt: skip
def test_a_core_tag_decides(tag: str, text: str, value: object) -> None:
    assert resolve_tagged(tag, text) == value


@pytest.mark.parametrize(
    ("tag", "text"),
    [("int", "abc"), ("int", "1.5"), ("int", "true"), ("float", "x"), ("bool", "x"), ("bool", "1"), ("null", "x"),
     ("binary", "aGVsbG8="), ("timestamp", "2001-01-01"), ("foo", "x"), ("python/object/apply:os.system", "ls")],
)  # fmt: skip
def test_another_tag_or_a_value_that_does_not_fit_is_refused(tag: str, text: str) -> None:
    with pytest.raises(ScalarError) as caught:
        resolve_tagged(tag, text)

    assert caught.value.code == "GC108"


@pytest.mark.parametrize(
    "text",
    ["y", "N", "yes", "Off", "ON", "2001-01-01", "2001-1-1", "2001-12-14t21:59:43.10-05:00", "2001-12-14 21:59:43",
     "2001-12-14T21:59:43.10Z", "2024-01-01T00:00:00+00:00", "2024-02-29"],
)  # fmt: skip
def test_what_apply_k_reads_otherwise_is_doubtful(text: str) -> None:
    assert is_doubtful(text)


@pytest.mark.parametrize(
    "text",
    ["true", "False", "null", "~", "", "0777", "1e3", "22:22", "2024-01-01T00:00:00Z", "2001-12-14T21:59:43.1-05:00", "a",
     "1.10", "2001", "2001-01", "2001-99-99", "2001-02-29", "2001-12-14T21:59:43", "2001-12-14T25:00:00Z", "2001-1-1x"],
)  # fmt: skip
def test_what_both_read_alike_is_not(text: str) -> None:
    assert not is_doubtful(text)
