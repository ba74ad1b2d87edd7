//! The control endpoint of a manual clock, for tests: how time passes. There is none under the system's clock.

use std::time::Duration;

use axum::body::Body;
use axum::http::{Method, Request};
use heartwheel::swf::EpochSeconds;
use heartwheel::Timestamp;
use serde_json::json;

use super::Server;
use crate::clock::ClockKind;
use crate::error::{internal, CommonError, Error};
use crate::members::Members;
use crate::random;
use crate::state::{Reply, State};

/// A century at once is a mistake.
const MAX_SECONDS: f64 = 3_155_760_000.0;

pub(super) async fn handle(server: &Server, request: Request<Body>) -> Result<Reply, Error> {
    let host = &server.host;
    let unknown = || Error::common(CommonError::UnknownOperation, "there is no such path");
    if host.clock.kind() != ClockKind::Manual {
        return Err(unknown());
    }
    let (parts, body) = request.into_parts();
    let body = super::body::read(body).await?;
    let now = match (&parts.method, parts.uri.path()) {
        (&Method::GET, "/control/now") => host.clock.now(),
        (&Method::POST, "/control/advance") => host.advance(duration(&body)?),
        (&Method::POST, "/control/reset") => {
            let seed = random::seed().map_err(internal)?;
            let boot = random::boot().map_err(internal)?;
            let state = State::new(host.place().clone(), seed, boot);
            host.reset(state.map_err(internal)?)
        }
        _ => return Err(unknown()),
    };
    tracing::debug!(path = parts.uri.path(), %now, "control");
    Ok(shown(now))
}

fn shown(now: Timestamp) -> Reply {
    Reply::Body(json!({"now": EpochSeconds::from(now)}))
}

/// `{"seconds": 3600}`, to the millisecond.
fn duration(body: &[u8]) -> Result<Duration, Error> {
    let members = Members::of_body(body)?;
    let seconds = members.number("seconds")?.unwrap_or(-1.0);
    let millis = seconds * 1000.0;
    if !(0.0..=MAX_SECONDS).contains(&seconds) || (millis - millis.round()).abs() > 1e-4 {
        let rule = "Member must be a number of seconds, not negative, of at most three decimals";
        return Err(members.violation("seconds", 0, rule).into());
    }
    Ok(Duration::from_millis(millis.round() as u64))
}
