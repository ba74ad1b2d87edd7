//! A call, from its body to its answer.

use heartwheel::swf::Caller;
use heartwheel::Timestamp;

use super::{type_lists, visibility, Context, Reply, State};
use crate::calls::Call;
use crate::error::Error;
use crate::members::Members;

impl State {
    /// Answers a call at an instant. Whatever was due by then has happened before.
    ///
    /// # Errors
    /// SWF's faults; nothing has changed then but the time.
    pub fn call(
        &mut self,
        now: Timestamp,
        caller: Caller<'_>,
        call: Call,
        body: &[u8],
    ) -> Result<Reply, Error> {
        let now = self.drain(now);
        let reply = self.answer(Context { now, caller }, call, body);
        self.settle(now);
        self.close_ended();
        reply
    }

    fn answer(&mut self, context: Context<'_>, call: Call, body: &[u8]) -> Result<Reply, Error> {
        let read = || Members::of_body(body);
        match call {
            Call::RegisterDomain => self.register_domain(context, &read()?),
            Call::DescribeDomain => self.describe_domain(context, &read()?),
            Call::ListDomains => self.list_domains(context, &read()?),
            Call::DeprecateDomain => self.deprecate_domain(context, &read()?),
            Call::UndeprecateDomain => self.undeprecate_domain(context, &read()?),
            Call::RegisterWorkflowType => self.register_workflow_type(context, &read()?),
            Call::DescribeWorkflowType => self.describe_workflow_type(context, &read()?),
            Call::ListWorkflowTypes => self.list_types(context, type_lists::WORKFLOW, &read()?),
            Call::DeprecateWorkflowType => self.deprecate_workflow_type(context, &read()?),
            Call::UndeprecateWorkflowType => self.undeprecate_workflow_type(context, &read()?),
            Call::DeleteWorkflowType => self.delete_workflow_type(context, &read()?),
            Call::ListActivityTypes => self.list_types(context, type_lists::ACTIVITY, &read()?),
            Call::StartWorkflowExecution => self.start_workflow_execution(context, &read()?),
            Call::SignalWorkflowExecution => self.signal_workflow_execution(context, &read()?),
            Call::RequestCancelWorkflowExecution => {
                self.request_cancel_workflow_execution(context, &read()?)
            }
            Call::TerminateWorkflowExecution => {
                self.terminate_workflow_execution(context, &read()?)
            }
            Call::DescribeWorkflowExecution => self.describe_workflow_execution(context, &read()?),
            Call::GetWorkflowExecutionHistory => {
                self.get_workflow_execution_history(context, &read()?)
            }
            Call::CountOpenWorkflowExecutions => {
                self.visible(context, visibility::COUNT_OPEN, &read()?)
            }
            Call::CountClosedWorkflowExecutions => {
                self.visible(context, visibility::COUNT_CLOSED, &read()?)
            }
            Call::ListOpenWorkflowExecutions => {
                self.visible(context, visibility::LIST_OPEN, &read()?)
            }
            Call::ListClosedWorkflowExecutions => {
                self.visible(context, visibility::LIST_CLOSED, &read()?)
            }
            Call::PollForDecisionTask => self.poll_for_decision_task(context, &read()?),
            Call::RespondDecisionTaskCompleted => {
                self.respond_decision_task_completed(context, &read()?)
            }
            Call::CountPendingDecisionTasks => self.count_pending_decision_tasks(context, &read()?),
            Call::RegisterActivityType => self.register_activity_type(context, body),
            Call::DescribeActivityType => self.describe_activity_type(context, body),
            Call::DeprecateActivityType => self.deprecate_activity_type(context, body),
            Call::UndeprecateActivityType => self.undeprecate_activity_type(context, body),
            Call::DeleteActivityType => self.delete_activity_type(context, body),
            Call::PollForActivityTask => self.poll_for_activity_task(context, body),
            Call::CountPendingActivityTasks => self.count_pending_activity_tasks(context, body),
            Call::RecordActivityTaskHeartbeat => self.record_activity_task_heartbeat(context, body),
            Call::RespondActivityTaskCompleted => {
                self.respond_activity_task_completed(context, body)
            }
            Call::RespondActivityTaskFailed => self.respond_activity_task_failed(context, body),
            Call::RespondActivityTaskCanceled => self.respond_activity_task_canceled(context, body),
        }
    }
}
