"""In CI, a skip for a missing tool turns the run red; one by design does not."""

from __future__ import annotations

from pathlib import Path

import pytest

CONFTEST = Path(__file__).parents[1] / "conftest.py"
MISSING = "import pytest\ndef test_it():\n    pytest.skip('cargo is not here')\n"
BY_DESIGN = "import pytest\ndef test_it():\n    pytest.skip('by design: only as root')\n"
WHOLE_FILE = "import pytest\npytest.skip('no docker', allow_module_level=True)\n"
EXPECTED_FAILURE = (
    "import pytest\n@pytest.mark.xfail(reason='known')\ndef test_it():\n    assert False\n"
)


@pytest.mark.parametrize(
    ("source", "ci", "outcomes"),
    [
        (MISSING, "true", {"failed": 1}),
        (MISSING, "", {"skipped": 1}),
        (BY_DESIGN, "true", {"skipped": 1}),
        (WHOLE_FILE, "true", {"errors": 1}),
        (WHOLE_FILE, "", {"skipped": 1}),
        (EXPECTED_FAILURE, "true", {"xfailed": 1}),
    ],
    ids=["tool-ci", "tool", "by-design-ci", "file-ci", "file", "xfail-ci"],
)
def test_skips(
    pytester: pytest.Pytester,
    monkeypatch: pytest.MonkeyPatch,
    source: str,
    ci: str,
    outcomes: dict[str, int],
) -> None:
    monkeypatch.setenv("CI", ci)
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    pytester.makeconftest(CONFTEST.read_text())
    pytester.makepyfile(test_inner=source)
    result = pytester.runpytest_subprocess("-p", "no:cacheprovider")
    result.assert_outcomes(**outcomes)
