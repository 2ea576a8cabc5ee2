"""Settings of this installation and the organisation it works for."""
