//! Task tokens as they travel: the boot that gave the task away, and the library's token under that boot's key.

use heartwheel::swf::access::{PlainAction, Request};
use heartwheel::swf::token::OpenToken;
use heartwheel::swf::{DomainName, Fault, FaultKind, TaskToken};
use heartwheel::ActivityId;

use super::keys::{Boot, Kind};
use super::runs::Given;
use super::{Context, State};
use crate::error::{internal, Error};

impl State {
    /// The token of a task, under the key of the boot that gave it away.
    pub(crate) fn seal(
        &self,
        kind: Kind,
        domain: &DomainName,
        boot: Boot,
        id: ActivityId,
    ) -> Result<TaskToken, Error> {
        let sealed = self.keys.key(kind, boot).map_err(internal)?.seal(domain, id);
        // At most 951 characters after 17: it fits.
        format!("{boot}.{}", sealed.as_str()).parse().map_err(internal)
    }

    /// What a genuine token was sealed with, and by which boot.
    pub(crate) fn unseal(&self, kind: Kind, token: &str) -> Result<(Boot, OpenToken), Error> {
        let (boot, sealed) = token.split_once('.').ok_or_else(Fault::invalid_token)?;
        let boot = Boot::parse(boot).ok_or_else(Fault::invalid_token)?;
        let key = self.keys.key(kind, boot).map_err(internal)?;
        Ok((boot, key.open(sealed).map_err(|_| Fault::invalid_token())?))
    }

    /// The task of a genuine token whose caller may do that. Seal, permission, task: in this order nobody learns what
    /// he may not.
    pub(crate) fn open(
        &self,
        context: Context<'_>,
        kind: Kind,
        action: PlainAction,
        token: &TaskToken,
    ) -> Result<ActivityId, Error> {
        let (boot, OpenToken { domain, id, .. }) = self.unseal(kind, token.as_str())?;
        context.caller.require(&Request::Plain(action), domain.as_str())?;
        self.given(kind, boot, id)?;
        Ok(id)
    }

    /// A task as this boot gave it away. Another boot's token of the same id is of a task that a crash has lost.
    pub(crate) fn given(&self, kind: Kind, boot: Boot, id: ActivityId) -> Result<&Given, Fault> {
        let given = self.runs.given(id).filter(|given| given.boot == boot);
        given.ok_or_else(|| {
            let message = match kind {
                Kind::Activity => "Unknown activity",
                Kind::Decision => "Unknown decision",
            };
            Fault::new(FaultKind::UnknownResource, message)
        })
    }
}
