"""What the tests of standing schemes share: the record of a made-up page, as the spider reads it."""

from scrapy.http import HtmlResponse, Request

from crawler.bases.rows import Row
from crawler.bases.scheme import SchemeSpider
from crawler.replicas.sample import Record
from crawler.replicas.scheme import page


def row_of(spider: SchemeSpider, record: Record) -> Row:
    """What the spider reads of the page with this record; nothing is asked of anyone."""
    address = spider.home + spider.paths[0]
    body = f"<html><body>{page(record)}</body></html>".encode()
    response = HtmlResponse(address, body=body, encoding="utf-8", request=Request(address))
    (card,) = response.css(spider.card)
    return spider.to_row(card)


def with_paragraph(record: Record, paragraph: str) -> Record:
    """The record with one more section of one paragraph."""
    return record | {"sections": [*record["sections"], {"heading": "News", "paragraphs": [paragraph]}]}
