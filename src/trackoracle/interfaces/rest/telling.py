"""What the service tells of itself: counts for Prometheus, and a line of JSON for each request."""

from __future__ import annotations

import json
import logging
import sys
import time
import traceback
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.gc_collector import GCCollector
from prometheus_client.platform_collector import PlatformCollector
from prometheus_client.process_collector import ProcessCollector

LOGGER = logging.getLogger("trackoracle.service")
METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_FRAMES = 12
"""Places in the code that the log tells of an error."""
_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)


class Counts:
    """What Prometheus asks for; addresses are told as patterns, so that there are few of them."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        for collector in (ProcessCollector, PlatformCollector, GCCollector):
            collector(registry=self.registry)
        self.requests = Counter(
            "trackoracle_requests",
            "Requests answered.",
            ("method", "route", "status"),
            registry=self.registry,
        )
        self.seconds = Histogram(
            "trackoracle_request_seconds",
            "Seconds from a request's first byte to its answer's last.",
            ("route",),
            buckets=_SECONDS,
            registry=self.registry,
        )
        self.tracks = Counter(
            "trackoracle_tracks", "Tracks answered.", ("route", "model"), registry=self.registry
        )
        self.under_way = Gauge(
            "trackoracle_requests_under_way", "Requests under way.", registry=self.registry
        )

    def text(self) -> bytes:
        """Return all counts in the form of Prometheus."""
        return generate_latest(self.registry)


def tell_people(sentence: str) -> None:
    """Print a plain line beside the log where a person looks on; programs read JSON alone."""
    if sys.stderr.isatty():
        sys.stderr.write(sentence + "\n")
        sys.stderr.flush()


def log(event: str, level: int = logging.INFO, **facts: Any) -> None:
    """Log an event with its facts; none of them may come from what a user sent."""
    LOGGER.log(level, event, extra={"facts": facts})


def log_failure(error: Exception, request_id: str) -> None:
    """Log an error of our own: its kind and where, not its words, which may hold what was sent."""
    frames = traceback.extract_tb(error.__traceback__)[-_FRAMES:]
    where = [f"{frame.filename.rpartition('/')[2]}:{frame.lineno}" for frame in frames]
    log("failure", logging.ERROR, request_id=request_id, error=type(error).__name__, where=where)


class JsonLines(logging.Formatter):
    """Writes a record as one line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line; an exception is told by its kind alone."""
        facts: dict[str, Any] = {
            "time": time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
            + f".{record.msecs:03.0f}Z",
            "level": record.levelname.lower(),
            "event": record.getMessage(),
            **getattr(record, "facts", {}),
        }
        if record.exc_info and record.exc_info[0]:
            facts["error"] = record.exc_info[0].__name__
        return json.dumps(facts, default=str)


def log_to_stderr() -> None:
    """Let this process log as lines of JSON on standard error: its own events, and the server's."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    for name in (LOGGER.name, "uvicorn.error"):
        logger = logging.getLogger(name)
        logger.handlers, logger.propagate = [handler], False
        logger.setLevel(logging.INFO)
