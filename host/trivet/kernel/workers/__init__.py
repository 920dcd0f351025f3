"""Plugins in workers, as the host sees them: a process that is started, watched and ended, and stand-ins for what it brings."""

from trivet.kernel.workers.body import WorkerBody

__all__ = ["WorkerBody"]
