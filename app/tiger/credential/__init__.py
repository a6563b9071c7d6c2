"""One credential at Tiger: its user token, its permissions for quotes, its entitlements, whether Tiger answers it."""
