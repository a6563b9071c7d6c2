"""What the wheel holds beside the three folders of the checkout, and the build step that makes it.

Installed, ``app``, ``blueprints`` and ``schemas`` would collide with a host's own packages of these names. So the wheel
holds one package, ``tiger_rest``: the build puts the three folders inside and edits their imports of each other. An
editable installation stays as the checkout is. Nothing imports this package; none of it is in the wheel as such.
"""
