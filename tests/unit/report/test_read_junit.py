"""JUnit's dialects."""

from __future__ import annotations

import pytest

from greenlane.model.report import RunStatus
from tests.unit.report.reading import outcomes, read

MISSING = """<testcase name="a" status="notrun">
<skipped message="Unable to find executable"/></testcase>"""


def one(case: str) -> str:
    """Give the outcome of a single test case."""
    findings, tests = read("junit", f'<testsuite name="s">{case}</testsuite>')
    assert findings.is_complete
    assert len(tests) == 1
    return tests[0].outcome.value


@pytest.mark.parametrize(
    ("case", "outcome"),
    [
        ('<testcase name="a"/>', "passed"),
        ('<testcase name="a"><system-out>x</system-out></testcase>', "passed"),
        ('<testcase name="a"><failure/></testcase>', "failed"),
        ('<testcase name="a"><error message="m"/></testcase>', "error"),
        ('<testcase name="a"><skipped/></testcase>', "skipped"),
        ('<testcase name="a" status="notrun"/>', "skipped"),
        ('<testcase name="a" status="disabled"/>', "skipped"),
        ('<testcase name="a" status="run" result="skipped"/>', "skipped"),
        ('<testcase name="a" status="failed"/>', "failed"),
        ('<testcase name="a"><skipped/><failure/></testcase>', "failed"),
        ('<testcase name="a"><skipped type="todo"/><failure/></testcase>', "xfail"),
        ('<testcase name="a"><skipped type="pytest.xfail"/></testcase>', "xfail"),
        ('<testcase name="a"><flakyFailure/></testcase>', "passed"),
        ('<testcase name="a"><failure/><rerunFailure/></testcase>', "failed"),
        ('<testcase name="a"><failure type="java.io.IOException"/></testcase>', "error"),
        ('<testcase name="a"><failure type="java.lang.AssertionError"/></testcase>', "failed"),
        (MISSING, "error"),
        ('<testcase name="a"><rerunFailure/></testcase>', "failed"),
        ('<testcase name="a"><rerunError/></testcase>', "failed"),
        ('<testcase name="a"><flakyError><stackTrace/></flakyError></testcase>', "passed"),
        ('<testcase name="a"><warning type="w">w</warning></testcase>', "failed"),
        ('<testcase name="a"><incomplete/></testcase>', "skipped"),
        ('<testcase name="a" status="timedout"/>', "error"),
        ('<testcase name="a" status="Panicked"/>', "error"),
        ('<testcase name="a" status="undefined"/>', "error"),
        ('<testcase name="a" status="todo"/>', "skipped"),
        ('<testcase name="a"><failure type="org.x.TestFailedException"/></testcase>', "failed"),
    ],
)
def test_outcome(case: str, outcome: str) -> None:
    assert one(case) == outcome


def test_cases_below_the_root_and_in_nested_suites() -> None:
    findings, tests = read(
        "junit",
        """
        <testsuites>
          <testcase name="top" classname="a.B"/>
          <testsuite name="outer" tests="2"><testsuite name="inner" tests="1">
            <testcase name="deep" classname="a.B"/></testsuite>
            <testcase name="mid" classname="a.B"/></testsuite>
        </testsuites>
        """,
    )
    assert list(outcomes(tests)) == ["a.B.top", "a.B.deep", "a.B.mid"]
    assert findings.is_complete
    assert findings.declared_total == 2


def test_namespace_prefix_and_attribute_with_angle() -> None:
    _, tests = read(
        "junit", '<j:testsuite xmlns:j="x"><j:testcase name="a > b" classname="c.D"/></j:testsuite>'
    )
    assert list(outcomes(tests)) == ["c.D.a > b"]


def test_noise_around_and_several_documents() -> None:
    findings, tests = read(
        "junit",
        'building...\n<?xml version="1.0"?><testsuite name="a"><testcase name="x"/></testsuite>\n'
        '< not xml <testsuit>\n<?xml version="1.0"?>\n<testsuites><testsuite name="b">'
        '<testcase name="y"><failure>no</failure></testcase></testsuite></testsuites>\nend\n',
    )
    assert outcomes(tests) == {"x": "passed", "y": "failed"}
    assert findings.is_complete


@pytest.mark.parametrize("encoding", ["utf-8", "latin-1", "utf-16", "cp1252"])
def test_encodings(encoding: str) -> None:
    head = f'<?xml version="1.0" encoding="{encoding}"?>'
    text = head + '<testsuite><testcase name="größe"/></testsuite>'
    assert list(outcomes(read("junit", text.encode(encoding))[1])) == ["größe"]


def test_broken_markup_is_read_as_far_as_it_goes() -> None:
    findings, tests = read(
        "junit",
        '<testsuite><testcase name="a"><failure>1 < 2 & \x00\x1b[31m</failure></testcase>'
        '<testcase name="b"/></testsuite>',
    )
    assert outcomes(tests) == {"a": "failed", "b": "passed"}
    assert findings.is_complete
    findings, tests = read("junit", '<testsuite><testcase name="a"/><testcase name="b"><fail')
    assert outcomes(tests) == {"a": "passed"}
    assert not findings.is_complete


def test_counts_that_do_not_fit() -> None:
    short = '<testsuite tests="3"><testcase name="a" classname="c"/></testsuite>'
    nested = f'<testsuites tests="4"><testsuite tests="1"><testcase name="b"/></testsuite>{short}'
    assert read("junit", f"{nested}</testsuites>")[0].declared_total == 4
    lying = '<testsuite failures="1"><testcase name="a"/></testsuite>'
    assert read("junit", lying)[0].says_success is False


def test_assertions_counted_as_tests_are_no_contradiction() -> None:
    catch2 = (
        '<testsuites><testsuite name="exe" errors="0" failures="0" tests="9" hostname="tbd">'
        '<testcase classname="exe.global" name="adds"/></testsuite></testsuites>'
    )
    assert read("junit", catch2)[0].declared_total is None


def test_an_error_outside_of_a_test() -> None:
    findings, tests = read(
        "junit", '<testsuite><error message="beforeAll broke"/><testcase name="a"/></testsuite>'
    )
    assert findings.problems == ["beforeAll broke"]
    assert len(tests) == 1


@pytest.mark.parametrize(
    ("attributes", "expected"),
    [
        (
            'classname="tests.unit.test_a.TestB" name="test_c[1.5]"',
            "tests/unit/test_a.py::TestB::test_c[1.5]",
        ),
        ('classname="tests.test_a" name="test_c"', "tests/test_a.py::test_c"),
        (
            'classname="tests.test_a.TestB" file="tests/test_a.py" name="test_c"',
            "tests/test_a.py::TestB::test_c",
        ),
    ],
)
def test_pytest_ids(attributes: str, expected: str) -> None:
    _, tests = read("junit", f'<testsuite name="pytest"><testcase {attributes}/></testsuite>')
    assert [test.id for test in tests] == [expected]


def test_pytest_broken_teardown_is_one_test() -> None:
    case = 'classname="test_a" name="test_b"'
    findings, tests = read(
        "junit",
        f'<testsuite name="pytest" tests="2" errors="1" failures="1"><testcase {case}><failure/>'
        f'</testcase><testcase {case}><error message="failed on teardown with x"/></testcase>'
        "</testsuite>",
    )
    assert outcomes(tests) == {"test_a.py::test_b": "failed"}
    assert findings.declared_total == 1


def test_pytest_that_only_failed_to_collect() -> None:
    error = '<error message="collection failure">E  ImportError</error>'
    case = f'<testcase classname="" name="tests.test_a">{error}</testcase>'
    findings, tests = read(
        "junit", f'<testsuite name="pytest" errors="1" tests="1">{case}</testsuite>'
    )
    assert findings.status is RunStatus.BUILD_ERROR
    assert outcomes(tests) == {"tests/test_a.py": "error"}


def test_texts_and_places() -> None:
    _, tests = read(
        "junit",
        """
        <testsuite><testcase name="a" classname="c.D" file="/src/lib/d.py" line="7" time="1,234.5">
        <failure message="short">long text
        second line</failure><system-out>printed</system-out></testcase></testsuite>
        """,
    )
    (test,) = tests
    assert (test.file, test.line, test.duration_seconds) == ("lib/d.py", 7, 1234.5)
    assert (test.message, test.output) == ("short", "printed")
    assert test.traceback.endswith("second line")


def test_an_ampersand_in_an_attribute() -> None:
    failure = '<failure message="&amp; &quot;"/>'
    case = f'<testcase name="a &amp; b &amp;#38; c &lt;">{failure}</testcase>'
    _, tests = read("junit", f'<testsuite name="s">{case}</testsuite>')
    assert tests[0].id.endswith("a & b &#38; c <")
    assert tests[0].message == '& "'


@pytest.mark.parametrize("encoding", ["UTF-16BE", "Utf-16LE", "rot13", "hex", "cp437", "idna"])
def test_an_encoding_that_is_not_the_documents_or_that_no_parser_knows(encoding: str) -> None:
    text = f"<?xml version='1.0' encoding='{encoding}'?><testsuite><testcase name='a'/></testsuite>"
    assert outcomes(read("junit", text)[1]) == {"a": "passed"}
    assert outcomes(read("junit", text.encode("utf-16"))[1]) == {"a": "passed"}
    assert outcomes(read("junit", text.encode("utf-16-be"))[1]) == {"a": "passed"}


def test_of_a_lone_suite_too_the_count_is_believed() -> None:
    text = '<testsuite name="s" tests="3"><testcase name="a" classname="c"/></testsuite>'
    assert read("junit", text)[0].declared_total == 3


@pytest.mark.parametrize(
    ("suite", "case"),
    [
        ('name="exe" errors="0" failures="0" tests="9"', 'classname="a.cpp" name="a" status="run"'),
        ('name="m" tests="9"', 'name="a" tests="9"'),
    ],
)
def test_doctest_and_qunit_count_assertions(suite: str, case: str) -> None:
    text = f"<testsuites><testsuite {suite}><testcase {case}/></testsuite></testsuites>"
    assert read("junit", text)[0].declared_total is None


def test_what_ginkgo_does_around_its_specs_is_no_test() -> None:
    findings, tests = read(
        "junit",
        """
        <testsuites tests="3"><testsuite name="S" tests="3">
        <testcase name="[BeforeSuite]" classname="S" status="passed" time="0.1"></testcase>
        <testcase name="[It] adds" classname="S" status="passed" time="0.1"></testcase>
        <testcase name="[AfterSuite]" classname="S" status="failed"><failure/></testcase>
        </testsuite></testsuites>
        """,
    )
    assert outcomes(tests) == {"S.[It] adds": "passed", "S.[AfterSuite]": "failed"}
    assert findings.declared_total == 2


@pytest.mark.parametrize(
    ("suite", "case", "test_id"),
    [
        ('name="Chrome 99.0 (Linux)"', 'name="Foo a" classname="Chrome_99_0_(Linux).Foo"', "Foo a"),
        ('name="Foo"', 'name="Foo adds it" classname="adds it"', "Foo adds it"),
        ('name="b" package="a"', 'name="adds" classname="a.b"', "adds"),
        ('name="x"', 'name="Calc.adds" classname="/src/Calc.Tests.ps1"', "Calc.adds"),
    ],
)
def test_ids_of_karma_mocha_clojure_and_pester(suite: str, case: str, test_id: str) -> None:
    _, tests = read("junit", f"<testsuites><testsuite {suite}><testcase {case}/></testsuite>")
    assert [one.id for one in tests] == [test_id]


def test_clojure_tests_of_one_name_in_two_namespaces() -> None:
    case = '<testsuite name="{0}"><testcase name="adds" classname="{0}"></testcase></testsuite>'
    text = f"<testsuites>{case.format('a')}{case.format('b')}</testsuites>"
    assert [one.id for one in read("junit", text)[1]] == ["adds", "b adds"]
