//! The events of a history that are not about activities, as they travel.

use heartwheel::swf::EpochSeconds;
use heartwheel::Timestamp;
use serde_json::{json, Map, Value};

/// An event; its attributes are under a member that is named after its type.
pub(crate) fn event(at: Timestamp, event_id: u32, event_type: &str, attributes: Value) -> Value {
    let mut event = Map::new();
    event.insert("eventTimestamp".into(), json!(EpochSeconds::from(at)));
    event.insert("eventType".into(), json!(event_type));
    event.insert("eventId".into(), json!(event_id));
    event.insert(member(event_type), present(attributes));
    Value::Object(event)
}

/// `TimerFired` has `timerFiredEventAttributes`.
fn member(event_type: &str) -> String {
    let mut name = event_type.to_owned();
    if let Some(first) = name.get_mut(..1) {
        first.make_ascii_lowercase();
    }
    name + "EventAttributes"
}

/// The structure without the members that are null, which stand for absent ones.
pub(crate) fn present(mut structure: Value) -> Value {
    if let Value::Object(members) = &mut structure {
        members.retain(|_, value| !value.is_null());
    }
    structure
}
