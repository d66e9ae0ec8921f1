"""Which packages a change reaches."""

from __future__ import annotations

import pytest

from greenlane.config.affected import affected_packages
from greenlane.config.tree import MappedFiles

GO = {
    "go.mod": "module example.com/app\n\ngo 1.22\n\nreplace example.com/other => ./fork\n",
    "main.go": 'package main\n\nimport (\n\t"fmt"\n\tlog "example.com/app/internal/log"\n)\n',
    "internal/log/log.go": "package log\n\nimport _ `strings`\n",
    "internal/log/log_test.go": 'package log_test\n\nimport . "example.com/app/kit"\n',
    "internal/log/testdata/a/b.txt": "",
    "kit/kit.go": '// import "example.com/app/pages"\npackage kit\n'
    '\nimport "example.com/other/deep"\n',
    "kit/fast.s": "",
    "pages/pages.go": 'package pages\n\nimport "embed"\n\n'
    '//go:embed static *.tmpl "a b.txt"\nvar f embed.FS\n',
    "pages/static/deep/index.html": "",
    "fork/go.mod": "module example.com/fork\n",
    "fork/deep/deep.go": "package deep\n",
    "data.json": "{}",
    "README.md": "",
}  # fmt: skip

RUST = {
    "Cargo.toml": '[workspace]\nmembers = ["crates/*"]\nexclude = ["crates/old"]\n'
    '[workspace.dependencies]\nbase = { path = "crates/base" }\n',
    "crates/base/Cargo.toml": '[package]\nname = "base"\n',
    "crates/base/src/lib.rs": "",
    "crates/mid/Cargo.toml": '[package]\nname = "mid"\n[dependencies]\nbase.workspace = true\n',
    "crates/mid/src/lib.rs": "",
    "crates/top/Cargo.toml": '[package]\nname = "top"\n'
    '[target."cfg(unix)".dev-dependencies]\nm = { package = "mid", path = "../mid" }\n',
    "crates/top/tests/all.rs": "",
    "crates/lone/Cargo.toml": '[package]\nname = "lone"\n'
    '[build-dependencies]\nhelper = { path = "../../tools/helper" }\n',
    "crates/lone/src/lib.rs": "",
    "crates/old/Cargo.toml": '[package]\nname = "old"\n',
    "crates/old/src/lib.rs": "",
    "crates/lone/fixtures/inner/Cargo.toml": '[package]\nname = "inner"\n',
    "crates/lone/fixtures/inner/src/lib.rs": "",
    "tools/helper/Cargo.toml": '[package]\nname = "helper"\n',
    "tools/helper/src/lib.rs": "",
}


def find(files: dict[str, str], kind: str, *changed: str, cwd: str = ".") -> list[str] | None:
    tree = MappedFiles({path: text.encode() for path, text in files.items()})
    return affected_packages(tree, kind, cwd, changed)


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ("main.go", ["."]),
        ("internal/log/log.go", [".", "./internal/log"]),
        ("internal/log/log_test.go", ["./internal/log"]),
        ("internal/log/testdata/a/b.txt", ["./internal/log"]),
        ("kit/kit.go", ["./internal/log", "./kit"]),
        ("kit/fast.s", ["./internal/log", "./kit"]),
        ("kit/gone.go", ["./internal/log", "./kit"]),
        ("fork/deep/deep.go", ["./internal/log", "./kit"]),
        ("pages/static/deep/index.html", ["./pages"]),
        ("pages/a b.txt", ["./pages"]),
        ("README.md", []),
        ("go.mod", None),
        ("go.work", None),
        ("vendor/x/x.go", None),
        ("data.json", None),
        ("testdata/x", ["."]),
        ("nowhere/testdata/x", None),
        ("nowhere/x.c", None),
    ],
)
def test_a_change_reaches_the_go_packages_that_import_it(
    changed: str, expected: list[str] | None
) -> None:
    assert find(GO, "go", changed) == expected


def test_go_packages_are_those_below_the_folder_of_the_command() -> None:
    assert find(GO, "go", "kit/kit.go", cwd="internal") == ["./log"]
    assert find(GO, "go", "fork/deep/deep.go", cwd="fork") == ["./deep"]
    assert find(GO, "go", "main.go", "pages/x.tmpl") == [".", "./pages"]
    assert find({"a.go": "package a"}, "go", "a.go") is None  # no module


def test_imports_of_go_in_all_their_forms() -> None:
    files = {
        "go.mod": "module m\n",
        "a/a.go": "package a",
        "one/x.go": 'package one; import "m/a"',
        "two/x.go": 'package two\nimport ( . "fmt"; x "m/a" )',
        "three/x.go": 'package three\n/* import "m/b" */ import/**/`m/a`',
        "four/x.go": 'package four\n/* import "m/a" */\n// import "m/a"\nvar x = 1',
    }
    assert find(files, "go", "a/a.go") == ["./a", "./one", "./three", "./two"]


def test_hostile_go_files_are_read_in_linear_time() -> None:
    files = {"go.mod": "module m\n", "a/a.go": "/*" * 200_000, "b/b.go": "import (" * 100_000}
    assert find(files, "go", "a/a.go") == ["./a"]


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ("crates/base/src/lib.rs", ["base", "mid", "top"]),
        ("crates/mid/src/gone.rs", ["mid", "top"]),
        ("crates/top/tests/all.rs", ["top"]),
        ("tools/helper/src/lib.rs", ["helper", "lone"]),
        ("crates/old/src/lib.rs", []),
        ("crates/lone/fixtures/inner/src/lib.rs", []),
        ("crates/mid/README.md", ["mid", "top"]),
        ("docs/guide.md", []),
        ("Cargo.lock", None),
        ("crates/mid/Cargo.toml", None),
        ("crates/mid/build.rs", None),
        (".cargo/config.toml", None),
        ("rust-toolchain", None),
        ("proto/api.proto", None),
        ("crates/mid/data.json", None),
    ],
)
def test_a_change_reaches_the_crates_that_depend_on_it(
    changed: str, expected: list[str] | None
) -> None:
    assert find(RUST, "cargo", changed) == expected


def test_crates_are_those_that_a_plain_cargo_test_tests() -> None:
    assert find(RUST, "cargo", "crates/base/src/lib.rs", cwd="crates/mid") == ["mid"]
    rooted = RUST | {"Cargo.toml": RUST["Cargo.toml"] + '[package]\nname = "root"\n'}
    assert find(rooted, "cargo", "crates/base/src/lib.rs") == []
    few = RUST["Cargo.toml"].replace("exclude", 'default-members = ["crates/mid"]\nexclude')
    assert find(RUST | {"Cargo.toml": few}, "cargo", "crates/base/src/lib.rs") == ["mid"]


def test_a_workspace_that_cannot_be_told_is_tested_whole() -> None:
    broken = RUST | {"crates/mid/Cargo.toml": "[package"}
    assert find(broken, "cargo", "crates/base/src/lib.rs") is None
    twins = RUST | {"crates/mid/Cargo.toml": '[package]\nname = "base"\n'}
    assert find(twins, "cargo", "crates/base/src/lib.rs") is None
    assert find({"src/lib.rs": ""}, "cargo", "src/lib.rs") is None


def test_no_other_kind_is_known() -> None:
    assert find(GO, "cobol", "main.go") is None
