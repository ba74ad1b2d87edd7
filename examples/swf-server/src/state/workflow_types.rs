//! Workflow types: registered, described, listed, deprecated, deleted.

use std::collections::BTreeMap;

use heartwheel::swf::access::{Request, TypeRef};
use heartwheel::swf::{
    Description, DomainName, Domains, EpochSeconds, Fault, FaultKind, Name, RegistrationStatus,
    Version,
};
use heartwheel::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{json, Value};

use super::config::{GivenConfig, OF_TYPE};
use super::events::present;
use super::type_lists::Listed;
use super::{Context, Reply, State};
use crate::error::Error;
use crate::members::Members;

/// SWF's quota, of deprecated types too and apart from activity types.
const MAX_TYPES_PER_DOMAIN: usize = 10_000;

#[derive(Clone, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
pub(crate) struct WorkflowType {
    pub(crate) name: Name,
    pub(crate) version: Version,
}

impl WorkflowType {
    pub(crate) fn read(members: &Members) -> Result<Self, Fault> {
        Ok(Self { name: members.required("name")?, version: members.required("version")? })
    }

    pub(crate) fn as_ref(&self) -> TypeRef<'_> {
        TypeRef { name: self.name.as_str(), version: self.version.as_str() }
    }

    fn fault(&self, kind: FaultKind) -> Fault {
        let Self { name, version } = self;
        let named = format!("WorkflowType=[name={name}, version={version}]");
        let unknown = kind == FaultKind::UnknownResource;
        Fault::new(kind, if unknown { format!("Unknown type: {named}") } else { named })
    }
}

#[derive(Clone, Debug, Deserialize, Serialize)]
struct Registered {
    description: Option<String>,
    defaults: GivenConfig,
    created_at: Timestamp,
    deprecated_at: Option<Timestamp>,
}

/// By domain; in a snapshot a list, since not every key is a string.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(from = "Vec<Stored>", into = "Vec<Stored>")]
pub(crate) struct WorkflowTypes(BTreeMap<DomainName, BTreeMap<WorkflowType, Registered>>);

type Stored = (DomainName, WorkflowType, Registered);

impl From<Vec<Stored>> for WorkflowTypes {
    fn from(stored: Vec<Stored>) -> Self {
        let mut types = Self::default();
        for (domain, workflow_type, registered) in stored {
            types.0.entry(domain).or_default().insert(workflow_type, registered);
        }
        types
    }
}

impl From<WorkflowTypes> for Vec<Stored> {
    fn from(types: WorkflowTypes) -> Self {
        let types = types.0.into_iter().flat_map(|(domain, types)| {
            types.into_iter().map(move |(named, registered)| (domain.clone(), named, registered))
        });
        types.collect()
    }
}

impl WorkflowTypes {
    fn get(&self, domain: &DomainName, named: &WorkflowType) -> Result<&Registered, Fault> {
        let registered = self.0.get(domain).and_then(|types| types.get(named));
        registered.ok_or_else(|| named.fault(FaultKind::UnknownResource))
    }

    fn get_mut(
        &mut self,
        domain: &DomainName,
        named: &WorkflowType,
    ) -> Result<&mut Registered, Fault> {
        let registered = self.0.get_mut(domain).and_then(|types| types.get_mut(named));
        registered.ok_or_else(|| named.fault(FaultKind::UnknownResource))
    }

    /// The defaults of a type, whatever its status: for permission.
    pub(crate) fn defaults(
        &self,
        domain: &DomainName,
        named: &WorkflowType,
    ) -> Option<&GivenConfig> {
        self.get(domain, named).ok().map(|registered| &registered.defaults)
    }

    /// The defaults of a type that takes new executions.
    pub(crate) fn startable(
        &self,
        domain: &DomainName,
        named: &WorkflowType,
    ) -> Result<&GivenConfig, Fault> {
        let registered = self.get(domain, named)?;
        match registered.deprecated_at {
            None => Ok(&registered.defaults),
            Some(_) => Err(named.fault(FaultKind::TypeDeprecated)),
        }
    }
}

/// The two members of most calls about a type.
fn read(members: &Members) -> Result<(DomainName, WorkflowType), Fault> {
    let domain = members.required("domain")?;
    Ok((domain, WorkflowType::read(&members.required_structure("workflowType")?)?))
}

impl State {
    pub(crate) fn register_workflow_type(
        &mut self,
        context: Context<'_>,
        members: &Members,
    ) -> Result<Reply, Error> {
        let domain: DomainName = members.required("domain")?;
        let named = WorkflowType::read(members)?;
        let description: Option<Description> = members.optional("description")?;
        let defaults = GivenConfig::read(members, OF_TYPE)?;
        let asked = Request::RegisterWorkflowType {
            workflow_type: named.as_ref(),
            default_task_list: defaults.task_list.as_ref().map(|name| name.as_str()),
        };
        context.caller.require(&asked, domain.as_str())?;
        self.domains.require_registered(&domain)?;
        let types = self.workflow_types.0.entry(domain).or_default();
        if types.contains_key(&named) {
            return Err(named.fault(FaultKind::TypeAlreadyExists).into());
        }
        if types.len() >= MAX_TYPES_PER_DOMAIN {
            let message = "the domain has as many workflow types as it may have";
            return Err(Fault::new(FaultKind::LimitExceeded, message).into());
        }
        let description = description.map(Description::into_string);
        let (created_at, deprecated_at) = (context.now, None);
        types.insert(named, Registered { description, defaults, created_at, deprecated_at });
        Ok(Reply::Empty)
    }

    pub(crate) fn describe_workflow_type(
        &self,
        context: Context<'_>,
        members: &Members,
    ) -> Result<Reply, Error> {
        let (domain, named) = read(members)?;
        let asked = Request::DescribeWorkflowType(named.as_ref());
        context.caller.require(&asked, domain.as_str())?;
        self.domains.require(&domain)?;
        let registered = self.workflow_types.get(&domain, &named)?;
        Ok(Reply::Body(json!({
            "typeInfo": info(&named, registered),
            "configuration": registered.defaults.shown(),
        })))
    }

    pub(crate) fn listed_workflow_types(&self, domain: &DomainName) -> Vec<Listed> {
        let types = self.workflow_types.0.get(domain).into_iter().flatten();
        let types = types.map(|(named, registered)| Listed {
            name: named.name.clone(),
            version: named.version.clone(),
            status: status_of(registered),
            info: info(named, registered),
        });
        types.collect()
    }

    pub(crate) fn deprecate_workflow_type(
        &mut self,
        context: Context<'_>,
        members: &Members,
    ) -> Result<Reply, Error> {
        let (domain, named) = read(members)?;
        let asked = Request::DeprecateWorkflowType(named.as_ref());
        context.caller.require(&asked, domain.as_str())?;
        self.domains.require(&domain)?;
        let registered = self.workflow_types.get_mut(&domain, &named)?;
        if registered.deprecated_at.is_some() {
            return Err(named.fault(FaultKind::TypeDeprecated).into());
        }
        registered.deprecated_at = Some(context.now);
        Ok(Reply::Empty)
    }

    pub(crate) fn undeprecate_workflow_type(
        &mut self,
        context: Context<'_>,
        members: &Members,
    ) -> Result<Reply, Error> {
        let (domain, named) = read(members)?;
        let asked = Request::UndeprecateWorkflowType(named.as_ref());
        context.caller.require(&asked, domain.as_str())?;
        self.domains.require(&domain)?;
        let registered = self.workflow_types.get_mut(&domain, &named)?;
        if registered.deprecated_at.take().is_none() {
            return Err(named.fault(FaultKind::TypeAlreadyExists).into());
        }
        Ok(Reply::Empty)
    }

    pub(crate) fn delete_workflow_type(
        &mut self,
        context: Context<'_>,
        members: &Members,
    ) -> Result<Reply, Error> {
        let (domain, named) = read(members)?;
        let asked = Request::DeleteWorkflowType(named.as_ref());
        context.caller.require(&asked, domain.as_str())?;
        self.domains.require(&domain)?;
        if self.workflow_types.get(&domain, &named)?.deprecated_at.is_none() {
            return Err(named.fault(FaultKind::TypeNotDeprecated).into());
        }
        if let Some(types) = self.workflow_types.0.get_mut(&domain) {
            types.remove(&named);
        }
        Ok(Reply::Empty)
    }
}

fn status_of(registered: &Registered) -> RegistrationStatus {
    if registered.deprecated_at.is_some() {
        RegistrationStatus::Deprecated
    } else {
        RegistrationStatus::Registered
    }
}

fn info(named: &WorkflowType, registered: &Registered) -> Value {
    present(json!({
        "workflowType": named,
        "status": status_of(registered),
        "description": registered.description,
        "creationDate": EpochSeconds::from(registered.created_at),
        "deprecationDate": registered.deprecated_at.map(EpochSeconds::from),
    }))
}
