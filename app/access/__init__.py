"""Who may do what: API keys, permissions, and the guard every view carries.

Permissions are data; the guard evaluates them. Nothing here knows what a view does.
"""
