//! H. Activities and heartbeats, as workflow engines have them.

use crate::*;
use heartwheel::TimeoutType::{Heartbeat, ScheduleToClose, ScheduleToStart, StartToClose};
use heartwheel::{CancelOutcome, CommandError, Outcome, Recovery, Timeouts};

/// Timeouts that end an activity started at 0, and heard at 9, at 100: each of those that run once it has started.
fn each_at_100() -> [(Timeouts, heartwheel::TimeoutType); 3] {
    [(st2c(100), StartToClose), (s2c(100), ScheduleToClose), (hb(91), Heartbeat)]
}

// The mark "timer created" was cleared, or kept in memory alone: after a reload there was no timer.
#[cfg(feature = "serde")]
#[test]
fn h1_temporal_771_a_heartbeat_timer_outlives_a_reload() {
    for beats in 0..3 {
        let mut engine: Engine<u8, u8> = Engine::new(Config::DEFAULT);
        let id = started(&mut engine, 0, 1, hb(10));
        for beat in 0..beats {
            engine.heartbeat(at(beat + 1), id, None).unwrap();
        }
        let mut engine = through_bytes(&engine);
        assert_eq!(drain(&mut engine, beats + 9), []);
        assert_eq!(drain(&mut engine, beats + 10), [(1, Heartbeat, beats + 10)]);
    }
}

// Several activities that beat at different rates: it was assumed that the timer created again is the same one.
#[test]
fn h2_cadence_732_silent_ones_time_out_beside_one_that_beats() {
    on_every_shape(|engine, _| {
        let a = started(engine, 0, "ten", hb(10));
        started(engine, 0, "seven", hb(7));
        started(engine, 0, "three", hb(3));
        let mut fired = Vec::new();
        for now in 1..=40 {
            fired.extend(drain(engine, now));
            if now % 5 == 0 && now <= 20 {
                engine.heartbeat(at(now), a, None).unwrap();
            }
        }
        let expected = [("three", Heartbeat, 3), ("seven", Heartbeat, 7), ("ten", Heartbeat, 30)];
        assert_eq!(fired, expected);
    });
}

// The first heartbeat timer fired while the activity beat, and was not created again.
#[test]
fn h4_cadence_528_the_heartbeat_timer_outlives_its_first_instant() {
    on_every_shape(|engine, _| {
        let id = started(engine, 0, "a", hb(5).with_schedule_to_close(ms(1_000)));
        engine.heartbeat(at(4), id, None).unwrap();
        assert_eq!(drain_keys(engine, 5), NOTHING);
        assert_eq!(drain_keys(engine, 8), NOTHING);
        assert_eq!(drain(engine, 9), [("a", Heartbeat, 9)]);
        // And schedule-to-close is among the candidates while it beats.
        let id = started(engine, 10, "b", hb(5).with_schedule_to_close(ms(12)));
        for now in [14, 18, 21] {
            assert_eq!(drain_keys(engine, now), NOTHING);
            engine.heartbeat(at(now), id, None).unwrap();
        }
        assert_eq!(drain(engine, 22), [("b", ScheduleToClose, 22)]);
    });
}

// A timer was filed under the number of an event that was not assigned yet, and not created again. Here the id is
// the only name: of two with the same key, whatever happens at one instant, each has its own timer.
#[test]
fn h5_cadence_658_a_timer_belongs_to_the_id_and_to_nothing_else() {
    on_every_shape(|engine, _| {
        let ids = [10, 20, 30].map(|beat| engine.schedule(at(0), "same", hb(beat)).unwrap());
        for id in ids.into_iter().rev() {
            engine.start(at(0), id).unwrap();
            engine.heartbeat(at(0), id, None).unwrap();
        }
        engine.heartbeat(at(9), ids[1], None).unwrap();
        let mut fired = Vec::new();
        for now in [10, 29, 30] {
            while engine.overdue(at(now)) > 0 {
                let event = timed_out(engine, now);
                fired.push((event.activity.id, event.deadline.as_millis()));
            }
        }
        // The last two at 29 and 30.
        assert_eq!(fired, [(ids[0], 10), (ids[1], 29), (ids[2], 30)]);
    });
}

// A write that was tried again stored its timer again, and each of them created another.
#[test]
fn h6_cadence_962_a_heartbeat_delivered_twice_is_one_in_its_effect() {
    on_every_shape(|engine, _| {
        let id = started(engine, 0, "a", hb(100));
        let mut twice = engine.clone();
        let once = engine.heartbeat(at(40), id, Some("half")).unwrap();
        for _ in 0..2 {
            assert_eq!(twice.heartbeat(at(40), id, Some("half")).unwrap(), once);
        }
        for engine in [engine, &mut twice] {
            let timers = engine.stats().timers;
            assert_eq!((timers.armed, timers.disarmed), (1, 0));
            let (fired, _) = follow_wakeups(engine);
            assert_eq!(fired, [("a", 140)]);
        }
    });
}

// No heartbeat yet was taken for one at zero, or at the first event's time.
#[test]
fn h8_cadence_1593_before_the_first_heartbeat_the_start_is_the_anchor() {
    for scheduled in [0, 1, 1_000_000_000_000] {
        on_every_shape(|engine, _| {
            let id = engine.schedule(at(scheduled), "a", hb(100)).unwrap();
            engine.start(at(scheduled + 50), id).unwrap();
            assert_eq!(drain_keys(engine, scheduled + 149), NOTHING);
            let event = timed_out(engine, scheduled + 150);
            assert_eq!((event.timeout_type, event.deadline), (Heartbeat, at(scheduled + 150)));
            assert_eq!((event.activity.last_heartbeat_at, event.activity.heartbeats), (None, 0));
        });
    }
}

// Life was prolonged only when the reported second had changed: of two heartbeats in one, the later was lost.
#[test]
fn h9_storm_8420_every_heartbeat_counts_however_close_to_the_last() {
    let mut engine = engine();
    let id = started(&mut engine, 5_000, "a", hb(1_000));
    for now in [5_100, 5_900, 5_900, 5_901] {
        let reply = engine.heartbeat(at(now), id, None).unwrap();
        assert_eq!(reply.deadline.unwrap().at, at(now + 1_000));
    }
    assert_eq!(drain_keys(&mut engine, 6_900), NOTHING);
    assert_eq!(drain(&mut engine, 6_901), [("a", Heartbeat, 6_901)]);
}

// A check before the first heartbeat found the time of the last one at 0.
#[test]
fn h10_storm_1946_a_check_right_after_the_start_finds_it_alive() {
    on_every_shape(|engine, _| {
        let now = 1_000_000_000_000;
        started(engine, now, "a", hb(30_000));
        assert_eq!((engine.overdue(at(now + 1)), drain_keys(engine, now + 1)), (0, vec![]));
        assert_eq!(drain(engine, now + 30_000), [("a", Heartbeat, now + 30_000)]);
    });
}

// A heartbeat of an activity without heartbeat timeout armed one of zero, and killed it.
#[test]
fn h12_temporal_9354_a_heartbeat_arms_no_timeout_that_was_not_set() {
    on_every_shape(|engine, _| {
        let id = started(engine, 0, "a", st2c(100));
        let reply = engine.heartbeat(at(1), id, None).unwrap();
        assert_eq!(reply.deadline.map(|deadline| deadline.timeout_type), Some(StartToClose));
        assert_eq!(drain_keys(engine, 2), NOTHING);
        assert_eq!(drain_keys(engine, 99), NOTHING);
        assert_eq!(drain(engine, 100), [("a", StartToClose, 100)]);
    });
}

// A schedule-to-close of 0 stood for none, and was taken for the instant of scheduling. Here none is none, and 0
// is 0.
#[test]
fn h13_temporal_8723_none_is_not_zero_and_zero_is_not_none() {
    on_every_shape(|engine, _| {
        let unset = engine.schedule(at(50), "none", NONE).unwrap();
        assert_eq!((engine.activity(unset).unwrap().deadline, wakeup(engine)), (None, None));
        engine.schedule(at(50), "zero", s2c(0)).unwrap();
        assert_eq!(drain(engine, 50), [("zero", ScheduleToClose, 50)]);
        assert_eq!(drain_keys(engine, u64::MAX), NOTHING);
        assert!(engine.activity(unset).is_some());
    });
}

// Schedule-to-close was anchored at the latest attempt, and so was never reached. Nothing after the scheduling
// moves it.
#[test]
fn h14_temporal_6545_schedule_to_close_counts_from_the_scheduling_alone() {
    on_every_shape(|engine, _| {
        let id = engine.schedule(at(10), "a", s2c(100).with_heartbeat(ms(50))).unwrap();
        engine.start(at(60), id).unwrap();
        engine.heartbeat(at(90), id, None).unwrap();
        engine.update_timeouts(at(95), id, s2c(100).with_start_to_close(ms(500))).unwrap();
        engine.recover(at(96), Recovery::REARM);
        assert_eq!(drain_keys(engine, 109), NOTHING);
        assert_eq!(drain(engine, 110), [("a", ScheduleToClose, 110)]);
    });
}

// With cancellation requested, the timers were refused: who ignored it never timed out.
#[test]
fn h16_temporal_9901_who_ignores_a_cancellation_still_times_out() {
    for (timeouts, timeout_type) in each_at_100() {
        let mut engine = engine();
        let id = started(&mut engine, 0, "a", timeouts);
        engine.request_cancel(at(1), id).unwrap();
        engine.heartbeat(at(9), id, None).unwrap();
        assert_eq!(drain_keys(&mut engine, 99), NOTHING);
        assert_eq!(drain(&mut engine, 100), [("a", timeout_type, 100)]);
    }
}

// `^=` in the place of `&^=`: what should clear flags set some. Each thing done twice, and nothing else has changed.
#[test]
fn h17_temporal_9051_a_flag_set_twice_is_set_and_cleared_twice_is_clear() {
    let mut engine = engine();
    let id = started(&mut engine, 0, "a", hb(100));
    for now in 1..=4 {
        let requested = engine.request_cancel(at(now), id);
        assert_eq!(requested, Ok(CancelOutcome::Requested { first_requested_at: at(1) }));
        assert!(engine.heartbeat(at(now), id, None).unwrap().cancel_requested);
    }
    for now in 5..=8 {
        engine.suspend(at(now), id).unwrap();
        assert_eq!(engine.suspend(at(now), id), Err(CommandError::AlreadySuspended { id }));
        engine.resume(at(now), id).unwrap();
        assert_eq!(engine.resume(at(now), id), Err(CommandError::NotSuspended { id }));
        assert_eq!(engine.start(at(now), id), Err(CommandError::AlreadyStarted { id }));
        assert!(engine.heartbeat(at(now), id, None).unwrap().cancel_requested);
    }
    assert_eq!(drain(&mut engine, 108), [("a", Heartbeat, 108)]);
}

// Timers that were held to be no longer needed were removed on a retry, and the heartbeat timer with them.
#[test]
fn h18_temporal_8470_what_disarms_one_timeout_leaves_the_others() {
    on_every_shape(|engine, _| {
        let all = s2s(20).with_schedule_to_close(ms(90)).with_heartbeat(ms(30));
        for attempt in 0..3 {
            let now = attempt * 1_000;
            let id = engine.schedule(at(now), "a", all).unwrap();
            engine.start(at(now + 19), id).unwrap();
            assert_eq!(drain(engine, now + 48), []);
            assert_eq!(drain(engine, now + 49), [("a", Heartbeat, now + 49)]);
            // The next attempt fails by its worker, and the one after it has all its timers again.
            let id = started(engine, now + 50, "b", all);
            engine.close(at(now + 60), id, Outcome::Failed).unwrap();
        }
    });
}

// Which timeout is reported when two apply at one instant was changed four times. Here it is SWF's own order.
#[test]
fn h20_temporal_11137_of_two_timeouts_at_one_instant_the_same_is_named_always() {
    let cases = [
        (st2c(60).with_schedule_to_close(ms(100)), StartToClose),
        (st2c(60).with_heartbeat(ms(60)), StartToClose),
        (s2c(100).with_heartbeat(ms(60)), ScheduleToClose),
        (st2c(60).with_schedule_to_close(ms(100)).with_heartbeat(ms(60)), StartToClose),
    ];
    for (timeouts, expected) in cases {
        on_every_shape(|engine, _| {
            let id = engine.schedule(at(0), "a", timeouts).unwrap();
            engine.start(at(40), id).unwrap();
            assert_eq!(engine.activity(id).unwrap().deadline.unwrap().timeout_type, expected);
            assert_eq!(drain(engine, 100), [("a", expected, 100)]);
        });
    }
    let mut engine = engine();
    engine.schedule(at(0), "a", s2s(100).with_schedule_to_close(ms(100))).unwrap();
    assert_eq!(drain(&mut engine, 100), [("a", ScheduleToStart, 100)]);
}

// The last details were missing in timeouts of other kinds than the heartbeat's.
#[test]
fn h21_cadence_1925_every_kind_of_timeout_brings_the_last_details() {
    for (timeouts, timeout_type) in each_at_100() {
        let mut engine = engine();
        let id = started(&mut engine, 0, "a", timeouts);
        engine.heartbeat(at(8), id, Some("older")).unwrap();
        engine.heartbeat(at(9), id, Some("checkpoint")).unwrap();
        // One that is refused changes nothing.
        assert!(engine.heartbeat(at(100), id, Some("too late")).is_err());
        let event = timed_out(&mut engine, 100);
        assert_eq!(event.timeout_type, timeout_type);
        assert_eq!(event.activity.details, Some("checkpoint"));
    }
}

// A reset cleared the checkpoint, and details within a failure's response were lost.
#[test]
fn h22_temporal_11417_nothing_but_a_heartbeat_changes_the_details() {
    let mut engine = engine();
    let id = started(&mut engine, 0, "a", hb(100));
    engine.heartbeat(at(10), id, Some("checkpoint")).unwrap();
    engine.heartbeat(at(20), id, None).unwrap();
    engine.update_timeouts(at(30), id, hb(200)).unwrap();
    engine.suspend(at(40), id).unwrap();
    engine.resume(at(50), id).unwrap();
    engine.recover(at(60), Recovery::REARM);
    engine.request_cancel(at(70), id).unwrap();
    engine.shrink_to_fit();
    assert_eq!(engine.activity(id).unwrap().evidence.details, Some(&"checkpoint"));
    let closed = engine.close(at(80), id, Outcome::Failed).unwrap();
    assert_eq!((closed.details, closed.heartbeats), (Some("checkpoint"), 2));
}

// The time of the last heartbeat was not in the timeout event.
#[test]
fn h24_cadence_905_every_kind_of_timeout_says_when_the_last_heartbeat_was() {
    for (timeouts, timeout_type) in each_at_100() {
        let mut engine = engine();
        let id = started(&mut engine, 0, "a", timeouts);
        for now in [3, 9] {
            engine.heartbeat(at(now), id, None).unwrap();
        }
        let event = timed_out(&mut engine, 170);
        assert_eq!((event.timeout_type, event.observed_at), (timeout_type, at(170)));
        assert_eq!((event.activity.last_heartbeat_at, event.activity.heartbeats), (Some(at(9)), 2));
    }
}

// A heartbeat satisfied a delayed operation that guarded something else.
#[test]
fn h25_kafka_12890_heartbeats_extend_no_other_timeout() {
    for (timeouts, timeout_type) in [(st2c(100), StartToClose), (s2c(100), ScheduleToClose)] {
        let mut engine = engine();
        let id = started(&mut engine, 0, "a", timeouts.with_heartbeat(ms(20)));
        for beat in 1..10 {
            engine.heartbeat(at(beat * 10), id, None).unwrap();
        }
        engine.heartbeat(at(99), id, None).unwrap();
        assert_eq!(drain(&mut engine, 150), [("a", timeout_type, 100)]);
    }
}

// A heartbeat was satisfied by a mark left from the scheduling, and who never joined was never missed.
#[test]
fn h26_kafka_9752_what_has_not_started_has_not_beaten() {
    on_every_shape(|engine, _| {
        let id = engine.schedule(at(0), "a", hb(30).with_schedule_to_start(ms(100))).unwrap();
        let refused = engine.heartbeat(at(20), id, Some("early")).unwrap_err();
        assert_eq!(refused.reason, CommandError::NotStarted { id });
        assert_eq!(refused.details, Some("early"));
        // It neither counts nor moves anything: the clock begins at the start.
        engine.start(at(40), id).unwrap();
        assert_eq!(drain(engine, 69), []);
        let event = timed_out(engine, 70);
        assert_eq!((event.timeout_type, event.activity.heartbeats), (Heartbeat, 0));
        assert_eq!(event.activity.details, None);
        // And who never starts is missed.
        engine.schedule(at(70), "b", hb(30).with_schedule_to_start(ms(100))).unwrap();
        assert_eq!(drain(engine, 170), [("b", ScheduleToStart, 170)]);
    });
}

// The heartbeat of a member that had been removed stayed, and caused another rebalance.
#[test]
fn h28_kafka_7196_a_removed_members_clock_is_removed_with_it() {
    on_every_shape(|engine, _| {
        let removed = started(engine, 0, "removed", hb(100));
        let stays = started(engine, 0, "stays", hb(150));
        engine.heartbeat(at(50), removed, None).unwrap();
        engine.abandon(at(60), removed).unwrap();
        // The next one has its slot, and no clock of it.
        let next = engine.schedule(at(60), "next", NONE).unwrap();
        engine.start(at(60), next).unwrap();
        assert_eq!(drain(engine, 1_000), [("stays", Heartbeat, 150)]);
        assert_eq!((engine.activity(stays), wakeup(engine)), (None, None));
        assert!(engine.activity(next).is_some());
    });
}

// The deadline was computed from the record's old instant: timed out at once, and given out twice.
#[test]
fn h29_camunda_44018_start_to_close_counts_from_the_start() {
    on_every_shape(|engine, _| {
        let id = engine.schedule(at(10), "a", st2c(30)).unwrap();
        engine.start(at(200), id).unwrap();
        assert_eq!(drain_keys(engine, 229), NOTHING);
        assert_eq!(drain(engine, 230), [("a", StartToClose, 230)]);
    });
}

// The timeout checker changed a state that it should only have read, and timeouts stopped altogether. Whatever
// only looks, and a poll that finds nothing, leaves every bit as it was.
#[test]
fn h30_camunda_13190_looking_changes_nothing() {
    let mut engine = wheel_of((2, 2));
    let id = started(&mut engine, 0, "a", hb(100).with_start_to_close(ms(900)));
    timer(&mut engine, 0, "b", 500);
    engine.heartbeat(at(60), id, None).unwrap();
    assert_eq!(drain_keys(&mut engine, 60), NOTHING);
    let before = format!("{engine:?}");
    let _ = (engine.overdue(at(5_000)), engine.next_wakeup(), engine.stats(), engine.now());
    assert_eq!((engine.activities().count(), engine.activity(id).is_some()), (2, true));
    assert!(engine.poll(at(60)).is_none());
    engine.check_invariants().unwrap();
    assert_eq!(format!("{engine:?}"), before);
    assert_eq!(drain(&mut engine, 5_000), [("a", Heartbeat, 160), ("b", ScheduleToClose, 500)]);
}

// A heartbeat queued the task again, or its timeout was noticed much later than configured. It moves its deadline,
// and nothing else.
#[test]
fn h32_conductor_1378_a_heartbeat_has_no_effect_but_its_own() {
    on_every_shape(|engine, _| {
        let id = started(engine, 0, "a", hb(100).with_schedule_to_close(ms(5_000)));
        let other = engine.schedule(at(0), "waiting", s2s(4_000)).unwrap();
        let before = engine.activity(id).unwrap();
        let (timeouts, evidence) = (before.timeouts, format!("{:?}", before.evidence));
        let beside = format!("{:?}", engine.activity(other).unwrap());
        engine.heartbeat(at(70), id, None).unwrap();
        let mut after = engine.activity(id).unwrap();
        assert_eq!((after.timeouts, after.deadline.unwrap().at), (timeouts, at(170)));
        assert_eq!(
            (after.evidence.last_heartbeat_at, after.evidence.heartbeats),
            (Some(at(70)), 1)
        );
        (after.evidence.last_heartbeat_at, after.evidence.heartbeats) = (None, 0);
        assert_eq!(format!("{:?}", after.evidence), evidence);
        assert_eq!(format!("{:?}", engine.activity(other).unwrap()), beside);
        let (fired, _) = follow_wakeups(engine);
        assert_eq!(fired, [("a", 170), ("waiting", 4_000)], "noticed at the instant itself");
    });
}

// Timed out although the worker had reported success before.
#[test]
fn h33_conductor_1249_a_completion_just_in_time_stands() {
    on_every_shape(|engine, _| {
        for (timeouts, _) in each_at_100() {
            let now = engine.now().as_millis();
            let id = started(engine, now, "a", timeouts);
            engine.heartbeat(at(now + 9), id, None).unwrap();
            let closed = engine.close(at(now + 99), id, Outcome::Completed).unwrap();
            assert_eq!((closed.id, closed.heartbeats), (id, 1));
            assert_eq!(drain_keys(engine, now + 1_000), NOTHING);
        }
        assert_eq!((engine.stats().completed, engine.stats().timed_out.total()), (3, 0));
    });
}

// A renewal after the end was noise, or armed the loop again.
#[test]
fn h34_bullmq_3579_a_heartbeat_after_the_end_is_refused_and_changes_nothing() {
    on_every_shape(|engine, _| {
        let id = started(engine, 0, "a", hb(100));
        engine.close(at(50), id, Outcome::Completed).unwrap();
        let stats = engine.stats();
        for now in [50, 99, 100, 5_000] {
            let late = engine.heartbeat(at(now), id, Some("late")).unwrap_err();
            assert_eq!((late.reason, late.details), (CommandError::NotOpen { id }, Some("late")));
            assert_eq!((wakeup(engine), engine.len(), engine.stats()), (None, 0, stats));
        }
    });
}

// Cancelled before the start: closed at once. After it: told at the next heartbeat. An SDK knew one of them only.
#[test]
fn h36_temporal_ruby_125_cancelling_before_the_start_closes_and_after_it_only_asks() {
    let mut engine = engine();
    let waiting = engine.schedule(at(0), "waiting", s2s(100)).unwrap();
    let running = started(&mut engine, 0, "running", NONE);
    match engine.request_cancel(at(1), waiting) {
        Ok(CancelOutcome::Canceled(closed)) => {
            let asked = (closed.key, closed.started_at, closed.cancel_requested_at);
            assert_eq!(asked, ("waiting", None, Some(at(1))));
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(
        engine.request_cancel(at(1), running),
        Ok(CancelOutcome::Requested { first_requested_at: at(1) })
    );
    assert_eq!(engine.start(at(2), waiting), Err(CommandError::NotOpen { id: waiting }));
    assert!(engine.heartbeat(at(2), running, None).unwrap().cancel_requested);
    assert_eq!((drain_keys(&mut engine, 1_000), engine.stats().canceled), (vec![], 1));
}

// Timed out well before the limit that was configured, when it had queued for long. Before the start no clock runs
// but those that count from the scheduling.
#[test]
fn h37_sdk_python_1168_queueing_uses_up_no_time_of_the_run() {
    on_every_shape(|engine, _| {
        let timeouts = st2c(50).with_heartbeat(ms(20)).with_schedule_to_close(ms(10_000));
        let id = engine.schedule(at(0), "a", timeouts).unwrap();
        let forgotten = engine.schedule(at(0), "forgotten", timeouts).unwrap();
        assert_eq!(drain_keys(engine, 9_000), NOTHING);
        engine.start(at(9_000), id).unwrap();
        engine.heartbeat(at(9_019), id, None).unwrap();
        engine.heartbeat(at(9_038), id, None).unwrap();
        assert_eq!(drain(engine, 9_049), []);
        assert_eq!(drain(engine, 9_050), [("a", StartToClose, 9_050)]);
        assert_eq!(engine.start(at(9_999), forgotten), Ok(()));
        assert_eq!(drain(engine, 10_000), [("forgotten", ScheduleToClose, 10_000)]);
    });
}
