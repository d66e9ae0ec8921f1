"""The formats that reports are read in, best source first: streams, files, text.

The order is the rank: where one run left several kinds of report, the first that says something
about tests is believed, and the others may only contradict it.

A reader starts for every run and needs few of them: a format's module is imported when it is
first asked for.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module

from greenlane.report.formats.base import Format

_PLACES = {
    "stream": "stream:FORMAT",
    "pytest-stream": "pytest_stream:FORMAT",
    "django-stream": "django_stream:FORMAT",
    "jest-stream": "jest_stream:FORMAT",
    "node-stream": "node_stream:FORMAT",
    "pytest-reportlog": "pytest_reportlog:FORMAT",
    "pytest-json": "json_file:PYTEST",
    "jest-json": "jest_json:FORMAT",
    "jest-junit": "jest_junit:FORMAT",
    "vitest-junit": "vitest_files:JUNIT",
    "mocha-json": "mocha_json:FORMAT",
    "mocha-stream": "mocha_json:STREAM",
    "playwright-json": "playwright_json:FORMAT",
    "cucumber-messages": "cucumber_messages:FORMAT",
    "cucumber-json": "cucumber_json:FORMAT",
    "ctrf": "ctrf:FORMAT",
    "meson-json": "meson_json:FORMAT",
    "rspec-json": "rspec_json:FORMAT",
    "dart-json": "dart_json:FORMAT",
    "unreal-json": "unreal_json:FORMAT",
    "nextest-json": "nextest_json:FORMAT",
    "nextest-list": "nextest_json:LIST",
    "nunit": "nunit:FORMAT",
    "xunit-net": "xunit_net:FORMAT",
    "trx": "trx:FORMAT",
    "robot": "robot:FORMAT",
    "testng": "testng:FORMAT",
    "check-xml": "check_xml:FORMAT",
    "catch2-xml": "catch2_xml:FORMAT",
    "deno-junit": "deno_junit:FORMAT",
    "junit": "junit:FORMAT",
    "vitest-tap": "vitest_files:TAP",
    "tap": "tap:FORMAT",
    "teamcity": "teamcity:FORMAT",
    "tox": "json_file:TOX",
    "nox": "json_file:NOX",
    "nextest-text": "nextest_text:FORMAT",
    "cargo": "cargo_text:FORMAT",
    "go": "go_text:FORMAT",
    "pytest-text": "pytest_text:FORMAT",
    "unittest-text": "unittest_text:FORMAT",
    "jest-text": "jest_text:FORMAT",
    "ctest-text": "ctest_text:FORMAT",
    "rspec-text": "rspec_text:FORMAT",
    "minitest-text": "minitest_text:FORMAT",
    "exunit-text": "exunit_text:FORMAT",
    "phpunit-text": "phpunit_text:FORMAT",
    "pest-text": "pest_text:FORMAT",
    "vitest-text": "vitest_text:FORMAT",
    "playwright-text": "playwright_text:FORMAT",
    "deno-text": "deno_text:FORMAT",
    "bun-text": "bun_text:FORMAT",
    "jasmine-text": "jasmine_text:FORMAT",
    "ava-text": "ava_text:FORMAT",
    "node-text": "node_text:FORMAT",
    "zig-text": "zig_text:FORMAT",
    "mocha-text": "mocha_text:FORMAT",
    "swift-text": "swift_text:FORMAT",
    "dotnet-text": "dotnet_text:FORMAT",
    "prove-text": "prove_text:FORMAT",
    "clojure-text": "clojure_text:FORMAT",
    "ert-text": "ert_text:FORMAT",
    "nim-text": "nim_text:FORMAT",
    "alcotest-text": "alcotest_text:FORMAT",
    "shunit2-text": "shunit2_text:FORMAT",
    "gtest-text": "gtest_text:FORMAT",
    "gut-text": "gut_text:FORMAT",
    "gdunit4-text": "gdunit4_text:FORMAT",
    "godot-text": "godot_text:FORMAT",
    "summary-text": "summary_text:FORMAT",
}

#: Those that reporters of ours write.
OWN = frozenset({"stream", "pytest-stream", "django-stream", "jest-stream", "node-stream"})


class Formats(Mapping[str, Format]):
    """Formats by name; a module is imported when its format is first asked for."""

    def __init__(self, places: Mapping[str, str]) -> None:
        self._places = places
        self._formats: dict[str, Format] = {}

    def __getitem__(self, name: str) -> Format:
        if name not in self._formats:
            module, _, attribute = self._places[name].partition(":")
            self._formats[name] = getattr(import_module(f"{__name__}.{module}"), attribute)
        return self._formats[name]

    def __contains__(self, name: object) -> bool:
        return name in self._places

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)


READERS = Formats(_PLACES)
