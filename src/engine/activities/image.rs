//! For tests: the state of all activities in words.

use super::Activities;
use crate::image::Image;

impl<K, D> Activities<K, D> {
    /// The open activities by index, each with its rank in the order of scheduling, then the freed slots in the
    /// order of reuse.
    pub(crate) fn image(&self, image: &mut Image) {
        // The rest is evidence that few activities have.
        let Self {
            slab,
            timeouts,
            cancel_requested_at: _,
            beats_carried: _,
            suspensions: _,
            moved: _,
        } = self;
        let open = || {
            slab.open_indices()
                .filter_map(|index| Some((index, slab.record(index)?, slab.origin(index)?)))
        };
        for (index, record, origin) in open() {
            image.index(index);
            let before = open().filter(|(_, _, other)| other.order() < origin.order());
            image.word(before.count() as u64);
            let timeouts = timeouts.get(record.timeouts());
            record.image(origin, timeouts, &self.rare_evidence(index, record), image);
        }
        image.word(0);
        for (index, _) in slab.freed() {
            image.index(index);
        }
        image.word(0);
    }
}
