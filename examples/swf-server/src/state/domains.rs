//! Domains.

use std::collections::BTreeMap;

use heartwheel::swf::access::{PlainAction, Request};
use heartwheel::swf::{Description, DomainName, Domains, Fault, FaultKind, RegistrationStatus};
use serde::{Deserialize, Serialize};
use serde_json::{json, Value};

use super::events::present;
use super::pages::Page;
use super::{Context, Reply, State};
use crate::error::Error;
use crate::members::Members;

/// SWF's quota.
const MAX_DOMAINS: usize = 100;
/// SWF's longest retention, in days.
const MAX_RETENTION_DAYS: u32 = 90;

#[derive(Clone, Debug, Deserialize, Serialize)]
struct Domain {
    description: Option<String>,
    /// As it was given: `NONE` or days.
    retention: String,
    /// How long closed executions are kept; not at all for `NONE`.
    retention_days: u32,
    status: RegistrationStatus,
}

#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub(crate) struct DomainBook(BTreeMap<DomainName, Domain>);

impl Domains for DomainBook {
    fn require(&self, domain: &DomainName) -> Result<(), Fault> {
        self.get(domain).map(|_| ())
    }
}

/// The domains as they are for what is new.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ForNew<'a>(pub(crate) &'a DomainBook);

impl Domains for ForNew<'_> {
    fn require(&self, domain: &DomainName) -> Result<(), Fault> {
        self.0.require_registered(domain)
    }
}

impl DomainBook {
    fn get(&self, domain: &DomainName) -> Result<&Domain, Fault> {
        self.0.get(domain).ok_or_else(|| Fault::unknown_domain(domain))
    }

    pub(crate) fn retention_days(&self, domain: &DomainName) -> u32 {
        self.get(domain).map_or(0, |domain| domain.retention_days)
    }

    /// For what is new: a deprecated domain takes nothing more. The calls that make something declare no
    /// DomainDeprecatedFault, so to them it is as good as not there.
    pub(crate) fn require_registered(&self, domain: &DomainName) -> Result<(), Fault> {
        match self.get(domain)?.status {
            RegistrationStatus::Registered => Ok(()),
            RegistrationStatus::Deprecated => Err(Fault::unknown_domain(domain)),
        }
    }
}

/// `NONE` is none; signs and fractions are no days.
fn days(retention: &str) -> Option<u32> {
    if retention == "NONE" {
        return Some(0);
    }
    let digits = retention.bytes().all(|byte| byte.is_ascii_digit());
    retention.parse().ok().filter(|days| digits && *days <= MAX_RETENTION_DAYS)
}

impl State {
    pub(crate) fn register_domain(
        &mut self,
        context: Context<'_>,
        members: &Members,
    ) -> Result<Reply, Error> {
        let name: DomainName = members.required("name")?;
        let description: Option<Description> = members.optional("description")?;
        let member = "workflowExecutionRetentionPeriodInDays";
        let retention = members.required_text(member, 1, 8)?;
        let Some(retention_days) = days(&retention) else {
            let rule = "Member must be 'NONE' or a whole number of days, at most 90";
            return Err(members.violation(member, retention.chars().count(), rule).into());
        };
        let asked = Request::Plain(PlainAction::RegisterDomain);
        context.caller.require(&asked, name.as_str())?;
        if self.domains.0.contains_key(&name) {
            return Err(Fault::new(FaultKind::DomainAlreadyExists, name.as_str()).into());
        }
        if self.domains.0.len() >= MAX_DOMAINS {
            let message = format!("there are {MAX_DOMAINS} domains, as many as there may be");
            return Err(Fault::new(FaultKind::LimitExceeded, message).into());
        }
        let description = description.map(Description::into_string);
        let status = RegistrationStatus::Registered;
        self.domains.0.insert(name, Domain { description, retention, retention_days, status });
        Ok(Reply::Empty)
    }

    pub(crate) fn describe_domain(
        &self,
        context: Context<'_>,
        members: &Members,
    ) -> Result<Reply, Error> {
        let name: DomainName = members.required("name")?;
        let asked = Request::Plain(PlainAction::DescribeDomain);
        context.caller.require(&asked, name.as_str())?;
        let domain = self.domains.get(&name)?;
        Ok(Reply::Body(json!({
            "domainInfo": self.domain_info(&name, domain),
            "configuration": {"workflowExecutionRetentionPeriodInDays": domain.retention},
        })))
    }

    pub(crate) fn list_domains(
        &self,
        context: Context<'_>,
        members: &Members,
    ) -> Result<Reply, Error> {
        let status: RegistrationStatus = members.required_word("registrationStatus")?;
        let page = Page::read(members)?;
        let resource = format!("arn:aws:swf::{}:domain/*", self.place.account);
        context.caller.require_on(&Request::Plain(PlainAction::ListDomains), &resource)?;
        let listed = self.domains.0.iter().filter(|(_, domain)| domain.status == status);
        let (listed, next) =
            page.cut(listed, &["domains", status.as_str()], |(name, _)| (*name).clone())?;
        let infos = listed.into_iter().map(|(name, domain)| self.domain_info(name, domain));
        let infos: Vec<Value> = infos.collect();
        Ok(Reply::Body(present(json!({"domainInfos": infos, "nextPageToken": next}))))
    }

    pub(crate) fn deprecate_domain(
        &mut self,
        context: Context<'_>,
        members: &Members,
    ) -> Result<Reply, Error> {
        let name: DomainName = members.required("name")?;
        let asked = Request::Plain(PlainAction::DeprecateDomain);
        context.caller.require(&asked, name.as_str())?;
        if self.domains.get(&name)?.status == RegistrationStatus::Deprecated {
            return Err(Fault::new(FaultKind::DomainDeprecated, name.as_str()).into());
        }
        self.set_status(&name, RegistrationStatus::Deprecated);
        Ok(Reply::Empty)
    }

    pub(crate) fn undeprecate_domain(
        &mut self,
        context: Context<'_>,
        members: &Members,
    ) -> Result<Reply, Error> {
        let name: DomainName = members.required("name")?;
        let asked = Request::Plain(PlainAction::UndeprecateDomain);
        context.caller.require(&asked, name.as_str())?;
        match self.domains.get(&name)?.status {
            RegistrationStatus::Registered => {
                return Err(Fault::new(FaultKind::DomainAlreadyExists, name.as_str()).into());
            }
            RegistrationStatus::Deprecated => {}
        }
        self.set_status(&name, RegistrationStatus::Registered);
        Ok(Reply::Empty)
    }

    fn set_status(&mut self, name: &DomainName, status: RegistrationStatus) {
        if let Some(domain) = self.domains.0.get_mut(name) {
            domain.status = status;
        }
    }

    fn domain_info(&self, name: &DomainName, domain: &Domain) -> Value {
        present(json!({
            "name": name.as_str(),
            "status": domain.status,
            "description": domain.description,
            "arn": self.domain_arn(name),
        }))
    }
}
