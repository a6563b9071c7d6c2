"""A Tiger OpenAPI server of our own, spoken to over HTTP by the unmodified SDK.

Nothing here imports the rest of the project, and nothing else imports this package: the gateway knows it
only by its URL and its credential files.
"""
