//! The control endpoint of a manual clock, for tests: how time passes. There is none under the system's clock.

use std::time::Duration;

use axum::http::request::Parts;
use axum::http::{header, Method};
use heartwheel::swf::EpochSeconds;
use heartwheel::Timestamp;
use serde_json::json;

use super::Server;
use crate::clock::ClockKind;
use crate::error::{internal, CommonError, Error};
use crate::host::Host;
use crate::members::Members;
use crate::random;
use crate::state::{Reply, State};

/// A century at once is a mistake.
const MAX_SECONDS: f64 = 3_155_760_000.0;

/// What a test may ask.
#[derive(Clone, Copy, Debug)]
pub(super) enum Control {
    Now,
    Advance,
    Reset,
}

impl Control {
    /// Policies do not apply here, so a page in a browser, which can send a POST anywhere, must not get here: with every
    /// POST a browser says where its page comes from, and no test does. A GET may come without; it changes nothing, and
    /// a page of another origin does not see the answer.
    pub(super) fn read(server: &Server, head: &Parts) -> Result<Self, Error> {
        let unknown = || Error::common(CommonError::UnknownOperation, "there is no such path");
        if server.host.clock.kind() != ClockKind::Manual {
            return Err(unknown());
        }
        if head.headers.contains_key(header::ORIGIN) {
            let message = "a page in a browser does not move the clock";
            return Err(Error::common(CommonError::AccessDenied, message));
        }
        match (&head.method, head.uri.path()) {
            (&Method::GET, "/control/now") => Ok(Self::Now),
            (&Method::POST, "/control/advance") => Ok(Self::Advance),
            (&Method::POST, "/control/reset") => Ok(Self::Reset),
            _ => Err(unknown()),
        }
    }

    pub(super) fn respond(self, host: &Host, body: &[u8]) -> Result<Reply, Error> {
        let now = match self {
            Self::Now => host.clock.now(),
            Self::Advance => host.advance(duration(body)?)?,
            Self::Reset => {
                let seed = random::seed().map_err(internal)?;
                let boot = random::boot().map_err(internal)?;
                let state = State::new(host.place().clone(), seed, boot);
                host.reset(state.map_err(internal)?)?
            }
        };
        Ok(shown(now))
    }
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
