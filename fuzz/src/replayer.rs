//! The modules of `examples/replay`, all but the arguments and the streams of its `main`.

#[path = "../../examples/replay/command.rs"]
pub mod command;
#[path = "../../examples/replay/input.rs"]
pub mod input;
#[path = "../../examples/replay/json.rs"]
pub mod json;
#[path = "../../examples/replay/lines.rs"]
pub mod lines;
#[path = "../../examples/replay/object.rs"]
pub mod object;
#[path = "../../examples/replay/record.rs"]
pub mod record;
#[path = "../../examples/replay/seconds.rs"]
pub mod seconds;
#[path = "../../examples/replay/session.rs"]
pub mod session;
#[path = "../../examples/replay/snapshot.rs"]
pub mod snapshot;
#[path = "../../examples/replay/story.rs"]
pub mod story;
#[path = "../../examples/replay/text.rs"]
pub mod text;
#[path = "../../examples/replay/timeline.rs"]
pub mod timeline;
