"""Analysis regions: where a question is asked."""
