"""HTTP's side of the gateway: the guard, the body, the envelope, what a view answers, errors, CORS, the request log.

A view is put together from these. Nothing here knows Tiger or what an endpoint is about.
"""
