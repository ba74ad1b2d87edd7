//! The wheel alone, against a list that is searched.

mod exhaustive;

use alloc::vec;
use alloc::vec::Vec;

use proptest::prelude::*;
use rand::rngs::SmallRng;
use rand::{Rng, SeedableRng};

use super::*;

/// The owner of the entries, and the list: an entry's order is its index.
#[derive(Clone, Debug, Default)]
struct List {
    deadlines: Vec<Option<u64>>,
    places: Vec<Option<Place>>,
}

impl Timers for List {
    fn deadline(&self, index: u32) -> Option<u64> {
        self.deadlines[index as usize]
    }

    fn order(&self, index: u32) -> u64 {
        u64::from(index)
    }

    fn touch(&mut self, _index: u32) {}

    fn touch_whole(&mut self, _index: u32) {}

    fn update(&mut self, index: u32, place: impl FnOnce(Option<u64>) -> Place) {
        self.places[index as usize] = Some(place(self.deadlines[index as usize]));
    }

    fn set_place(&mut self, index: u32, place: Place) {
        self.places[index as usize] = Some(place);
    }
}

/// A wheel and its list, compared after every operation.
#[derive(Clone, Debug)]
struct Pair {
    wheel: Wheel,
    list: List,
    now: u64,
}

impl Pair {
    fn new(geometry: Geometry, now: u64) -> Self {
        Self { wheel: Wheel::new(geometry), list: List::default(), now }
    }

    fn arm(&mut self, deadline: u64) -> u32 {
        let index = self.list.deadlines.len() as u32;
        self.list.deadlines.push(Some(deadline));
        self.list.places.push(None);
        self.wheel.arm(self.now, index, deadline, &mut self.list);
        self.compare();
        index
    }

    /// Moves a deadline later, as a heartbeat does: the wheel is not told.
    fn postpone(&mut self, index: u32, deadline: u64) {
        let kept = &mut self.list.deadlines[index as usize];
        if kept.is_some_and(|kept| kept > self.now && kept <= deadline) {
            *kept = Some(deadline);
            self.compare();
        }
    }

    /// Takes out an entry that is not due, as a close does.
    fn disarm(&mut self, index: u32) {
        if self.list.deadlines[index as usize].is_some_and(|deadline| deadline > self.now) {
            let place = self.list.places[index as usize].take().unwrap();
            self.list.deadlines[index as usize] = None;
            self.wheel.disarm(place, &mut self.list);
            self.compare();
        }
    }

    fn poll(&mut self, now: u64) -> Option<u32> {
        self.now = self.now.max(now);
        let due = |index: &usize| self.list.deadlines[*index].is_some_and(|at| at <= self.now);
        let expected = (0..self.list.deadlines.len())
            .filter(due)
            .min_by_key(|index| self.list.deadlines[*index]);
        let polled = self.wheel.poll(self.now, &mut self.list);
        assert_eq!(polled, expected.map(|index| index as u32), "at {}", self.now);
        if let Some(index) = polled {
            self.list.deadlines[index as usize] = None;
        }
        self.compare();
        polled
    }

    fn drain(&mut self, now: u64) {
        while self.poll(now).is_some() {}
        assert!(self.wheel.next_wakeup().map_or(true, |at| at > self.now));
    }

    /// Whatever is left comes in order.
    fn finish(mut self) {
        let due = |(index, deadline): (usize, &Option<u64>)| Some(((*deadline)?, index as u32));
        let mut left: Vec<_> = self.list.deadlines.iter().enumerate().filter_map(due).collect();
        left.sort_unstable();
        for (_, index) in left {
            assert_eq!(self.wheel.poll(u64::MAX, &mut self.list), Some(index));
        }
        assert_eq!(self.wheel.poll(u64::MAX, &mut self.list), None);
        assert_eq!(self.wheel.next_wakeup(), None);
    }

    fn compare(&self) {
        let armed = self.list.deadlines.iter().flatten();
        let earliest = armed.clone().min().copied();
        let wakeup = self.wheel.next_wakeup();
        assert_eq!(wakeup.is_none(), earliest.is_none());
        assert!(wakeup <= earliest, "wake-up at {wakeup:?}, but {earliest:?} is due before");
        let mut entries = 0;
        let checked = self.wheel.check(&self.list, |index, place| {
            entries += 1;
            assert_eq!(self.list.places[index as usize], Some(place));
            Ok(())
        });
        assert_eq!(checked, Ok(()));
        assert_eq!(entries, armed.count());
    }
}

const GEOMETRIES: [Geometry; 6] = [
    Geometry::TINY,
    Geometry::new(2, 2),
    Geometry::new(3, 1),
    Geometry::new(1, 3),
    Geometry::new(5, 4),
    Geometry::DEFAULT,
];

/// Clocks that others have tripped over, and both ends of time.
const STARTS: [u64; 8] = [
    0,
    (1 << 30) - 5,
    (1 << 32) - 3,
    (1 << 36) - 7,
    1_700_000_000_000,
    (1 << 63) - 3,
    u64::MAX - 70_000,
    u64::MAX - 1,
];

/// Distances around which slots, laps and levels begin.
fn distance(rng: &mut SmallRng) -> u64 {
    match rng.random_range(0..8) {
        0 => 0,
        1..=3 => rng.random_range(0..20),
        4 | 5 => (1_u64 << rng.random_range(0..20)) + rng.random_range(0..3) - 1,
        6 => rng.random_range(0..3_000),
        _ => (1_u64 << rng.random_range(0..64)).wrapping_add(rng.random_range(0..3)) - 1,
    }
}

#[test]
fn random_operations_agree_with_a_list_at_every_geometry_and_start() {
    const SEED: u64 = 0x5EED_0001;
    for geometry in GEOMETRIES {
        for start in STARTS {
            let mut rng = SmallRng::seed_from_u64(SEED ^ start);
            for _ in 0..12 {
                let mut pair = Pair::new(geometry, start);
                for _ in 0..60 {
                    let later = pair.now.saturating_add(distance(&mut rng));
                    let armed = pair.list.deadlines.len() as u32;
                    match rng.random_range(0..10) {
                        0..=3 => drop(pair.arm(later)),
                        4 | 5 if armed > 0 => pair.postpone(rng.random_range(0..armed), later),
                        6 if armed > 0 => pair.disarm(rng.random_range(0..armed)),
                        7 => drop(pair.poll(later)),
                        8 => drop(pair.poll(pair.wheel.next_wakeup().unwrap_or(later).min(later))),
                        _ => pair.drain(later),
                    }
                }
                pair.drain(u64::MAX);
                assert_eq!(pair.wheel.next_wakeup(), None);
            }
        }
    }
}

/// Every placing of two timers and every way through time in three steps, over several laps of every
/// level of the smallest wheel, from every phase.
#[test]
fn every_pair_of_timers_and_every_three_steps_agree_at_the_smallest_wheel() {
    const REACH: u64 = 18;
    let mut cases = 0_u32;
    for start in [0, 5, 7, u64::MAX - 2 * REACH - 1] {
        for first in 0..REACH {
            for step in 0..REACH {
                for second in 0..REACH {
                    let mut pair = Pair::new(Geometry::TINY, start);
                    pair.arm(start + first);
                    pair.drain(start + step);
                    pair.arm(start + step + second);
                    let base = pair;
                    for next in 0..REACH / 3 {
                        let mut pair = base.clone();
                        pair.drain(start + step + next);
                        pair.drain(start + 2 * REACH);
                        assert!(pair.list.deadlines.iter().all(Option::is_none));
                        cases += 1;
                    }
                }
            }
        }
    }
    assert_eq!(cases, 4 * 18 * 18 * 18 * 6);
}

#[test]
fn following_the_wake_ups_delivers_everything_in_a_few_steps_each() {
    let mut rng = SmallRng::seed_from_u64(0x5EED_0002);
    for geometry in GEOMETRIES {
        let levels = Wheel::new(geometry).slots.levels.len();
        for start in STARTS {
            let mut pair = Pair::new(geometry, start);
            for _ in 0..20 {
                pair.arm(start.saturating_add(distance(&mut rng)));
            }
            let mut wakeups = 0;
            while let Some(wakeup) = pair.wheel.next_wakeup() {
                pair.drain(wakeup);
                wakeups += 1;
                assert!(wakeups <= 20 * levels, "{geometry:?} from {start}");
            }
        }
    }
}

/// One timer per second of an hour, then a jump: the work is in the timers, not in the time.
#[test]
fn a_jump_costs_in_proportion_to_the_timers_it_passes() {
    for distance in [1_u64 << 20, 1 << 40, 1 << 62] {
        let mut pair = Pair::new(Geometry::DEFAULT, 0);
        for timer in 1..=1_000_u64 {
            pair.arm(distance / 1_000 * timer);
        }
        pair.drain(distance);
        let levels = pair.wheel.slots.levels.len() as u64;
        assert!(pair.wheel.stats.visited <= 1_000 * levels, "{}", pair.wheel.stats.visited);
    }
}

/// Everything in one upper slot, polled a tick apart: no call moves the slot as a whole.
#[test]
fn a_full_upper_slot_is_moved_a_little_with_each_tick() {
    const ENTRIES: u32 = 30_000;
    let geometry = Geometry::DEFAULT;
    let mut wheel = Wheel::new(geometry);
    let mut list = List {
        deadlines: vec![Some(30_000); ENTRIES as usize],
        places: vec![None; ENTRIES as usize],
    };
    for index in 0..ENTRIES {
        wheel.arm(0, index, 30_000, &mut list);
    }
    // All but a few have moved on by the time that their slot comes near.
    for deadline in list.deadlines.iter_mut().skip(3) {
        *deadline = Some(55_000);
    }
    let (mut worst, mut fired) = (0, 0);
    for now in 1..=40_000 {
        let before = wheel.stats.visited;
        while let Some(index) = wheel.poll(now, &mut list) {
            assert_eq!((now, list.deadlines[index as usize].take()), (30_000, Some(30_000)));
            fired += 1;
        }
        worst = worst.max(wheel.stats.visited - before);
    }
    assert_eq!(fired, 3);
    let spread = (level::LAPS - 1) << geometry.bottom_bits;
    assert!(worst <= u64::from(ENTRIES) / spread * 3 / 2 + 10, "{worst} in one call");
}

/// The pace is as steady as it can be, and no faster than it must be: an entry visited later has moved further.
#[test]
fn an_upper_slot_is_emptied_as_late_as_a_steady_pace_allows() {
    const ENTRIES: u64 = 30_000;
    // Its slot of 256 ms, and the one from which it is within reach, fifteen slots before.
    const BEGIN: u64 = 117 * 256;
    const REACHED: u64 = 102 * 256;
    let mut wheel = Wheel::new(Geometry::DEFAULT);
    let mut list = List {
        deadlines: vec![Some(30_000); ENTRIES as usize],
        places: vec![None; ENTRIES as usize],
    };
    for index in 0..ENTRIES {
        wheel.arm(0, index as u32, 30_000, &mut list);
    }
    list.deadlines.fill(Some(55_000));
    for now in 1..=BEGIN {
        assert_eq!(wheel.poll(now, &mut list), None);
        let passed = now.saturating_sub(REACHED);
        let least = (ENTRIES * passed).div_ceil(BEGIN - REACHED);
        // A plan is made anew for every slot that the cursor enters, and rounds up.
        let most = least + passed.div_ceil(256);
        let visited = wheel.stats.visited;
        assert!((least..=most).contains(&visited), "{visited} at {now}: {least} to {most}");
    }
    assert_eq!((wheel.stats.visited, wheel.stats.moved), (ENTRIES, ENTRIES));
}

/// Entries in an upper slot that begins in 256 ms, and in another that far ahead of the first; and the pace at which
/// the near one is to be emptied, of which the first step has taken one.
fn a_near_and_a_far_slot(ahead: u64) -> (Pair, Vec<u32>) {
    let mut pair = Pair::new(Geometry::DEFAULT, 0);
    let near = (0..100).map(|_| pair.arm(16 * 256 + 10)).collect();
    (0..500).for_each(|_| _ = pair.arm((16 + ahead) * 256 + 10));
    for (now, visited) in [(15 * 256, 0), (15 * 256 + 1, 1)] {
        assert_eq!(pair.poll(now), None);
        assert_eq!(pair.wheel.stats.visited, visited, "by {now}");
    }
    (pair, near)
}

/// What closes before its part of the pace has come is not made up for by what is further away.
#[test]
fn a_step_visits_no_more_entries_than_were_planned() {
    let (mut pair, near) = a_near_and_a_far_slot(11);
    near.into_iter().for_each(|index| pair.disarm(index));
    assert_eq!(pair.poll(27 * 256 - 1), None);
    assert_eq!(pair.wheel.stats.visited, 100);
}

/// From there an entry could only go back to where it was.
#[test]
fn a_slot_beyond_the_laps_of_the_level_below_is_left_alone() {
    let (mut pair, near) = a_near_and_a_far_slot(level::LAPS - 1);
    near.into_iter().for_each(|index| pair.disarm(index));
    assert_eq!(pair.poll(15 * 256 + 200), None);
    assert_eq!(pair.wheel.stats.visited, 1);
}

#[test]
fn an_empty_wheel_does_not_remember_where_it_stood() {
    let mut pair = Pair::new(Geometry::DEFAULT, 0);
    pair.now = 1 << 50;
    pair.arm(pair.now + 5);
    pair.drain(pair.now + 5);
    assert_eq!(pair.wheel.stats.visited, 1, "the timer was a slot of the lowest level away");
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_timers_come_in_order_by_any_steps(
        geometry in (1_u8..=8, 1_u8..=8),
        start in any::<u64>(),
        timers in prop::collection::vec((any::<u64>(), 0_u32..64), 1..40),
        steps in prop::collection::vec((any::<u64>(), 0_u32..64), 1..20),
    ) {
        let mut pair = Pair::new(Geometry::new(geometry.0, geometry.1), start);
        for (distance, shift) in timers {
            pair.arm(start.saturating_add(distance >> shift));
        }
        for (step, shift) in steps {
            pair.drain(pair.now.saturating_add(step >> shift));
        }
        pair.drain(u64::MAX);
        prop_assert_eq!(pair.wheel.next_wakeup(), None);
    }
}
