"""What the gateway is configured with: the file and the environment, the credentials, the folder they live in.

Everything is read and checked here, once, and leaves as ``app.settings``. Nothing here knows what the settings are for.
"""
