//! F. Order, re-entrancy, batching.

use crate::*;
use heartwheel::TimeoutType::ScheduleToClose;
use heartwheel::{CommandError, Outcome};

// A batch that had expired was fired in the order of creation.
#[test]
fn f1_perryts_6287_by_deadline_not_by_creation() {
    on_every_shape(|engine, _| {
        for far in [50, 50_000, 1 << 40] {
            let now = engine.now().as_millis();
            timer(engine, now, "a", now + 10);
            timer(engine, now, "b", now + 5);
            timer(engine, now, "d", now + far);
            timer(engine, now, "c", now + far - 1);
            assert_eq!(drain_keys(engine, now + far), ["b", "a", "c", "d"]);
        }
    });
}

// Of equal deadlines, any came first.
#[test]
fn f2_ladybird_6260_equal_deadlines_in_the_order_of_scheduling() {
    let keys: Vec<&str> =
        "a b c d e f g h i j k l m n o p q r s t u v w x y z".split(' ').collect();
    on_every_shape(|engine, _| {
        for timeout in [5, 500, 50_000] {
            let now = engine.now().as_millis();
            let deadline = now + timeout;
            for (nth, key) in (0..).zip(&keys) {
                // Each from a little nearer, so that they come by different levels.
                timer(engine, now + timeout * nth / 26, key, deadline);
            }
            assert_eq!(drain_keys(engine, deadline), keys);
        }
    });
}

// A bucket was taken out to expire; closing one of it then cut the chain, and the rest never fired.
#[test]
fn f4_caffeine_3e66fe9de_closing_within_the_chain_that_is_expiring() {
    on_every_shape(|engine, shape| {
        for level in 0..4 {
            let slot = width(shape, level);
            let now = engine.now().as_millis();
            let begin = (now / slot + 20) * slot;
            // A chain of one slot, all but the first few due a little later.
            let ids: Vec<ActivityId> = (0..30)
                .map(|nth| timer(engine, now, "a", begin + if nth < 3 { 0 } else { slot }))
                .collect();
            for nth in 0..3 {
                assert_eq!(drain_at_most(engine, begin, 1), [("a", ScheduleToClose, begin)]);
                for place in [5 + nth, 15 + nth, 25 + nth] {
                    engine.abandon(at(begin), ids[place]).unwrap();
                    engine.check_invariants().unwrap();
                }
            }
            assert_eq!(follow_wakeups(engine).0, [("a", begin + slot); 18]);
        }
    });
}

// So many expirations a cycle: what remained was not linked again, or nobody was woken for it.
#[test]
fn f5_caffeine_3cf6d2937_what_remains_of_a_crowd_is_due_now() {
    on_every_shape(|engine, _| {
        let ids: Vec<ActivityId> = (0..1_000).map(|_| timer(engine, 0, "a", 5)).collect();
        let mut delivered = Vec::new();
        while delivered.len() < 1_000 {
            assert!(wakeup(engine).is_some_and(|wakeup| wakeup <= 5));
            assert_eq!(engine.len(), 1_000 - delivered.len());
            for _ in 0..100 {
                delivered.push(timed_out(engine, 5).activity.id);
            }
            engine.check_invariants().unwrap();
        }
        assert_eq!(delivered, ids);
        assert_eq!((wakeup(engine), engine.poll(at(5))), (None, None));
    });
}

// A page that was read again had become smaller than a page, so all was held to have fired.
#[test]
fn f6_cadence_460_pages_that_shrink_between_reads() {
    on_every_shape(|engine, _| {
        let ids: Vec<ActivityId> =
            (0..100).map(|nth| timer(engine, 0, "a", 10 + nth % 10)).collect();
        let mut delivered = drain_at_most(engine, 14, 30).len();
        // Those due at 15 and later can still be closed.
        for id in ids.iter().skip(5).step_by(10) {
            engine.abandon(at(14), *id).unwrap();
        }
        for now in [14, 16, 19] {
            loop {
                let page = drain_at_most(engine, now, 7).len();
                delivered += page;
                if page < 7 {
                    assert_eq!(engine.overdue(at(now)), 0, "a short page is the last");
                    break;
                }
            }
        }
        assert_eq!((delivered, engine.len()), (90, 0));
    });
}

// Events of zero delay ran twice in one turn of the loop.
#[test]
fn f8_ats_3078_zero_delays_come_once_each() {
    on_every_shape(|engine, _| {
        for now in [0, 7, 4_096] {
            let ids: Vec<ActivityId> = (0..10)
                .map(|_| {
                    engine.schedule(at(now), "a", s2s(0).with_schedule_to_close(ms(0))).unwrap()
                })
                .collect();
            let delivered: Vec<ActivityId> =
                ids.iter().map(|_| timed_out(engine, now).activity.id).collect();
            assert_eq!(delivered, ids);
            assert_eq!(engine.poll(at(now)), None);
            assert_eq!(engine.poll(at(now + 1)), None);
        }
    });
}

// What a callback added was put into another list, and the iteration went on there.
#[test]
fn f9_atomthreads_20_the_batch_goes_on_after_one_is_added() {
    on_every_shape(|engine, shape| {
        for level in 0..4 {
            let now = engine.now().as_millis();
            let due = now + 10;
            for key in ["a", "b", "c"] {
                timer(engine, now, key, due);
            }
            let added = due + range(shape, level) - 1;
            for key in ["a", "b", "c"] {
                assert_eq!(drain_at_most(engine, due, 1), [(key, ScheduleToClose, due)]);
                timer(engine, due, key, added);
            }
            assert_eq!(drain_keys(engine, due), NOTHING);
            assert_eq!(follow_wakeups(engine).0, ["a", "b", "c"].map(|key| (key, added)));
        }
    });
}

// An event was lost when its consumer could not run, and after an error nothing was armed again. Here an event
// stays until it is taken, whatever fails, and however far the clock goes on.
#[test]
fn f10_tokio_timer_648_events_wait_until_they_are_taken() {
    on_every_shape(|engine, _| {
        let ids = ["a", "b", "c"].map(|key| started(engine, 0, key, st2c(10)));
        timer(engine, 0, "d", 5_000);
        for (nth, key) in ["a", "b", "c"].into_iter().enumerate() {
            let now = 10 + 1_000 * nth as u64;
            for id in ids {
                let refused = engine.close(at(now), id, Outcome::Completed);
                assert_eq!(refused, Err(CommandError::NotOpen { id }));
            }
            let event = timed_out(engine, now);
            assert_eq!((event.activity.key, event.deadline), (key, at(10)));
        }
        assert_eq!(drain_keys(engine, 1 << 40), ["d"]);
        assert_eq!(engine.stats().timed_out.total(), 4);
    });
}

// Maintenance of the buckets put off, and the state inconsistent meanwhile: "the source of just about every bug".
#[test]
fn f12_tgstation_55140_consistent_after_every_operation() {
    on_every_shape(|engine, shape| {
        let mut open = Vec::new();
        let mut accepted = [0; 10];
        for turn in 0..400_u64 {
            let now = engine.now().as_millis();
            // Never empty: every turn leaves one behind that is never due.
            open.push(timer(engine, now, "b", u64::MAX));
            let id = open[turn as usize * 7 % open.len()];
            let kind = (turn % 10) as usize;
            let timeout = 1 + turn * turn % range(shape, (turn % 3) as u8);
            accepted[kind] += usize::from(match kind {
                0..=3 => {
                    open.push(started(
                        engine,
                        now,
                        "a",
                        hb(timeout).with_start_to_close(ms(9_999)),
                    ));
                    true
                }
                4 => {
                    let run = started(engine, now, "a", hb(timeout));
                    engine.heartbeat(at(now), run, None).is_ok()
                        && engine.close(at(now), run, Outcome::Failed).is_ok()
                }
                5 => engine.update_timeouts(at(now), id, s2c(turn)).is_ok(),
                6 => engine.request_cancel(at(now), id).is_ok(),
                7 => engine.suspend(at(now), id).is_ok(),
                8 => {
                    engine.shrink_to_fit();
                    true
                }
                _ => engine.poll(at(now + turn % 50)).is_some(),
            });
            engine.check_invariants().unwrap();
            open.retain(|id| engine.activity(*id).is_some());
        }
        assert!(accepted.iter().all(|count| *count > 0), "{accepted:?}");
        let stats = engine.stats();
        let closed = stats.failed + stats.canceled + stats.timed_out.total();
        assert_eq!(stats.scheduled, closed + engine.len() as u64);
    });
}
