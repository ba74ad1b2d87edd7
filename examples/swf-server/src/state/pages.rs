//! Pages of lists and histories: how many, from where, in which order.

use heartwheel::swf::Fault;

use crate::members::Members;

/// SWF's most and its default.
const MOST: usize = 1000;

/// What a request says about pages.
#[derive(Clone, Debug)]
pub(crate) struct Page {
    pub(crate) size: usize,
    pub(crate) token: Option<String>,
    pub(crate) reverse: bool,
}

impl Page {
    pub(crate) fn read(members: &Members) -> Result<Self, Fault> {
        let size = members.integer("maximumPageSize", 0, 1000)?.unwrap_or(0);
        let size = usize::try_from(size).unwrap_or(0);
        Ok(Self {
            // 0 is the default.
            size: if size == 0 { MOST } else { size.min(MOST) },
            token: members.text("nextPageToken", 0, 2048)?.filter(|token| !token.is_empty()),
            reverse: members.flag("reverseOrder")?,
        })
    }

    /// The items of this page and the next page's token. A token is what it continues (`of`, which nobody can mistake
    /// for something else's) and a place.
    pub(crate) fn cut<T>(
        &self,
        items: Vec<T>,
        of: &str,
    ) -> Result<(Vec<T>, Option<String>), Fault> {
        let from = match &self.token {
            None => 0,
            Some(token) => {
                let place = token.strip_prefix(of).and_then(|place| place.strip_prefix('.'));
                let place = place.and_then(|place| place.parse::<usize>().ok());
                place.ok_or_else(Fault::invalid_token)?
            }
        };
        let next = from.saturating_add(self.size);
        let token = (next < items.len()).then(|| format!("{of}.{next}"));
        let mut items = items;
        if self.reverse {
            items.reverse();
        }
        Ok((items.into_iter().skip(from).take(self.size).collect(), token))
    }
}
