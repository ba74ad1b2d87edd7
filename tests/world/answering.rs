//! A command carried out on the engine, and its answer put down.

use heartwheel::{
    ActivityId, CancelOutcome, CommandError, Event, Heartbeat, HeartbeatError, ScheduleRefusal,
    Timestamp,
};

use crate::record::{due, Answer, Command, Story, Why};
use crate::subject::Machine;

/// Carries a command out on the engine and puts down what it says.
pub(crate) fn apply(engine: &mut Machine, now: u64, command: &Command) -> Answer {
    let now = Timestamp::from_millis(now);
    let story = |closed| Answer::Closed(Story::from(&closed));
    let answer = match command {
        Command::Schedule { key, terms } => {
            return engine.schedule(now, *key, (*terms).into()).map_or_else(
                |refused| {
                    let why = match refused.reason {
                        ScheduleRefusal::AtCapacity { max_open } => {
                            Why::AtCapacity { max_open: max_open.into() }
                        }
                        ScheduleRefusal::JumpPending(jump) => why(CommandError::JumpPending(jump)),
                        ScheduleRefusal::Exhausted | _ => panic!("{}", refused.reason),
                    };
                    Answer::Refused { why, handed_back: Some(refused.key.into()) }
                },
                Answer::Scheduled,
            )
        }
        Command::Heartbeat { id, details } => return beat(engine.heartbeat(now, *id, *details)),
        Command::Heartbeats(beats) => {
            let ids: Vec<ActivityId> = beats.iter().map(|(id, _)| *id).collect();
            let mut answers = Vec::with_capacity(ids.len());
            engine.heartbeats(
                now,
                &ids,
                |place| beats[place].1,
                |_, reply| answers.push(beat(reply)),
            );
            return Answer::Beats(answers);
        }
        Command::Poll => {
            return match engine.poll(now) {
                None => Answer::Quiet,
                Some(Event::TimedOut(timed_out)) => Answer::TimedOut {
                    due: (timed_out.deadline.as_millis(), timed_out.timeout_type),
                    observed_at: timed_out.observed_at.as_millis(),
                    story: Story::from(&timed_out.activity),
                },
                Some(Event::JumpPending(jump)) => refused(CommandError::JumpPending(jump)),
                Some(other) => panic!("{other:?}"),
            }
        }
        Command::Start { id } => engine.start(now, *id).map(|()| Answer::Started),
        Command::RequestCancel { id } => {
            engine.request_cancel(now, *id).map(|outcome| match outcome {
                CancelOutcome::Canceled(closed) => story(closed),
                CancelOutcome::Requested { first_requested_at } => {
                    Answer::CancelRequested { first_requested_at: first_requested_at.as_millis() }
                }
                other => panic!("{other:?}"),
            })
        }
        Command::Close { id, outcome } => engine.close(now, *id, *outcome).map(story),
        Command::Abandon { id } => engine.abandon(now, *id).map(story),
        Command::UpdateTimeouts { id, terms } => engine
            .update_timeouts(now, *id, (*terms).into())
            .map(|next| Answer::Updated { next: next.map(due) }),
        Command::Suspend { id } => engine.suspend(now, *id).map(|()| Answer::Suspended),
        Command::Resume { id } => engine
            .resume(now, *id)
            .map(|took| Answer::Resumed { took: u64::try_from(took.as_millis()).unwrap() }),
        Command::Recover(recovering) => {
            Ok(Answer::Recovered { moved: engine.recover(now, (*recovering).into()) })
        }
        Command::Shrink => {
            engine.shrink_to_fit();
            Ok(Answer::Shrunk)
        }
    };
    answer.unwrap_or_else(refused)
}

fn beat(reply: Result<Heartbeat, HeartbeatError<u64>>) -> Answer {
    match reply {
        Ok(reply) => {
            Answer::Beat { cancel_requested: reply.cancel_requested, next: reply.deadline.map(due) }
        }
        Err(refused) => Answer::Refused { why: why(refused.reason), handed_back: refused.details },
    }
}

fn refused(reason: CommandError) -> Answer {
    Answer::Refused { why: why(reason), handed_back: None }
}

fn why(reason: CommandError) -> Why {
    if let CommandError::JumpPending(jump) = reason {
        return Why::JumpPending { from: jump.from.as_millis(), to: jump.to.as_millis() };
    }
    Why::Command(reason)
}
