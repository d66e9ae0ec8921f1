"""Read one plain test case of a JUnit report without a parser, with all that it says.

Plain is what nearly every generator writes: attributes in double quotes, properties, output and
reasons with text or CDATA, the entities of XML itself. All else is left to the parser.
"""

from __future__ import annotations

import re

from greenlane.report.formats.junit_case import Case, Child

_MAX_BODY = 12_000  # bytes; a longer body with a reason is left to the parser, which cuts it
_MAX_CHILDREN = 50
_ENTITY = (
    r"&(?:amp|lt|gt|quot|apos|#(?:9|10|13|34|38|39|60|62|x[9aAdD]|x0[aAdD]|x2[267]|x3[cCeE]));"
)
ATTRIBUTES = rf'(?:\s++[\w:.-]++="(?:[^"<&\r]++|{_ENTITY})*+")*+'
_CDATA = r"<!\[CDATA\[(?:[^\]]++|\](?!\]>))*+\]\]>"
_TEXT = rf"(?:[^<&]++|{_ENTITY}|{_CDATA})*+"
_OUTPUT_TEXT = rf"(?:[^<]++|{_CDATA})*+"
_OUTPUT = "|".join(
    rf"<{name}{ATTRIBUTES}\s*+(?:/>|>{_OUTPUT_TEXT}</{name}\s*+>)"
    for name in ("system-out", "system-err")
)
_REASON = "|".join(
    rf"<{name}{ATTRIBUTES}\s*+(?:/>|>{_TEXT}</{name}\s*+>)"
    for name in ("failure", "error", "skipped")
)
_PROPERTY = rf"<propert(?:y|ies){ATTRIBUTES}\s*+/?>|</propert(?:y|ies)\s*+>"
_CASE = re.compile(
    rf"<testcase({ATTRIBUTES})\s*+"
    rf"(?:/>|>((?:[^<&]++|{_OUTPUT}|{_REASON}|{_PROPERTY})*+)</testcase\s*+>)\s*+".encode()
)
_CHILD = re.compile(
    rf"<(failure|error|skipped|system-out|system-err)({ATTRIBUTES})\s*+"
    rf"(?:/>|>({_OUTPUT_TEXT})</\1\s*+>)"
)
_NAMED = re.compile(r'([\w:.-]++)="([^"]*+)"')
_PIECE = re.compile(r"<!\[CDATA\[((?:[^\]]++|\](?!\]>))*+)\]\]>|([^<]++)")
_REFERENCE = re.compile(r"&(#?)(x?)(\w+);")
_KNOWN = re.compile(_ENTITY)
_NO_CHARACTERS = ("\ufffe", "\uffff")
_LETTERS = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'"}
_REASONS = (b"<failure", b"<error", b"<skipped")


def read_case(data: bytes, start: int, *, is_utf8: bool) -> tuple[Case | None, int]:
    """Read the test case that begins at `start`; return it and where it ends.

    Nothing where it is not plain, or not there to its end.
    """
    match = _CASE.match(data, start)
    if match is None:
        return None, start
    body = match[2] or b""
    has_reason = any(mark in body for mark in _REASONS)
    if has_reason and len(body) > _MAX_BODY:
        return None, start
    try:
        encoding = "utf-8" if is_utf8 else "ascii"
        attributes = attributes_of(match[1].decode(encoding))
        case = Case(attributes, *(_children(body.decode(encoding)) if has_reason else ()))
    except ValueError:
        return None, start
    return case, match.end()


def attributes_of(text: str) -> dict[str, str]:
    """Return the attributes that stand in a start tag.

    Raises:
        ValueError: one is there twice, or has a character that XML does not allow.
    """
    pairs = _NAMED.findall(text)
    attributes = dict(pairs)
    if len(attributes) != len(pairs) or ":" in "".join(attributes):
        raise ValueError
    _check(text)
    if "&" in text or "\n" in text or "\t" in text:
        return {name: _unescape(_flat(value)) for name, value in attributes.items()}
    return attributes


def _children(body: str) -> tuple[list[Child], str]:
    """Return the reasons in the body of a test case, and its output."""
    _check(body)
    reasons: list[Child] = []
    output = ""
    for kind, told, text in _CHILD.findall(body):
        if kind.startswith("system"):
            output += _text_of(text)
        elif len(reasons) == _MAX_CHILDREN:
            raise ValueError
        else:
            attributes = attributes_of(told)
            reasons.append(
                Child(
                    kind, attributes.get("type", ""), attributes.get("message", ""), _text_of(text)
                )
            )
    return reasons, output


def _check(text: str) -> None:
    if not text.isascii() and any(one in text for one in _NO_CHARACTERS):
        raise ValueError


def _flat(value: str) -> str:
    return value.replace("\n", " ").replace("\t", " ")


def _text_of(markup: str) -> str:
    """Return the text of an element that has no other elements."""
    if "\r" in markup:
        markup = markup.replace("\r\n", "\n").replace("\r", "\n")
    if "<" not in markup:
        return _unescape(markup)
    return "".join(plain or _unescape(text) for plain, text in _PIECE.findall(markup))


def _unescape(text: str) -> str:
    """Replace the entities.

    Raises:
        ValueError: an ampersand is no known entity.
    """
    if "&" not in text:
        return text
    if text.count("&") != len(_KNOWN.findall(text)):
        raise ValueError
    return _REFERENCE.sub(_letter, text)


def _letter(match: re.Match[str]) -> str:
    if not match[1]:
        return _LETTERS[match[2] + match[3]]
    return chr(int(match[3], 16 if match[2] else 10))
