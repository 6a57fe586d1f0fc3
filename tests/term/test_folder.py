"""A term's folder: what its file may say, which term a command uses, and when work is due for whom."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from in_term import ONE, TWO, term

from autograder.errors import UserError
from autograder.paths import BUILD
from autograder.term.folder import Term
from autograder.term.ledger import DueDate
from autograder.term.roster import Person

BERLIN = Person("b", timezone="Europe/Berlin")
LIMA = Person("l", timezone="America/Lima")
TEXT = """
name = "Spring"
timezone = "Europe/Berlin"

[late]
percent_per_day = 10
free_days = 3

[late.weeks.2]
percent_per_day = 20
cutoff_days = 5

[due]
1 = 2027-01-18T23:59:00
"""


def test_a_term_is_read(tmp_path: Path) -> None:
    found = term(tmp_path, TEXT, (BERLIN, LIMA))
    assert (found.name, found.timezone, found.records) == ("Spring", ZoneInfo("Europe/Berlin"), tmp_path / "grades")
    assert found.policy_of(ONE.id).percent_per_day == 10 and found.policy_of(ONE.id).cutoff_days is None
    assert found.policy_of(TWO.id).percent_per_day == 20 and found.policy_of(TWO.id).cutoff_days == 5
    assert len(found.roster) == 2


def test_a_due_date_is_one_moment_shown_in_the_student_s_zone(tmp_path: Path) -> None:
    found = term(tmp_path, TEXT, (BERLIN, LIMA))
    here, there = found.due(ONE.id, BERLIN), found.due(ONE.id, LIMA)
    assert here == there == datetime(2027, 1, 18, 22, 59, tzinfo=UTC)
    assert there is not None and there.isoformat() == "2027-01-18T17:59:00-05:00"
    assert found.due(TWO.id) == TWO.plan.due
    assert found.due("week00_example") is None


def test_a_due_date_may_be_each_student_s_own_midnight(tmp_path: Path) -> None:
    found = term(tmp_path, 'due_in = "student"\n[due]\n1 = 2027-01-18T23:59:00', (BERLIN, LIMA))
    assert [str(found.due(ONE.id, who)) for who in (BERLIN, LIMA)] == [
        "2027-01-18 23:59:00+01:00",
        "2027-01-18 23:59:00-05:00",
    ]


def test_due_dates_move_for_everyone_and_for_one(tmp_path: Path) -> None:
    found = term(tmp_path, TEXT, (BERLIN, LIMA))
    found.ledger.append(
        DueDate(student="b", week=ONE.id, until="2027-01-25T23:59:00+01:00"),
        DueDate(student="", week=ONE.id, until="2027-01-20T23:59:00+01:00"),
    )
    again = Term.read(tmp_path)
    assert again.due(ONE.id, BERLIN) == datetime(2027, 1, 25, 22, 59, tzinfo=UTC)
    assert again.due(ONE.id, LIMA) == again.due(ONE.id) == datetime(2027, 1, 20, 22, 59, tzinfo=UTC)
    again.ledger.append(DueDate(student="", week=ONE.id, until="2027-02-20T23:59:00+01:00"))
    assert Term.read(tmp_path).due(ONE.id, BERLIN) == datetime(2027, 2, 20, 22, 59, tzinfo=UTC), "never less time"
    again.ledger.append(DueDate(student="", week=ONE.id, until=""), DueDate(student="b", week=ONE.id, until=""))
    assert Term.read(tmp_path).due(ONE.id, BERLIN) == datetime(2027, 1, 18, 22, 59, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("colour = 'x'", "`colour` is not known"),
        ("name = [", "is not valid TOML"),
        ("timezone = 'Mars'", "'Mars' is no time zone"),
        ("[late]\npercent_per_day = 120", "from 0 to 100, not 120"),
        ("[late]\npercent_per_day = nan", "from 0 to 100, not nan"),
        ("[late]\nfree_days = -1", "`free_days` is 0 or more"),
        ("[late]\npercent = 3", "`percent`.* is not known"),
        ("[late.weeks.1]\nfree_days = 2", "days of the whole term"),
        ("[late.weeks.99]\ncutoff_days = 2", "there is no week '99'"),
        ("[due]\n1 = 'tomorrow'", "due"),
        ("due_in = 'mars'", "`due_in`"),
    ],
)
def test_what_is_wrong_is_one_sentence(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(UserError, match=said) as caught:
        term(tmp_path, text)
    assert str(tmp_path / "term.toml") in str(caught.value) and "\n" not in str(caught.value)


def test_which_term_a_command_uses(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AUTOGRADER_TERM", raising=False)
    monkeypatch.chdir(tmp_path)
    assert Term.locate().folder is None and Term.locate().records == BUILD / "grades"
    (tmp_path / "term.toml").write_text("name = 'here'")
    assert Term.locate().name == "here"
    term(tmp_path / "other", "name = 'other'")
    monkeypatch.setenv("AUTOGRADER_TERM", str(tmp_path / "other"))
    assert Term.locate().name == "other"
    assert Term.locate(tmp_path, tmp_path / "elsewhere").records == tmp_path / "elsewhere"
    with pytest.raises(UserError, match="autograder init"):
        Term.locate(tmp_path / "none")
