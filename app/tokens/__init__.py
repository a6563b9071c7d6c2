"""Keep the user tokens of all credentials alive: one refresher among all workers and machines.

``tokens`` is the front; ``refresher`` does one refresh; ``schedule`` knows what is due; ``store`` is the database's
side, ``token_file`` the folder's; ``distribution`` hands the token to each call. No token leaves this package and
``app.tiger`` except sealed, in Tiger's own file, or in a request to Tiger.
"""
