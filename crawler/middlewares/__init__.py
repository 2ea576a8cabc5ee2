"""Politeness: robots.txt that fails closed, retries that wait as long as they are told."""
