//! A request's body, no longer than SWF admits, and no slower than a client that means it.

use std::time::Duration;

use axum::body::Body;
use http_body_util::BodyExt;

use crate::error::{CommonError, Error};

/// SWF's quota: 1 MB a request.
const MAX_BYTES: usize = 1_048_576;
/// A longer body is read on for a while and thrown away: a client that is still sending does not hear the answer.
const MAX_THROWN_AWAY_BYTES: usize = 16 * MAX_BYTES;
/// Half of the time that boto3 waits for an answer: the largest body takes it at 35 KB a second, which any network has.
const MAX_TIME: Duration = Duration::from_secs(30);

/// The body of a request that is to be answered.
pub(super) async fn read(body: Body) -> Result<Vec<u8>, Error> {
    let (bytes, length) = receive(body, MAX_BYTES).await?;
    if length > MAX_BYTES {
        let message = format!("a request may have {MAX_BYTES} bytes");
        return Err(Error::common(CommonError::RequestEntityTooLarge, message));
    }
    Ok(bytes)
}

/// The body of a request that its head has decided is thrown away, so that the client hears why.
pub(super) async fn discard(body: Body) {
    // Whatever is wrong with it too: the head came first.
    drop(receive(body, 0).await);
}

/// As much as is to be kept, and how long it is.
async fn receive(body: Body, keep: usize) -> Result<(Vec<u8>, usize), Error> {
    let received = tokio::time::timeout(MAX_TIME, receive_all(body, keep)).await;
    received.unwrap_or_else(|_| {
        let message = format!("the body took more than {} seconds", MAX_TIME.as_secs());
        Err(Error::common(CommonError::RequestTimeout, message))
    })
}

async fn receive_all(mut body: Body, keep: usize) -> Result<(Vec<u8>, usize), Error> {
    let (mut bytes, mut length) = (Vec::new(), 0_usize);
    while let Some(frame) = body.frame().await {
        let frame = frame
            .map_err(|error| Error::common(CommonError::MalformedHttpRequest, error.to_string()))?;
        let Some(data) = frame.data_ref() else { continue };
        length = length.saturating_add(data.len());
        if length <= keep {
            bytes.extend_from_slice(data);
        } else if length > MAX_THROWN_AWAY_BYTES {
            break;
        }
    }
    Ok((bytes, length))
}
