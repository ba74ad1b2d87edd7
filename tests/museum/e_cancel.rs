//! E. Cancel, reset, remove, identity.

use crate::*;
use heartwheel::TimeoutType::{ScheduleToClose, StartToClose};
use heartwheel::{CommandError, Outcome};

/// Two activities due at one instant, of which the first event has been taken.
fn one_of_two_taken(engine: &mut Wheel) -> [ActivityId; 2] {
    let ids = ["a", "b"].map(|key| started(engine, 0, key, st2c(64)));
    assert_eq!(drain_at_most(engine, 80, 1), [("a", StartToClose, 64)]);
    ids
}

// Reset to an earlier time: the cached delay was the cascade point, and was compared with the entry's deadline.
#[test]
fn e1_tokio_849_a_reset_to_an_earlier_time_is_seen_by_the_wake_up() {
    on_every_shape(|engine, _| {
        let id = timer(engine, 0, "a", 200);
        assert!(wakeup(engine).is_some_and(|wakeup| wakeup <= 200));
        assert_eq!(drain_keys(engine, 3), NOTHING);
        engine.update_timeouts(at(3), id, s2c(5)).unwrap();
        assert!(wakeup(engine).is_some_and(|wakeup| wakeup <= 5));
        assert_eq!(drain(engine, 20), [("a", ScheduleToClose, 5)]);
    });
}

// Three resets of two entries in turn panicked.
#[test]
fn e2_tokio_868_resets_in_turn() {
    on_every_shape(|engine, _| {
        let [l, i] = [("l", 200), ("i", 250)].map(|(key, timeout)| {
            let id = started(engine, 0, key, hb(timeout));
            (id, timeout)
        });
        for (now, (id, timeout)) in [(100, l), (100, i), (200, l)] {
            let reply = engine.heartbeat(at(now), id, None).unwrap();
            assert_eq!(reply.deadline.unwrap().at, at(now + timeout));
            engine.check_invariants().unwrap();
        }
        // And by other timeouts, which move the timer at once: to 500, 450, 480.
        for (id, timeouts) in [(l.0, hb(300)), (i.0, hb(350)), (l.0, hb(280))] {
            engine.update_timeouts(at(200), id, timeouts).unwrap();
            engine.check_invariants().unwrap();
        }
        assert_eq!(follow_wakeups(engine).0, [("i", 450), ("l", 480)]);
    });
}

// An insert after an expiry delayed all older entries.
#[test]
fn e4_tokio_1700_an_insert_after_an_expiry_delays_nobody() {
    on_every_shape(|engine, _| {
        for (key, deadline) in [("one", 1_000), ("two", 2_000), ("three", 3_000)] {
            timer(engine, 0, key, deadline);
        }
        assert_eq!(drain_keys(engine, 1_000), ["one"]);
        timer(engine, 1_000, "six", 7_000);
        assert_eq!(follow_wakeups(engine).0, [("two", 2_000), ("three", 3_000), ("six", 7_000)]);
    });
}

// Reset to a time within a slot that had begun: nobody was woken.
#[test]
fn e5_tokio_2290_moved_within_a_slot_already_begun() {
    on_every_shape(|engine, _| {
        let id = timer(engine, 0, "a", 100);
        assert_eq!(drain_keys(engine, 80), NOTHING);
        engine.update_timeouts(at(80), id, s2c(120)).unwrap();
        assert_eq!(follow_wakeups(engine).0, [("a", 120)]);
        let id = started(engine, 120, "beating", hb(100));
        assert_eq!(drain_keys(engine, 200), NOTHING);
        engine.heartbeat(at(200), id, None).unwrap();
        assert_eq!(follow_wakeups(engine).0, [("beating", 300)]);
    });
}

// What had expired and was not yet collected was removed or reset: panic. Here it is due, and stays so.
#[test]
fn e6_tokio_2473_removing_and_resetting_what_is_due_and_not_yet_delivered() {
    on_every_shape(|engine, _| {
        let [a, b] = one_of_two_taken(engine);
        for id in [a, b] {
            let refusal = CommandError::NotOpen { id };
            assert_eq!(engine.close(at(80), id, Outcome::Completed), Err(refusal));
            assert_eq!(engine.abandon(at(80), id), Err(refusal));
            assert_eq!(engine.update_timeouts(at(80), id, st2c(1_000)), Err(refusal));
            engine.check_invariants().unwrap();
        }
        assert_eq!(drain(engine, 80), [("b", StartToClose, 64)]);
    });
}

// Dropped in the very millisecond in which it was due, while on the pending list: panic.
#[test]
fn e8_tokio_3229_removed_at_the_instant_it_is_due() {
    on_every_shape(|engine, _| {
        for timeout in [1, 32, 64, 4_096] {
            let now = engine.now().as_millis();
            let id = started(engine, now, "a", st2c(timeout));
            started(engine, now, "b", st2c(timeout));
            // The time is seen, but no event is taken.
            let refused = engine.close(at(now + timeout), id, Outcome::Completed);
            assert_eq!(refused, Err(CommandError::NotOpen { id }));
            engine.check_invariants().unwrap();
            assert_eq!(drain_keys(engine, now + timeout), ["a", "b"]);
        }
    });
}

// A reset into the past put the entry where the wake-up did not look.
#[test]
fn e9_tokio_8274_a_reset_into_the_past_is_due_now() {
    on_every_shape(|engine, _| {
        timer(engine, 0, "other", 500);
        let id = timer(engine, 0, "a", 100);
        assert_eq!(drain_keys(engine, 50), NOTHING);
        engine.update_timeouts(at(50), id, s2c(20)).unwrap();
        assert!(wakeup(engine).is_some_and(|wakeup| wakeup <= 50));
        assert_eq!(drain(engine, 50), [("a", ScheduleToClose, 20)]);
        assert!(wakeup(engine).is_some_and(|wakeup| wakeup > 50));
    });
}

// Nobody was told when the last entry was removed. Whatever removes it, there is no wake-up left.
#[test]
fn e10_tokio_6751_after_the_last_one_there_is_no_wake_up() {
    on_every_shape(|engine, _| {
        let removals: [fn(&mut Wheel, ActivityId); 5] = [
            |engine, id| assert!(engine.abandon(at(1), id).is_ok()),
            |engine, id| assert!(engine.request_cancel(at(1), id).is_ok()),
            |engine, id| assert!(engine.start(at(1), id).is_ok()),
            |engine, id| assert!(engine.suspend(at(1), id).is_ok()),
            |engine, id| assert_eq!(engine.update_timeouts(at(1), id, NONE), Ok(None)),
        ];
        for remove in removals {
            let mut engine = engine.clone();
            let id = engine.schedule(at(0), "a", s2s(100)).unwrap();
            assert!(wakeup(&engine).is_some());
            remove(&mut engine, id);
            assert_eq!(wakeup(&engine), None);
        }
    });
}

// Shrinking renamed the entries, and keys given out before did not follow.
#[test]
fn e13_tokio_util_compact_ids_stay_good_or_dead_when_memory_is_given_back() {
    on_every_shape(|engine, _| {
        let ids: Vec<ActivityId> = (0..200).map(|nth| timer(engine, 0, "a", 1_000 + nth)).collect();
        for (place, id) in ids.iter().enumerate() {
            if place % 10 != 3 {
                engine.abandon(at(1), *id).unwrap();
            }
        }
        engine.shrink_to_fit();
        engine.check_invariants().unwrap();
        timer(engine, 1, "new", 5_000);
        for (place, id) in ids.iter().enumerate() {
            let known = engine.activity(*id).map(|view| view.evidence.id);
            assert_eq!(known, (place % 10 == 3).then_some(*id));
            if known.is_none() {
                assert_eq!(engine.abandon(at(1), *id), Err(CommandError::NotOpen { id: *id }));
            }
        }
        engine.abandon(at(1), ids[3]).unwrap();
        let expected: Vec<u64> = (1..20).map(|nth| 1_003 + nth * 10).chain([5_000]).collect();
        let fired: Vec<u64> = follow_wakeups(engine).0.into_iter().map(|(_, at)| at).collect();
        assert_eq!(fired, expected);
    });
}

// An entry that had moved to its bucket and was then cancelled was counted off twice.
#[test]
fn e14_netty_14959_each_is_counted_off_once() {
    on_every_shape(|engine, _| {
        let mut ids: Vec<ActivityId> =
            (0..11).map(|_| started(engine, 0, "a", st2c(200))).collect();
        let early = ids.pop().unwrap();
        engine.close(at(150), early, Outcome::Failed).unwrap();
        assert_eq!(drain_at_most(engine, 200, 1).len(), 1);
        for id in &ids {
            engine.close(at(200), *id, Outcome::Completed).unwrap_err();
        }
        assert_eq!(engine.len(), 9, "due and not yet delivered is open");
        assert_eq!(drain(engine, 200).len(), 9);
        let stats = engine.stats();
        assert_eq!((engine.len(), stats.scheduled, stats.failed), (0, 11, 1));
        assert_eq!((stats.timed_out.total(), stats.completed), (10, 0));
    });
}

// A lock's token per queue and not per run: a finished worker wrote its failure into the next run's record.
#[test]
fn e16_bull_1416_a_worker_of_the_run_before_cannot_touch_the_run_after() {
    let mut engine = engine();
    let old = started(&mut engine, 0, "job", hb(10));
    assert_eq!(drain_keys(&mut engine, 10), ["job"]);
    let new = started(&mut engine, 10, "job", hb(10));
    let before = format!("{:?}", engine.activity(new).unwrap());
    let refusal = CommandError::NotOpen { id: old };
    assert_eq!(engine.close(at(11), old, Outcome::Failed), Err(refusal));
    assert_eq!(engine.heartbeat(at(11), old, Some("stale")).unwrap_err().reason, refusal);
    assert_eq!(engine.request_cancel(at(11), old), Err(refusal));
    assert_eq!(format!("{:?}", engine.activity(new).unwrap()), before);
    assert_eq!(engine.close(at(12), new, Outcome::Completed).unwrap().details, None);
}

// Stop and again from within a callback crashed in the heap. There are no callbacks; between two events, then.
#[test]
fn e17_libuv_1439_stopped_and_armed_again_between_two_events() {
    on_every_shape(|engine, _| {
        let mut others = [300, 310, 320].map(|deadline| timer(engine, 0, "other", deadline));
        for _ in 0..4 {
            timer(engine, 0, "now", 200);
        }
        for nth in 0..4 {
            assert_eq!(drain_at_most(engine, 200, 1), [("now", ScheduleToClose, 200)]);
            for other in &mut others {
                engine.abandon(at(200), *other).unwrap();
                *other = timer(engine, 200, "again", 300 + nth);
                engine.check_invariants().unwrap();
            }
        }
        assert_eq!(follow_wakeups(engine).0, [("again", 303); 3]);
    });
}

// The place that an entry remembered was stale after others had moved.
#[test]
fn e18_pjsip_2225_places_follow_when_others_are_removed() {
    // A block of a slot holds a few entries: enough of them to fill several.
    const COUNT: usize = 100;
    on_every_shape(|engine, _| {
        for stride in [1, 3, 7, 33, 99] {
            let now = engine.now().as_millis();
            let ids: Vec<ActivityId> =
                (0..COUNT).map(|_| timer(engine, now, "a", now + 5_000)).collect();
            let order = (0..COUNT).map(|nth| (nth * stride + 7) % COUNT);
            for (removed, place) in order.enumerate() {
                if removed < COUNT - 1 {
                    engine.abandon(at(now), ids[place]).unwrap();
                    engine.check_invariants().unwrap();
                }
            }
            assert_eq!(follow_wakeups(engine).0, [("a", now + 5_000)]);
        }
    });
}

// A timer lingered after the close; a stale one fired and armed itself in the past.
#[test]
fn e21_quinn_70565815_no_timer_outlives_its_activity() {
    on_every_shape(|engine, _| {
        let id = started(engine, 0, "a", hb(10).with_start_to_close(ms(1 << 20)));
        engine.heartbeat(at(9), id, None).unwrap();
        assert_eq!(drain_keys(engine, 12), NOTHING);
        engine.close(at(13), id, Outcome::Completed).unwrap();
        assert_eq!((engine.next_wakeup(), engine.len()), (None, 0));
        assert_eq!(drain_keys(engine, u64::MAX), NOTHING);
    });
}

// Removing or adding a timer put a later wake-up in the place of the next one.
#[test]
fn e22_libevent_1727_neither_adding_nor_removing_makes_the_wake_up_later() {
    on_every_shape(|engine, _| {
        timer(engine, 0, "near", 100);
        for deadline in [101, 130, 1_000, 1 << 20, 1 << 40] {
            let far = timer(engine, 0, "far", deadline);
            assert!(wakeup(engine).is_some_and(|wakeup| wakeup <= 100), "added {deadline}");
            engine.abandon(at(0), far).unwrap();
            assert!(wakeup(engine).is_some_and(|wakeup| wakeup <= 100), "removed {deadline}");
        }
        assert_eq!(follow_wakeups(engine).0, [("near", 100)]);
    });
}

// Of a batch taken out first, one that was then cancelled fired all the same, or was used after its end. The rule
// here: what is due has timed out, whoever asks; its event comes, once.
#[test]
fn e24_muduo_668_of_a_batch_that_is_due_none_can_be_stopped_and_each_comes_once() {
    on_every_shape(|engine, _| {
        let [_, b] = one_of_two_taken(engine);
        let refused = engine.close(at(80), b, Outcome::Completed);
        assert_eq!(refused, Err(CommandError::NotOpen { id: b }));
        assert_eq!(engine.stats().completed, 0);
        assert_eq!(drain(engine, 80), [("b", StartToClose, 64)]);
        assert_eq!(engine.stats().timed_out.total(), 2);
    });
}

// Cancelling others of the same slot on an event failed. One that is not due yet can be closed, and is not delivered.
#[test]
fn e25_npatrick04_timer_wheel_2_others_of_the_slot_closed_on_an_event() {
    on_every_shape(|engine, shape| {
        for level in 1..4 {
            // All three within one slot of that level.
            let slot = width(shape, level);
            let begin = (engine.now().as_millis() / slot + 20) * slot;
            let now = engine.now().as_millis();
            let [first, second, last] = [0, slot / 2, slot - 1].map(|within| begin + within);
            timer(engine, now, "first", first);
            let other = timer(engine, now, "other", second);
            timer(engine, now, "last", last);
            assert_eq!(drain(engine, first)[0].0, "first");
            engine.abandon(at(first), other).unwrap();
            assert_eq!(follow_wakeups(engine).0, [("last", last)]);
        }
    });
}

// Cancelling one timer dropped the others of that instant.
#[test]
fn e26_urbit_2954_closing_one_of_an_instant_leaves_the_others() {
    on_every_shape(|engine, _| {
        let keys = ["a", "b", "c", "d"];
        for closed in 0..4 {
            let now = engine.now().as_millis();
            let ids = keys.map(|key| timer(engine, now, key, now + 50));
            engine.abandon(at(now + 49), ids[closed]).unwrap();
            let expected: Vec<&str> = keys.into_iter().filter(|key| *key != keys[closed]).collect();
            assert_eq!(drain_keys(engine, now + 50), expected);
        }
    });
}

// The bucket was computed anew from the current clock at removal: the wrong one was cleared.
#[test]
fn e28_seastar_2318_closed_after_the_clock_has_crossed_any_boundary() {
    on_every_shape(|engine, _| {
        for bits in 1..40 {
            let now = engine.now().as_millis();
            let boundary = 1_u64 << bits;
            let id = timer(engine, now, "far", now + 4 * boundary);
            timer(engine, now, "neighbour", now + 4 * boundary);
            assert_eq!(drain_keys(engine, now + boundary + 1), NOTHING);
            engine.abandon(at(now + boundary + 1), id).unwrap();
            engine.check_invariants().unwrap();
            assert_eq!(drain_keys(engine, now + 4 * boundary), ["neighbour"]);
        }
    });
}

// Entries that were only marked as removed were counted wrongly after a poll that found nothing. Here nothing is
// marked: what heartbeats left behind is one entry, and polls without an event change no count.
#[test]
fn e29_deno_core_613_polls_that_find_nothing_change_no_count() {
    on_every_shape(|engine, _| {
        let id = started(engine, 0, "beating", hb(50));
        let closed = started(engine, 0, "closed", hb(60));
        engine.close(at(1), closed, Outcome::Completed).unwrap();
        for now in 1..=2_000 {
            assert_eq!(drain_keys(engine, now), NOTHING);
            if now % 40 == 0 {
                engine.heartbeat(at(now), id, None).unwrap();
            }
            engine.check_invariants().unwrap();
            assert_eq!((engine.len(), engine.overdue(at(now))), (1, 0));
        }
        let timers = engine.stats().timers;
        assert_eq!((timers.armed, timers.disarmed), (2, 1));
        assert_eq!(drain_keys(engine, 2_050), ["beating"]);
    });
}

// Iteration gave the wrong id, or missed what had wrapped.
#[test]
fn e30_agrona_346_iteration_shows_what_is_open_and_nothing_else() {
    on_every_shape(|engine, shape| {
        let mut open = Vec::new();
        for round in 1..=40 {
            let now = engine.now().as_millis();
            for deadline in [now + 2 + round % 3, now + range(shape, 0) + round, now + (1 << 33)] {
                open.push((timer(engine, now, "a", deadline), deadline));
            }
            let (closed, _) = open.swap_remove(round as usize % open.len());
            engine.abandon(at(now), closed).unwrap();
            let _ = drain(engine, now + 3);
            open.retain(|(_, deadline)| *deadline > now + 3);
            let mut shown: Vec<_> = engine
                .activities()
                .map(|view| (view.evidence.id, view.deadline.unwrap().at.as_millis()))
                .collect();
            shown.sort_unstable();
            open.sort_unstable();
            assert_eq!(shown, open);
        }
    });
}

// Removing one from the middle gave back the one after it.
#[test]
fn e32_cadence_3302bb892_what_is_removed_is_what_is_given_back() {
    const KEYS: [&str; 7] = ["a", "b", "c", "d", "e", "f", "g"];
    for first in 0..KEYS.len() {
        for second in 0..KEYS.len() - 1 {
            on_every_shape(|engine, _| {
                let mut ids: Vec<_> =
                    KEYS.into_iter().map(|key| (key, started(engine, 0, key, hb(10)))).collect();
                for (key, id) in &ids {
                    engine.heartbeat(at(1), *id, Some(*key)).unwrap();
                }
                for place in [first, second] {
                    let (key, id) = ids.remove(place);
                    let closed = engine.close(at(2), id, Outcome::Completed).unwrap();
                    assert_eq!((closed.id, closed.key, closed.details), (id, key, Some(key)));
                }
                let left: Vec<&str> = ids.iter().map(|(key, _)| *key).collect();
                assert_eq!(drain_keys(engine, 11), left);
            });
        }
    }
}
