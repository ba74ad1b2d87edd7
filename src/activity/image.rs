//! For tests: the state of an activity in words.

use super::{Origin, RareEvidence, Record, Suspension, FIXED, GENERATION_SHIFT, STARTED};
use crate::image::Image;
use crate::Timeouts;

impl Record {
    pub(crate) fn image<K>(
        &self,
        origin: &Origin<K>,
        timeouts: &Timeouts,
        rare: &RareEvidence,
        image: &mut Image,
    ) {
        let Self { anchor, fixed, timeouts: _, link: _, tag, beats: _ } = *self;
        image.word(u64::from(tag & ((1 << GENERATION_SHIFT) - 1)));
        image.instant(origin.scheduled_at);
        if tag & STARTED != 0 {
            image.instant(origin.started_at);
            image.instant(anchor);
        }
        if tag & FIXED != 0 {
            image.instant(fixed);
        }
        let Timeouts { start_to_close, schedule_to_start, schedule_to_close, heartbeat } =
            *timeouts;
        for timeout in [start_to_close, schedule_to_start, schedule_to_close, heartbeat] {
            image.millis_if(timeout);
        }
        let RareEvidence { cancel_requested_at, beats, suspension, moved } = *rare;
        image.word(beats.saturating_add(u64::from(self.beats())));
        image.instant_if(cancel_requested_at);
        let Suspension { since, total, after_start } = suspension;
        image.instant_if(since);
        image.word(total);
        image.word(after_start);
        image.instant_if(moved.map(|moved| moved.heard_at));
        image.word(moved.map_or(0, |moved| u64::from(moved.recovered)));
    }
}
