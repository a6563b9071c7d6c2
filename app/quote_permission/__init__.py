"""Keep the permission for real-time quotes with this gateway: one grab among all workers and machines.

``record`` is what is known of it and when the next grab is due, ``store`` the database's side; ``permission`` is what
the leader does, and what every process does when a call was refused for the device.
"""
