"""Pairs of submissions by what they share beyond the release, the reference and what everybody writes.

Each cell becomes the set of its k-grams: every run of K tokens. Grams of the release and the reference are left out, and
so are those that more than half of the class has. A gram that d of n students have weighs log((n + 1) / d), as in
compare50 and in document search (inverse document frequency: K. Spärck Jones, J. Documentation 28 (1972), 11-21). What a
cell of one student has in common with anything of another counts by that weight times the share of the cell it makes up:
an answer that is shared as a whole counts far more than the same amount in crumbs over many.
"""

from __future__ import annotations

import statistics
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
from scipy import sparse
from sklearn.feature_extraction.text import CountVectorizer

from autograder.results import Result
from autograder.similar import tokens
from autograder.similar.tokens import Token
from autograder.weeks import Week, marks

K = 6
"""Tokens in a gram, of code and of prose; `python -m benchmarks similar` measured 5 to 16."""
COMMON = 0.5
"""Share of the class from which a gram is what everybody writes."""
LEAST = 3
"""Submissions below which nothing can be said of what everybody writes; then every gram counts."""


@dataclass(frozen=True)
class Cell:
    """One cell of a submission: its text, its tokens, and the grams that are its student's own."""

    id: str
    code: bool
    text: str
    tokens: list[Token]
    grams: list[str] = field(repr=False)
    """The gram that begins at each token; "" where that gram is the release's or the reference's."""

    @property
    def own(self) -> list[str]:
        return [gram for gram in self.grams if gram]


@dataclass(frozen=True)
class Share:
    """What a cell of one student has in common with the other one's whole submission."""

    cell: str
    part: float
    """Share of the cell's own material, by weight, 0 to 1."""
    counts: float
    """What it adds to the pair's closeness."""


@dataclass(frozen=True)
class Pair:
    """Two submissions. closeness: what they share, in units of this class: 1 is what a student's closest other
    submission usually reaches.
    """

    one: str
    other: str
    closeness: float
    shares: tuple[Share, ...]
    """The cells of `one` that count, from most to least."""


@dataclass(frozen=True)
class Comparison:
    """A week's submissions compared. little: those with too little of their own to compare."""

    week: Week
    cells: dict[str, list[Cell]]
    pairs: tuple[Pair, ...]
    little: tuple[str, ...]
    weights: dict[str, float] = field(repr=False)
    """{gram: its weight}, of grams that count."""
    holders: dict[str, int] = field(repr=False)
    """{gram: how many have it}."""

    def shared(self, one: str, other: str) -> frozenset[str]:
        """The grams that count and that both have."""
        mine, theirs = ({g for cell in self.cells[who] for g in cell.own} for who in (one, other))
        return frozenset(gram for gram in mine & theirs if gram in self.weights)


def compare(week: Week, results: Sequence[Result], most: int = 50) -> Comparison:
    """Compare the submissions of one week and keep the `most` closest pairs.

    results: one for each student; their `answers` are all that is read. Fewer than two make no pairs.
    """
    reader = _Reader(week)
    cells = {result.student: reader.cells(result) for result in results if result.answers}
    students = sorted(cells)
    if len(students) < 2:
        return Comparison(week, cells, (), tuple(students), {}, {})
    flat = [(number, cell) for number, student in enumerate(students) for cell in cells[student]]
    counter = CountVectorizer(analyzer=lambda cell: cell.own, binary=True, dtype=np.float64)
    try:
        in_cell = counter.fit_transform([cell for _, cell in flat])
    except ValueError:  # nobody wrote anything of their own
        return Comparison(week, cells, (), tuple(students), {}, {})
    owners = np.array([number for number, _ in flat])
    owned = sparse.csr_matrix((np.ones(len(flat)), (owners, np.arange(len(flat)))), (len(students), len(flat)))
    in_work = (owned @ in_cell > 0).astype(np.float64)
    holders = np.asarray(in_work.sum(axis=0)).ravel()
    weights = np.log((len(students) + 1) / holders)
    if len(students) >= LEAST:
        weights[holders > max(2.0, COMMON * len(students))] = 0.0
    weighted = in_cell.multiply(weights).tocsr()
    totals = np.asarray(weighted.sum(axis=1)).ravel()
    # [cell, student]: the weight of what the cell has in common with all that the student wrote.
    common = (weighted @ in_work.T).toarray()
    part = np.divide(common, totals[:, None], out=np.zeros_like(common), where=totals[:, None] > 0).clip(max=1.0)
    counts = common * part
    counts[np.arange(len(flat)), owners] = 0.0
    closeness = owned @ counts
    pairs = _ranked(closeness, most, students, flat, owners, part, counts)
    of = counter.vocabulary_
    little = [student for number, student in enumerate(students) if totals[owners == number].sum() <= 0]
    return Comparison(
        week,
        cells,
        tuple(pairs),
        tuple(little),
        {gram: float(weights[column]) for gram, column in of.items() if weights[column] > 0},
        {gram: int(holders[column]) for gram, column in of.items()},
    )


def _ranked(
    closeness: npt.NDArray[np.float64],
    most: int,
    students: Sequence[str],
    flat: Sequence[tuple[int, Cell]],
    owners: npt.NDArray[np.int64],
    part: npt.NDArray[np.float64],
    counts: npt.NDArray[np.float64],
) -> list[Pair]:
    # Of a copy that was split or padded, the source is contained in it more than the reverse: the larger side counts.
    both = np.maximum(closeness, closeness.T)
    usual = statistics.median(both.max(axis=1)) or 1.0
    first, second = np.triu_indices(len(students), 1)
    found = both[first, second]
    pairs = []
    for place in np.argsort(-found, kind="stable")[:most]:
        if found[place] <= 0:
            break
        one, other = int(first[place]), int(second[place])
        if closeness[other, one] > closeness[one, other]:
            one, other = other, one
        shares = [
            Share(flat[int(row)][1].id, float(part[row, other]), float(counts[row, other] / usual))
            for row in np.flatnonzero(owners == one)
            if counts[row, other] > 0
        ]
        shares.sort(key=lambda share: (-share.counts, share.cell))
        pairs.append(Pair(students[one], students[other], float(found[place] / usual), tuple(shares)))
    return pairs


class _Reader:
    """Turns answers into cells, knowing what the week gives to everybody."""

    def __init__(self, week: Week) -> None:
        code = [cell.source for cell in week.of_role("given")]
        code += [cell.visible_source for cell in week.checks]
        self.kept = tokens.given_names([*code, *(cell.source for cell in week.answers)])
        self.kept |= {cell.id for cell in week.answers}
        prose = [cell.source for cell in week.cells if cell.kind == "markdown"]
        code += [shown for cell in week.answers for shown in (cell.source, marks.stub(cell.source))]
        self.written = {cell.id for cell in week.written}
        self.given = frozenset(
            gram
            for is_code, texts in ((True, code), (False, prose))
            for text in texts
            for gram in _grams(self._tokens(text, is_code), is_code)
        )

    def cells(self, result: Result) -> list[Cell]:
        found = []
        for id, text in result.answers.items():
            is_code = id not in self.written
            read = self._tokens(text, is_code)
            grams = [gram if gram not in self.given else "" for gram in _grams(read, is_code)]
            found.append(Cell(id, is_code, text, read, grams))
        return found

    def _tokens(self, text: str, is_code: bool) -> list[Token]:
        return tokens.of_code(text, self.kept) if is_code else tokens.of_prose(text)


def _grams(read: Sequence[Token], is_code: bool) -> list[str]:
    separator = "\n" if is_code else " "  # so that a gram of code is never one of prose
    texts = [token.text for token in read]
    return [separator.join(texts[at : at + K]) for at in range(len(texts) - K + 1)]


def marked(cell: Cell, comparison: Comparison, shared: Collection[str]) -> list[tuple[str, int]]:
    """The cell's text in pieces: 2 where a gram in `shared` covers it that nobody else in the class has, 1 where another
    gram in `shared` does, else 0. Blanks and comments between two covered tokens belong to the passage.
    """
    covered = [0] * len(cell.tokens)
    for at, gram in enumerate(cell.grams):
        if gram in shared:
            level = 2 if comparison.holders[gram] <= 2 else 1
            for place in range(at, at + K):
                covered[place] = max(covered[place], level)
    pieces: list[tuple[str, int]] = []
    end = before = 0
    for token, level in zip(cell.tokens, covered, strict=True):
        gap = min(before, level)
        for text, mark in ((cell.text[end : token.start], gap), (cell.text[token.start : token.end], level)):
            if text and pieces and pieces[-1][1] == mark:
                pieces[-1] = (pieces[-1][0] + text, mark)
            elif text:
                pieces.append((text, mark))
        end, before = token.end, level
    if end < len(cell.text):
        pieces.append((cell.text[end:], 0))
    return pieces
