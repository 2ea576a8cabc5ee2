"""The tables. Rows are validated before they come here (`store.records`): a table model checks nothing."""

from store.models.acts import AccessToken, Assignment, AuditEvent, CallNote, Decision, SavedFilter, Stage
from store.models.calls import (
    Call,
    CallVersion,
    CrawlRun,
    Deadline,
    DetailRead,
    Quarantined,
    SameCall,
    SourceCheck,
)
from store.models.mails import Delivery, DeliveryItem, JobRun, MailStop
from store.models.matches import CallReading, LearntModel, Match, Vector

__all__ = [
    "AccessToken",
    "Assignment",
    "AuditEvent",
    "Call",
    "CallNote",
    "CallReading",
    "CallVersion",
    "CrawlRun",
    "Deadline",
    "Decision",
    "Delivery",
    "DeliveryItem",
    "DetailRead",
    "JobRun",
    "LearntModel",
    "MailStop",
    "Match",
    "Quarantined",
    "SameCall",
    "SavedFilter",
    "SourceCheck",
    "Stage",
    "Vector",
]
