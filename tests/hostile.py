"""Made-up rules of unusual size or shape: deep formulas, many fields, long tables, many items, long chains of conditions."""

from audits import TINY

FIELD = '[[kind.field]]\nname = "{0}"\ntitle = "{0}"\nunit = "人"\nminimum = "0人"\nmaximum = "1000人"\n'
ITEM = '[[sheet.item]]\nid = "item{0}"\ntitle = "第{0}项"\nindicator = "work"\nmethod = "marks"\nfull = "2.5分"\nsource = "paper/one"\n'
BAND = '[method.bands.LONG]\nkind = "step"\ninput = "%"\noutput = "分"\nbelow = "0分"\nrows = [\n{}\n]\n'
ADJUSTMENT = '[[sheet.adjustment]]\nid = "late"\ntitle = "问题扣分"\nkind = "deduction"\nformula = "{}"\nsource = "paper/one"\n'


def scheme(formula="full * min(done / target, 1)", *, bands="", extra="", adjustments="", fields="", items=""):
    """The text of a rule file."""
    text = TINY.replace("FORMULA", formula).replace("BANDS", bands).replace("PLACES", "2").replace("MODE", "half_up")
    text = text.replace("EXTRA", extra).replace("ADJUSTMENTS", adjustments)
    if fields:
        text = text.replace("[[indicator]]", f"{fields}\n[[indicator]]", 1)
    if items:
        head, _, rest = text.partition("[[sheet.item]]")
        text = head + items + rest.partition('full = "100分"\nsource = "paper/one"\n')[2]
    return text


def deep(levels):
    """Conditions inside conditions."""
    formula = "full * min(done / target, 1)"
    for level in range(levels):
        formula = f"({formula} if done > {level} * 人 else full * min(done / target, 0.{level % 90 + 10}))"
    return scheme(formula)


def wide(count):
    """Many figures, all of which count."""
    names = [f"f{number}" for number in range(count)]
    return scheme(f"full * min(({' + '.join(names)}) / target, 1)", fields="".join(FIELD.format(name) for name in names))


def long(rows):
    """A table of many rows."""
    told = ",\n".join(f'{{ at = "{row / rows * 100:.4f}%", value = "{row / rows * 100:.4f}分" }}' for row in range(1, rows + 1))
    return scheme("band(done / target, LONG)", bands=BAND.format(told))


def many(count):
    """Many items of one indicator."""
    return scheme(items="".join(ITEM.format(number) for number in range(count)))


def chain(ifs):
    """An adjustment of many conditions in a row."""
    formula = "0 * 分"
    for number in range(ifs):
        formula = f"{number + 1} * 分 if faults >= {number + 1} * 件 else {formula}" if number == 0 else f"({formula}) if faults < {number + 1} * 件 else {number + 1} * 分"
    return scheme(adjustments=ADJUSTMENT.format(formula), extra='floor = "0分"')
