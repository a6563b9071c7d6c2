"""Let models in by the Model Context Protocol: tools, each of which is a route of the REST API.

A tool is a row of data (``tools``). Calling it is a request to its route, through the same guard, schema, limits and
journal; nothing here knows Tiger, an order or the database. Both eras of the protocol are spoken over plain HTTP with
JSON answers, and nothing is remembered between two requests.
"""
