"""Plugins in a process of their own: the worker's side, and the channel that both sides use.

`__main__` is what the host runs. It secures the process, says hello, and only then loads `life`, which imports the
plugin and serves what it contributes. Nothing here imports the host, so a plugin's environment needs this SDK and no more.
"""
