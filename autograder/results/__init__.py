"""What grading says: typed results, how verdicts and scores follow from them, and the records that keep them."""

from autograder.results.result import VERDICTS, CheckResult, Result, Verdict

__all__ = ["VERDICTS", "CheckResult", "Result", "Verdict"]
