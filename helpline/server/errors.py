"""What the operator is told when the server cannot run."""


class ServerError(Exception):
    """A reason why the server cannot start or go on, and what to do; shown as it is, without a trace."""
