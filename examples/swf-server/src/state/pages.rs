//! Pages of lists and histories: how many, from where, in which order.

use serde::de::DeserializeOwned;
use serde::Serialize;

use heartwheel::swf::Fault;

use crate::error::{internal, Error};
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

    /// The items of this page and the next page's token, from all items in the order of their keys.
    ///
    /// A token is what it continues (`of`, which nobody can mistake for something else's) and the key of the last item
    /// that was shown: whatever comes or goes meanwhile, nothing is shown twice, and nothing that stays is left out.
    pub(crate) fn cut<T, K: Ord + Serialize + DeserializeOwned>(
        &self,
        items: impl IntoIterator<Item = T>,
        of: &str,
        key: impl Fn(&T) -> K,
    ) -> Result<(Vec<T>, Option<String>), Error> {
        let mut items: Vec<T> = items.into_iter().collect();
        if let Some(token) = &self.token {
            let last = token.strip_prefix(of).and_then(|last| last.strip_prefix('.'));
            let last = last.and_then(|last| serde_json::from_str::<K>(last).ok());
            let last = last.ok_or_else(Fault::invalid_token)?;
            items.retain(|item| if self.reverse { key(item) < last } else { key(item) > last });
        }
        if self.reverse {
            items.reverse();
        }
        let is_last = items.len() <= self.size;
        items.truncate(self.size);
        let last = items.last().filter(|_| !is_last);
        let last = last.map(|item| serde_json::to_string(&key(item))).transpose();
        Ok((items, last.map_err(internal)?.map(|last| format!("{of}.{last}"))))
    }
}
