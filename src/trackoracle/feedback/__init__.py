"""What people say of predictions, kept in a database and exported."""

from trackoracle.feedback.opening import open_feedback
from trackoracle.feedback.store import FeedbackStore, feedback_frame

__all__ = ["FeedbackStore", "feedback_frame", "open_feedback"]
