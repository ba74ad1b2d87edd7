//! Who calls, by the access key id of the request's signature, and what the policies of `--policy` say to it. The
//! signature itself is not looked at.

use std::collections::HashMap;
use std::fmt;
use std::path::Path;

use axum::http::HeaderMap;
use heartwheel::swf::access::Policy;
use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, Visitor};

use crate::error::{CommonError, Error};

/// For callers that the file does not mention.
static NOTHING: Policy = Policy::DENY_ALL;

/// An IAM policy document for each access key id; without a file everybody may do everything.
#[derive(Debug, Default)]
pub struct Policies(Option<ByKey>);

#[derive(Debug)]
struct ByKey(HashMap<String, Policy>);

/// A key that is there twice is refused: of two policies the wrong one might count.
impl<'de> Deserialize<'de> for ByKey {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Keys;

        impl<'de> Visitor<'de> for Keys {
            type Value = ByKey;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("policy documents by access key id")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut documents: A) -> Result<ByKey, A::Error> {
                let mut policies = HashMap::new();
                while let Some((key, policy)) = documents.next_entry::<String, Policy>()? {
                    if policies.contains_key(&key) {
                        let message = format_args!("the access key {key} is there twice");
                        return Err(A::Error::custom(message));
                    }
                    policies.insert(key, policy);
                }
                Ok(ByKey(policies))
            }
        }

        deserializer.deserialize_map(Keys)
    }
}

/// Why a file of policies was not loaded.
#[derive(Debug, thiserror::Error)]
pub enum PolicyError {
    #[error("it cannot be read: {0}")]
    Read(#[from] std::io::Error),
    #[error("{0}")]
    Format(#[from] serde_json::Error),
}

impl Policies {
    /// Reads a file: `{"AKIDEXAMPLE": {"Version": "2012-10-17", "Statement": [..]}, ..}`.
    ///
    /// # Errors
    /// [`PolicyError`] for anything that is not understood to the last word.
    pub fn load(file: &Path) -> Result<Self, PolicyError> {
        Ok(Self(Some(serde_json::from_slice(&std::fs::read(file)?)?)))
    }

    /// The caller's policy; `None` where there are no policies at all.
    ///
    /// # Errors
    /// MissingAuthenticationToken for a caller without an access key, where there are policies.
    pub fn of(&self, headers: &HeaderMap) -> Result<Option<&Policy>, Error> {
        let Some(ByKey(policies)) = &self.0 else { return Ok(None) };
        let key = access_key(headers).ok_or_else(|| {
            let message = "the request names no access key, neither in Authorization nor in X-Amzn-Authorization";
            Error::common(CommonError::MissingAuthenticationToken, message)
        })?;
        Ok(Some(policies.get(key).unwrap_or(&NOTHING)))
    }
}

/// The access key id of a signed request, of today's signatures or of those of 2012.
fn access_key(headers: &HeaderMap) -> Option<&str> {
    let header = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let today = header("authorization").and_then(|value| {
        let parts = value.strip_prefix("AWS4-")?.split_once(' ')?.1;
        let credential = part(parts, "Credential=")?;
        Some(credential.split_once('/').map_or(credential, |(key, _)| key))
    });
    let of_2012 = || {
        let parts = header("x-amzn-authorization")?.strip_prefix("AWS3")?.split_once(' ')?.1;
        part(parts, "AWSAccessKeyId=")
    };
    today.or_else(of_2012).filter(|key| !key.is_empty())
}

fn part<'a>(parts: &'a str, name: &str) -> Option<&'a str> {
    parts.split(',').find_map(|part| part.trim().strip_prefix(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn expect(name: &'static str, value: &str, key: Option<&str>) {
        let mut headers = HeaderMap::new();
        headers.insert(name, value.parse().unwrap());
        assert_eq!(access_key(&headers), key);
    }

    #[test]
    fn an_access_key_that_is_there_twice_is_refused_by_name() {
        let document = r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "swf:*", "Resource": "*"}]}"#;
        let read = |keys: &str| {
            let text = keys.replace('@', document);
            serde_json::from_str::<ByKey>(&text).map(|policies| policies.0.len())
        };
        assert_eq!(read(r#"{"AKIDA": @, "AKIDB": @}"#).unwrap(), 2);
        let error = read(r#"{"AKIDA": @, "AKIDB": @, "AKIDA": @}"#).unwrap_err().to_string();
        assert!(error.starts_with("the access key AKIDA is there twice at line 1"), "{error}");
    }

    #[test]
    fn an_access_key_is_read_from_signatures_of_today_and_of_2012() {
        let today = "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20261124/us-east-1/swf/aws4_request, \
                     SignedHeaders=host;x-amz-date, Signature=00";
        expect("authorization", today, Some("AKIDEXAMPLE"));
        let of_2012 =
            "AWS3 AWSAccessKeyId=AKIAIOSFODNN7EXAMPLE,Signature=tzjkF55l=,Algorithm=HmacSHA256,\
                       SignedHeaders=Host;X-Amz-Date";
        expect("x-amzn-authorization", of_2012, Some("AKIAIOSFODNN7EXAMPLE"));
        expect("authorization", "Basic Zm9v", None);
        expect("authorization", "AWS4-HMAC-SHA256 Credential=/20261124, Signature=00", None);
        expect("x-amzn-authorization", "AWS3", None);
    }
}
