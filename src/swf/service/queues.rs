//! The task lists: who waits where, in the order of delivery. Derived from the tasks, never stored.

use alloc::collections::BTreeMap;

use super::task::Place;
use crate::swf::text::{DomainName, Name};
use crate::ActivityId;

/// A list that nobody waits in takes no memory.
#[derive(Clone, Debug, Default)]
pub(super) struct Queues {
    domains: BTreeMap<DomainName, BTreeMap<Name, Queue>>,
}

type Queue = BTreeMap<Place, ActivityId>;

impl Queues {
    pub(super) fn add(&mut self, domain: &DomainName, list: &Name, place: Place, id: ActivityId) {
        // Names are copied only for a list that is new.
        if let Some(queue) = self.domains.get_mut(domain).and_then(|lists| lists.get_mut(list)) {
            queue.insert(place, id);
            return;
        }
        let lists = self.domains.entry(domain.clone()).or_default();
        lists.entry(list.clone()).or_default().insert(place, id);
    }

    pub(super) fn remove(&mut self, domain: &DomainName, list: &Name, place: Place) {
        let Some(lists) = self.domains.get_mut(domain) else { return };
        let Some(queue) = lists.get_mut(list) else { return };
        queue.remove(&place);
        if queue.is_empty() {
            lists.remove(list);
        }
        if lists.is_empty() {
            self.domains.remove(domain);
        }
    }

    /// Those who wait, in the order of delivery.
    pub(super) fn waiting<'a>(
        &'a self,
        domain: &DomainName,
        list: &Name,
    ) -> impl Iterator<Item = ActivityId> + 'a {
        self.queue(domain, list).into_iter().flat_map(|queue| queue.values().copied())
    }

    pub(super) fn len(&self, domain: &DomainName, list: &Name) -> usize {
        self.queue(domain, list).map_or(0, BTreeMap::len)
    }

    fn queue(&self, domain: &DomainName, list: &Name) -> Option<&Queue> {
        self.domains.get(domain)?.get(list)
    }
}
