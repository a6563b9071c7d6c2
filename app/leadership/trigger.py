"""When a job runs next, by APScheduler's clock, which is the one on the wall."""

from datetime import datetime

from apscheduler.triggers.interval import IntervalTrigger


class PresentInterval(IntervalTrigger):  # type: ignore[misc] # APScheduler has no types.
    """An interval that counts from now where the clock was set forward.

    APScheduler's own one counts each run that was missed meanwhile, under the lock that a leader needs to step down:
    seconds for a week, a minute for a season.
    """

    def get_next_fire_time(self, previous_fire_time: datetime | None, now: datetime) -> datetime | None:
        """Return the next moment: one interval after the last, and never one that has passed."""
        following: datetime | None = super().get_next_fire_time(previous_fire_time, now)
        if previous_fire_time is None or following is None or following > now:
            return following
        moment: datetime = now + self.interval
        return moment
