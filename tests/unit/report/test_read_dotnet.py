"""NUnit 2 and 3, xUnit.net and trx."""

from __future__ import annotations

import pytest

from greenlane.model.report import RunStatus
from tests.unit.report.reading import outcomes, read

NUNIT3 = """
<?xml version="1.0" encoding="utf-8"?>
<test-run id="2" testcasecount="7" result="Failed" total="7" passed="1" failed="3">
 <test-suite type="Assembly" name="A.dll" fullname="/b/A.dll" result="Failed" site="Child">
  <failure><message><![CDATA[One or more child tests had errors]]></message></failure>
  <test-suite type="TestFixture" name="C" fullname="A.C" result="Failed" site="Child">
   <test-case name="Adds" fullname="A.C.Adds" result="Passed" duration="0.25"/>
   <test-case name="Fails" fullname="A.C.Fails" result="Failed">
    <failure><message><![CDATA[ 1 < 2 ]]></message>
     <stack-trace><![CDATA[ at A.C.Fails() in /src/C.cs:line 12]]></stack-trace></failure>
    <output><![CDATA[printed]]></output></test-case>
   <test-case fullname="A.C.Raises" result="Failed" label="Error"><failure/></test-case>
   <test-case fullname="A.C.Bad" result="Failed" label="Invalid"/>
   <test-case fullname="A.C.Off" result="Skipped" label="Ignored"/>
   <test-case fullname="A.C.Maybe" result="Inconclusive"/>
   <test-case fullname="A.C.Warns" result="Warning"/>
  </test-suite>
 </test-suite>
</test-run>
"""


def test_nunit_3() -> None:
    findings, tests = read("nunit", NUNIT3)
    assert outcomes(tests) == {
        "A.C.Adds": "passed",
        "A.C.Fails": "failed",
        "A.C.Raises": "error",
        "A.C.Bad": "error",
        "A.C.Off": "skipped",
        "A.C.Maybe": "skipped",
        "A.C.Warns": "passed",
    }
    fails = tests[1]
    assert (fails.file, fails.line, fails.message) == ("C.cs", 12, "1 < 2")
    assert fails.output == "printed"
    assert tests[0].duration_seconds == 0.25
    assert findings.is_complete
    assert findings.problems == []


def test_nunit_3_a_tear_down_that_fails_is_not_green() -> None:
    findings, tests = read(
        "nunit",
        """
        <test-run result="Failed" total="1"><test-suite fullname="A.C" result="Failed"
          site="TearDown"><failure><message>TearDown : boom</message></failure>
          <test-case fullname="A.C.Adds" result="Passed"/></test-suite></test-run>
        """,
    )
    assert outcomes(tests) == {"A.C.Adds": "passed"}
    assert findings.problems == ["A.C: TearDown : boom"]


def test_nunit_2() -> None:
    findings, tests = read(
        "nunit",
        """
        <test-results total="2" not-run="1"><test-suite name="C" result="Failure"><results>
          <test-case name="A.C.Adds" executed="True" result="Success" success="True" time="0,021"/>
          <test-case name="A.C.Fails" executed="True" result="Error" success="False">
            <failure><message>boom</message></failure></test-case>
          <test-case name="A.C.Off" executed="False" result="Ignored"/>
          <test-case name="A.C.Old" executed="True" success="False"/>
        </results></test-suite></test-results>
        """,
    )
    assert list(outcomes(tests).values()) == ["passed", "error", "skipped", "failed"]
    assert tests[0].duration_seconds == 0.021
    assert findings.is_complete


def test_xunit() -> None:
    findings, tests = read(
        "xunit-net",
        """
        <assemblies><assembly name="A.dll" run-date="2026-01-01" total="4" failed="1" errors="1">
         <errors><error type="assembly-cleanup" name="A.dll"><failure>
           <message>no clean-up</message></failure></error></errors>
         <collection><test name="A.C.Adds(x: 1)" type="A.C" method="Adds" time="0.1" result="Pass"/>
          <test name="is odd" type="A.C" method="Odd" result="Fail"><failure>
            <message><![CDATA[odd]]></message>
            <stack-trace>   at A.C.Odd() in /src/a/C.cs:line 7</stack-trace></failure></test>
          <test name="A.C.Off" type="A.C" result="Skip"><reason>later</reason></test>
          <test name="A.C.Not" type="A.C" result="NotRun"/>
         </collection></assembly></assemblies>
        """,
    )
    assert outcomes(tests) == {
        "A.C.Adds(x: 1)": "passed",
        "A.C.is odd": "failed",
        "A.C.Off": "skipped",
        "A.C.Not": "not_run",
    }
    assert (tests[1].file, tests[1].line) == ("a/C.cs", 7)
    assert tests[2].message == "later"
    assert findings.problems == ["A.dll: no clean-up"]


TRX = """
<?xml version="1.0" encoding="utf-8"?>
<TestRun id="1" xmlns="http://microsoft.com/schemas/VisualStudio/TeamTest/2010">
 <Results>
  <UnitTestResult testId="t1" testName="Adds" outcome="Passed" duration="00:00:01.5000000"/>
  <UnitTestResult testId="t2" testName="A.C.Fails" outcome="Failed"><Output>
    <StdOut>printed</StdOut><ErrorInfo><Message>1 &lt; 2</Message>
    <StackTrace>at A.C.Fails() in /src/C.cs:line 3</StackTrace></ErrorInfo></Output>
  </UnitTestResult>
  <UnitTestResult testId="t3" testName="Rows" outcome="Failed"><InnerResults>
    <UnitTestResult testId="t3" testName="Rows (1)" outcome="Passed"/>
    <UnitTestResult testId="t3" testName="Rows (2)" outcome="Failed"/>
  </InnerResults></UnitTestResult>
  <UnitTestResult testId="t4" testName="Off" outcome="NotExecuted"/>
  <UnitTestResult testId="t5" testName="Slow" outcome="Timeout"/>
  <UnitTestResult testId="t6" testName="None"/>
 </Results>
 <TestDefinitions>
  <UnitTest name="Adds" id="t1"><TestMethod className="A.C" name="Adds"/></UnitTest>
  <UnitTest name="Fails" id="t2"><TestMethod className="A.C" name="Fails"/></UnitTest>
  <UnitTest name="Rows" id="t3"><TestMethod className="A.C, A, Version=1" name="Rows"/></UnitTest>
 </TestDefinitions>
 <ResultSummary outcome="SUMMARY"><Counters total="8" executed="7" notExecuted="0"/></ResultSummary>
</TestRun>
"""


def test_trx() -> None:
    findings, tests = read("trx", TRX.replace("SUMMARY", "Failed"))
    assert outcomes(tests) == {
        "A.C.Adds": "passed",
        "A.C.Fails": "failed",
        "A.C.Rows (1)": "passed",
        "A.C.Rows (2)": "failed",
        "Off": "skipped",
        "Slow": "error",
        "None": "error",
    }
    assert tests[0].duration_seconds == 1.5
    assert (tests[1].message, tests[1].line, tests[1].output) == ("1 < 2", 3, "printed")
    assert findings.declared_total == len(tests)
    assert findings.is_complete


def test_trx_of_an_aborted_run_is_a_crash() -> None:
    findings, _ = read("trx", TRX.replace("SUMMARY", "Aborted"))
    assert findings.status is RunStatus.CRASHED


@pytest.mark.parametrize("name", ["nunit", "trx"])
def test_cut_short_is_not_complete(name: str) -> None:
    text = {"nunit": NUNIT3, "trx": TRX}[name].strip().encode()
    for end in range(60, len(text) - 1, 37):
        findings, _ = read(name, text[:end])
        assert not (findings.is_recognised and findings.is_complete)
