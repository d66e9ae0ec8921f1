"""What a Python exception says, out of its traceback."""

from __future__ import annotations

_FRAME = '  File "'


def error_message(traceback: str) -> str:
    """Give the text from the exception's name on: it may go over lines, as a diff does.

    Behind the last frame, the first line that is not indented begins it. A text without frames
    has only its last line.
    """
    lines = traceback.rstrip().splitlines()
    frame = max((at for at, line in enumerate(lines) if line.startswith(_FRAME)), default=None)
    if frame is not None:
        for at in range(frame + 1, len(lines)):
            if lines[at] and not lines[at][0].isspace():
                return "\n".join(lines[at:])
    return lines[-1] if lines else ""
