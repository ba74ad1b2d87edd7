//! Executions by the dozen: counted and listed, filtered.

use std::cmp::Reverse;

use heartwheel::swf::access::{PlainAction, Request};
use heartwheel::swf::{DomainName, Domains, Fault, FaultKind, Name, WorkflowId};
use heartwheel::Timestamp;
use serde_json::json;

use super::events::present;
use super::history::info;
use super::pages::Page;
use super::run::{CloseStatus, Run};
use super::{Context, Reply, State};
use crate::error::Error;
use crate::members::Members;

/// Which of the four calls it is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wanted {
    action: PlainAction,
    open: bool,
    counts: bool,
}

pub(crate) const COUNT_OPEN: Wanted =
    Wanted { action: PlainAction::CountOpenWorkflowExecutions, open: true, counts: true };
pub(crate) const COUNT_CLOSED: Wanted =
    Wanted { action: PlainAction::CountClosedWorkflowExecutions, open: false, counts: true };
pub(crate) const LIST_OPEN: Wanted =
    Wanted { action: PlainAction::ListOpenWorkflowExecutions, open: true, counts: false };
pub(crate) const LIST_CLOSED: Wanted =
    Wanted { action: PlainAction::ListClosedWorkflowExecutions, open: false, counts: false };

/// What a call asks for.
#[derive(Debug)]
struct Filter {
    domain: DomainName,
    started: Option<Span>,
    closed: Option<Span>,
    workflow_id: Option<WorkflowId>,
    type_name: Option<Name>,
    type_version: Option<String>,
    tag: Option<String>,
    status: Option<CloseStatus>,
    open: bool,
}

/// From an instant to another, both included.
#[derive(Clone, Copy, Debug)]
struct Span {
    from: Timestamp,
    to: Timestamp,
}

impl Span {
    fn of(given: &Members) -> Result<Self, Fault> {
        let at = |member| {
            Ok::<_, Fault>(given.number(member)?.map(|seconds| {
                // Saturates: an instant before 1970 is 1970.
                Timestamp::from_millis((seconds * 1000.0).round() as u64)
            }))
        };
        let Some(from) = at("oldestDate")? else {
            return Err(given.violation("oldestDate", 0, "Member must not be null"));
        };
        Ok(Self { from, to: at("latestDate")?.unwrap_or(Timestamp::MAX) })
    }

    fn has(self, at: Timestamp) -> bool {
        self.from <= at && at <= self.to
    }
}

impl Filter {
    fn read(members: &Members, open: bool) -> Result<Self, Fault> {
        let started = members.structure("startTimeFilter")?;
        let execution = members.structure("executionFilter")?;
        let workflow_type = members.structure("typeFilter")?;
        let tag = members.structure("tagFilter")?;
        // The calls about open executions have no such members: they are passed over like any unknown one.
        let of_closed = |member| if open { Ok(None) } else { members.structure(member) };
        let status = of_closed("closeStatusFilter")?;
        let filter = Self {
            domain: members.required("domain")?,
            started: started.map(|given| Span::of(&given)).transpose()?,
            closed: of_closed("closeTimeFilter")?.map(|given| Span::of(&given)).transpose()?,
            workflow_id: execution.map(|given| given.required("workflowId")).transpose()?,
            type_name: workflow_type.as_ref().map(|given| given.required("name")).transpose()?,
            type_version: match &workflow_type {
                Some(given) => given.text("version", 0, 64)?.filter(|version| !version.is_empty()),
                None => None,
            },
            tag: tag.map(|given| given.required_text("tag", 0, 256)).transpose()?,
            status: status.map(|given| given.required_word("status")).transpose()?,
            open,
        };
        filter.check(members)?;
        Ok(filter)
    }

    /// SWF's rules: a time, and at most one of the others.
    fn check(&self, members: &Members) -> Result<(), Fault> {
        let invalid = |message: &str| Fault::new(FaultKind::Validation, message);
        if self.open && self.started.is_none() {
            return Err(members.violation("startTimeFilter", 0, "Member must not be null"));
        }
        if self.started.is_some() == self.closed.is_some() {
            let message = "Must specify exactly one of startTimeFilter and closeTimeFilter";
            return Err(invalid(message));
        }
        let others = [
            self.workflow_id.is_some(),
            self.type_name.is_some(),
            self.tag.is_some(),
            self.status.is_some(),
        ];
        if others.into_iter().filter(|given| *given).count() > 1 {
            let message = "Cannot specify more than one of: executionFilter, typeFilter, tagFilter, closeStatusFilter";
            return Err(invalid(message));
        }
        Ok(())
    }

    fn takes(&self, run: &Run) -> bool {
        let in_span = |span: Option<Span>, at| span.is_none_or(|span| span.has(at));
        let (closed_at, status) = run.closed.unzip();
        run.domain == self.domain
            && run.is_open() == self.open
            && in_span(self.started, run.started_at)
            && self.closed.is_none_or(|span| closed_at.is_some_and(|at| span.has(at)))
            && self.workflow_id.as_ref().is_none_or(|id| *id == run.name.workflow_id)
            && self.type_name.as_ref().is_none_or(|name| *name == run.workflow_type.name)
            && self
                .type_version
                .as_ref()
                .is_none_or(|version| version == run.workflow_type.version.as_str())
            && self.tag.as_ref().is_none_or(|tag| run.tags.contains(tag))
            && self.status.is_none_or(|wanted| status == Some(wanted))
    }
}

impl State {
    /// The two counts and the two lists.
    pub(crate) fn visible(
        &self,
        context: Context<'_>,
        wanted: Wanted,
        members: &Members,
    ) -> Result<Reply, Error> {
        let Wanted { action, open, counts } = wanted;
        let filter = Filter::read(members, open)?;
        // The counts have no pages.
        let page = if counts { None } else { Some(Page::read(members)?) };
        context.caller.require(&Request::Plain(action), filter.domain.as_str())?;
        self.domains.require(&filter.domain)?;
        let found = self.runs.iter().filter(|run| filter.takes(run));
        let Some(page) = page else {
            return Ok(Reply::Body(json!({"count": found.count(), "truncated": false})));
        };
        // Latest first, by the time that was asked for; those of one instant, the later started first.
        let by_close = filter.closed.is_some();
        let key = |run: &&Run| {
            let at = if by_close { run.closed.map(|(at, _)| at) } else { None };
            Reverse((at.unwrap_or(run.started_at), run.id))
        };
        let mut found: Vec<&Run> = found.collect();
        found.sort_by_key(key);
        let which = if open { "open" } else { "closed" };
        let order = if by_close { "by-close" } else { "by-start" };
        let of = ["executions", filter.domain.as_str(), which, order];
        let (found, next) = page.cut(found, &of, key)?;
        let infos: Vec<_> = found.into_iter().map(info).collect();
        Ok(Reply::Body(present(json!({"executionInfos": infos, "nextPageToken": next}))))
    }
}
