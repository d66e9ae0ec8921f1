"""Which suite a Python project has: the framework, the folder, and why."""

from __future__ import annotations

from functools import cache

import pytest

from greenlane.config.catalogue import Catalogue
from greenlane.config.detect import Detection, detect
from greenlane.config.tree import MappedFiles
from greenlane.model.suite import Suite

PYTEST_TEST = "def test_a():\n    assert True\n"
UNIT_TEST = "import unittest\n\nclass ATest(unittest.TestCase): ...\n"
DJANGO_TEST = "from django.test import TestCase\n\nclass ATest(TestCase): ...\n"
FLASK = "from flask import Flask\n\napp = Flask(__name__)\n"
FASTAPI = "from fastapi import FastAPI\n\napp = FastAPI()\n"
TOX_PYTEST = "[tox]\nenv_list = py\n[testenv]\ndeps = pytest\ncommands = pytest {posargs}\n"
NOX_PYTEST = "import nox\n@nox.session\ndef t(session): session.run('pytest')\n"


@cache
def catalogue() -> Catalogue:
    return Catalogue()


def find(files: dict[str, str]) -> Detection:
    return detect(MappedFiles({path: text.encode() for path, text in files.items()}), catalogue())


def only(files: dict[str, str]) -> Suite:
    [suite] = find(files).suites
    return suite


@pytest.mark.parametrize(
    ("files", "preset"),
    [
        # what the files of the project say
        ({"tests/test_a.py": PYTEST_TEST}, "pytest"),
        ({"tests/test_a.py": "class TestA:\n    def test_b(self): ..."}, "pytest"),
        ({"src/app/tests/conftest.py": "", "src/app/tests/test_a.py": UNIT_TEST}, "pytest"),
        ({"requirements-dev.txt": "pytest==8\n", "tests/test_a.py": UNIT_TEST}, "pytest"),
        ({"Pipfile": '[dev-packages]\npytest = "*"\n', "tests/test_a.py": UNIT_TEST}, "pytest"),
        ({"pyproject.toml": '[dependency-groups]\ndev = ["pytest"]\n'}, "pytest"),
        ({"pyproject.toml": "[project]\n", "tests/test_a.py": UNIT_TEST}, "unittest"),
        ({"pyproject.toml": "[project]\n", "tests/test_a.py": "import app\n"}, "python"),
        ({"manage.py": "", "shop/tests.py": DJANGO_TEST, "pytest.ini": ""}, "django"),
        # tox and nox stand for the runner that they name
        ({"tox.ini": TOX_PYTEST, "tests/test_a.py": UNIT_TEST}, "pytest"),
        ({"tox.ini": "[pytest]\naddopts = -q\n", "tests/test_a.py": UNIT_TEST}, "pytest"),
        ({"tox.ini": "[testenv]\ncommands = python -m unittest\n"}, "unittest"),
        ({"tox.ini": "[testenv]\ncommands = ./run.sh\n", "t/test_a.py": PYTEST_TEST}, "tox"),
        ({"pyproject.toml": "[tool.tox]\nenv_list = ['py']\n"}, "tox"),
        ({"noxfile.py": NOX_PYTEST}, "pytest"),
        ({"noxfile.py": "import nox\n@nox.session\ndef t(s): s.run('./run.sh')\n"}, "nox"),
        ({"noxfile.py": 'session.run("python", "-m", "unittest")'}, "unittest"),
        ({"Makefile": "test:\n\ttox -e py311\n", "tox.ini": TOX_PYTEST}, "tox"),
        ({"Makefile": "test:\n\tnox -s tests\n", "noxfile.py": NOX_PYTEST}, "nox"),
        # web frameworks, by what is needed or imported, and never without tests of pytest
        ({"app.py": FLASK, "tests/test_a.py": PYTEST_TEST}, "flask"),
        ({"requirements.txt": "Flask==3.1\n", "test_a.py": PYTEST_TEST, "pytest.ini": ""}, "flask"),
        ({"pyproject.toml": '[project]\ndependencies = ["flask>=3"]\n[tool.pytest]\n',
          "tests/test_a.py": PYTEST_TEST}, "flask"),
        ({"app/main.py": FASTAPI, "tests/test_a.py": PYTEST_TEST, "conftest.py": ""}, "fastapi"),
        ({"pyproject.toml": '[tool.poetry.dependencies]\nfastapi = "^0.1"\n',
          "tests/test_a.py": PYTEST_TEST}, "fastapi"),
        ({"Makefile": "test:\n\tpytest -q\n", "app.py": FLASK, "test_a.py": PYTEST_TEST}, "flask"),
        ({"app.py": FLASK, "tests/test_a.py": UNIT_TEST}, "unittest"),
        ({"requirements.txt": "flask-cors\nflaskr\n", "tests/test_a.py": PYTEST_TEST}, "pytest"),
        ({"app.py": "# flask was here\n", "tests/test_a.py": PYTEST_TEST}, "pytest"),
    ],
)  # fmt: skip
def test_the_framework(files: dict[str, str], preset: str) -> None:
    suite = only(files)
    assert (suite.preset, suite.cwd) == (preset, ".")


def test_a_web_project_without_tests_is_none() -> None:
    assert all(suite.preset not in {"flask", "fastapi"} for suite in _suites({"app.py": FLASK}))


def _suites(files: dict[str, str]) -> list[Suite]:
    try:
        return find(files).suites
    except Exception:  # noqa: BLE001 - nothing was found
        return []


@pytest.mark.parametrize(
    ("script", "command"),
    [
        ("python -m unittest discover -s tests", "python3 -m unittest discover -s tests"),
        ("uv run python -m unittest -v", "uv run python -m unittest -v"),
        ("python manage.py test shop --parallel", "python3 manage.py test shop --parallel"),
        ("tox -e py311 -- -x", "tox -e py311 -- -x"),
        ("nox -s tests", "nox --report {out}/nox.json -s tests"),
        ("poetry run pytest -q", "poetry run pytest -q"),
        ("pytest -q tests", "python3 -m pytest -q tests"),
    ],
)
def test_the_words_of_a_script_are_kept(script: str, command: str) -> None:
    suite = only({"Makefile": f"test:\n\t{script}\n"})
    assert " ".join(suite.command) == command


def test_packages_of_a_repository_are_suites_of_their_own() -> None:
    package = {"pyproject.toml": "[tool.pytest.ini_options]\n", "tests/test_a.py": PYTEST_TEST}
    files = {f"packages/{name}/{path}": text for name in "ab" for path, text in package.items()}
    assert [suite.cwd for suite in find(files).suites] == ["packages/a", "packages/b"]


def test_a_project_below_the_root_is_not_hidden_by_its_own_tests() -> None:
    suite = only({"backend/manage.py": "", "backend/shop/tests.py": "import unittest\n"})
    assert (suite.preset, suite.cwd) == ("django", "backend")


def test_tests_beside_an_inner_project_stay_a_suite() -> None:
    files = {
        "tests/test_a.py": PYTEST_TEST,
        "tools/pytest.ini": "",
        "tools/test_b.py": PYTEST_TEST,
    }
    suite = only(files)
    assert (suite.preset, suite.cwd) == ("pytest", ".")


def test_tox_and_nox_without_more_are_a_question() -> None:
    with pytest.raises(Exception, match=r"two presets fit equally.*nox .*tox|tox .*nox"):
        find({"tox.toml": "", "noxfile.py": "import nox"})
