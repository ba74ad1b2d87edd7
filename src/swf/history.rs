//! Events of a workflow execution's history that activities leave: an envelope and, under the event type's
//! own member, its attributes.

mod attributes;

use serde::ser::SerializeStruct;

pub use attributes::{
    ActivityTaskCancelRequestedEventAttributes, ActivityTaskCanceledEventAttributes,
    ActivityTaskCompletedEventAttributes, ActivityTaskFailedEventAttributes,
    ActivityTaskScheduledEventAttributes, ActivityTaskStartedEventAttributes,
    ActivityTaskTimedOutEventAttributes, RequestCancelActivityTaskFailedCause,
    RequestCancelActivityTaskFailedEventAttributes, ScheduleActivityTaskFailedCause,
    ScheduleActivityTaskFailedEventAttributes,
};

use super::epoch::EpochSeconds;
use super::model::EventId;
use super::shape::{words, Map, Noted, Notes, Path, ReadError, Shape};

/// One event of a history.
#[allow(
    clippy::exhaustive_structs,
    reason = "the SWF API version that lists the members is frozen"
)]
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct HistoryEvent {
    /// When it happened; for a timeout, the deadline.
    pub event_timestamp: EpochSeconds,
    /// Its place in the history, from 1.
    pub event_id: EventId,
    /// What happened. Its type is the member `eventType`.
    pub attributes: EventAttributes,
}

/// The event types, their attributes and the members that hold these, in one list.
macro_rules! events {
    ($(
        $(#[$doc:meta])*
        $variant:ident($attributes:ident) = $word:literal, $member:literal;
    )*) => {
        words! {
            /// The types of events that activities leave.
            EventType {$(
                $(#[$doc])*
                $variant = $word,
            )*}
        }

        /// What happened, by event type.
        #[allow(clippy::exhaustive_enums, reason = "the SWF API version that lists the types is frozen")]
        #[allow(clippy::large_enum_variant, reason = "made once and handed over, never kept in numbers")]
        #[derive(Clone, Debug, Eq, PartialEq)]
        pub enum EventAttributes {$(
            $(#[$doc])*
            $variant($attributes),
        )*}

        impl EventAttributes {
            /// The event type.
            #[must_use]
            pub const fn event_type(&self) -> EventType {
                match self {$(
                    Self::$variant(_) => EventType::$variant,
                )*}
            }
        }

        impl EventType {
            /// The member of the event that holds its attributes: `activityTaskStartedEventAttributes`.
            #[must_use]
            pub const fn member(self) -> &'static str {
                match self {$(
                    Self::$variant => $member,
                )*}
            }
        }

        $(
            impl From<$attributes> for EventAttributes {
                fn from(attributes: $attributes) -> Self {
                    Self::$variant(attributes)
                }
            }
        )*

        impl serde::Serialize for HistoryEvent {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                let event_type = self.attributes.event_type();
                let mut event = serializer.serialize_struct("HistoryEvent", 4)?;
                event.serialize_field("eventTimestamp", &self.event_timestamp)?;
                event.serialize_field("eventType", &event_type)?;
                event.serialize_field("eventId", &self.event_id)?;
                match &self.attributes {$(
                    EventAttributes::$variant(attributes) => {
                        event.serialize_field($member, attributes)?;
                    }
                )*}
                event.end()
            }
        }

        const _: () = {
            #[derive(serde::Deserialize)]
            #[allow(non_snake_case, reason = "one member for each event type, named after it")]
            pub(crate) struct Wire {
                #[serde(rename = "eventTimestamp")]
                event_timestamp: Option<f64>,
                #[serde(rename = "eventType")]
                event_type: Option<alloc::string::String>,
                #[serde(rename = "eventId")]
                event_id: Option<i64>,
                $(
                    #[serde(rename = $member)]
                    $variant: Option<<$attributes as Shape>::Wire>,
                )*
            }

            impl Shape for HistoryEvent {
                type Wire = Map<Wire>;

                fn parse(Map(wire): Map<Wire>, at: Path<'_>, notes: &mut Notes) -> Result<Self, Noted> {
                    use super::shape::required;
                    let event_timestamp = required(wire.event_timestamp, at.member("eventTimestamp"), notes);
                    let event_id = required(wire.event_id, at.member("eventId"), notes);
                    let event_type = required(wire.event_type, at.member("eventType"), notes)?;
                    let attributes = match event_type {$(
                        EventType::$variant => {
                            required::<$attributes>(wire.$variant, at.member($member), notes)
                                .map(EventAttributes::$variant)
                        }
                    )*};
                    Ok(Self {
                        event_timestamp: event_timestamp?,
                        event_id: event_id?,
                        attributes: attributes?,
                    })
                }
            }
        };
    };
}

events! {
    /// A decision scheduled a task.
    ActivityTaskScheduled(ActivityTaskScheduledEventAttributes)
        = "ActivityTaskScheduled", "activityTaskScheduledEventAttributes";
    /// A decision to schedule a task came to nothing.
    ScheduleActivityTaskFailed(ScheduleActivityTaskFailedEventAttributes)
        = "ScheduleActivityTaskFailed", "scheduleActivityTaskFailedEventAttributes";
    /// A worker took a task up.
    ActivityTaskStarted(ActivityTaskStartedEventAttributes)
        = "ActivityTaskStarted", "activityTaskStartedEventAttributes";
    /// A worker completed a task.
    ActivityTaskCompleted(ActivityTaskCompletedEventAttributes)
        = "ActivityTaskCompleted", "activityTaskCompletedEventAttributes";
    /// A worker failed a task.
    ActivityTaskFailed(ActivityTaskFailedEventAttributes)
        = "ActivityTaskFailed", "activityTaskFailedEventAttributes";
    /// A task timed out.
    ActivityTaskTimedOut(ActivityTaskTimedOutEventAttributes)
        = "ActivityTaskTimedOut", "activityTaskTimedOutEventAttributes";
    /// A task was canceled: by a worker, or before any worker had it.
    ActivityTaskCanceled(ActivityTaskCanceledEventAttributes)
        = "ActivityTaskCanceled", "activityTaskCanceledEventAttributes";
    /// A decision asked for a task to be canceled.
    ActivityTaskCancelRequested(ActivityTaskCancelRequestedEventAttributes)
        = "ActivityTaskCancelRequested", "activityTaskCancelRequestedEventAttributes";
    /// A decision asked for a task to be canceled that is not open, or whose decider may not.
    RequestCancelActivityTaskFailed(RequestCancelActivityTaskFailedEventAttributes)
        = "RequestCancelActivityTaskFailed", "requestCancelActivityTaskFailedEventAttributes";
}

impl EventType {
    /// Is this news for the decider, for which the host schedules a decision task unless one is open?
    ///
    /// Closes and failed decisions are; what the decider itself brought about, and the start, are not.
    #[must_use]
    pub const fn concerns_decider(self) -> bool {
        match self {
            Self::ScheduleActivityTaskFailed
            | Self::RequestCancelActivityTaskFailed
            | Self::ActivityTaskCompleted
            | Self::ActivityTaskFailed
            | Self::ActivityTaskTimedOut
            | Self::ActivityTaskCanceled => true,
            Self::ActivityTaskScheduled
            | Self::ActivityTaskStarted
            | Self::ActivityTaskCancelRequested => false,
        }
    }
}

impl HistoryEvent {
    /// Reads one, types first, then values.
    ///
    /// # Errors
    /// [`ReadError::Malformed`] as the format has it, else [`ReadError::Invalid`] with every member that is
    /// wrong; an `eventType` that is not about activities is one.
    pub fn read<'de, D: serde::Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Self, ReadError<D::Error>> {
        super::shape::read(deserializer)
    }
}

impl<'de> serde::Deserialize<'de> for HistoryEvent {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        super::shape::deserialize(deserializer)
    }
}
