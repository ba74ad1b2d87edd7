//! For tests: the state of the wheel in words.

use alloc::vec::Vec;

use super::slots::Slots;
use super::Wheel;
use crate::image::Image;

impl Wheel {
    /// Slots by their distance from the cursor, each with its entries in order, then what is due. `None` if an
    /// entry stands in a level whose laps are longer than `2^bits` ms: where those begin is not told.
    pub(crate) fn image(&self, bits: u32, image: &mut Image) -> Option<()> {
        let Self { slots: Slots { levels, blocks }, cursor, due, stats: _ } = self;
        // The cursor of an empty wheel is put to the present before it is used.
        let is_empty = due.is_empty() && self.slots.is_empty();
        let cursor = if is_empty { image.now.as_millis() } else { *cursor };
        image.instant(cursor);
        for level in levels {
            if level.len > 0 && level.lap_shift > bits {
                return None;
            }
            let is_planned = level.plan.is_for(cursor >> level.shift);
            if level.len == 0 && !is_planned {
                continue;
            }
            image.index(level.shift);
            image.word(u64::from(is_planned));
            if is_planned {
                level.plan.image(image);
            }
            let mut least = 1;
            while let Some(ahead) = level.occupied_ahead(cursor, least) {
                let slot = level.slot(level.ahead(cursor, ahead));
                image.word(ahead);
                image.word(u64::from(slot.len));
                for (_, index) in blocks.iter(slot) {
                    image.index(index);
                }
                least = ahead + 1;
            }
            image.word(0);
        }
        image.word(0);
        let mut entries: Vec<_> = due.iter().collect();
        entries.sort_unstable();
        for entry in entries {
            image.index(entry.index);
            image.instant(entry.deadline);
        }
        Some(())
    }
}
