"""The one exception of the data layer: its text is a sentence that a student can act on."""


class DatasetError(Exception):
    """Raised when data cannot be had, or is not what it should be; the message says what to do."""
