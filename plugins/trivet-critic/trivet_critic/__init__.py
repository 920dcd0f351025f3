"""The default reflector: cheap checks first, then a model."""
