//! A column for what few activities have: memory only where some do, constant time everywhere.

use alloc::vec;
use alloc::vec::Vec;

/// Values by index, in pages that exist only while they hold something; tables of pages where there ever was
/// one. So a single value far out takes kilobytes, and not a table of all that is before it.
#[derive(Clone, Debug)]
pub(crate) struct Rare<T> {
    tables: Vec<Vec<Page<T>>>,
}

#[derive(Clone, Debug)]
struct Page<T> {
    values: Vec<Option<T>>,
    held: usize,
}

/// 256 values to a page, 4 KiB of instants.
const PAGE: usize = 256;
/// 256 pages to a table, 8 KiB; the index space has 61,440 tables.
const TABLE: usize = 256;

impl<T: Copy> Rare<T> {
    pub(crate) const fn new() -> Self {
        Self { tables: Vec::new() }
    }

    pub(crate) fn get(&self, index: u32) -> Option<T> {
        let (table, page, offset) = split(index);
        *self.tables.get(table)?.get(page)?.values.get(offset)?
    }

    pub(crate) fn set(&mut self, index: u32, value: T) {
        let (number, page, offset) = split(index);
        if self.tables.len() <= number {
            self.tables.resize_with(number + 1, Vec::new);
        }
        let table = &mut self.tables[number];
        if table.is_empty() {
            table.resize_with(TABLE, || Page { values: Vec::new(), held: 0 });
        }
        let page = &mut table[page];
        if page.values.is_empty() {
            page.values = vec![None; PAGE];
        }
        let before = page.values[offset].replace(value);
        page.held += usize::from(before.is_none());
    }

    pub(crate) fn take(&mut self, index: u32) -> Option<T> {
        let (table, page, offset) = split(index);
        let page = self.tables.get_mut(table)?.get_mut(page)?;
        let value = page.values.get_mut(offset)?.take()?;
        page.held -= 1;
        if page.held == 0 {
            page.values = Vec::new();
        }
        Some(value)
    }

    /// Gives back the tables that hold nothing.
    pub(crate) fn shrink_to_fit(&mut self) {
        for table in &mut self.tables {
            if table.iter().all(|page| page.held == 0) {
                *table = Vec::new();
            }
        }
        let used = self.tables.iter().rposition(|table| !table.is_empty());
        self.tables.truncate(used.map_or(0, |last| last + 1));
        self.tables.shrink_to_fit();
    }

    /// How many values there are.
    pub(crate) fn len(&self) -> usize {
        self.tables.iter().flatten().map(|page| page.held).sum()
    }
}

/// Which table, which page of it, which value of that.
const fn split(index: u32) -> (usize, usize, usize) {
    let page = index as usize / PAGE;
    (page / TABLE, page % TABLE, index as usize % PAGE)
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
        assert!(rare.len() == 0 && rare.tables.iter().flatten().all(|page| page.values.is_empty()));
        rare.set(u32::MAX, 'd');
        assert_eq!((rare.get(u32::MAX), rare.get(u32::MAX - 1)), (Some('d'), None));
        rare.take(u32::MAX);
        rare.shrink_to_fit();
        assert!(rare.tables.is_empty());
    }

    #[test]
    fn no_two_indices_share_a_place() {
        let mut rare = Rare::new();
        let indices = [0, 1, 255, 256, 257, 65_535, 65_536, 65_792, 131_072, 16_777_216];
        for index in indices {
            rare.set(index, index);
        }
        assert!(indices.iter().all(|index| rare.get(*index) == Some(*index)));
        assert_eq!(rare.len(), indices.len());
        // Pages of 256 values, tables of 65,536, as many tables as the furthest value needs.
        assert_eq!(rare.tables.len(), 257);
        assert_eq!(rare.tables.iter().filter(|table| !table.is_empty()).count(), 4);
    }
}
