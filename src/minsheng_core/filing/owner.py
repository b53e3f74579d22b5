"""Whose a file is, by its name and by our template in it; a row of somebody else's is refused, not taken."""

import re
from pathlib import PurePath

from attrs import frozen

from ..finding import Severity
from ..period import Period
from ..scheme import model
from ..scheme.names import Names
from .rows import Row, SheetRows

__all__ = ["Owner", "owner_of"]


@frozen(kw_only=True)
class Owner:
    """The body and the month that a file says it is of, None where it says none; *named* where its name says so, else its template."""

    body: model.Body | None
    period: Period | None
    name: str
    template_body: model.Body | None = None
    template_period: Period | None = None

    def agrees(self, sheet: SheetRows, row: Row, body: model.Body, period: Period, collects: str = "") -> bool:
        """Whether a row of *body* and *period* may stand in the file; where not, that is a finding. *collects* is the id of a body
        that files for others, too."""
        for owner, words in ((self.template_body, "这份模板发给"), (self.body, f"文件名“{self.name}”写的是")):
            if owner and owner.id not in (body.id, collects):
                message = f"{words}{owner.name}，这一行填的是{body.name}，未计入；请用本单位的模板填报，或改正文件名"
                sheet.find("report.other_body", message, sheet.at(row, "body"), body=body.id)
                return False
        if self.template_period and self.template_period != period:
            message = f"这份模板是{self.template_period}的，这一行填的是{period}，未计入；请用本月的模板填报"
            sheet.find("report.other_period", message, sheet.at(row, "period"), body=body.id)
            return False
        if self.period and self.period != period:
            message = f"文件名“{self.name}”写的是{self.period}，这一行填的是{period}，按{period}读入；请核对"
            sheet.find("report.other_period", message, sheet.at(row, "period"), Severity.WARNING, body=body.id)
        return True


def owner_of(path: str, names: Names, template_body: str, template_period: str) -> Owner:
    """What the name of a file, and the template in it, say of whose it is. A name counts only as a whole word of the file's name."""
    stem = PurePath(path).name.partition(".")[0]
    bodies = {body.id: body for word in re.split(r"[-_\s()（）【】\[\]、，,+]+", stem) if (body := names.resolve(word))}
    months = {period for text in re.findall(r"(?<!\d)(?:19|20)\d{2}(?:-|年|\.)?\d{1,2}(?!\d)", stem) if (period := _month(text))}
    return Owner(
        name=PurePath(path).name,
        body=next(iter(bodies.values())) if len(bodies) == 1 else None,
        period=months.pop() if len(months) == 1 else None,
        template_body=names.resolve(template_body) if template_body else None,
        template_period=_month(template_period),
    )


def _month(text: str) -> Period | None:
    text = re.sub(r"^(\d{4})(\d{2})$", r"\1-\2", text)
    try:
        return Period.read(text)
    except ValueError:
        return None
