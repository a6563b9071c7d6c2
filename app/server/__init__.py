"""gunicorn's side: how connections are read, given to a thread, and answered; and how the log of the server looks.

The master imports this room and must stay small: nothing of Flask, of the application or of the SDK may be imported
here. What it leans on in gunicorn stands in ``worker``, ``loop``, ``calling`` and ``reading``.
"""
