"""Text that a test may have made, made harmless for a terminal and for who reads it.

Standard library only, and little of it: the command line imports this on its fast path.
"""

from __future__ import annotations

#: What a test's id or message may not do to a terminal: C0 and C1 controls but tab and newline,
#: and the characters that turn the direction of text (Trojan Source, CVE-2021-42574).
_CONTROLS = dict.fromkeys(
    [*range(9), *range(11, 32), *range(127, 160), *range(0x202A, 0x202F), *range(0x2066, 0x206A)]
)


def clean(text: str) -> str:
    """Take escape sequences and control characters out of text that a test may have made."""
    if text.isprintable():
        return text
    if "\x1b" in text:
        import re  # noqa: PLC0415  # 8 ms that hardly any text needs

        text = re.sub(
            r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\^_])", "", text
        )
    return text.translate(_CONTROLS)


def clip(text: str, width: int) -> str:
    """Shorten one line to a width."""
    return text if len(text) <= width else text[: max(1, width - 1)] + "…"


def format_seconds(seconds: float | None) -> str:
    """Write a duration as a person would: `0.84 s`, `12 s`, `3 min 05 s`, `1 h 02 min`."""
    if seconds is None:
        return "?"
    if seconds < 1:
        return f"{seconds:.2f} s"
    if seconds < 10:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02} min"
