"""Robot Framework, TestNG, the C library check, Catch2 and doctest."""

from __future__ import annotations

import pytest

from tests.unit.report.reading import outcomes, read


def test_robot() -> None:
    findings, tests = read(
        "robot",
        """
        <robot generator="Robot 7"><suite name="Tests" source="/src/tests">
         <suite name="Login" source="/src/tests/login.robot">
          <test name="Works" line="3"><kw name="Log"><status status="FAIL">inner</status></kw>
            <status status="PASS" start="2026-01-01T00:00:00" elapsed="0.5"/></test>
          <test name="Fails" line="9"><kw name="X"><msg level="FAIL">a <b></msg>
            <status status="FAIL">1 != 2</status></kw><status status="FAIL">1 != 2</status></test>
          <test name="Off"><status status="SKIP">later</status></test>
          <test name="Cut"></test>
          <status status="FAIL">Suite teardown failed: boom</status></suite>
         <status status="FAIL"/></suite></robot>
        """,
    )
    assert outcomes(tests) == {
        "Login.Works": "passed",
        "Login.Fails": "failed",
        "Login.Off": "skipped",
        "Login.Cut": "error",
    }
    assert (tests[1].file, tests[1].line, tests[1].message) == ("tests/login.robot", 9, "1 != 2")
    assert tests[0].duration_seconds == 0.5
    assert findings.problems == ["Suite teardown failed: boom"]


def test_robot_before_version_7_has_begin_and_end() -> None:
    _, [test] = read(
        "robot",
        '<robot><suite name="T"><test name="a"><status status="PASS" critical="yes" '
        'starttime="20260101 10:00:00.000" endtime="20260101 10:00:01.250"></status></test>'
        "</suite></robot>",
    )
    assert test.duration_seconds == 1.25


def test_testng() -> None:
    findings, tests = read(
        "testng",
        """
        <testng-results failed="1"><suite name="s"><test name="t"><class name="p.C">
         <test-method name="setUp" is-config="true" status="FAIL"><exception class="E">
           <message><![CDATA[no base]]></message></exception></test-method>
         <test-method name="adds" status="PASS" duration-ms="20"><params><param index="0">
           <value><![CDATA[1]]></value></param><param index="1"><value>2</value></param></params>
         </test-method>
         <test-method name="fails" status="FAIL"><exception class="java.lang.AssertionError">
           <message><![CDATA[1 < 2]]></message>
           <full-stacktrace><![CDATA[java.lang.AssertionError: 1]]></full-stacktrace>
         </exception></test-method>
         <test-method name="off" status="SKIP"/></class></test></suite></testng-results>
        """,
    )
    assert outcomes(tests) == {
        "p.C.adds(1, 2)": "passed",
        "p.C.fails": "failed",
        "p.C.off": "skipped",
    }
    assert tests[0].duration_seconds == 0.02
    assert findings.problems == ["p.C.setUp: no base"]


def test_check_is_told_from_junit_by_its_namespace() -> None:
    _, tests = read(
        "check-xml",
        """
        <testsuites xmlns="http://check.sourceforge.net/ns"><suite><title>calc</title>
         <test result="success"><fn>chk.c:3</fn><id>adds</id><iteration>0</iteration>
           <duration>0.1</duration><description>core</description><message>Passed</message></test>
         <test result="failure"><fn>chk.c:4</fn><id>loops</id><iteration>2</iteration>
           <description>core</description><message>1 == 2</message></test>
         <test result="error"><id>dies</id><description>core</description></test>
        </suite></testsuites>
        """,
    )
    assert outcomes(tests) == {
        "core:adds": "passed",
        "core:loops[2]": "failed",
        "core:dies": "error",
    }
    assert (tests[1].file, tests[1].line, tests[1].message) == ("chk.c", 4, "1 == 2")


CATCH2 = """
<?xml version="1.0" encoding="UTF-8"?>
<Catch2TestRun name="t" rng-seed="1" xml-format-version="3">
  <TestCase name="adds" filename="/src/t.cc" line="3"><OverallResult success="true"
    durationInSeconds="0.5"/></TestCase>
  <TestCase name="fails" filename="/src/t.cc" line="7"><Section name="in it">
    <Expression success="false" type="CHECK" filename="/src/t.cc" line="8">
      <Original>add(1, 2) == 4</Original><Expanded>3 == 4</Expanded></Expression></Section>
    <OverallResult success="false"/></TestCase>
  <TestCase name="raises"><Exception>boom</Exception><OverallResult success="false"/></TestCase>
  <TestCase name="off"><OverallResult success="true" skips="1"/></TestCase>
  <OverallResults successes="1" failures="1"/>
</Catch2TestRun>
"""


def test_catch2() -> None:
    findings, tests = read("catch2-xml", CATCH2)
    assert outcomes(tests) == {
        "adds": "passed",
        "fails": "failed",
        "raises": "error",
        "off": "skipped",
    }
    assert (tests[1].file, tests[1].line, tests[1].message) == ("t.cc", 7, "add(1, 2) == 4")
    assert findings.is_complete


def test_catch2_names_the_test_that_was_running() -> None:
    findings, tests = read("catch2-xml", CATCH2.partition('<OverallResult success="false"')[0])
    assert findings.running == ["fails"]
    assert outcomes(tests) == {"adds": "passed", "fails": "error"}
    assert not findings.is_complete


def test_doctest() -> None:
    _, tests = read(
        "catch2-xml",
        """
        <doctest binary="t"><TestSuite><TestCase name="adds" filename="t.cc" line="3">
          <OverallResultsAsserts successes="1" failures="0" test_case_success="true"/></TestCase>
         <TestCase name="fails" filename="t.cc" line="5">
          <OverallResultsAsserts successes="0" failures="1" test_case_success="false"/></TestCase>
         <TestCase name="off" filename="t.cc" line="9" skipped="true"/></TestSuite></doctest>
        """,
    )
    assert outcomes(tests) == {"adds": "passed", "fails": "failed", "off": "skipped"}


@pytest.mark.parametrize(
    ("suite", "fails"), [("PASS", "2"), ("FAIL", "0")], ids=["statistics", "suite"]
)
def test_robot_that_says_that_it_failed(suite: str, fails: str) -> None:
    test = '<test name="T"><kw><status status="FAIL"/></kw><status status="PASS"/></test>'
    total = f'<statistics><total><stat fail="{fails}">All Tests</stat></total></statistics>'
    text = f'<robot><suite name="S">{test}<status status="{suite}"/></suite>{total}</robot>'
    findings, tests = read("robot", text)
    assert outcomes(tests) == {"T": "passed"}
    assert findings.says_success is False


def test_testng_counts_and_retries() -> None:
    method = '<test-method status="{}" name="x" duration-ms="1"{}/>'
    again = method.format("SKIP", ' retried="true"') + method.format("PASS", "")
    text = (
        '<testng-results ignored="1" retried="1" total="5" failed="0">'
        f'<suite><test><class name="a.B">{again}</class></test></suite></testng-results>'
    )
    findings, tests = read("testng", text)
    assert outcomes(tests) == {"a.B.x": "passed"}
    assert findings.declared_total == 3
