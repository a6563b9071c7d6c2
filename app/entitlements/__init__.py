"""Know what a developer bought of Tiger's limits: read by the elected worker, used by all. Nothing is counted here."""
