"""A host for autonomous agents: goals are planned, run and judged by plugins."""
