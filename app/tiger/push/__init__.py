"""Tiger's push protocol: addresses, frames, requests, and what is pushed as values of our own.

Of the SDK only the classes of messages are used, and how it signs. Here is no socket, no thread and no state.
"""
