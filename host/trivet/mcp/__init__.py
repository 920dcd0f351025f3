"""The host's tools for any MCP client, in both eras of the protocol; of JSON-RPC it needs so little that it is written here.

The official SDK would cost every call 650 ms and the host pydantic; see docs/decisions/026.
"""

from trivet.mcp.pipe import serve_pipe
from trivet.mcp.session import Session

__all__ = ["Session", "serve_pipe"]
