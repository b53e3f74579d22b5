"""minsheng_core: rules that allocate, assess and rank a year's livelihood promises, exactly and with reasons.

The public API; everything else may change. Names are imported when first used, so that ``import minsheng_core``
brings no plugin, no optional package and next to no cost.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .allocation.methods import METHODS, Split, allocate
    from .allocation.reconcile import Reconciliation, reconcile
    from .allocation.text import PrintedSplit, read_splits
    from .audit.result import Audit, Verdict
    from .audit.run import audit_scheme
    from .conformance.classes import (
        AllocationConformance,
        AssessmentConformance,
        IndicatorConformance,
        check_allocation,
        check_assessment,
        check_indicator,
    )
    from .errors import AllocationError, FormulaError, LedgerError, MinshengError, PluginError, QuantityError, ReportError, RuleError
    from .explanation import Step
    from .field import Below, Field, Form
    from .filing.marked import mark_file
    from .filing.reports import FileIn, latest_period, read_file, read_reports
    from .filing.template import filing_bodies, template_workbook, write_templates
    from .finding import Finding, Place, Severity
    from .formula import Band, Formula, Scope, compile_formula, evaluate
    from .hooks import API_VERSION, Plugins, hookimpl, load_plugins
    from .ledger.book import fold
    from .ledger.calendar import due
    from .ledger.entry import Signer
    from .ledger.intake import examine, take_in
    from .ledger.round import give_back, record, sign
    from .ledger.standing import filed_at
    from .ledger.store import open_ledger
    from .period import Period, Span
    from .protocols import Allocation, Assessment, Case, Claim, Indicator, Measurement, Report
    from .publish.audit.json import audit_json
    from .publish.audit.text import audit_text
    from .publish.bulletin import bulletin
    from .publish.from_ledger import publication_of
    from .publish.json import assessment_json
    from .publish.page import ranking_page
    from .publish.page_body import body_page
    from .publish.publication import Publication
    from .publish.publication_json import publication_json
    from .publish.text import assessment_text, explanation_text
    from .quantity import Quantity, Unit, decimal_text, read_number, read_quantity, unit
    from .rounding import Comparison, Rounding, meets, round_places, round_step
    from .scheme.load import installed_schemes, load_scheme
    from .scheme.model import Scheme
    from .scheme.names import Names
    from .scorer import Explained, Scorer, cache_folder, load_scorer
    from .scoring.assess import assess
    from .scoring.check import check_rules
    from .scoring.measure import Filed
    from .scoring.prepare import Prepared, prepare
    from .scoring.ranking import rank
    from .scoring.result import Assessed

_ROOMS = {
    "allocation.methods": "METHODS Split allocate",
    "allocation.reconcile": "Reconciliation reconcile",
    "allocation.text": "PrintedSplit read_splits",
    "audit.result": "Audit Verdict",
    "audit.run": "audit_scheme",
    "conformance.classes": "AllocationConformance AssessmentConformance IndicatorConformance check_allocation check_assessment check_indicator",
    "errors": "AllocationError FormulaError LedgerError MinshengError PluginError QuantityError ReportError RuleError",
    "explanation": "Step",
    "field": "Below Field Form",
    "filing.marked": "mark_file",
    "filing.reports": "FileIn latest_period read_file read_reports",
    "filing.template": "filing_bodies template_workbook write_templates",
    "finding": "Finding Place Severity",
    "formula": "Band Formula Scope compile_formula evaluate",
    "hooks": "API_VERSION Plugins hookimpl load_plugins",
    "ledger.book": "fold",
    "ledger.calendar": "due",
    "ledger.entry": "Signer",
    "ledger.intake": "examine take_in",
    "ledger.round": "give_back record sign",
    "ledger.standing": "filed_at",
    "ledger.store": "open_ledger",
    "period": "Period Span",
    "protocols": "Allocation Assessment Case Claim Indicator Measurement Report",
    "publish.audit.json": "audit_json",
    "publish.audit.text": "audit_text",
    "publish.bulletin": "bulletin",
    "publish.from_ledger": "publication_of",
    "publish.json": "assessment_json",
    "publish.page": "ranking_page",
    "publish.page_body": "body_page",
    "publish.publication": "Publication",
    "publish.publication_json": "publication_json",
    "publish.text": "assessment_text explanation_text",
    "quantity": "Quantity Unit decimal_text read_number read_quantity unit",
    "rounding": "Comparison Rounding meets round_places round_step",
    "scheme.load": "installed_schemes load_scheme",
    "scheme.model": "Scheme",
    "scheme.names": "Names",
    "scorer": "Explained Scorer cache_folder load_scorer",
    "scoring.assess": "assess",
    "scoring.check": "check_rules",
    "scoring.measure": "Filed",
    "scoring.prepare": "Prepared prepare",
    "scoring.ranking": "rank",
    "scoring.result": "Assessed",
}
_ROOM_OF = {name: room for room, names in _ROOMS.items() for name in names.split()}

__all__ = [
    "API_VERSION",
    "Allocation",
    "AllocationConformance",
    "AllocationError",
    "Assessed",
    "Assessment",
    "AssessmentConformance",
    "Audit",
    "Band",
    "Below",
    "Case",
    "Claim",
    "Comparison",
    "Explained",
    "Field",
    "FileIn",
    "Filed",
    "Finding",
    "Form",
    "Formula",
    "FormulaError",
    "Indicator",
    "IndicatorConformance",
    "LedgerError",
    "METHODS",
    "Measurement",
    "MinshengError",
    "Names",
    "Period",
    "Place",
    "PluginError",
    "Plugins",
    "Prepared",
    "PrintedSplit",
    "Publication",
    "Quantity",
    "QuantityError",
    "Reconciliation",
    "Report",
    "ReportError",
    "Rounding",
    "RuleError",
    "Scheme",
    "Scope",
    "Scorer",
    "Severity",
    "Signer",
    "Span",
    "Split",
    "Step",
    "Unit",
    "Verdict",
    "allocate",
    "assess",
    "assessment_json",
    "assessment_text",
    "audit_json",
    "audit_scheme",
    "audit_text",
    "body_page",
    "bulletin",
    "cache_folder",
    "check_allocation",
    "check_assessment",
    "check_indicator",
    "check_rules",
    "compile_formula",
    "decimal_text",
    "due",
    "evaluate",
    "examine",
    "explanation_text",
    "filed_at",
    "filing_bodies",
    "fold",
    "give_back",
    "hookimpl",
    "installed_schemes",
    "latest_period",
    "load_plugins",
    "load_scheme",
    "load_scorer",
    "mark_file",
    "meets",
    "open_ledger",
    "prepare",
    "publication_json",
    "publication_of",
    "rank",
    "ranking_page",
    "read_file",
    "read_number",
    "read_quantity",
    "read_reports",
    "read_splits",
    "reconcile",
    "record",
    "round_places",
    "round_step",
    "sign",
    "take_in",
    "template_workbook",
    "unit",
    "write_templates",
]


def __getattr__(name: str) -> Any:
    if name not in _ROOM_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f".{_ROOM_OF[name]}", __name__), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
