"""The shared database: engine, tables and migrations. No other room writes SQL connections of its own.

SQLite as it comes, PostgreSQL by URL. What several workers or machines must agree on lives here.
"""

from app.storage.engine import Storage as Storage
