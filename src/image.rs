//! For tests: a state in words, so that equal states can be found among millions.

use alloc::vec::Vec;

use crate::Timestamp;

/// Words being written. Instants stand relative to the newest time seen, so that the same state at another time
/// looks the same.
#[derive(Debug)]
pub(crate) struct Image {
    pub(crate) now: Timestamp,
    pub(crate) words: Vec<u64>,
}

impl Image {
    pub(crate) fn word(&mut self, word: u64) {
        self.words.push(word);
    }

    /// One more than it is: zero ends a list.
    pub(crate) fn index(&mut self, index: u32) {
        self.words.push(u64::from(index) + 1);
    }

    pub(crate) fn instant(&mut self, millis: u64) {
        self.words.push(millis.wrapping_sub(self.now.as_millis()));
    }

    pub(crate) fn instant_if(&mut self, instant: Option<Timestamp>) {
        self.words.push(u64::from(instant.is_some()));
        if let Some(instant) = instant {
            self.instant(instant.as_millis());
        }
    }

    pub(crate) fn millis_if(&mut self, millis: Option<u64>) {
        self.words.push(u64::from(millis.is_some()));
        self.words.extend(millis);
    }
}
