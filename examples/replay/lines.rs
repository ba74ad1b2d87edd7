//! Splits bytes into numbered lines, in bounded memory whatever the bytes.

use std::io::{self, BufRead, BufReader, Read};

/// The longest line that is read. The longest texts a command may carry, every character escaped, take
/// half a megabyte; the rest is room for whitespace and digits, which have no limit of their own.
pub(crate) const MAX_LINE_BYTES: usize = 16 * 1024 * 1024;

const INPUT_BUFFER_BYTES: usize = 64 * 1024;

/// One line of the input, without its newline.
#[derive(Debug)]
pub(crate) enum Line<'a> {
    Bytes(&'a [u8]),
    /// Longer than [`MAX_LINE_BYTES`]; it was skipped.
    TooLong,
}

pub(crate) struct Lines {
    input: BufReader<Box<dyn Read>>,
    line: Vec<u8>,
    number: u64,
}

impl Lines {
    pub(crate) fn new(input: Box<dyn Read>) -> Self {
        Self {
            input: BufReader::with_capacity(INPUT_BUFFER_BYTES, input),
            line: Vec::new(),
            number: 0,
        }
    }

    /// The next line with its number, counted from 1; `None` at the end of the input.
    pub(crate) fn next(&mut self) -> io::Result<Option<(u64, Line<'_>)>> {
        if !self.read_piece()? {
            return Ok(None);
        }
        self.number = self.number.saturating_add(1);
        let mut too_long = false;
        while self.line.len() > MAX_LINE_BYTES && self.line.last() != Some(&b'\n') {
            too_long = true;
            self.read_piece()?;
        }
        if too_long {
            return Ok(Some((self.number, Line::TooLong)));
        }
        let line = self.line.strip_suffix(b"\n").unwrap_or(&self.line);
        Ok(Some((self.number, Line::Bytes(line))))
    }

    /// Whether the next line can be had without waiting for the input.
    pub(crate) fn has_whole_line(&self) -> bool {
        self.input.buffer().contains(&b'\n')
    }

    /// Reads up to the newline, but not much past the limit; false at the end of the input.
    fn read_piece(&mut self) -> io::Result<bool> {
        self.line.clear();
        let limit = MAX_LINE_BYTES as u64 + 1;
        let read = self.input.by_ref().take(limit).read_until(b'\n', &mut self.line)?;
        Ok(read > 0)
    }
}
