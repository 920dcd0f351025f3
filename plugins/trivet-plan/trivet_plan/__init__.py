"""The default planner, over any model."""
