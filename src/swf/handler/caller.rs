//! Who calls: the caller's policy, and how policies name the caller's domains.

use alloc::format;

use crate::swf::access::{decide, domain_arn, Policy, Request};
use crate::swf::fault::{Fault, FaultKind};
use crate::swf::service::Permission;

/// A caller, by what the host's policies let it do.
#[derive(Clone, Copy, Debug)]
pub struct Caller<'a> {
    policy: Option<&'a Policy>,
    region: &'a str,
    account: &'a str,
}

impl<'a> Caller<'a> {
    /// A caller who may do everything.
    pub const UNRESTRICTED: Caller<'static> = Caller { policy: None, region: "", account: "" };

    /// A caller under a policy, or under none. Region and account are those of the
    /// [names](domain_arn) that policies give domains.
    #[must_use]
    pub const fn new(policy: Option<&'a Policy>, region: &'a str, account: &'a str) -> Self {
        Self { policy, region, account }
    }

    /// Nothing, if the caller may call that about a domain.
    ///
    /// # Errors
    /// OperationNotPermittedFault, which does not tell what denied it.
    pub fn require(&self, request: &Request<'_>, domain: &str) -> Result<(), Fault> {
        // No policy asks for no name: that spares heartbeats an allocation.
        if self.policy.is_none() {
            return Ok(());
        }
        self.require_on(request, &domain_arn(self.region, self.account, domain))
    }

    /// The same about the resource that SWF names for the actions that are about no one domain.
    ///
    /// # Errors
    /// OperationNotPermittedFault, which does not tell what denied it.
    pub fn require_on(&self, request: &Request<'_>, resource: &str) -> Result<(), Fault> {
        if decide(self.policy, request, resource).is_allowed() {
            return Ok(());
        }
        let action = request.action();
        let message =
            format!("the caller is not authorized to perform {action} on resource {resource}");
        Err(Fault::new(FaultKind::OperationNotPermitted, message))
    }

    /// The same for a decision, whose denial is an event.
    #[must_use]
    pub fn permission(&self, request: &Request<'_>, domain: &str) -> Permission {
        match self.require(request, domain) {
            Ok(()) => Permission::Granted,
            Err(_) => Permission::Denied,
        }
    }
}
