"""What a machine offers for running code apart from the rest of it.

Start with `probe()`. A launcher that uses what was found is still to come; nothing here confines anything yet.
"""

from trivet_sandbox.bubblewrap import Bubblewrap, probe

__all__ = ["Bubblewrap", "probe"]
