"""What can happen in the chess domain, from all its parts."""

from __future__ import annotations

from schema.chess import games, people, tasks

EVENTS = (
    people.UserImported, people.ClientImported, people.NetworkUploaded, people.NetworkImported, people.NetworkRated,
    people.NetworkMarked, people.TrainingRunRegistered, people.MatchImported, people.MatchGameImported,
    people.TrainingGameRecorded, people.ServerDataImported, people.TokenIssued, people.TokenUsed, people.TokenRotated,
    people.TokenRevoked, people.BookRegistered,
    tasks.TrainingCreated, tasks.MatchCreated, tasks.RegressionCreated, tasks.SprtCreated, tasks.TuneCreated,
    tasks.ParamSetAdded, tasks.TaskActivated, tasks.TaskCancelled, tasks.TaskFinished, tasks.TaskPrioritised,
    games.TaskAssigned, games.AssignmentHeartbeat, games.AssignmentCompleted, games.AssignmentCancelled,
    games.AssignmentExpired, games.GameFinished, games.GameCrashed, games.SprtDecided, games.MatchDecided,
    games.NetworkPromoted, games.TuneOutputPublished, games.TuneFinished,
)  # fmt: skip

LIFECYCLES = (tasks.TASK, tasks.ASSIGNMENT, people.TOKEN)
