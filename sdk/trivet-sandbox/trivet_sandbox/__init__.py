"""Programs that nobody has read, run apart from the rest of the machine.

`run` for one program, `Session` for several that share what they define, `read_file` for what they leave in the workspace.
`readiness` tells whether this machine can do it, and what is missing; `probe` only looks for bubblewrap.

`prepared` starts a program of one's own that is to live long and be held to an `Enclosure`; `worker_readiness` is for that.
"""

from trivet_sandbox.artifacts import ArtifactRefused, read_file
from trivet_sandbox.bubblewrap import Bubblewrap, probe
from trivet_sandbox.enclosure import Enclosure, Prepared, filter_of, prepared
from trivet_sandbox.errors import SandboxFailed, SandboxUnavailable
from trivet_sandbox.interpreter import Interpreter, this_interpreter
from trivet_sandbox.limits import Limits
from trivet_sandbox.once import run
from trivet_sandbox.pool import Pool
from trivet_sandbox.probes import Probe
from trivet_sandbox.readiness import Readiness, readiness, worker_readiness
from trivet_sandbox.result import Result, Status, Table
from trivet_sandbox.session import Session

__all__ = [
    "run",
    "Session",
    "Pool",
    "Result",
    "Status",
    "Table",
    "read_file",
    "ArtifactRefused",
    "Limits",
    "Interpreter",
    "this_interpreter",
    "SandboxFailed",
    "SandboxUnavailable",
    "readiness",
    "Readiness",
    "Probe",
    "Enclosure",
    "Prepared",
    "prepared",
    "filter_of",
    "worker_readiness",
    "probe",
    "Bubblewrap",
]
