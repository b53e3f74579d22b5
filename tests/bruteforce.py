"""A rule's rows tried one by one, and what a question means, reckoned without the auditor: to hold its proofs against."""

import random

from minsheng_core import check_rules, load_plugins
from minsheng_core.audit.rule import rules_of
from minsheng_core.formula.python import results_of

__all__ = ["Brute", "load", "values"]


def load(folder, text):
    """The sheet as a rule under audit; None where the file is refused."""
    path = folder / "tiny.toml"
    path.write_text(text, encoding="utf-8")
    scheme, _ = check_rules(path, load_plugins(only=[]))
    rules, _ = rules_of(scheme, load_plugins(only=[]))
    return rules[0] if rules and not rules[0].method else None


def values(rule, column, draw):
    """All that a figure can be; of late days, some."""
    low, high = rule.ranges[column.name]
    every = range(low, high + 1) if high - low <= 40 else {low, low + 1, low + 2, low + 4, high - 1, high, draw.randint(low, high)}
    return [*sorted(every), *([None] if column.missing else [])]


class Brute:
    """Rows of a rule with their results, along *lines*: (column, [(value, row, results)])."""

    def __init__(self, rule, seed, bases=40):
        self.rule, self.lines, draw = rule, [], random.Random(seed)
        for _ in range(bases):
            base = {one.name: draw.choice(values(rule, one, draw)) for one in rule.columns}
            for one in rule.columns:
                rows = [(value, {**base, one.name: value}) for value in values(rule, one, draw)]
                self.lines.append((one.name, [(value, row, rule.run(row)) for value, row in rows]))
        self.rows = [(row, results) for _, line in self.lines for _, row, results in line]

    def cases(self, question):
        """Rows, or pairs of them, that stand in the relation: (rows, results)."""
        inside = self.rule.ranges
        for name, line in self.lines if question.relation in ("more", "step", "silent") else ():
            for index, (value, row, results) in enumerate(line if name == question.columns[0] else ()):
                for other, after, more in line[index + 1 :]:
                    fits = value is not None and (other is None) == (question.relation == "silent")
                    if fits and (question.relation != "step" or other == value + 1):
                        yield (row, after), (results, more)
        for row, results in self.rows if question.relation in ("one", "plans") and not question.fixed else ():
            yield (row,), (results,)
        for row, _ in self.rows[::5] if question.relation == "one" and question.fixed else ():
            yield ({**row, **question.fixed},), (self.rule.run({**row, **question.fixed}),)
        for row, results in self.rows[::3] if question.relation in ("scaled", "moved") else ():
            held = [row[name] for name in question.columns]
            if question.relation == "scaled":
                made = [None if one is None else one * question.factor for one in held]
            else:
                made = held if None in held else [held[0] - 1, held[1] + 1]
            other = {**row, **dict(zip(question.columns, made, strict=True))}
            if other != row and all(one is None or inside[name][0] <= one <= inside[name][1] for name, one in other.items()):
                yield (row, other), (results, self.rule.run(other))

    def broken(self, question):
        """A case of the question, by its plain meaning; None where there is none among the rows."""
        plan, name = self.rule.plan, question.output
        domain, output = plan.output(question.domain), plan.output(name)
        run = results_of(question.other) if question.relation == "plans" else None
        for rows, results in self.cases(question):
            if not all(domain.value(one) for one in results):
                continue
            told = [output.value(one) for one in results]
            if run is not None:
                theirs = question.other.output(name).value(run({"copies": 1, **rows[0]}))
                if told[0] != theirs:
                    return rows
            elif None not in told and self.bad(question, told[0], told[-1], results[0]):
                return rows
        return None

    def bad(self, question, first, last, results):
        low, high = question.low, question.high
        match question.bad:
            case "outside":
                return (low is not None and first < low) or (high is not None and first > high)
            case "reaches":
                return (low is not None and first >= low) or (high is not None and first <= high)
            case "above":
                return first > high and self.rule.plan.output(question.test).value(results) is True
            case "jumps":
                return high is not None and abs(last - first) > high
        return {"fault": first is True, "falls": last < first, "rises": last > first, "differs": last != first}[question.bad]
