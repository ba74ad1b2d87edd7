//! Pages of lists and histories: how many, from where, in which order.

use serde::de::{DeserializeOwned, IgnoredAny};
use serde::Serialize;

use heartwheel::swf::Fault;

use crate::error::{internal, Error};
use crate::members::Members;

/// SWF's most and its default.
const MOST: i64 = 1000;

/// What a token says: what it continues, whether backwards, and the key of the last item that was shown.
type Token<K> = (Vec<String>, bool, K);

/// What a request says about pages.
#[derive(Clone, Debug)]
pub(crate) struct Page {
    pub(crate) size: usize,
    pub(crate) token: Option<String>,
    pub(crate) reverse: bool,
}

impl Page {
    pub(crate) fn read(members: &Members) -> Result<Self, Fault> {
        // 0 is the default.
        let size = members.integer("maximumPageSize", 0, MOST)?.filter(|size| *size != 0);
        Ok(Self {
            size: size.unwrap_or(MOST) as usize,
            token: members.text("nextPageToken", 0, 2048)?.filter(|token| !token.is_empty()),
            reverse: members.flag("reverseOrder")?,
        })
    }

    /// The first part of what the token continues, whoever made it; none without a token.
    pub(crate) fn continued(&self) -> Result<Option<String>, Fault> {
        let Some(token) = &self.token else { return Ok(None) };
        let read = serde_json::from_str::<Token<IgnoredAny>>(token).ok();
        let first = read.and_then(|(of, ..)| of.into_iter().next());
        first.map(Some).ok_or_else(Fault::invalid_token)
    }

    /// The items of this page and the next page's token, from all items in the order of their keys.
    ///
    /// A token is good for what it continues (`of`, which is nothing else's) in the same direction. It has the key of the
    /// last item that was shown: whatever comes or goes meanwhile, nothing is shown twice, and nothing that stays is left
    /// out.
    pub(crate) fn cut<T, K: Ord + Serialize + DeserializeOwned>(
        &self,
        items: impl IntoIterator<Item = T>,
        of: &[&str],
        key: impl Fn(&T) -> K,
    ) -> Result<(Vec<T>, Option<String>), Error> {
        let mut items: Vec<T> = items.into_iter().collect();
        if let Some(token) = &self.token {
            let read = serde_json::from_str::<Token<K>>(token).ok();
            let read = read.filter(|(found, back, _)| found == of && *back == self.reverse);
            let (_, _, last) = read.ok_or_else(Fault::invalid_token)?;
            items.retain(|item| if self.reverse { key(item) < last } else { key(item) > last });
        }
        if self.reverse {
            items.reverse();
        }
        let is_last = items.len() <= self.size;
        items.truncate(self.size);
        let last = items.last().filter(|_| !is_last);
        let next = last.map(|item| serde_json::to_string(&(of, self.reverse, key(item))));
        let next = next.transpose().map_err(internal)?;
        Ok((items, next))
    }
}
