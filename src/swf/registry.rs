//! The activity types of every domain: registered, deprecated, deleted, described. What a task gets from its
//! type is [`resolve`](super::resolve)'s to know, and whether a domain exists is the host's.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use crate::Timestamp;

use super::epoch::EpochSeconds;
use super::fault::{Fault, FaultKind};
use super::model::{ActivityType, ActivityTypeInfo, RegistrationStatus};
use super::request::{
    DeleteActivityTypeInput, DeprecateActivityTypeInput, DescribeActivityTypeInput,
    RegisterActivityTypeInput, UndeprecateActivityTypeInput,
};
use super::resolve::Defaults;
use super::response::ActivityTypeDetail;
use super::text::{Description, DomainName, Name, Version};

/// The activity types, by domain, name and version.
///
/// A domain is known from its first type on: the host that keeps domains answers for unknown ones
/// ([`Fault::unknown_domain`]), and for permission, before it asks here.
///
/// As serde has it, a sequence of types in the order of domain, name and version; reading refuses one that
/// is there twice.
#[derive(Clone, Debug, Default, Eq, PartialEq, serde::Deserialize, serde::Serialize)]
#[serde(into = "Vec<TypeRecord>", try_from = "Vec<TypeRecord>")]
pub struct TypeRegistry {
    domains: BTreeMap<DomainName, BTreeMap<ActivityType, RegisteredType>>,
}

/// One type as it stands.
#[derive(Clone, Debug, Eq, PartialEq, serde::Deserialize, serde::Serialize)]
pub(crate) struct RegisteredType {
    description: Option<Description>,
    pub(crate) defaults: Defaults,
    created_at: Timestamp,
    /// When it was deprecated, if it is.
    deprecated_at: Option<Timestamp>,
}

/// One type as it is stored: plain serde, so that any format can.
#[derive(Clone, Debug, serde::Deserialize, serde::Serialize)]
pub(crate) struct TypeRecord {
    domain: DomainName,
    name: Name,
    version: Version,
    registered: RegisteredType,
}

impl TypeRegistry {
    /// How many activity types a domain may have, deprecated ones included: SWF's quota, which counts workflow types
    /// apart.
    pub const MAX_TYPES_PER_DOMAIN: usize = 10_000;

    /// No types yet.
    #[must_use]
    pub const fn new() -> Self {
        Self { domains: BTreeMap::new() }
    }

    /// RegisterActivityType.
    ///
    /// # Errors
    /// TypeAlreadyExistsFault for a type that is registered, deprecated or not; LimitExceededFault at
    /// [`MAX_TYPES_PER_DOMAIN`](Self::MAX_TYPES_PER_DOMAIN).
    pub fn register(
        &mut self,
        now: Timestamp,
        request: RegisterActivityTypeInput,
    ) -> Result<(), Fault> {
        let activity_type =
            ActivityType { name: request.name.clone(), version: request.version.clone() };
        let of_domain = self.domains.get(&request.domain);
        if of_domain.is_some_and(|types| types.contains_key(&activity_type)) {
            return Err(Fault::type_already_exists(&activity_type));
        }
        if of_domain.is_some_and(|types| types.len() >= Self::MAX_TYPES_PER_DOMAIN) {
            let message = "the domain has as many activity types as it may have";
            return Err(Fault::new(FaultKind::LimitExceeded, message));
        }
        let registered = RegisteredType {
            defaults: Defaults::from(&request),
            description: request.description,
            created_at: now,
            deprecated_at: None,
        };
        self.domains.entry(request.domain).or_default().insert(activity_type, registered);
        Ok(())
    }

    /// DeprecateActivityType: no new tasks; those that were scheduled go on.
    ///
    /// # Errors
    /// UnknownResourceFault; TypeDeprecatedFault for one that is deprecated already.
    pub fn deprecate(
        &mut self,
        now: Timestamp,
        request: &DeprecateActivityTypeInput,
    ) -> Result<(), Fault> {
        let registered = self.get_mut(&request.domain, &request.activity_type)?;
        if registered.is_deprecated() {
            return Err(Fault::type_deprecated(&request.activity_type));
        }
        registered.deprecated_at = Some(now);
        Ok(())
    }

    /// UndeprecateActivityType: new tasks again.
    ///
    /// # Errors
    /// UnknownResourceFault; TypeAlreadyExistsFault for one that is not deprecated.
    pub fn undeprecate(&mut self, request: &UndeprecateActivityTypeInput) -> Result<(), Fault> {
        let registered = self.get_mut(&request.domain, &request.activity_type)?;
        if !registered.is_deprecated() {
            return Err(Fault::type_already_exists(&request.activity_type));
        }
        registered.deprecated_at = None;
        Ok(())
    }

    /// DeleteActivityType: as if it had never been registered; tasks that were scheduled go on.
    ///
    /// # Errors
    /// UnknownResourceFault; TypeNotDeprecatedFault for one that is not deprecated first.
    pub fn delete(&mut self, request: &DeleteActivityTypeInput) -> Result<(), Fault> {
        let unknown = || Fault::unknown_type(&request.activity_type);
        let types = self.domains.get_mut(&request.domain).ok_or_else(unknown)?;
        let registered = types.get(&request.activity_type).ok_or_else(unknown)?;
        if !registered.is_deprecated() {
            return Err(Fault::type_not_deprecated(&request.activity_type));
        }
        types.remove(&request.activity_type);
        if types.is_empty() {
            self.domains.remove(&request.domain);
        }
        Ok(())
    }

    /// DescribeActivityType.
    ///
    /// # Errors
    /// UnknownResourceFault.
    pub fn describe(
        &self,
        request: &DescribeActivityTypeInput,
    ) -> Result<ActivityTypeDetail, Fault> {
        let registered = self
            .get(&request.domain, &request.activity_type)
            .ok_or_else(|| Fault::unknown_type(&request.activity_type))?;
        Ok(ActivityTypeDetail {
            type_info: registered.info(&request.activity_type),
            configuration: registered.defaults.configuration(),
        })
    }

    /// The types of a domain, in the order of name and version: what ListActivityTypes pages through.
    pub fn types(&self, domain: &DomainName) -> impl Iterator<Item = ActivityTypeInfo> + '_ {
        let types = self.domains.get(domain).into_iter().flatten();
        types.map(|(activity_type, registered)| registered.info(activity_type))
    }

    pub(crate) fn get(
        &self,
        domain: &DomainName,
        activity_type: &ActivityType,
    ) -> Option<&RegisteredType> {
        self.domains.get(domain)?.get(activity_type)
    }

    fn get_mut(
        &mut self,
        domain: &DomainName,
        activity_type: &ActivityType,
    ) -> Result<&mut RegisteredType, Fault> {
        let types = self.domains.get_mut(domain);
        types
            .and_then(|types| types.get_mut(activity_type))
            .ok_or_else(|| Fault::unknown_type(activity_type))
    }
}

impl RegisteredType {
    pub(crate) const fn is_deprecated(&self) -> bool {
        self.deprecated_at.is_some()
    }

    fn info(&self, activity_type: &ActivityType) -> ActivityTypeInfo {
        ActivityTypeInfo {
            activity_type: activity_type.clone(),
            status: if self.is_deprecated() {
                RegistrationStatus::Deprecated
            } else {
                RegistrationStatus::Registered
            },
            description: self.description.clone(),
            creation_date: self.created_at.into(),
            deprecation_date: self.deprecated_at.map(EpochSeconds::from),
        }
    }
}

impl From<TypeRegistry> for Vec<TypeRecord> {
    fn from(registry: TypeRegistry) -> Self {
        let types = registry.domains.into_iter().flat_map(|(domain, types)| {
            types.into_iter().map(move |(activity_type, registered)| TypeRecord {
                domain: domain.clone(),
                name: activity_type.name,
                version: activity_type.version,
                registered,
            })
        });
        types.collect()
    }
}

impl TryFrom<Vec<TypeRecord>> for TypeRegistry {
    type Error = &'static str;

    fn try_from(records: Vec<TypeRecord>) -> Result<Self, Self::Error> {
        let mut registry = Self::new();
        for TypeRecord { domain, name, version, registered } in records {
            let activity_type = ActivityType { name, version };
            let types = registry.domains.entry(domain).or_default();
            if types.insert(activity_type, registered).is_some() {
                return Err("an activity type is there twice");
            }
        }
        Ok(registry)
    }
}
