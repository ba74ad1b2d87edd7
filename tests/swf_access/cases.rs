//! The table of cases: a policy's statements, a request, what is decided, and why.

use heartwheel::swf::access::{PlainAction, Policy, Request, TypeRef, Verdict};

use super::POLL;

const BEAT: Request<'_> = Request::Plain(PlainAction::RecordActivityTaskHeartbeat);
const CANCEL: Request<'_> = Request::Plain(PlainAction::RequestCancelActivityTask);
const COMPLETE: Request<'_> = Request::Plain(PlainAction::RespondActivityTaskCompleted);
const COUNT: Request<'_> = Request::CountPendingActivityTasks { task_list: "mail" };
const ENCODE: TypeRef<'_> = TypeRef { name: "encode", version: "1.0" };
const SCHEDULE: Request<'_> =
    Request::ScheduleActivityTask { activity_type: ENCODE, task_list: Some("mail") };
const SCHEDULE_WITHOUT_LIST: Request<'_> =
    Request::ScheduleActivityTask { activity_type: ENCODE, task_list: None };
const REGISTER: Request<'_> =
    Request::RegisterActivityType { activity_type: ENCODE, default_task_list: Some("mail") };
const REGISTER_WITHOUT_LIST: Request<'_> =
    Request::RegisterActivityType { activity_type: ENCODE, default_task_list: None };

const YES: Verdict = Verdict::Allowed;
const NO: Verdict = Verdict::DeniedByDefault;
const MEDIA: &str = "arn:aws:swf:eu-west-1:123456789012:/domain/media";
const ALL: &str = r#"{"Effect":"Allow","Action":"*","Resource":"*"}"#;

fn decided(statements: &[&str], request: &Request<'_>, domain: &str) -> Verdict {
    let document = format!(r#"{{"Version":"2012-10-17","Statement":[{}]}}"#, statements.join(","));
    serde_json::from_str::<Policy>(&document).expect(&document).evaluate(request, domain)
}

/// On the domain `media`, statements in full.
#[test]
fn statements_decide_as_iam_says() {
    let denied = |statement| Verdict::DeniedBy { statement };
    let deny_all = r#"{"Effect":"Deny","Action":"*","Resource":"*"}"#;
    let deny_poll = r#"{"Effect":"Deny","Action":"swf:PollForActivityTask","Resource":"*"}"#;
    let allow_poll = r#"{"Effect":"Allow","Action":"swf:PollForActivityTask","Resource":"*"}"#;
    let rows: &[(&[&str], &Request<'_>, Verdict, &str)] = &[
        (&[ALL], &POLL, YES, "an allow that matches"),
        (&[ALL], &SCHEDULE, YES, "a decision is an action like any other"),
        (&[allow_poll], &POLL, YES, "the action itself"),
        (&[allow_poll], &COUNT, NO, "nothing says so: denied"),
        (&[allow_poll], &SCHEDULE, NO, "decisions are denied by default too"),
        (&[allow_poll], &BEAT, NO, "permission to poll is none to beat"),
        (&[deny_all], &POLL, denied(1), "a deny alone"),
        (&[ALL, deny_poll], &POLL, denied(2), "a deny after the allow wins"),
        (&[deny_poll, ALL], &POLL, denied(1), "a deny before the allow wins"),
        (&[ALL, deny_poll], &COUNT, YES, "a deny of another action is none"),
        (&[ALL, deny_poll, deny_all], &POLL, denied(2), "the first deny is named"),
        (&[deny_poll], &COUNT, NO, "a deny that does not apply allows nothing"),
        (&[allow_poll, allow_poll], &POLL, YES, "two allows are one"),
    ];
    for (statements, request, verdict, why) in rows {
        assert_eq!(decided(statements, request, MEDIA), *verdict, "{why}: {statements:?}");
    }
}

/// Allow, with the action part and the resource part as written.
#[test]
fn actions_and_resources_match_as_iam_says() {
    let rows: &[(&str, &str, &Request<'_>, &str, bool, &str)] = &[
        // Actions.
        (r#""Action":"swf:PollForActivityTask""#, "*", &POLL, MEDIA, true, "itself"),
        (r#""Action":"SWF:pollforactivitytask""#, "*", &POLL, MEDIA, true, "case is nothing"),
        (r#""Action":"swf:Poll*""#, "*", &POLL, MEDIA, true, "a prefix"),
        (r#""Action":"swf:*ActivityTask""#, "*", &POLL, MEDIA, true, "a suffix"),
        (r#""Action":"swf:*ActivityTask""#, "*", &COUNT, MEDIA, false, "tasks are not task"),
        (r#""Action":"swf:Poll?orActivityTask""#, "*", &POLL, MEDIA, true, "one character"),
        (r#""Action":"swf:Poll?ForActivityTask""#, "*", &POLL, MEDIA, false, "not none"),
        (r#""Action":"swf:Poll*ForActivityTask""#, "*", &POLL, MEDIA, true, "but * is"),
        (r#""Action":"swf:PollForActivity""#, "*", &POLL, MEDIA, false, "a part is not all"),
        (r#""Action":"swf:Respond*""#, "*", &COMPLETE, MEDIA, true, "a family of calls"),
        (r#""Action":"swf:Respond*""#, "*", &BEAT, MEDIA, false, "beats are of another"),
        (r#""Action":"swf:*""#, "*", &CANCEL, MEDIA, true, "all of SWF"),
        (r#""Action":"sqs:*""#, "*", &POLL, MEDIA, false, "another service's"),
        (r#""Action":["sqs:*","swf:Poll*"]"#, "*", &POLL, MEDIA, true, "one of a list"),
        (r#""Action":["sqs:*","s3:*"]"#, "*", &POLL, MEDIA, false, "none of a list"),
        (r#""NotAction":"swf:Poll*""#, "*", &POLL, MEDIA, false, "all but this"),
        (r#""NotAction":"swf:Poll*""#, "*", &COUNT, MEDIA, true, "so not that"),
        (r#""NotAction":["sqs:*","swf:Poll*"]"#, "*", &POLL, MEDIA, false, "all but these"),
        (r#""NotAction":["sqs:*","swf:poll*"]"#, "*", &POLL, MEDIA, false, "case again"),
        (r#""NotAction":"*""#, "*", &POLL, MEDIA, false, "all but all"),
        // Resources.
        (r#""Action":"*""#, MEDIA, &POLL, MEDIA, true, "the domain itself"),
        (r#""Action":"*""#, "arn:aws:swf:*:*:/domain/media", &POLL, MEDIA, true, "anywhere"),
        (r#""Action":"*""#, "arn:aws:swf:*:*:/domain/Media", &POLL, MEDIA, false, "case counts"),
        (r#""Action":"*""#, "arn:aws:swf:*:*:/domain/m*", &POLL, MEDIA, true, "a prefix"),
        (r#""Action":"*""#, "arn:aws:swf:*:*:/domain/medi?", &POLL, MEDIA, true, "a character"),
        (r#""Action":"*""#, "arn:aws:swf:*:*:/domain/media?", &POLL, MEDIA, false, "not none"),
        (r#""Action":"*""#, "arn:aws:swf:*:*:/domain/med", &POLL, MEDIA, false, "all of it"),
        (r#""Action":"*""#, "arn:aws:swf:*:*:*", &POLL, MEDIA, true, "every domain"),
        (r#""Action":"*""#, "arn:aws:swf:us-*:*:/domain/*", &POLL, MEDIA, false, "elsewhere"),
        (r#""Action":"*""#, "arn:aws:swf:eu-*:*:/domain/*", &POLL, MEDIA, true, "the region"),
        (r#""Action":"*""#, "arn:aws:swf:*:999999999999:*", &POLL, MEDIA, false, "an account"),
        (r#""Action":"*""#, "arn:aws:sqs:*:*:*", &POLL, MEDIA, false, "another service's"),
        (r#""Action":"*""#, "arn:aws:swf:*:*:*:/domain/media", &POLL, MEDIA, false, "no such"),
        (
            r#""Action":"*""#,
            "arn:aws:swf:*:*:/domain/*",
            &POLL,
            "arn:aws:swf:eu-west-1:123456789012:/domain/*?",
            true,
            "wildcards in a domain's name are letters",
        ),
        (
            r#""Action":"*""#,
            "arn:aws:swf:*:*:/domain/media",
            &POLL,
            "arn:aws:swf:eu-west-1:123456789012:/domain/m*",
            false,
            "and match nothing",
        ),
    ];
    for (action, resource, request, domain, allowed, why) in rows {
        let statement = format!(r#"{{"Effect":"Allow",{action},"Resource":"{resource}"}}"#);
        let verdict = decided(&[&statement], request, domain);
        assert_eq!(verdict.is_allowed(), *allowed, "{why}: {statement}");
        // The other way round: what is selected as the resource is not as the opposite.
        let opposite = format!(r#"{{"Effect":"Allow",{action},"NotResource":"{resource}"}}"#);
        let action_alone = format!(r#"{{"Effect":"Allow",{action},"Resource":"*"}}"#);
        let selected = decided(&[&action_alone], request, domain).is_allowed();
        let verdict = decided(&[&opposite], request, domain);
        assert_eq!(verdict.is_allowed(), selected && !*allowed, "{why}: {opposite}");
    }
}

#[test]
fn a_list_of_resources_is_any_of_them_and_of_exceptions_none() {
    let rows = [
        (r#""Resource":["arn:aws:swf:*:*:/domain/a","arn:aws:swf:*:*:/domain/media"]"#, true),
        (r#""Resource":["arn:aws:swf:*:*:/domain/a","arn:aws:swf:*:*:/domain/b"]"#, false),
        (r#""NotResource":["arn:aws:swf:*:*:/domain/a","arn:aws:swf:*:*:/domain/media"]"#, false),
        (r#""NotResource":["arn:aws:swf:*:*:/domain/a","arn:aws:swf:*:*:/domain/b"]"#, true),
    ];
    for (resources, allowed) in rows {
        let statement = format!(r#"{{"Effect":"Allow","Action":"*",{resources}}}"#);
        assert_eq!(decided(&[&statement], &POLL, MEDIA).is_allowed(), allowed, "{statement}");
    }
}

/// A statement on everything with the condition as written: does it apply?
#[test]
fn conditions_hold_as_iam_says() {
    let rows: &[(&str, &Request<'_>, bool, &str)] = &[
        // Each operator on a parameter that the request has.
        (r#"{"StringEquals":{"swf:taskList.name":"mail"}}"#, &POLL, true, "equal"),
        (r#"{"StringEquals":{"swf:taskList.name":"Mail"}}"#, &POLL, false, "but for case"),
        (r#"{"StringEquals":{"swf:taskList.name":"ma*"}}"#, &POLL, false, "no wildcards here"),
        (r#"{"StringNotEquals":{"swf:taskList.name":"mail"}}"#, &POLL, false, "equal"),
        (r#"{"StringNotEquals":{"swf:taskList.name":"Mail"}}"#, &POLL, true, "not equal"),
        (r#"{"StringEqualsIgnoreCase":{"swf:taskList.name":"MAIL"}}"#, &POLL, true, "case"),
        (r#"{"StringEqualsIgnoreCase":{"swf:taskList.name":"MAI"}}"#, &POLL, false, "shorter"),
        (r#"{"StringEqualsIgnoreCase":{"swf:taskList.name":"MA*"}}"#, &POLL, false, "no *"),
        (r#"{"StringNotEqualsIgnoreCase":{"swf:taskList.name":"MAIL"}}"#, &POLL, false, "case"),
        (r#"{"StringNotEqualsIgnoreCase":{"swf:taskList.name":"post"}}"#, &POLL, true, "other"),
        (r#"{"StringLike":{"swf:taskList.name":"m*l"}}"#, &POLL, true, "a pattern"),
        (r#"{"StringLike":{"swf:taskList.name":"M*l"}}"#, &POLL, false, "with its case"),
        (r#"{"StringLike":{"swf:taskList.name":"mai?"}}"#, &POLL, true, "one character"),
        (r#"{"StringLike":{"swf:taskList.name":"mail?"}}"#, &POLL, false, "not none"),
        (r#"{"StringNotLike":{"swf:taskList.name":"m*"}}"#, &POLL, false, "a pattern"),
        (r#"{"StringNotLike":{"swf:taskList.name":"p*"}}"#, &POLL, true, "none of it"),
        // Several values.
        (r#"{"StringEquals":{"swf:taskList.name":["post","mail"]}}"#, &POLL, true, "one of"),
        (r#"{"StringEquals":{"swf:taskList.name":["post","fax"]}}"#, &POLL, false, "none of"),
        (r#"{"StringNotEquals":{"swf:taskList.name":["post","mail"]}}"#, &POLL, false, "all not"),
        (r#"{"StringNotEquals":{"swf:taskList.name":["post","fax"]}}"#, &POLL, true, "all not"),
        (r#"{"StringNotLike":{"swf:taskList.name":["p*","m*"]}}"#, &POLL, false, "all not"),
        // Several keys and operators.
        (
            r#"{"StringEquals":{"swf:activityType.name":"encode","swf:activityType.version":"1.0"}}"#,
            &SCHEDULE,
            true,
            "both keys",
        ),
        (
            r#"{"StringEquals":{"swf:activityType.name":"encode","swf:activityType.version":"2"}}"#,
            &SCHEDULE,
            false,
            "one key of two",
        ),
        (
            r#"{"StringEquals":{"swf:activityType.name":"encode"},"StringLike":{"swf:taskList.name":"m*"}}"#,
            &SCHEDULE,
            true,
            "both operators",
        ),
        (
            r#"{"StringEquals":{"swf:activityType.name":"encode"},"StringLike":{"swf:taskList.name":"x*"}}"#,
            &SCHEDULE,
            false,
            "one operator of two",
        ),
        (
            r#"{"StringNotEquals":{"swf:taskList.name":"a"},"StringNotEqualsIfExists":{"swf:taskList.name":"mail"}}"#,
            &POLL,
            false,
            "two operators that mean the same are still two",
        ),
        // Names of keys.
        (r#"{"StringEquals":{"SWF:TASKLIST.NAME":"mail"}}"#, &POLL, true, "any case"),
        // Parameters of other actions, and those left out.
        (r#"{"StringEquals":{"swf:taskList.name":"mail"}}"#, &BEAT, false, "beats have none"),
        (r#"{"StringLike":{"swf:taskList.name":"*"}}"#, &BEAT, false, "not even an empty one"),
        (r#"{"StringEqualsIgnoreCase":{"swf:name":"x"}}"#, &POLL, false, "no such parameter"),
        (r#"{"StringNotEquals":{"swf:taskList.name":"mail"}}"#, &BEAT, true, "so it is no mail"),
        (r#"{"StringNotEqualsIgnoreCase":{"swf:name":"x"}}"#, &POLL, true, "negated: holds"),
        (r#"{"StringNotLike":{"swf:taskList.name":"*"}}"#, &BEAT, true, "negated: holds"),
        (r#"{"StringEqualsIfExists":{"swf:taskList.name":"mail"}}"#, &BEAT, true, "if exists"),
        (r#"{"StringEqualsIfExists":{"swf:taskList.name":"mail"}}"#, &POLL, true, "it does"),
        (r#"{"StringEqualsIfExists":{"swf:taskList.name":"post"}}"#, &POLL, false, "it does"),
        (r#"{"StringNotEqualsIfExists":{"swf:taskList.name":"mail"}}"#, &BEAT, true, "if"),
        (r#"{"StringNotEqualsIfExists":{"swf:taskList.name":"mail"}}"#, &POLL, false, "it does"),
        (r#"{"StringEqualsIgnoreCaseIfExists":{"swf:taskList.name":"A"}}"#, &BEAT, true, "if"),
        (r#"{"StringEqualsIgnoreCaseIfExists":{"swf:taskList.name":"A"}}"#, &POLL, false, "is"),
        (r#"{"StringNotEqualsIgnoreCaseIfExists":{"swf:name":"A"}}"#, &POLL, true, "if"),
        (r#"{"StringNotEqualsIgnoreCaseIfExists":{"swf:name":"ENCODE"}}"#, &REGISTER, false, "is"),
        (r#"{"StringLikeIfExists":{"swf:taskList.name":"p*"}}"#, &BEAT, true, "if exists"),
        (r#"{"StringLikeIfExists":{"swf:taskList.name":"p*"}}"#, &POLL, false, "it does"),
        (r#"{"StringNotLikeIfExists":{"swf:taskList.name":"m*"}}"#, &BEAT, true, "if exists"),
        (r#"{"StringNotLikeIfExists":{"swf:taskList.name":"m*"}}"#, &POLL, false, "it does"),
        // The parameters of each action.
        (r#"{"StringEquals":{"swf:taskList.name":"mail"}}"#, &COUNT, true, "a count's list"),
        (r#"{"StringEquals":{"swf:taskList.name":"mail"}}"#, &SCHEDULE, true, "a task's list"),
        (r#"{"StringEquals":{"swf:taskList.name":"mail"}}"#, &REGISTER, false, "not the default"),
        (r#"{"StringEquals":{"swf:defaultTaskList.name":"mail"}}"#, &REGISTER, true, "a default"),
        (r#"{"StringEquals":{"swf:name":"encode","swf:version":"1.0"}}"#, &REGISTER, true, "new"),
        (r#"{"StringEquals":{"swf:activityType.name":"encode"}}"#, &REGISTER, false, "not new"),
        (r#"{"StringEquals":{"swf:name":"encode"}}"#, &SCHEDULE, false, "not scheduled"),
        (r#"{"StringLike":{"swf:taskList.name":"*"}}"#, &SCHEDULE_WITHOUT_LIST, false, "no list"),
        (r#"{"StringLikeIfExists":{"swf:taskList.name":"x"}}"#, &SCHEDULE_WITHOUT_LIST, true, "if"),
        (
            r#"{"StringNotEquals":{"swf:defaultTaskList.name":"mail"}}"#,
            &REGISTER_WITHOUT_LIST,
            true,
            "no default is not that default",
        ),
        // Odd values.
        (r#"{"StringEquals":{"swf:taskList.name":""}}"#, &POLL, false, "the empty text is one"),
        (r#"{"StringEquals":{"swf:taskList.name":["mail","mail"]}}"#, &POLL, true, "twice is once"),
    ];
    for (condition, request, holds, why) in rows {
        let with = |effect| {
            format!(
                r#"{{"Effect":"{effect}","Action":"*","Resource":"*","Condition":{condition}}}"#
            )
        };
        let verdict = decided(&[&with("Allow")], request, MEDIA);
        assert_eq!(verdict.is_allowed(), *holds, "{why}: allow if {condition}");
        let verdict = decided(&[&with("Deny"), ALL], request, MEDIA);
        assert_eq!(verdict.is_allowed(), !*holds, "{why}: deny if {condition}");
    }
}
