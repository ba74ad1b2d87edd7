//! Matching text with `*` for any text, the empty one too, and `?` for any one character.

/// How letters are compared.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Case {
    /// As they are.
    Sensitive,
    /// A letter and its other case are one.
    Insensitive,
}

impl Case {
    fn same(self, left: char, right: char) -> bool {
        left == right
            || match self {
                Self::Sensitive => false,
                Self::Insensitive => fold(left).eq(fold(right)),
            }
    }
}

/// Both steps are needed: some letters have one upper and two lower cases, others the reverse.
pub(super) fn fold(letter: char) -> impl Iterator<Item = char> {
    letter.to_uppercase().flat_map(char::to_lowercase)
}

/// Whether the pattern matches the whole text, a code point being a character.
///
/// At most one step for each pair of a character of the pattern and one of the text: when something does
/// not match, the last `*` takes one character more. Earlier ones need not, since what follows them has
/// matched at the earliest place there is, which leaves the most to the rest.
pub(super) fn matches(pattern: &str, text: &str, case: Case) -> bool {
    let (mut pattern, mut text) = (pattern.chars(), text.chars());
    // What follows the last `*`, and the text that it has not taken.
    let mut star = None;
    loop {
        let before = text.clone();
        let matched = match (pattern.next(), text.next()) {
            (None, None) => return true,
            (Some('*'), _) => {
                text = before;
                star = Some((pattern.clone(), text.clone()));
                true
            }
            (Some('?'), Some(_)) => true,
            (Some(wanted), Some(found)) => case.same(wanted, found),
            (Some(_), None) => return false,
            (None, Some(_)) => false,
        };
        if !matched {
            let Some((after, untaken)) = &mut star else { return false };
            untaken.next();
            (pattern, text) = (after.clone(), untaken.clone());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_character_is_a_code_point_and_case_is_folded_only_on_demand() {
        for (pattern, text, sensitive, insensitive) in [
            ("?", "🦀", true, true),
            ("??", "é", false, false),
            ("swf:poll*", "swf:PollForActivityTask", false, true),
            ("É*", "étude", false, true),
            ("Σ", "ς", false, true),
            ("*", "", true, true),
            ("", "", true, true),
            ("", "a", false, false),
        ] {
            assert_eq!(matches(pattern, text, Case::Sensitive), sensitive, "{pattern} {text}");
            assert_eq!(matches(pattern, text, Case::Insensitive), insensitive, "{pattern} {text}");
        }
    }

    #[test]
    fn the_worst_pattern_takes_no_longer_than_pattern_times_text() {
        let (pattern, text) = ("*a".repeat(500) + "*b", "a".repeat(5_000));
        assert!(!matches(&pattern, &text, Case::Sensitive));
        assert!(!matches(&("a*".repeat(500) + "b"), &text, Case::Insensitive));
    }
}
