"""Run each job in a thread that nobody waits for when the process ends.

APScheduler's own pool is waited for at the end of the interpreter: a program that never closes its gateway would not
end, since one of the jobs lasts as long as the term does.
"""

import sys
import threading
from typing import Any

from apscheduler.executors.base import BaseExecutor, run_job


class DaemonExecutor(BaseExecutor):  # type: ignore[misc] # APScheduler has no types.
    """One thread a run; the scheduler lets no job run more often at a time than it may."""

    def _do_submit_job(self, job: Any, run_times: Any) -> None:
        threading.Thread(target=self._run, args=(job, run_times), name=f"job-{job.id}", daemon=True).start()

    def _run(self, job: Any, run_times: Any) -> None:
        try:
            events = run_job(job, job._jobstore_alias, run_times, self._logger.name)  # noqa: SLF001 - as its own do.
        except BaseException:  # noqa: BLE001 - the edge of a thread, as in APScheduler's own executors.
            _, error, trace = sys.exc_info()
            self._run_job_error(job.id, error, trace)
        else:
            self._run_job_success(job.id, events)
