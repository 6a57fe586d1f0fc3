"""The error that a user caused and can correct: shown as one sentence, without a traceback, exit status 2."""


class UserError(Exception):
    """Bad input from a user. The text names the file, cell or option, and says what to do."""
