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
    """Bytes of files in each folder that lies in memory: `/tmp`, `/dev/shm`, and `/workspace` if it is nobody's."""
    file: int = 256 * MB
    """Bytes of one file."""
    workspace: int = 1024 * MB
    """Bytes by which the workspace may grow."""
    entries: int = 20_000
    """Files by which the workspace may grow, and in `/tmp`."""
    files: int = 256
    """Files open at once in one process."""
    output: int = MB
    """Bytes kept of stdout, and of stderr; what comes beyond is read and thrown away."""
