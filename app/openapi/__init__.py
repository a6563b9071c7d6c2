"""The description of the API, made from the routes, their docstrings, guards and schemas.

OpenAPI 3.1, the collection for Postman, and the reference pages under docs/. Nothing here is imported before somebody
asks for one of them; nothing here takes part in answering a request for data.
"""
