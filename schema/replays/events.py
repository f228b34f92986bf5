"""What can happen in the replays domain, from all its parts."""

from __future__ import annotations

from schema.replays import jobs, pages

EVENTS = (
    jobs.UserRegistered, jobs.JobSubmitted, jobs.JobStarted, jobs.JobCompleted, jobs.JobFailed, jobs.JobCancelled,
    jobs.JobShared,
    pages.UrlClaimed, pages.UrlReleased, pages.UrlFailed, pages.UrlRetried, pages.UrlScraped,
    jobs.PlayersDiscovered, jobs.PlayersConfirmed,
    pages.ReplayParsed, pages.GameRecorded, pages.DeckPredicted,
)  # fmt: skip

LIFECYCLES = (jobs.JOB, pages.SCRAPE, jobs.SUBMISSION)
