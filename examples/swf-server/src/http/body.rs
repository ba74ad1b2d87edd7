//! A request's body, no longer than SWF admits.

use axum::body::Body;
use http_body_util::BodyExt;

use crate::error::{CommonError, Error};

/// SWF's quota: 1 MB a request.
const MAX_BYTES: usize = 1_048_576;
/// A longer body is read on for a while and thrown away: a client that is still sending does not hear the answer.
const MAX_THROWN_AWAY_BYTES: usize = 16 * MAX_BYTES;

pub(super) async fn read(mut body: Body) -> Result<Vec<u8>, Error> {
    let (mut bytes, mut length) = (Vec::new(), 0_usize);
    while let Some(frame) = body.frame().await {
        let frame = frame
            .map_err(|error| Error::common(CommonError::MalformedHttpRequest, error.to_string()))?;
        let Some(data) = frame.data_ref() else { continue };
        length = length.saturating_add(data.len());
        if length <= MAX_BYTES {
            bytes.extend_from_slice(data);
        } else if length > MAX_THROWN_AWAY_BYTES {
            break;
        }
    }
    if length > MAX_BYTES {
        let message = format!("a request may have {MAX_BYTES} bytes");
        return Err(Error::common(CommonError::RequestEntityTooLarge, message));
    }
    Ok(bytes)
}
