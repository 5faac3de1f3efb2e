"""Values that act on whatever takes them for more than text: a shell, a program's flags, a path, a selector, a screen."""

MARK = "PWNED"
"""A file of this name appears where a value was run."""

SHELL = (
    f"$(touch {MARK})",
    f"`touch {MARK}`",
    f"'\"$(touch {MARK})\"'",
    f"'; touch {MARK}; '",
    f'"; touch {MARK}; "',
    f"web; touch {MARK}",
    f"web & touch {MARK}",
    f"web | touch {MARK}",
    f"web\ntouch {MARK}\n",
    f"web\rtouch {MARK}",
    f"web)\ntouch {MARK};;\n*",
    f"EOF\ntouch {MARK}",
    f"\\$(touch {MARK})\\",
    f"web > {MARK}",
    "${HOME}",
    "$1",
    "*",
    "~",
    "!!",
    "#",
    "web'",
    'web"',
    "web\\",
    "a b",
)
FLAGS = ("--kubeconfig=evil", "--server=http://127.0.0.1:9", "-n evil", "-fevil", "--", "-", "--all", "-lapp=web")
PATHS = ("../..", "..", "/etc/passwd", "a/b", "../../../x", "a%2fb", "..\\x", "C:\\x")
URLS = ("http://127.0.0.1:9/x", "git@example.com:x", "file:///etc/passwd", "https://example.com/?a=b&c")
SELECTORS = ("a),zadigx-release-version notin (q", "a,b", "a=b", "!a", "a in (b)")
CONTROL = ("web\x1b[31m", "web\x07", "web\u202eevil", "web\u2028evil", "web\u200b", "\ufeffweb", "web\x85evil", "\x7f")
EMPTY = (" ", "\t", "\n")

HOSTILE = (*SHELL, *FLAGS, *PATHS, *URLS, *SELECTORS, *CONTROL, *EMPTY)
"""None of them is a kind, a namespace, a name that most kinds take, or a value of a label."""
