"""Without a server there is no job, and nobody is told that one goes on."""

from __future__ import annotations

import argparse
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from greenlane.cli.submission import submit_folder
from greenlane.model.errors import ConnectionLostError, ServerUnavailableError


def test_a_server_that_does_not_come_back_is_no_server(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def insist(_ask: object) -> None:
        raise ConnectionLostError("no server came back within 30 s")

    monkeypatch.chdir(tmp_path)
    session = cast("Any", SimpleNamespace(client=None, insist=insist))
    with pytest.raises(ServerUnavailableError, match="no server came back") as caught:
        submit_folder(session, argparse.Namespace(), {})
    assert caught.value.exit_code == 69
