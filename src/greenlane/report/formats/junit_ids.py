"""Stable ids for the tests of JUnit reports: each generator names its tests differently."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache

from greenlane.report.formats.base import bound, name_file, relative

_FILE = re.compile(r"^(?!res://)(?:\.{0,2}/)?[^\s:]*\.[A-Za-z]\w{0,5}(?::(\d+))?$")
_CODE_FILE = re.compile(
    r"\.(?:[cm]?[jt]sx?|bats|lua|py|rb|exs?|php|feature|vue|svelte|sh|ps1|pl|t|dart|nim|c|cc|cpp)(?::\d+)?$"
)
_BEHAVE_ROW = re.compile(r" -- @[\d.]+ *$")
_SUBTEST = re.compile(r"^(\w+) (?:\(.*\)|\[.*\])$", re.DOTALL)
_BOOST_SUITE = ["tests", "skipped", "errors", "failures", "id", "name", "time"]
_CATCH2_SUITE = ["name", "errors", "failures", "tests"]  # doctest
_GINKGO_NODE = re.compile(
    r"\[(?:(?:Synchronized)?(?:Before|After)Suite|Report(?:Before|After)Suite"
    r"|DeferCleanup \(Suite\))\]"
)
_KARMA_BLANK = re.compile(r"[ .]")
_LIMIT = 1000


def file_of(attributes: Mapping[str, str], root: str) -> tuple[str, int]:
    """Return the file and line that a test case names, relative to `root`."""
    file = attributes.get("file") or attributes.get("filename") or attributes.get("filepath") or ""
    line = number(attributes.get("line") or attributes.get("lineno") or "")
    if not file and _is_file(classname := attributes.get("classname", "")):
        file, _, tail = classname.partition(":")
        line = line or number(tail)
    return relative(file, root).removeprefix("./"), line


def number(text: str) -> int:
    """Return a whole number, 0 for what is none."""
    return int(text[:9]) if text[:9].isdecimal() else 0


def name_test(
    attributes: Mapping[str, str], suites: Sequence[str], generator: str, root: str
) -> str:
    """Return the id of a test case below the suites with these names."""
    name = attributes.get("name") or "(no name)"
    classname = attributes.get("classname") or attributes.get("class") or ""
    classname = classname.strip()
    if generator == "pytest":
        return bound(_pytest_id(classname, name, attributes.get("file", "")), _LIMIT)
    if generator == "node":
        return bound(" > ".join([*suites, name_file(name, root)]), _LIMIT)
    if generator == "boost" and classname:
        return bound(f"{classname.replace('.', '/')}/{name}", _LIMIT)  # as `--run_test` takes it
    if " -- @" in name:
        name = _BEHAVE_ROW.sub("", name)
    name = name.strip().replace(" \u203a ", " > ")
    if generator == "vitest":
        name = name.replace(" > ", " ")
    if "class" in attributes and attributes.get("class"):
        return bound(f"{attributes['class']}::{name}", _LIMIT)  # PHPUnit
    classname = classname.removeprefix("Elixir.")
    if name.startswith("test_") and attributes.get("file", "").endswith(".rb"):
        return bound(f"{classname}#{name}", _LIMIT)  # reporters of Minitest
    is_bare = generator in {"nextest", "cucumber", "rspec"} or _is_file(classname)
    is_bare = is_bare or generator == "clojure" or _is_karma(classname, suites)
    if is_bare or not classname or _repeats(name, classname):
        return bound(name, _LIMIT)
    return bound(f"{classname}.{name}", _LIMIT)


def generator_of(tag: str, attributes: Mapping[str, str]) -> str:
    """Recognise who wrote a report by its root or suite; "" for nobody known."""
    name = attributes.get("name", "")
    known = {
        "pytest": "pytest",
        "pytest tests": "pytest",
        "vitest tests": "vitest",
        "nextest-run": "nextest",
        "Cucumber": "cucumber",
        "GutTests": "gut",
        "rspec": "rspec",
    }
    if tag == "testcase" and attributes.get("classname") in {"test", "suite"}:
        return "node"
    if tag == "testsuite" and (
        attributes.get("hostname") == "tbd" or list(attributes)[:4] == _CATCH2_SUITE
    ):
        return "catch2"
    if tag == "testcase" and "tests" in attributes:
        return "qunit"
    if tag == "testsuite" and list(attributes) == _BOOST_SUITE:
        return "boost"
    return known.get(name, "")


def parent_of_subtest(attributes: Mapping[str, str]) -> str:
    """Return the method of which a Python test case is a subtest; "" where it is none."""
    is_python = attributes.get("file", "").endswith(".py") and "timestamp" in attributes
    match = _SUBTEST.match(attributes.get("name", "")) if is_python else None
    return match[1] if match else ""


def namespace_of(attributes: Mapping[str, str]) -> str:
    """Return the namespace of a suite that says nothing else, as clojure.test writes it."""
    is_only = not attributes.keys() - {"name", "package"}
    parts = (attributes.get("package"), attributes.get("name"))
    return ".".join(part for part in parts if part) if is_only else ""


def is_suite_node(attributes: Mapping[str, str]) -> bool:
    """Tell what Ginkgo sets up and takes down around its specs from a test."""
    return _GINKGO_NODE.match(attributes.get("name", "")) is not None


def _is_karma(classname: str, suites: Sequence[str]) -> bool:
    """Tell whether a class is made of a browser, as Karma's is: `Chrome 99 (Linux)`."""
    browser = suites[-1] if suites else ""
    return " " in browser and classname.startswith(f"{_KARMA_BLANK.sub('_', browser)}.")


def _repeats(name: str, classname: str) -> bool:
    """Tell whether a name already begins with its class, or is a whole one that ends with it."""
    if name.endswith(f" {classname}"):  # mocha-junit-reporter: the title of the test alone
        return True
    return name.startswith(classname) and not name[len(classname) : len(classname) + 1].isalnum()


@lru_cache(maxsize=1024)
def _is_file(classname: str) -> bool:
    return bool(_FILE.match(classname) and _CODE_FILE.search(classname))


def _pytest_id(classname: str, name: str, file: str) -> str:
    """Rebuild pytest's node id; without `file` (xunit2) a class is what has a capital letter."""
    parts = classname.split(".") if classname else []
    if not parts and file.removesuffix(".py").endswith(name.replace(".", "/")):
        return file  # a module that could not be collected
    if file:
        module = file.removesuffix(".py").replace("\\", "/").split("/")
        classes = parts[len(module) :] if parts[: len(module)] == module else []
        return "::".join([file, *classes, name])
    if not parts:
        return f"{name.replace('.', '/')}.py"
    first = next((i for i, part in enumerate(parts) if i and part[:1].isupper()), len(parts))
    return "::".join([f"{'/'.join(parts[:first])}.py", *parts[first:], name])
