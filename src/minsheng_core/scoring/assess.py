"""A scheme assessed for a period: every sheet, every indicator for the whole, every project, every finding."""

from collections.abc import Mapping

from ..period import Period
from ..scheme import model
from .fingerprint import fingerprints
from .marks import assess_sheet
from .measure import Filed, Measured, measure_whole
from .prepare import Prepared
from .result import Assessed, BodyResult, ProjectResult, SheetResult

__all__ = ["Assessed", "assess"]


def assess(prepared: Prepared, filed: Filed, period: Period) -> Assessed:
    """Every sheet of the scheme at the end of *period*, each by its plan. Pure: the same input gives the same result, in any
    order of reports."""
    scheme = prepared.scheme
    whole = {indicator.id: measure_whole(prepared, filed, indicator, period) for indicator in scheme.indicators}
    sheets, findings = [], list(filed.findings)
    for sheet in scheme.sheets:
        bodies = assess_sheet(prepared, filed, sheet, period, whole)
        sheets.append(SheetResult(sheet=sheet, bodies=_ordered(sheet, bodies)))
        findings += [finding for result in bodies for item in result.items for finding in item.measured.findings]
    findings += [finding for measured in whole.values() for finding in measured.findings]
    unique = dict.fromkeys(findings)  # an indicator may stand on two sheets
    severities = ["error", "warning", "note"]
    ordered = sorted(unique, key=lambda one: (severities.index(one.severity.value), str(one.place or ""), one.code, one.message))
    projects = tuple(_project(scheme, project, whole) for project in scheme.projects)
    return Assessed(
        scheme=scheme, period=period, sheets=tuple(sheets), indicators=whole, projects=projects, findings=tuple(ordered),
        fingerprints=fingerprints(prepared, filed), stage=filed.stage,
    )  # fmt: skip


def _project(scheme: model.Scheme, project: model.Project, whole: Mapping[str, Measured]) -> ProjectResult:
    """Parts of an indicator are not counted beside it."""
    gaps = {one.id: whole[one.id].gap for one in scheme.indicators if one.project == project.id and not one.part_of}
    reached = tuple(id for id, gap in gaps.items() if gap is not None and gap.value >= 0)
    short = tuple(id for id, gap in gaps.items() if gap is not None and gap.value < 0)
    return ProjectResult(project=project, reached=reached, short=short, open=tuple(id for id, gap in gaps.items() if gap is None))


def _ordered(sheet: model.Sheet, results: list[BodyResult]) -> tuple[BodyResult, ...]:
    """The bodies with a total in order of rank; then the rest, unranked; the paper's order inside each."""
    if sheet.ranking is None:
        return tuple(results)
    return tuple(sorted(results, key=lambda one: (one.rank is None, one.rank or 0)))
