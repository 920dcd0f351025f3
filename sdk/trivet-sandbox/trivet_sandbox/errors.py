"""What can go wrong with a sandbox, besides the program in it.

SandboxFailed
└── SandboxUnavailable
"""


class SandboxFailed(Exception):
    """The sandbox could not be started, or is over; `str()` says why. Nothing was run."""


class SandboxUnavailable(SandboxFailed):
    """No sandbox can be had on this machine as it is; `str()` says what to install or which setting is missing."""
