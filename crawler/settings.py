"""Scrapy's settings. Each one that is not Scrapy's default has its reason."""

from importlib.metadata import version

from config.settings import load_settings

_settings = load_settings()

BOT_NAME = "funding-tracker"
SPIDER_MODULES = ["crawler.spiders"]
NEWSPIDER_MODULE = "crawler.spiders"

# An operator who wonders about the traffic finds somebody to ask.
USER_AGENT = f"funding-tracker/{version('funding-tracker')} (+{_settings.contact})"

# A public portal is a guest house: its rules are followed, and an unreadable robots.txt is a "no" (RFC 9309).
ROBOTSTXT_OBEY = True
ROBOTSTXT_USER_AGENT = "funding-tracker"

# What a portal says may lead into the network that this machine stands in: only the public web is met, by HTTP, and what
# the operator himself pointed a source to, by that source.
TWISTED_DNS_RESOLVER = "crawler.resolver.PublicResolver"
PRIVATE_ADDRESSES_ALLOWED = {source: [address] for source, address in _settings.address.items()}
DOWNLOAD_HANDLERS = dict.fromkeys(("data", "file", "ftp", "s3"))

# Calls decide on money: what claims to be a portal has to prove it.
DOWNLOAD_VERIFY_CERTIFICATES = True

# One request at a time per host, as far apart as sources.toml says and slower when the portal is slow.
CONCURRENT_REQUESTS_PER_DOMAIN = 1
DOWNLOAD_DELAY = 1.0
# By default a delay is a mean, and half of it happens: here it is the least.
DOWNLOAD_DELAY_JITTER = 0.0
AUTOTHROTTLE_ENABLED = True
AUTOTHROTTLE_START_DELAY = 1.0
AUTOTHROTTLE_MAX_DELAY = 30.0

# A page of 100 calls is about 2 MB; one of 50 MB is a fault, not a page.
DOWNLOAD_MAXSIZE = 50 * 1024 * 1024
DOWNLOAD_WARNSIZE = 20 * 1024 * 1024
DOWNLOAD_TIMEOUT = 60
CLOSESPIDER_TIMEOUT = _settings.crawl_timeout

# Three tries more before a page is given up; 429 and 503 wait for as long as the portal asks.
RETRY_TIMES = 3
RETRY_AFTER_LONGEST = 120
DOWNLOADER_MIDDLEWARES = {
    "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware": None,
    "crawler.middlewares.robots.FailClosedRobotsTxt": 100,
    "scrapy.downloadermiddlewares.retry.RetryMiddleware": None,
    "crawler.middlewares.retry.PatientRetry": 550,
    # Beyond robots.txt, retries and redirects, so that each of their requests passes it too.
    "crawler.middlewares.private.PublicHostsOnly": 560,
    # A portal that sends its readers to another host has not answered; a page's own refresh is no answer either.
    "scrapy.downloadermiddlewares.redirect.MetaRefreshMiddleware": None,
    "scrapy.downloadermiddlewares.redirect.RedirectMiddleware": None,
    "crawler.middlewares.redirect.SameHostRedirect": 600,
    "scrapy.downloadermiddlewares.httpcache.HttpCacheMiddleware": None,
    "crawler.middlewares.conditional.ConditionalRequests": 900,
}

# A page that is as it was need not be sent again. After a week it is asked for whole all the same: should half a page
# ever have been kept, it does not stay.
HTTPCACHE_ENABLED = True
HTTPCACHE_POLICY = "crawler.middlewares.conditional.AlwaysAsk"
HTTPCACHE_DIR = str((_settings.home / "pages").absolute())
HTTPCACHE_EXPIRATION_SECS = 7 * 24 * 3600
HTTPCACHE_GZIP = True

ITEM_PIPELINES = {
    "crawler.pipelines.storage.Storage": 900,
}
EXTENSIONS = {
    # A console that anybody on the machine could reach has no place in a scheduled job.
    "scrapy.extensions.telnet.TelnetConsole": None,
    "crawler.turns.HostTurn": 0,
}
TELNETCONSOLE_ENABLED = False

# Run health tells what went wrong in a sentence; the log is for those who look further.
LOG_LEVEL = "WARNING"
LOG_FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"
