//! A column for what few activities have: memory only where some do, constant time everywhere.

use alloc::vec;
use alloc::vec::Vec;

/// Values by index, in pages that exist only while they hold something.
#[derive(Clone, Debug)]
pub(crate) struct Rare<T> {
    pages: Vec<Page<T>>,
}

#[derive(Clone, Debug)]
struct Page<T> {
    values: Vec<Option<T>>,
    held: usize,
}

/// 256 values to a page, 4 KiB of instants.
const PAGE: usize = 256;

impl<T: Copy> Rare<T> {
    pub(crate) const fn new() -> Self {
        Self { pages: Vec::new() }
    }

    pub(crate) fn get(&self, index: u32) -> Option<T> {
        let (page, offset) = split(index);
        *self.pages.get(page)?.values.get(offset)?
    }

    pub(crate) fn set(&mut self, index: u32, value: T) {
        let (number, offset) = split(index);
        if self.pages.len() <= number {
            self.pages.resize_with(number + 1, || Page { values: Vec::new(), held: 0 });
        }
        let page = &mut self.pages[number];
        if page.values.is_empty() {
            page.values = vec![None; PAGE];
        }
        let before = page.values[offset].replace(value);
        page.held += usize::from(before.is_none());
    }

    pub(crate) fn take(&mut self, index: u32) -> Option<T> {
        let (number, offset) = split(index);
        let page = self.pages.get_mut(number)?;
        let value = page.values.get_mut(offset)?.take()?;
        page.held -= 1;
        if page.held == 0 {
            page.values = Vec::new();
        }
        Some(value)
    }

    /// Gives back what the page table takes beyond the last page that holds something.
    pub(crate) fn shrink_to_fit(&mut self) {
        let used = self.pages.iter().rposition(|page| page.held > 0).map_or(0, |last| last + 1);
        self.pages.truncate(used);
        self.pages.shrink_to_fit();
    }

    /// How many values there are.
    pub(crate) fn len(&self) -> usize {
        self.pages.iter().map(|page| page.held).sum()
    }
}

const fn split(index: u32) -> (usize, usize) {
    (index as usize / PAGE, index as usize % PAGE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_lives_as_long_as_it_holds_something() {
        let mut rare = Rare::new();
        assert_eq!((rare.get(7), rare.take(7)), (None, None));
        rare.set(700, 'a');
        rare.set(700, 'b');
        rare.set(701, 'c');
        assert_eq!(
            (rare.get(700), rare.get(701), rare.get(0), rare.len()),
            (Some('b'), Some('c'), None, 2)
        );
        assert_eq!((rare.take(700), rare.take(701), rare.take(701)), (Some('b'), Some('c'), None));
        assert!(rare.len() == 0 && rare.pages.iter().all(|page| page.values.is_empty()));
    }
}
