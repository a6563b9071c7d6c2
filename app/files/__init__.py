"""What the gateway writes to disk is for its own user alone, whatever the umask; nothing here knows what is written."""
