"""The kernel: finds plugins, decides which run and in which order, starts them when needed, and hands out what they bring."""

from trivet.kernel.bus import Bus, Subscription
from trivet.kernel.kernel import Kernel, open_kernel
from trivet.kernel.survey import PluginRecord, Survey, survey

__all__ = ["Bus", "Kernel", "PluginRecord", "Subscription", "Survey", "open_kernel", "survey"]
