//! HTTP: `POST /` with `X-Amz-Target`, and the control endpoint of a manual clock.

mod answer;
mod body;
mod control;

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, Request};
use axum::response::Response;
use axum::Router;
use heartwheel::swf::access::Policy;

use crate::calls::{named, Call, Named};
use crate::error::{CommonError, Error};
use crate::host::Host;
use crate::policy::Policies;
use crate::state::Reply;

use answer::{answer, RequestId};
use control::Control;

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
    let (head, body) = request.into_parts();
    let asked = Asked::read(&server, &head);
    let name = match &asked {
        Ok(Asked::Call(call, _)) => call.name(),
        Ok(Asked::Control(_)) | Err(_) => head.uri.path(),
    };
    let reply = match asked {
        Ok(asked) => asked.respond(&server, body).await,
        Err(error) => {
            body::discard(body).await;
            Err(error)
        }
    };
    match &reply {
        Ok(_) => tracing::debug!(request = %id, call = name, "answered"),
        Err(error) => tracing::info!(request = %id, call = name, %error, "refused"),
    }
    answer(id, reply)
}

/// What a request is about, by its head alone: AWS too asks who wants what before it looks at the body.
#[derive(Debug)]
enum Asked<'a> {
    Call(Call, Option<&'a Policy>),
    Control(Control),
}

impl<'a> Asked<'a> {
    fn read(server: &'a Server, head: &Parts) -> Result<Self, Error> {
        let path = head.uri.path();
        if path.starts_with("/control/") {
            return Control::read(server, head).map(Self::Control);
        }
        if path != "/" || head.method != Method::POST {
            let message = "this server answers POST / alone";
            return Err(Error::common(CommonError::UnknownOperation, message));
        }
        let call = target(&head.headers)?;
        Ok(Self::Call(call, server.policies.of(&head.headers)?))
    }

    async fn respond(self, server: &Server, body: Body) -> Result<Reply, Error> {
        let body = body::read(body).await?;
        match self {
            Self::Call(call, policy) => server.host.call(policy, call, &body).await,
            Self::Control(control) => control.respond(&server.host, &body),
        }
    }
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
