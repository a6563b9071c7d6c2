"""Elect one worker of all workers and machines that share the database, and run its duties there, nowhere else.

What runs as a duty lives in its own package; nothing here knows what a duty does.
"""

from app.leadership.duty import Duty as Duty
from app.leadership.duty import LeadLost as LeadLost
from app.leadership.lead import Lead as Lead
from app.leadership.leadership import Leadership as Leadership
