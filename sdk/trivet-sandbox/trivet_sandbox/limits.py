"""How much a sandbox may take."""

from dataclasses import dataclass

MB = 1024 * 1024


@dataclass(frozen=True, kw_only=True)
class Limits:
    memory: int = 1024 * MB
    """Bytes of all processes together, and of each one by itself."""
    processes: int = 64
    """Processes and threads."""
    scratch: int = 256 * MB
    """Bytes of files outside of the workspace, which lie in memory."""
    file: int = 256 * MB
    """Bytes of one file."""
    files: int = 256
    """Files open at once in one process."""
    output: int = MB
    """Bytes kept of stdout, and of stderr; what comes beyond is read and thrown away."""
