//! The timer wheel of the bank: three levels of four slots, and a list of what is further off.
//!
//! A timer's level goes by how far off it is, its slot by its deadline. So the present slot of an upper level holds
//! what is a whole lap away, or nothing. Level 0 has slots of a millisecond, and its present slot is due now.

use crate::bank::fault::Fault;

const LEVELS: usize = 3;
const SLOTS: u64 = 4;
/// What three levels of four slots span, in milliseconds.
const RANGE: u64 = 64;

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Timer {
    pub(crate) deadline: u64,
    pub(crate) order: u64,
    pub(crate) index: usize,
}

#[derive(Clone, Copy, Debug)]
enum Place {
    Slot { level: usize, slot: usize },
    Overflow,
}

#[derive(Debug)]
pub(crate) struct Wheel {
    pub(crate) fault: Option<Fault>,
    /// How far time has been processed.
    pub(crate) now: u64,
    /// How far it is to be: ahead of `now` while the host fetches events.
    target: u64,
    slots: [[Vec<Timer>; SLOTS as usize]; LEVELS],
    /// A bit for every slot that is not empty.
    occupied: [u8; LEVELS],
    /// By deadline. One taken out of the middle leaves a gap; the first is never a gap.
    overflow: Vec<Option<Timer>>,
    /// By index: the timer of an activity, and where it was put.
    filed: Vec<Option<(Timer, Place)>>,
    /// The first instant at which something is to be done.
    pub(crate) wakeup: Option<u64>,
}

impl Wheel {
    pub(crate) fn new(now: u64, fault: Option<Fault>) -> Self {
        Self {
            fault,
            now,
            target: now,
            slots: Default::default(),
            occupied: [0; LEVELS],
            overflow: Vec::new(),
            filed: Vec::new(),
            wakeup: None,
        }
    }

    /// The deadline for which an activity's timer is armed.
    pub(crate) fn armed(&self, index: usize) -> Option<u64> {
        self.filed.get(index).copied().flatten().map(|(timer, _)| timer.deadline)
    }

    /// Arms a timer; one that has no deadline is none.
    pub(crate) fn arm(&mut self, index: usize, order: u64, deadline: Option<u64>) {
        if self.filed.len() <= index {
            self.filed.resize(index + 1, None);
        }
        if self.filed[index].is_some() {
            return;
        }
        match deadline {
            Some(deadline) if self.fault == Some(Fault::RoundedToTheNearestTick) => {
                let deadline = deadline.saturating_add(2) & !3;
                // What rounds to the present tick is over: nothing to arm.
                if deadline > self.now {
                    self.insert(Timer { deadline, order, index });
                }
            }
            Some(deadline) => self.insert(Timer { deadline, order, index }),
            None if self.fault == Some(Fault::NeverTimerStaysMarked) => {
                self.filed[index] =
                    Some((Timer { deadline: u64::MAX, order, index }, Place::Overflow));
            }
            None => {}
        }
    }

    pub(crate) fn insert(&mut self, timer: Timer) {
        if self.fault == Some(Fault::LastInstantIsASentinel) && timer.deadline == u64::MAX {
            return;
        }
        if self.fault == Some(Fault::PastTimerRewindsTheClock) && timer.deadline < self.now {
            self.now = timer.deadline;
        }
        let place = self.place_of(timer.deadline);
        self.filed[timer.index] = Some((timer, place));
        let start = match place {
            Place::Slot { level, slot } => {
                self.slots[level][slot].push(timer);
                self.occupied[level] |= 1 << slot;
                if self.fault == Some(Fault::WakeUpIsTheDeadlineAskedFor) {
                    timer.deadline
                } else {
                    self.start_of(level, slot as u64)
                }
            }
            Place::Overflow if self.fault == Some(Fault::BeyondTheRangeNever) => return,
            Place::Overflow => {
                let later = |other: &Option<Timer>| {
                    other.is_some_and(|other| other.deadline > timer.deadline)
                };
                let place = self.overflow.iter().position(later).unwrap_or(self.overflow.len());
                self.overflow.insert(place, Some(timer));
                let first = self.overflow[0].map_or(u64::MAX, |first| first.deadline);
                slot_start(first, LEVELS - 1)
            }
        };
        let is_nearer = self.wakeup.map_or(true, |wakeup| start < wakeup);
        if is_nearer || self.fault == Some(Fault::InsertOverwritesTheWakeUp) {
            self.wakeup = Some(start);
        }
    }

    /// Where a timer belongs.
    fn place_of(&self, deadline: u64) -> Place {
        let mut deadline = deadline;
        let mut now = self.now;
        if self.fault == Some(Fault::UpperWheelsSeeAnotherNow) {
            now = self.target;
        }
        if self.fault == Some(Fault::RangeCheckOfTheAbsolute) {
            deadline = deadline.min(RANGE - 1);
        }
        let mut ahead = deadline.saturating_sub(now);
        if self.fault == Some(Fault::NoRounds) {
            ahead %= RANGE;
            deadline = now + ahead;
        }
        if ahead >= RANGE {
            if self.fault == Some(Fault::OneBeyondTheRangeIsNow) && ahead == RANGE {
                return Place::Slot { level: 0, slot: 0 };
            }
            return Place::Overflow;
        }
        let mut level = 0;
        while ahead >= width(level + 1) {
            level += 1;
        }
        if self.fault == Some(Fault::AWholeLapIsNone) && ahead == width(level) && level > 0 {
            level -= 1;
        }
        if self.fault == Some(Fault::LevelByDifferingBits) {
            // The highest bit in which they differ, two to a level.
            level = (63 - (now ^ deadline | 3).leading_zeros() as usize) / 2;
        }
        Place::Slot { level, slot: (deadline / width(level) % SLOTS) as usize }
    }

    /// When a slot's turn comes next.
    fn start_of(&self, level: usize, slot: u64) -> u64 {
        let present = self.now / width(level);
        let mut ahead = (slot + SLOTS - present % SLOTS) % SLOTS;
        if ahead == 0 && level > 0 {
            ahead = SLOTS;
        }
        if self.fault == Some(Fault::RoundsCountedTwice) && slot < present % SLOTS {
            ahead += SLOTS;
        }
        present.saturating_add(ahead).saturating_mul(width(level))
    }

    /// Takes a timer out of where it was put.
    pub(crate) fn remove(&mut self, index: usize) {
        let filed = self.filed.get_mut(index).and_then(Option::take);
        let (timer, place) = filed.expect("the timer is in the wheel");
        match place {
            Place::Slot { level, slot } => {
                self.slots[level][slot].retain(|other| {
                    let is_it = other.index == index;
                    let same_date = other.deadline == timer.deadline;
                    !(is_it || same_date && self.fault == Some(Fault::CancelDropsTheSameDate))
                });
                self.mark_if_empty(level, slot, timer.deadline);
            }
            Place::Overflow => {
                let place = self.overflow.iter().position(|other| *other == Some(timer));
                if let Some(place) = place {
                    self.overflow[place] = None;
                }
                self.drop_gaps();
            }
        }
        let is_empty = self.filed.iter().all(Option::is_none);
        if self.fault == Some(Fault::LastRemovalIsNotTold) && is_empty {
            return;
        }
        self.wakeup = self.scan();
    }

    fn mark_if_empty(&mut self, level: usize, slot: usize, deadline: u64) {
        let (mut level, mut slot) = (level, slot);
        if self.fault == Some(Fault::BucketRecomputedAtCancel) {
            if let Place::Slot { level: other_level, slot: other_slot } = self.place_of(deadline) {
                (level, slot) = (other_level, other_slot);
            }
        }
        if self.slots[level][slot].is_empty() {
            self.occupied[level] &= !(1 << slot);
        }
    }

    fn drop_gaps(&mut self) {
        if self.fault == Some(Fault::CancelledHeadHidesTheRest) {
            return;
        }
        while let Some(None) = self.overflow.first() {
            self.overflow.remove(0);
        }
    }

    /// Moves a timer to an earlier deadline.
    pub(crate) fn move_nearer(&mut self, index: usize, order: u64, deadline: u64) {
        let before = self.armed(index);
        let wakeup = self.wakeup;
        if self.fault == Some(Fault::OverwrittenHandle) {
            self.filed[index] = None;
        } else {
            self.remove(index);
        }
        self.arm(index, order, Some(deadline));
        if self.fault == Some(Fault::MovedEarlierIsNotRecorded) {
            self.wakeup = wakeup;
        }
        if self.fault == Some(Fault::WakeUpTakenForTheDeadline) && wakeup != before {
            self.wakeup = wakeup;
        }
    }

    /// Whether a timer stands in a slot, and not in the list of what is far off.
    pub(crate) fn is_in_its_bucket(&self, index: usize) -> bool {
        matches!(self.filed.get(index), Some(Some((_, Place::Slot { .. }))))
    }

    /// Forgets that a timer is armed, which no correct engine does.
    pub(crate) fn clear_mark(&mut self, index: usize) {
        self.filed[index] = None;
    }

    /// Goes on to `target`, or to the first instant on the way at which timers expire: those it hands over.
    pub(crate) fn advance(&mut self, target: u64) -> Vec<Timer> {
        self.target = target;
        if target > self.now {
            if self.fault == Some(Fault::ElapsedOf32Bits) && (target - self.now) as i32 <= 0 {
                return Vec::new();
            }
            if self.fault == Some(Fault::OnlyTheCurrentTick) {
                self.now = target;
                let expired = self.expire();
                self.wakeup = self.scan();
                return expired;
            }
        }
        while let Some(wakeup) = self.wakeup.filter(|wakeup| self.has_come(*wakeup)) {
            self.now = wakeup;
            self.cascade();
            let expired = self.expire();
            self.wakeup = self.scan();
            if !expired.is_empty() {
                if self.fault == Some(Fault::ExpiryForgetsTheWakeUp) {
                    self.wakeup = None;
                }
                return expired;
            }
        }
        self.now = target;
        Vec::new()
    }

    fn has_come(&self, instant: u64) -> bool {
        if self.fault == Some(Fault::SignedClock) {
            return instant as i64 <= self.target as i64;
        }
        instant <= self.target
    }

    /// Puts what is in the slots that begin now, and what comes within range, where it belongs by now.
    fn cascade(&mut self) {
        for level in (1..LEVELS).rev() {
            if self.now % width(level) == 0 {
                for timer in self.take_slot(level) {
                    self.insert(timer);
                }
            }
        }
        while let Some(Some(first)) = self.overflow.first().copied() {
            if first.deadline.saturating_sub(self.now) >= RANGE {
                break;
            }
            self.overflow.remove(0);
            self.drop_gaps();
            self.insert(first);
        }
    }

    fn expire(&mut self) -> Vec<Timer> {
        let expired = self.take_slot(0);
        for timer in &expired {
            self.filed[timer.index] = None;
        }
        expired
    }

    /// The present slot of a level, last in first out.
    fn take_slot(&mut self, level: usize) -> Vec<Timer> {
        let slot = (self.now / width(level) % SLOTS) as usize;
        self.occupied[level] &= !(1 << slot);
        let mut timers = core::mem::take(&mut self.slots[level][slot]);
        timers.reverse();
        timers
    }

    /// The first instant at which a slot begins that is not empty, or the overflow comes within range.
    fn scan(&self) -> Option<u64> {
        let mut first: Option<u64> = None;
        let overflow = self.overflow.first().copied().flatten();
        for level in 0..LEVELS {
            if let Some(start) = self.scan_level(level) {
                first = Some(first.map_or(start, |first| first.min(start)));
                if self.fault == Some(Fault::CascadesNotConsidered) {
                    return first;
                }
            }
        }
        let cascade = overflow.map(|timer| slot_start(timer.deadline, LEVELS - 1));
        first.map_or(cascade, |first| Some(cascade.map_or(first, |cascade| first.min(cascade))))
    }

    fn scan_level(&self, level: usize) -> Option<u64> {
        let present = self.now / width(level) % SLOTS;
        // The present slot comes first on level 0, where it is due, and last on those above: a lap away.
        let mut first = u64::from(level > 0);
        if self.fault == Some(Fault::TopSearchStartsAtThePresentSlot) && level == LEVELS - 1 {
            first = 0;
        }
        let mut slots = (first..first + SLOTS).map(|ahead| (present + ahead) % SLOTS);
        let is_occupied = |slot: &u64| self.occupied[level] & (1 << *slot) != 0;
        if self.fault == Some(Fault::OccupiedPresentSlotIsASpan)
            && level > 0
            && is_occupied(&present)
        {
            return Some(self.now.saturating_add(width(level)));
        }
        slots.find(is_occupied).map(|slot| self.start_of(level, slot))
    }
}

/// The width of a slot of a level.
fn width(level: usize) -> u64 {
    SLOTS.pow(level as u32)
}

/// When the slot of an instant begins.
fn slot_start(instant: u64, level: usize) -> u64 {
    instant - instant % width(level)
}
