"""The schema's history, one file a step, numbered in order; ``app.storage.upgrade`` runs what is missing."""
