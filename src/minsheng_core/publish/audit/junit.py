"""An audit as JUnit XML: a suite a rule, a case a question, so that a build server shows which promises a rule breaks."""

from xml.etree import ElementTree as Xml

from ...audit.result import Audit, Result, Verdict
from . import words
from .text import result_text
from .words import Lang, label, said

__all__ = ["audit_junit"]

WIDTH = 120


def audit_junit(audit: Audit, *, lang: Lang = "zh") -> str:
    """The audit as JUnit XML.

    A breach is a failure; engines in conflict are an error; what is exempt or undecided is skipped, with the reason. What is proved
    passes; so does what was only probed and what is a risk by design, each with its own word in ``system-out``.
    """
    counts = words.counts(audit)
    root = Xml.Element("testsuites", name=words.clean(f"minsheng audit {audit.scheme}"))
    suites = [_suite(audit, rule, results, lang) for rule, results in words.by_rule(audit.results).items()]
    if counts["due"] > counts["asked"]:
        suites.append(_never_asked(counts["due"] - counts["asked"], lang))
    for name in ("tests", "failures", "errors"):
        root.set(name, str(sum(int(one.get(name, "0")) for one in suites)))
    root.extend(suites)
    Xml.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + Xml.tostring(root, encoding="unicode") + "\n"


def _suite(audit: Audit, rule: str, results: list[Result], lang: Lang) -> Xml.Element:
    suite = Xml.Element("testsuite", name=words.rule_words(audit, rule, lang))
    given = [("rule", rule), ("fingerprint", audit.fingerprints.get(rule, "")), ("summary", words.summary(audit, lang))]
    given += [(f"engine.{name}", version) for name, version in audit.engines.items()]
    given += [("ranges", "; ".join(words.grounds(audit, lang).get(rule, [])))]
    properties = Xml.SubElement(suite, "properties")
    for name, value in given:
        if value:
            Xml.SubElement(properties, "property", name=words.clean(name), value=words.clean(value))
    suite.extend([_case(audit, one, lang) for one in results])
    return _counted(suite)


def _counted(suite: Xml.Element) -> Xml.Element:
    """The suite with its counts, in the attributes that readers expect."""
    for name, tag in (
        ("tests", "testcase"),
        ("failures", "testcase/failure"),
        ("errors", "testcase/error"),
        ("skipped", "testcase/skipped"),
    ):
        suite.set(name, str(len(suite.findall(tag))))
    return suite


def _case(audit: Audit, one: Result, lang: Lang) -> Xml.Element:
    name = f"{words.name_of(one, lang)} [{words.clean(one.key.split('::')[-1])}]"  # two questions may read alike
    case = Xml.Element("testcase", name=name, classname=words.clean(f"{audit.scheme}.{one.rule}.{one.promise.code}"))
    message, text = f"{words.status(one, lang)}: {said(one.words, lang)}", result_text(audit, one, lang=lang, width=WIDTH)
    match words.section_of(one):
        case "conflict":
            _told(case, "error", message, text, "conflict")
        case "failed":
            _told(case, "failure", message, text, one.promise.severity.value)
        case "exempt":
            reason = words.clean(one.exemption.reason) if one.exemption else ""
            _told(case, "skipped", f"{words.status(one, lang)}: {reason}")
            Xml.SubElement(case, "system-out").text = text
        case "unknown":
            _told(case, "skipped", message)
        case _:
            ranges = "" if one.verdict is not Verdict.NOT_REFUTED else said(words.NOTES["probed"], lang)
            Xml.SubElement(case, "system-out").text = "\n".join(part for part in (ranges, text) if part)
    return case


def _told(case: Xml.Element, tag: str, message: str, text: str = "", kind: str = "") -> None:
    told = Xml.SubElement(case, tag, message=message)
    if kind:
        told.set("type", kind)
    if text:
        told.text = text


def _never_asked(number: int, lang: Lang) -> Xml.Element:
    suite = Xml.Element("testsuite", name="minsheng audit")
    case = Xml.SubElement(suite, "testcase", name=label("not_asked", lang), classname="minsheng.audit")
    Xml.SubElement(case, "skipped", message=f"{number}")
    return _counted(suite)
