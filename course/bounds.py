"""What an exercise asks for: its accuracy bounds and budgets, from the syllabus, for both profiles."""

from __future__ import annotations

import html

from course import profile, session, syllabus

__all__ = ["show"]


def show(week: str | int, *names: str) -> None:
    """Print a table of the bounds `names` of `week`: what is asked, in the quick and in the full profile.

    The profile in force is marked. The words are those of the syllabus, `[week.bounds.words]`.
    Raises KeyError with what there is where the week has no such bound, or no words for it.
    """
    rows = table(week, *names)
    heads = ["", *(f"{name} (this run)" if name == profile.current() else name for name in profile.PROFILES)]
    shell = session.kernel_shell()
    if shell is None:
        print(_text(heads, rows))
    else:
        data = {"text/html": _html(heads, rows), "text/plain": _text(heads, rows)}
        shell.display_pub.publish(data)


def table(week: str | int, *names: str) -> list[tuple[str, str, str]]:
    """(what is asked, quick, full) for each of `names`. Raises KeyError as `show` does."""
    plan = syllabus.week(week)
    rows = []
    for name in names:
        values = [plan.bounds.get(kind, {}).get(name) for kind in profile.PROFILES]
        if values == [None, None]:
            known = sorted(set().union(*(plan.bounds.get(kind, {}) for kind in profile.PROFILES)))
            raise KeyError(f"{plan.id} has no bound {name!r}; there are: {', '.join(known) or 'none'}")
        if name not in plan.bound_words:
            raise KeyError(f"{plan.id} has no words for the bound {name!r}: add them to [week.bounds.words]")
        quick, full = ("–" if value is None else written(value) for value in values)
        rows.append((plan.bound_words[name], quick, full))
    return rows


def written(value: float) -> str:
    """A share as a percentage (0.992: "99.2 %"), a whole number with its thousands apart (10000: "10,000")."""
    if isinstance(value, int):
        return f"{value:,}"
    return f"{round(100 * value, 6):g} %" if 0 <= value <= 1 else f"{value:g}"


def _text(heads: list[str], rows: list[tuple[str, str, str]]) -> str:
    lines = [heads, *map(list, rows)]
    widths = [max(len(line[i]) for line in lines) for i in range(3)]
    return "\n".join(
        f"{line[0]:<{widths[0]}}  {line[1]:>{widths[1]}}  {line[2]:>{widths[2]}}".rstrip() for line in lines
    )


def _html(heads: list[str], rows: list[tuple[str, str, str]]) -> str:
    def cell(kind: str, text: str, column: int) -> str:
        style = f"text-align:{'left' if column == 0 else 'right'};padding:2px 12px"
        if column and profile.PROFILES[column - 1] == profile.current():
            style += ";font-weight:bold"
        return f'<{kind} style="{style}">{html.escape(text)}</{kind}>'

    head = "".join(cell("th", text, column) for column, text in enumerate(heads))
    body = "".join(f"<tr>{''.join(cell('td', text, column) for column, text in enumerate(row))}</tr>" for row in rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
