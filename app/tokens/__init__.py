"""Keep the user tokens of all credentials alive: one refresher among all workers and machines.

``tokens`` is the front. ``plan`` knows what is due, ``rounds`` starts it, ``refresher`` does it; ``upkeep`` is what
every process does besides, ``finder`` its part for a token that lies in a folder, ``examiner`` its part for one that
Tiger refused. ``concerns`` and ``description`` are what is told. ``store`` and ``journal`` are the
database's side, ``token_file`` the folder's; ``distribution`` hands the token to each call. No token leaves this
package and ``app.tiger`` except sealed, in Tiger's own file, or in a request to Tiger.
"""
