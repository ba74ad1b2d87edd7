//! Answers: status, body, and the headers that all of them have.

use std::fmt;

use axum::body::Body;
use axum::http::{header, HeaderValue, StatusCode};
use axum::response::Response;

use crate::error::Error;
use crate::state::Reply;

/// Names one request, in the form of AWS's: unlike any other of this process, and hardly like another's.
#[derive(Clone, Copy, Debug)]
pub(super) struct RequestId {
    pub(super) salt: u64,
    pub(super) number: u64,
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { salt, number } = self;
        let (a, b, c) = (salt >> 32, salt >> 16 & 0xffff, salt & 0xffff);
        write!(f, "{a:08x}-{b:04x}-{c:04x}-{:04x}-{:012x}", number >> 48, number & 0xffff_ffff_ffff)
    }
}

/// The answer as it travels.
pub(super) fn answer(id: RequestId, reply: Result<Reply, Error>) -> Response {
    let (status, body) = match reply {
        Ok(Reply::Empty) => (StatusCode::OK, Vec::new()),
        Ok(Reply::Body(body) | Reply::NoTask(body)) => {
            (StatusCode::OK, body.to_string().into_bytes())
        }
        Err(error) => {
            let status = StatusCode::from_u16(error.status());
            (status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR), error.body())
        }
    };
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    if let Ok(id) = HeaderValue::from_str(&id.to_string()) {
        headers.insert("x-amzn-requestid", id);
    }
    response
}
