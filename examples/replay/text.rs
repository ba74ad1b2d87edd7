//! Other people's text, made fit for a line on a terminal.

use std::borrow::Cow;
use std::fmt::Write as _;

/// At most this many characters of it; an ellipsis says that there were more.
pub(crate) fn shorten(text: &str, max_chars: usize) -> String {
    match text.char_indices().nth(max_chars) {
        None => text.to_owned(),
        Some((end, _)) => {
            let mut short = text.get(..end).unwrap_or(text).to_owned();
            short.push('…');
            short
        }
    }
}

/// The text with whatever could upset a terminal escaped; quotation marks stay as they are.
pub(crate) fn printable(text: &str) -> Cow<'_, str> {
    if text.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len());
    for char in text.chars() {
        if matches!(char, '"' | '\'' | '\\') {
            shown.push(char);
        } else {
            // Writing into a String cannot fail.
            let _ = write!(shown, "{}", char.escape_debug());
        }
    }
    Cow::Owned(shown)
}
