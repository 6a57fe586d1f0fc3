"""Mutants change one thing of the solution region, and nothing else."""

from __future__ import annotations

import ast

from autograder.audit.mutants import mutants

ANSWER = '''
def size(n, k, s=1):
    """Size of the output: 2 lines."""
    ### BEGIN SOLUTION
    if k > n or not (s >= 1):
        raise ValueError(f"kernel {k + 1} is larger than {n}")
    pair = (n, k)
    return min(pair[0] - k, 9) // s + 1
    ### END SOLUTION
'''


def test_each_mutant_parses_differs_and_says_what_it_changed() -> None:
    found = mutants(ANSWER)
    sources = [m.source for m in found]
    assert len(set(sources)) == len(sources)
    assert ast.unparse(ast.parse(ANSWER)) not in sources
    for mutant in found:
        ast.parse(mutant.source)
        before, after = mutant.change.split(" → ")
        assert before != after


def test_slips_of_the_hand_are_among_them() -> None:
    changes = {m.change for m in mutants(ANSWER)}
    for expected in (
        "k > n → k >= n",
        "s >= 1 → s > 1",
        "k > n or not s >= 1 → k > n and (not s >= 1)",
        "(n, k) → (k, n)",
        "0 → 1",
        "9 → 8",
        "min(pair[0] - k, 9) → max(pair[0] - k, 9)",
        "min(pair[0] - k, 9) // s → min(pair[0] - k, 9) / s",
        "if k > n or not s >= 1: → if False:",
    ):
        assert expected in changes, (expected, sorted(changes))


def test_signature_docstring_and_error_text_stay_as_they_are() -> None:
    for mutant in mutants(ANSWER):
        assert "s=1)" in mutant.source
        assert "2 lines" in mutant.source
        assert "{k + 1}" in mutant.source


def test_a_sample_is_the_same_for_the_same_seed() -> None:
    assert mutants(ANSWER, most=5) == mutants(ANSWER, most=5)
    assert len(mutants(ANSWER, most=5)) == 5
