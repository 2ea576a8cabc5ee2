"""A Scrapy project that reads public portals, one spider a source."""
