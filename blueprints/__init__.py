"""One module for each category of endpoints: guard, load, one call, envelope.

Each module offers ``blueprint``, whose name is the category in ``/api/endpoints``. Nothing here imports the Tiger SDK,
or another module of this folder.
"""
