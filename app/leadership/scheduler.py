"""Run the jobs of a leader with flask-apscheduler, beside whatever scheduler a host application has."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime

from flask import Flask

from app.leadership.job import Job


class JobScheduler:
    """A scheduler for one term. It is not used again: APScheduler's threads do not survive a shutdown."""

    def __init__(self, jobs: Iterable[Job], perform: Callable[[Job], None]) -> None:
        # Loaded by the leader alone, and off the path of a worker's start.
        from apscheduler.schedulers.background import BackgroundScheduler  # noqa: PLC0415
        from flask_apscheduler import APScheduler  # noqa: PLC0415

        from app.leadership.executor import DaemonExecutor  # noqa: PLC0415
        from app.leadership.trigger import PresentInterval  # noqa: PLC0415

        self._scheduler = APScheduler(scheduler=BackgroundScheduler(timezone=UTC))
        # An application of its own: init_app would replace a host's app.apscheduler, load the jobs that the host
        # configured a second time, and add the host's routes for them.
        own = Flask(__name__, static_folder=None)
        # init_app configures the scheduler anew: what it was made with would be gone.
        own.config["SCHEDULER_EXECUTORS"] = {"default": DaemonExecutor()}
        self._scheduler.init_app(own)
        for job in jobs:
            # A run that outlasts the interval is not an event to warn about: perform() lets one through at a time.
            self._scheduler.add_job(
                job.name,
                perform,
                args=[job],
                trigger=PresentInterval(seconds=job.interval_seconds, timezone=UTC),
                next_run_time=datetime.now(UTC),
                max_instances=2,
                coalesce=True,
                misfire_grace_time=None,
            )

    def start(self) -> None:
        """Start the threads.

        Not through flask-apscheduler's own start, which does nothing, and says nothing, wherever FLASK_DEBUG is set
        and Flask's reloader is not the one that started the process.
        """
        self._scheduler.scheduler.start()

    def run_now(self) -> None:
        """Run every job now and count its intervals from here.

        APScheduler plans by the clock on the wall: set back by an hour, it would do nothing for an hour.
        """
        for job in self._scheduler.get_jobs():
            job.modify(next_run_time=datetime.now(UTC))

    def stop(self) -> None:
        """Start no job any more; one that runs is not interrupted."""
        self._scheduler.shutdown(wait=False)
