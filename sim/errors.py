"""Errors that are for the person at the terminal."""


class UserError(Exception):
    """What was wrong, where, and what to do, in a sentence or two.

    The command line prints it and exits with `exit_code` (2: unusable input).
    """

    def __init__(self, message: str, exit_code: int = 2):
        super().__init__(message)
        self.exit_code = exit_code
