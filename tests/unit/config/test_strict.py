from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from greenlane.config.catalogue import Catalogue
from greenlane.config.preset_file import preset_entry
from greenlane.config.project import ProjectSettings, parse_project, project_from_table
from greenlane.config.server import ServerSettings
from greenlane.config.strict import SIZE_LIMIT_BYTES, decode_settings, dotted
from greenlane.model.errors import SettingsError

SLIPS = {
    b"[suite.u]\ntimout_seconds = 3": ("unknown key `suite.u.timout_seconds`", "`timeout_seconds`"),
    b"[suit.u]": ("unknown key `suit`", "`suite`"),
    b"[project]\nzzz = 1": ("unknown key `project.zzz`", "Known keys: max_untracked_mb"),
    b'[suite.u]\ntimeout_seconds = "3"': (
        "`suite.u.timeout_seconds`: expected a number, got text",
        "",
    ),
    b"[suite.u]\ntimeout_seconds = 0": ("`suite.u.timeout_seconds`: expected a number > 0", ""),
    b"[suite.u]\ntimeout_seconds = nan": ("`suite.u.timeout_seconds`: expected a number > 0", ""),
    b"[suite.u]\ntimeout_seconds = inf": ("`suite.u.timeout_seconds`: expected a number <=", ""),
    b"[project]\nshare_lane_with_clones = 1": ("expected true or false, got a whole number", ""),
    b'[suite.u]\nmode = "in-place"': ("`suite.u.mode`: 'in-place' is not among", "`in_place`"),
    b'[suite.u]\nmode = "zzz"': ("'zzz' is not among", "Known values: in_place, snapshot"),
    b"[suite.u]\nenv = { A = 1 }": ("`suite.u.env.A`: expected text, got a whole number", ""),
    b'[suite.u]\nenv = { "A-B" = "1" }': ("'A-B' is no name of an environment variable", "digits"),
    b"suite = 3": ("`suite`: expected a table, got a whole number", ""),
    b"[suite]\nu = 3": ("`suite.u`: expected a table, got a whole number", ""),
    b'[suite."a b"]': ('`suite."a b"`: not a name for a suite', "letters"),
    b"[suite.u]\ncommand = 3": ("`suite.u.command`: expected text or a list, got a whole", ""),
    b'[suite.u]\ncommand = ""': ("`suite.u.command`: the command is empty", ""),
    b"[suite.u]\ncommand = []": ("`suite.u.command`: the command is empty", ""),
    b'[suite.u]\ncommand = "a \'b"': ("`suite.u.command`: the command cannot be split", "list"),
    b'[suite.u]\ncommand = "cd x && make"': ("`&&` needs a shell", '["sh", "-c"'),
    b'[suite.u]\ncommand = ["a", 1]': ("`suite.u.command[2]`: expected text", ""),
    b"[suite.u]\nprepare = [3]": ("`suite.u.prepare[1]`: expected text or a table or a list", ""),
    b"[suite.u]\nprepare = [[1]]": ("`suite.u.prepare[1][1]`: expected text", ""),
    b'[suite.u]\nprepare = [{ inputs = ["a"] }]': ("`suite.u.prepare[1].command` is missing", ""),
    b'[suite.u]\nprepare = [{ command = "a", input = ["b"] }]': (
        "unknown key `suite.u.prepare[1].input`",
        "`inputs`",
    ),
    b'[suite.u]\nprepare = [{ command = "a", inputs = ["/etc/passwd"] }]': ("not relative", ""),
    b'[suite.u]\ncwd = "../x"': ("`suite.u.cwd`: '../x' leads out of the project", "relative"),
    b'[suite.u]\ncwd = "/x"': ("leads out of the project", ""),
    b'[suite.u]\nresources = [""]': ("`suite.u.resources`: a resource has no name", ""),
    b"a =\n": ("not valid TOML", "line 1"),
    b"[a]\n[a]\n": ("not valid TOML", "line 2"),
    b"x = 1\nname = \xff": ("not UTF-8 text (line 2, byte 13)", "UTF-8"),
    b"a = " + b"[" * 5000: ("nested too deeply", ""),
    b"a = " + b"9" * 5000: ("not valid TOML", ""),
    b"#" * (SIZE_LIMIT_BYTES + 1): ("too large", "limit"),
}


@pytest.mark.parametrize(
    ("content", "message", "hint"), [(slip, *said) for slip, said in SLIPS.items()], ids=str
)
def test_a_slip_names_file_key_and_remedy(content: bytes, message: str, hint: str) -> None:
    with pytest.raises(SettingsError) as caught:
        parse_project(content)
    said = caught.value.message
    assert said.startswith("greenlane.toml")
    assert message in said
    assert hint in said + caught.value.hint


def test_a_byte_order_mark_is_no_slip() -> None:
    assert parse_project(b"\xef\xbb\xbf[suite.u]\n").suite.keys() == {"u"}


def test_every_key_of_a_whole_file_arrives() -> None:
    settings = parse_project(
        b"""
        [project]
        name = "shop"
        share_lane_with_clones = false
        mode = "in_place"
        max_untracked_mb = 5
        [suite.unit]
        preset = "pytest"
        command = "pytest -q 'a b'"
        args = ["-x"]
        cwd = "api/"
        env = { A = "1" }
        prepare = ["uv sync", ["a", "b c"], { command = "npm ci", inputs = ["package-lock.json"] }]
        timeout_seconds = 5
        idle_timeout_seconds = 1.5
        mode = "snapshot"
        resources = ["port:8000"]
        [preset.mine]
        extends = "pytest"
        """
    )
    suite = settings.suite["unit"]
    assert settings.project.name == "shop"
    assert settings.project.max_untracked_mb == 5
    assert not settings.project.share_lane_with_clones
    assert suite.words() == ["pytest", "-q", "a b"]
    assert [(step.argv, step.inputs) for step in suite.steps() or ()] == [
        (["uv", "sync"], []),
        (["a", "b c"], []),
        (["npm", "ci"], ["package-lock.json"]),
    ]
    assert suite.timeout_seconds == 5.0
    assert settings.preset == {"mine": {"extends": "pytest"}}


@pytest.mark.parametrize(
    ("at", "key", "path"),
    [("", "a", "a"), ("a", "b-c", "a.b-c"), ("a", "b.c", 'a."b.c"'), ("a", "", 'a.""')],
)
def test_dotted_paths_read_as_toml(at: str, key: str, path: str) -> None:
    assert dotted(at, key) == path


@given(st.binary(max_size=200))
def test_bytes_give_settings_or_a_settings_error(content: bytes) -> None:
    try:
        parse_project(content)
        decode_settings(content, ServerSettings, source="server.toml")
    except SettingsError as error:
        assert error.message.startswith(("greenlane.toml", "server.toml"))  # noqa: PT017


KEYS = st.sampled_from(
    sorted(
        {field.name for kind in (ProjectSettings,) for field in msgspec.structs.fields(kind)}
        | {"name", "command", "prepare", "env", "mode", "detect", "outcome", "extends", "argv"}
        | {"timeout_seconds", "inputs", "cwd", "report", "select", "contains", "all", "args"}
    )
) | st.text(max_size=4)
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=6)
    | st.sampled_from(["snapshot", "pytest", "a && b", "(", "../x", "\0"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=12,
)


@given(st.dictionaries(KEYS, VALUES, max_size=4))
def test_any_table_is_a_preset_or_a_settings_error(table: dict[str, object]) -> None:
    try:
        Catalogue(entries={"p": preset_entry("p", table, "x.toml", at="")}).get("p")
    except SettingsError as error:
        assert error.message  # noqa: PT017


@given(st.dictionaries(KEYS, VALUES, max_size=3))
def test_any_table_is_a_project_or_a_settings_error(suite: dict[str, object]) -> None:
    try:
        project_from_table({"suite": {"u": suite}})
    except SettingsError as error:
        assert error.message.startswith("greenlane.toml")  # noqa: PT017
