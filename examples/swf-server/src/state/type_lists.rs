//! ListActivityTypes and ListWorkflowTypes, which differ in whose types they list.

use heartwheel::swf::access::{PlainAction, Request};
use heartwheel::swf::{DomainName, Domains, Name, RegistrationStatus, Version};
use serde_json::{json, Value};

use super::events::present;
use super::pages::Page;
use super::{Context, Reply, State};
use crate::error::Error;
use crate::members::Members;

/// Which of the two calls it is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Types {
    action: PlainAction,
    /// What its page tokens begin with.
    token: &'static str,
    /// All of a domain, in the order of name and version.
    all: fn(&State, &DomainName) -> Vec<Listed>,
}

pub(crate) const ACTIVITY: Types = Types {
    action: PlainAction::ListActivityTypes,
    token: "activity-types",
    all: State::listed_activity_types,
};
pub(crate) const WORKFLOW: Types = Types {
    action: PlainAction::ListWorkflowTypes,
    token: "workflow-types",
    all: State::listed_workflow_types,
};

/// A type as lists show it, and by what they choose it.
#[derive(Debug)]
pub(crate) struct Listed {
    pub(crate) name: Name,
    pub(crate) version: Version,
    pub(crate) status: RegistrationStatus,
    pub(crate) info: Value,
}

impl State {
    pub(crate) fn list_types(
        &self,
        context: Context<'_>,
        types: Types,
        members: &Members,
    ) -> Result<Reply, Error> {
        let domain: DomainName = members.required("domain")?;
        let name: Option<Name> = members.optional("name")?;
        let status: RegistrationStatus = members.required_word("registrationStatus")?;
        let page = Page::read(members)?;
        context.caller.require(&Request::Plain(types.action), domain.as_str())?;
        self.domains.require(&domain)?;
        let listed = (types.all)(self, &domain).into_iter();
        let listed = listed
            .filter(|listed| name.as_ref().is_none_or(|name| *name == listed.name))
            .filter(|listed| listed.status == status);
        let key = |listed: &Listed| (listed.name.clone(), listed.version.clone());
        let of = [types.token, domain.as_str(), status.as_str()];
        let (listed, next) = page.cut(listed, &of, key)?;
        let infos: Vec<Value> = listed.into_iter().map(|listed| listed.info).collect();
        Ok(Reply::Body(present(json!({"typeInfos": infos, "nextPageToken": next}))))
    }
}
