//! Silences, jumps, suspension and other timeouts: each test is a sentence of the crate docs.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests fail loudly")]

mod support;

use heartwheel::{
    CommandError, Config, Engine, Event, Outcome, Recovery, ScheduleRefusal, TimeoutType,
};

use support::shorthand::*;

use TimeoutType::{Heartbeat, ScheduleToClose, ScheduleToStart, StartToClose};

// ---------------------------------------------------------------- recovery

#[test]
fn absolute_lets_time_out_what_fell_due_in_the_silence() {
    let mut engine = engine();
    started(&mut engine, 0, "a", hb(100));
    assert_eq!(engine.recover(at(500), Recovery::ABSOLUTE.with_spread(ms(50))), 0);
    assert_eq!(drain(&mut engine, 500), [("a", Heartbeat, 100)]);
}

#[test]
fn rearm_starts_each_heartbeat_clock_anew_and_no_other() {
    let mut engine = engine();
    started(&mut engine, 0, "silent", hb(100));
    started(&mut engine, 0, "over", hb(100).with_start_to_close(ms(300)));
    started(&mut engine, 0, "closing", hb(100).with_schedule_to_close(ms(550)));
    engine.schedule(at(0), "waiting", s2s(200)).unwrap();
    assert_eq!(engine.recover(at(500), Recovery::REARM), 3);
    assert_eq!(
        drain(&mut engine, 500),
        [("waiting", ScheduleToStart, 200), ("over", StartToClose, 300)]
    );
    assert_eq!(
        drain(&mut engine, 10_000),
        [("closing", ScheduleToClose, 550), ("silent", Heartbeat, 600)]
    );
}

#[test]
fn grace_lets_no_heartbeat_deadline_come_before_it_and_shortens_none() {
    let mut engine = engine();
    started(&mut engine, 0, "due in the silence", hb(100));
    started(&mut engine, 0, "due soon after", hb(520));
    started(&mut engine, 0, "due much later", hb(900));
    assert_eq!(engine.recover(at(500), Recovery::grace(ms(30))), 2);
    assert_eq!(
        drain(&mut engine, 10_000),
        [
            ("due in the silence", Heartbeat, 530),
            ("due soon after", Heartbeat, 530),
            ("due much later", Heartbeat, 900)
        ]
    );
}

#[test]
fn a_deadline_that_had_come_before_the_silence_stands() {
    let mut engine = engine();
    let due = started(&mut engine, 0, "due", hb(100));
    started(&mut engine, 90, "not yet", hb(100));
    // The engine has seen 100, so whoever asked was told that it is no longer open.
    assert_eq!(
        engine.heartbeat(at(100), due, None).unwrap_err().reason,
        CommandError::NotOpen { id: due }
    );
    assert_eq!(engine.recover(at(500), Recovery::REARM), 1);
    assert_eq!(drain(&mut engine, 500), [("due", Heartbeat, 100)]);
    assert_eq!(drain(&mut engine, 600), [("not yet", Heartbeat, 600)]);
}

#[test]
fn a_covered_activity_takes_heartbeats_again_and_tells_its_true_story() {
    let mut engine = engine();
    let id = started(&mut engine, 0, "a", hb(100));
    engine.heartbeat(at(40), id, Some("40%")).unwrap();
    engine.recover(at(500), Recovery::REARM);
    engine.recover(at(550), Recovery::REARM);
    let view = engine.activity(id).unwrap();
    assert_eq!(view.evidence.last_heartbeat_at, Some(at(40)));
    assert_eq!((view.evidence.recovered, view.deadline.map(|next| next.at)), (2, Some(at(650))));
    assert_eq!(
        engine.heartbeat(at(649), id, None).unwrap().deadline.map(|next| next.at),
        Some(at(749))
    );
    let timeout = timed_out(&mut engine, 749);
    assert_eq!(
        (timeout.activity.recovered, timeout.activity.last_heartbeat_at),
        (0, Some(at(649)))
    );
    assert_eq!(timeout.activity.details, Some("40%"));
}

#[test]
fn recovering_over_and_over_keeps_a_silent_activity_no_longer_than_the_last_time_says() {
    for (recovery, bound) in [
        (Recovery::REARM.with_spread(ms(20)), 120),
        (Recovery::grace(ms(70)).with_spread(ms(9)), 100),
    ] {
        let mut engine = engine();
        started(&mut engine, 0, "a", hb(100));
        for round in 1..=50 {
            engine.recover(at(round * 60), recovery);
            assert!(engine.poll(at(round * 60)).is_none());
        }
        let timeout = timed_out(&mut engine, 3_000 + bound);
        assert!(timeout.deadline <= at(3_000 + bound), "{timeout:?}");
        assert!(timeout.activity.recovered >= 49, "the host can see it: {timeout:?}");
    }
}

#[test]
fn a_longer_grace_before_does_not_outlast_a_later_recovery_that_starts_clocks_anew() {
    let mut engine = engine();
    let id = started(&mut engine, 0, "a", hb(100));
    engine.recover(at(10), Recovery::grace(ms(5_000)));
    assert_eq!(engine.activity(id).unwrap().deadline.map(|next| next.at), Some(at(5_010)));
    engine.recover(at(20), Recovery::REARM);
    assert_eq!(drain(&mut engine, 120), [("a", Heartbeat, 120)]);
}

#[test]
fn a_heartbeat_after_a_long_grace_puts_the_clock_where_heartbeats_put_it() {
    let mut engine = engine();
    let id = started(&mut engine, 0, "a", hb(100));
    engine.recover(at(10), Recovery::grace(ms(5_000)));
    engine.heartbeat(at(20), id, None).unwrap();
    assert_eq!(wakeup(&engine).map(|wakeup| wakeup <= 120), Some(true));
    assert_eq!(drain(&mut engine, 120), [("a", Heartbeat, 120)]);
}

#[test]
fn a_spread_only_adds_and_keeps_a_crowd_from_one_instant() {
    const CROWD: u64 = 10_000;
    const SPREAD: u64 = 1_000;
    let mut engine: Engine<u64, ()> = Engine::default();
    for key in 0..CROWD {
        started(&mut engine, 0, key, hb(100));
    }
    assert_eq!(engine.recover(at(500), Recovery::REARM.with_spread(ms(SPREAD))), CROWD as usize);
    let mut by_instant = vec![0; SPREAD as usize + 1];
    for (_, _, deadline) in drain(&mut engine, 500 + 100 + SPREAD) {
        by_instant[usize::try_from(deadline - 600).unwrap()] += 1;
    }
    assert!(by_instant.iter().all(|count| (8..=12).contains(count)), "{by_instant:?}");
}

// ---------------------------------------------------------------- the guard on jumps

fn guarded() -> Wheel {
    Engine::new(Config::default().with_max_jump(Some(ms(1_000))))
}

// S15 and D8: a suspended machine, one corrupt timestamp.
#[test]
fn a_jump_past_the_guard_does_nothing_and_every_call_says_so() {
    let mut engine = guarded();
    // The first time is no jump, wherever the host's timeline begins.
    let waiting = engine.schedule(at(1_760_000_000_000), "waiting", NONE).unwrap();
    let id = started(&mut engine, 1_760_000_000_000, "a", hb(100));
    let before = format!("{engine:?}");
    let late = at(1_760_000_001_001);
    let pending = |error: CommandError| {
        let CommandError::JumpPending(jump) = error else { panic!("{error}") };
        assert_eq!((jump.from, jump.to), (at(1_760_000_000_000), late));
        assert_eq!(
            error.to_string(),
            "a jump from 1760000000000ms to 1760000001001ms is pending: accept it by recover, or call again \
             with a saner time"
        );
    };
    pending(engine.start(late, waiting).unwrap_err());
    let refused = engine.heartbeat(late, id, Some("kept")).unwrap_err();
    assert_eq!(refused.details, Some("kept"));
    pending(refused.reason);
    engine.heartbeats(
        late,
        &[id, id],
        |_| Some("kept"),
        |_, reply| {
            let refused = reply.unwrap_err();
            assert_eq!(refused.details, Some("kept"));
            pending(refused.reason);
        },
    );
    pending(engine.request_cancel(late, id).unwrap_err());
    pending(engine.close(late, id, Outcome::Completed).unwrap_err());
    pending(engine.abandon(late, id).unwrap_err());
    pending(engine.update_timeouts(late, id, NONE).unwrap_err());
    pending(engine.suspend(late, id).unwrap_err());
    pending(engine.resume(late, id).unwrap_err());
    let refused = engine.schedule(late, "new", NONE).unwrap_err();
    assert_eq!(refused.key, "new");
    assert!(matches!(refused.reason, ScheduleRefusal::JumpPending(_)));
    for _ in 0..2 {
        assert!(matches!(engine.poll(late), Some(Event::JumpPending(_))));
    }
    assert_eq!(format!("{engine:?}"), before, "nothing has changed");
    // A saner clock goes on as if nothing had been.
    assert!(engine.heartbeat(at(1_760_000_000_099), id, None).is_ok());
}

#[test]
fn recovering_accepts_a_jump_under_the_policy_that_it_names() {
    for (recovery, expected) in [(Recovery::ABSOLUTE, 100), (Recovery::REARM, 5_100)] {
        let mut engine = guarded();
        started(&mut engine, 0, "a", hb(100));
        assert!(matches!(engine.poll(at(5_000)), Some(Event::JumpPending(_))));
        engine.recover(at(5_000), recovery);
        assert_eq!(drain(&mut engine, 5_200), [("a", Heartbeat, expected)]);
        // The guard is up again.
        assert!(matches!(engine.poll(at(9_000)), Some(Event::JumpPending(_))));
    }
}

#[test]
fn a_jump_of_just_what_is_allowed_is_believed_and_the_guard_is_off_by_default() {
    let mut engine = guarded();
    assert!(engine.poll(at(u64::MAX - 2_000)).is_none());
    assert!(engine.poll(at(u64::MAX - 1_000)).is_none());
    assert!(engine.poll(at(u64::MAX)).is_none());
    let mut unguarded = support::shorthand::engine();
    assert!(unguarded.poll(at(1)).is_none() && unguarded.poll(at(u64::MAX)).is_none());
}

// ---------------------------------------------------------------- the backlog

#[test]
fn the_backlog_is_counted_without_firing_and_without_being_seen() {
    let mut engine = engine();
    for (key, timeout) in [("a", 10), ("b", 20), ("c", 20), ("d", 300_000)] {
        started(&mut engine, 0, key, hb(timeout));
    }
    let beating = started(&mut engine, 0, "beating", hb(20));
    engine.heartbeat(at(9), beating, None).unwrap();
    let counts = [0, 9, 10, 19, 20, 28, 29, 299_999, 300_000].map(|now| engine.overdue(at(now)));
    assert_eq!(counts, [0, 0, 1, 1, 3, 3, 4, 4, 5]);
    assert_eq!(engine.now(), at(9));
    assert_eq!(drain_at_most(&mut engine, 20, 1).len(), 1);
    assert_eq!(engine.overdue(at(0)), 2, "an older time stands for the newest seen");
}

// ---------------------------------------------------------------- other timeouts

// temporal/features#602.
#[test]
fn other_timeouts_count_from_the_same_anchors() {
    let mut engine = engine();
    let id = engine.schedule(at(0), "a", s2s(10)).unwrap();
    let deadline =
        engine.update_timeouts(at(5), id, s2s(40).with_schedule_to_close(ms(900))).unwrap();
    assert_eq!(deadline.map(|next| next.at), Some(at(40)));
    engine.start(at(30), id).unwrap();
    engine.heartbeat(at(50), id, None).unwrap();
    let all = hb(100).with_start_to_close(ms(400)).with_schedule_to_close(ms(900));
    engine.update_timeouts(at(60), id, all).unwrap();
    let deadlines = |engine: &Wheel| {
        engine.activity(id).unwrap().deadline.map(|next| (next.at, next.timeout_type))
    };
    assert_eq!(deadlines(&engine), Some((at(150), Heartbeat)));
    engine.update_timeouts(at(70), id, st2c(400).with_schedule_to_close(ms(900))).unwrap();
    assert_eq!(deadlines(&engine), Some((at(430), StartToClose)));
    engine.update_timeouts(at(80), id, s2c(900)).unwrap();
    assert_eq!(drain(&mut engine, 10_000), [("a", ScheduleToClose, 900)]);
}

#[test]
fn a_deadline_that_is_thereby_past_is_due_at_once() {
    let mut engine = engine();
    let id = started(&mut engine, 0, "a", st2c(1_000));
    let deadline = engine.update_timeouts(at(500), id, st2c(200)).unwrap().unwrap();
    assert_eq!((deadline.at, deadline.timeout_type), (at(200), StartToClose));
    assert_eq!(
        engine.heartbeat(at(500), id, None).unwrap_err().reason,
        CommandError::NotOpen { id }
    );
    let timeout = timed_out(&mut engine, 500);
    assert_eq!((timeout.deadline, timeout.observed_at), (at(200), at(500)));
}

#[test]
fn what_is_due_by_the_timeouts_it_has_gets_no_others() {
    let mut engine = engine();
    let id = started(&mut engine, 0, "a", st2c(100));
    assert_eq!(engine.update_timeouts(at(100), id, NONE), Err(CommandError::NotOpen { id }));
    assert_eq!(drain(&mut engine, 100), [("a", StartToClose, 100)]);
}

#[test]
fn a_million_changes_leave_one_timer() {
    let mut engine = engine();
    let id = started(&mut engine, 0, "a", hb(100));
    for change in 0..1_000_000 {
        engine.update_timeouts(at(1), id, hb(100 + change % 1_000)).unwrap();
    }
    engine.check_invariants().unwrap();
    assert_eq!(follow_wakeups(&mut engine).0.len(), 1);
}

// ---------------------------------------------------------------- suspension

// temporal#11666.
#[test]
fn a_resumed_activity_has_what_each_clock_had_left() {
    let mut engine = engine();
    let all = st2c(300).with_schedule_to_close(ms(1_000)).with_heartbeat(ms(100));
    let id = started(&mut engine, 0, "a", all);
    engine.heartbeat(at(60), id, None).unwrap();
    engine.suspend(at(100), id).unwrap();
    assert_eq!((wakeup(&engine), drain(&mut engine, 7_000)), (None, vec![]));
    assert_eq!(engine.resume(at(7_100), id), Ok(ms(7_000)));
    // 60 of 100 were left to the heartbeat clock, 200 of 300 to start-to-close.
    assert_eq!(engine.activity(id).unwrap().deadline.map(|next| next.at), Some(at(7_160)));
    engine.heartbeat(at(7_159), id, None).unwrap();
    engine.heartbeat(at(7_250), id, None).unwrap();
    let timeout = timed_out(&mut engine, 7_300);
    assert_eq!((timeout.timeout_type, timeout.deadline), (StartToClose, at(7_300)));
    assert_eq!(timeout.activity.suspended, ms(7_000));
    assert_eq!(timeout.activity.started_at, Some(at(0)), "evidence tells the truth");
}

#[test]
fn a_clock_that_starts_while_suspended_has_all_of_its_time_left() {
    let mut engine = engine();
    let all = s2s(50).with_start_to_close(ms(300)).with_schedule_to_close(ms(1_000));
    let id = engine.schedule(at(0), "a", all.with_heartbeat(ms(200))).unwrap();
    engine.suspend(at(10), id).unwrap();
    engine.start(at(500), id).unwrap();
    assert_eq!(engine.heartbeat(at(600), id, Some("x")).unwrap().deadline, None);
    engine.resume(at(700), id).unwrap();
    let view = engine.activity(id).unwrap();
    assert_eq!(view.deadline.map(|next| (next.at, next.timeout_type)), Some((at(900), Heartbeat)));
    assert_eq!(view.evidence.last_heartbeat_at, Some(at(600)));
    engine.update_timeouts(at(700), id, st2c(300).with_schedule_to_close(ms(290))).unwrap();
    // 10 ms of schedule-to-close had passed before the suspension.
    assert_eq!(drain(&mut engine, 5_000), [("a", ScheduleToClose, 980)]);
}

#[test]
fn what_is_due_can_not_be_suspended_and_what_is_suspended_can_end_in_every_other_way() {
    let mut engine = engine();
    let due = started(&mut engine, 0, "due", hb(100));
    assert_eq!(engine.suspend(at(100), due), Err(CommandError::NotOpen { id: due }));
    assert_eq!(drain_keys(&mut engine, 100), ["due"]);
    let [completed, abandoned, canceled] = ["completed", "abandoned", "canceled"].map(|key| {
        let id = engine.schedule(at(200), key, hb(50).with_schedule_to_start(ms(50))).unwrap();
        if key != "canceled" {
            engine.start(at(200), id).unwrap();
        }
        engine.suspend(at(210), id).unwrap();
        id
    });
    let closed = engine.close(at(900), completed, Outcome::Completed).unwrap();
    assert_eq!(closed.suspended_at, Some(at(210)));
    engine.abandon(at(900), abandoned).unwrap();
    engine.request_cancel(at(900), canceled).unwrap();
    assert!(engine.is_empty());
    engine.check_invariants().unwrap();
}

#[test]
fn suspensions_add_up_and_a_recovery_leaves_a_suspended_clock_alone() {
    let mut engine = engine();
    let id = started(&mut engine, 0, "a", hb(100));
    for round in 0..3 {
        engine.suspend(at(round * 1_000 + 10), id).unwrap();
        assert_eq!(engine.recover(at(round * 1_000 + 20), Recovery::REARM), 0);
        engine.resume(at(round * 1_000 + 1_000), id).unwrap();
    }
    let view = engine.activity(id).unwrap();
    assert_eq!(view.evidence.suspended, ms(3 * 990));
    assert_eq!(drain(&mut engine, 9_999), [("a", Heartbeat, 100 + 3 * 990)]);
}

#[test]
fn commands_of_suspension_refuse_what_makes_no_sense() {
    let mut engine = engine();
    let id = engine.schedule(at(0), "a", NONE).unwrap();
    assert_eq!(engine.resume(at(1), id), Err(CommandError::NotSuspended { id }));
    engine.suspend(at(2), id).unwrap();
    assert_eq!(engine.suspend(at(3), id), Err(CommandError::AlreadySuspended { id }));
    assert_eq!(engine.resume(at(5), id), Ok(ms(3)), "the first suspension stands");
}
