//! HTTP: `POST /` with `X-Amz-Target`, and the control endpoint of a manual clock.

mod answer;
mod body;
mod control;

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, Method, Request};
use axum::response::Response;
use axum::Router;

use crate::calls::{named, Call, Named};
use crate::error::{CommonError, Error};
use crate::host::Host;
use crate::policy::Policies;
use crate::state::Reply;

use answer::{answer, RequestId};

/// What every request needs.
#[derive(Debug)]
pub struct Server {
    pub host: Arc<Host>,
    pub policies: Policies,
    /// Tells the requests of one process from those of another.
    salt: u64,
    requests: AtomicU64,
}

impl Server {
    /// A server of this host. The salt is random.
    #[must_use]
    pub const fn new(host: Arc<Host>, policies: Policies, salt: u64) -> Self {
        Self { host, policies, salt, requests: AtomicU64::new(0) }
    }

    fn next_id(&self) -> RequestId {
        RequestId { salt: self.salt, number: self.requests.fetch_add(1, Ordering::Relaxed) }
    }
}

/// All paths lead to one handler: there is one, and the rest are errors of the same form.
pub fn router(server: Arc<Server>) -> Router {
    Router::new().fallback(handle).with_state(server)
}

async fn handle(State(server): State<Arc<Server>>, request: Request<Body>) -> Response {
    let id = server.next_id();
    let path = request.uri().path();
    if path.starts_with("/control/") {
        let reply = control::handle(&server, request).await;
        return answer(id, reply);
    }
    if path != "/" || request.method() != Method::POST {
        let message = "this server answers POST / alone";
        return answer(id, Err(Error::common(CommonError::UnknownOperation, message)));
    }
    let (parts, body) = request.into_parts();
    let reply = match body::read(body).await {
        Ok(body) => respond(&server, id, &parts.headers, &body).await,
        Err(error) => Err(error),
    };
    answer(id, reply)
}

/// The order of AWS's: who asks for what at all, before the body is looked at.
async fn respond(
    server: &Server,
    id: RequestId,
    headers: &HeaderMap,
    body: &[u8],
) -> Result<Reply, Error> {
    let call = target(headers)?;
    let reply = match server.policies.of(headers) {
        Ok(policy) => server.host.call(policy, call, body).await,
        Err(error) => Err(error),
    };
    match &reply {
        Ok(_) => tracing::debug!(request = %id, call = call.name(), "answered"),
        Err(error) => tracing::info!(request = %id, call = call.name(), %error, "refused"),
    }
    reply
}

/// `X-Amz-Target: SimpleWorkflowService.<Call>`.
fn target(headers: &HeaderMap) -> Result<Call, Error> {
    let missing = || Error::common(CommonError::MissingAction, "X-Amz-Target is missing");
    let target = headers.get("x-amz-target").ok_or_else(missing)?;
    let target = target.to_str().unwrap_or_default();
    let name = target.strip_prefix("SimpleWorkflowService.").unwrap_or_default();
    match named(name) {
        Named::Call(call) => Ok(call),
        Named::Unsupported => {
            let message = format!("{name} is an action of SWF's that this server does not do");
            Err(Error::common(CommonError::UnsupportedOperation, message))
        }
        Named::Unknown => {
            let message = "X-Amz-Target names no action of SWF's";
            Err(Error::common(CommonError::UnknownOperation, message))
        }
    }
}
