"""Elect one worker of all workers and machines that share the database, and run its jobs there, nowhere else.

What runs as a job lives in its own package; nothing here knows what a job does.
"""

from app.leadership.job import Job as Job
from app.leadership.leadership import Leadership as Leadership
from app.leadership.term import LeadershipLost as LeadershipLost
from app.leadership.term import Term as Term
