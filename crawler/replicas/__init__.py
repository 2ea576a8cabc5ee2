"""The portals again, on loopback, from records on disk: for the demo, the tests and load."""
