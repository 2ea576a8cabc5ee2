"""What spiders of the same access method share."""
