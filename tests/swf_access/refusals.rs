//! What is no policy, and what the error says about it.

use heartwheel::swf::access::Policy;
use serde::de::value::BytesDeserializer;
use serde::Deserialize;

fn refusal(document: &str) -> String {
    let error = serde_json::from_str::<Policy>(document).expect_err(document).to_string();
    // What follows is the format's own: the line and column where it had read to.
    let (message, _) = error.rsplit_once(" at line ").unwrap_or((&error, ""));
    message.into()
}

/// A document of one statement with this in it.
fn statement(elements: &str) -> String {
    refusal(&format!(r#"{{"Statement":{{{elements}}}}}"#))
}

/// A document of one statement with this as its condition.
fn condition(condition: &str) -> String {
    statement(&format!(
        r#""Sid":"Polls","Effect":"Allow","Action":"*","Resource":"*","Condition":{condition}"#
    ))
}

#[test]
fn documents_that_are_no_policy_say_so() {
    for (document, message) in [
        ("1", "a map is needed, not a number"),
        ("[]", "a map is needed, not a list"),
        ("null", "a map is needed, not null"),
        ("\"swf\"", "a map is needed, not a string"),
        ("{}", "element Statement is missing"),
        (r#"{"Statement":[]}"#, "Statement: the list is empty"),
        (r#"{"Statement":1}"#, "statement 1: a map is needed, not a number"),
        (r#"{"Statement":["x"]}"#, "statement 1: a map is needed, not a string"),
        (r#"{"Statement":[[]]}"#, "statement 1: a map is needed, not a list"),
        (
            r#"{"Version":"2012-10-18","Statement":[]}"#,
            "Version: unknown \"2012-10-18\": 2012-10-17 and 2008-10-17 are known",
        ),
        (r#"{"Version":2012,"Statement":[]}"#, "Version: a string is needed, not a number"),
        (r#"{"Version":null,"Statement":[]}"#, "Version: a string is needed, not null"),
        (r#"{"Id":true,"Statement":[]}"#, "Id: a string is needed, not a boolean"),
        (
            r#"{"Statements":[]}"#,
            "unknown element \"Statements\": Version, Id, Statement are known",
        ),
        (r#"{"statement":[]}"#, "unknown element \"statement\": Version, Id, Statement are known"),
        (r#"{"Statement":[],"Statement":[]}"#, "element Statement stands twice"),
        (
            r#"{"Version":"2012-10-17","Version":"2012-10-17","Statement":[]}"#,
            "element Version stands twice",
        ),
    ] {
        assert_eq!(refusal(document), format!("policy refused: {message}"), "{document}");
    }
}

/// Not of JSON, but of formats that have more.
#[test]
fn what_no_policy_has_is_refused_with_what_one_has() {
    let bytes = BytesDeserializer::<serde::de::value::Error>::new(b"swf");
    let error = Policy::deserialize(bytes).unwrap_err().to_string();
    let expected = "expected a policy document: text, lists and maps";
    assert!(error.ends_with(expected), "{error}");
}

#[test]
fn both_versions_and_none_are_known() {
    let statement = r#""Statement":{"Effect":"Allow","Action":"*","Resource":"*","Sid":""}"#;
    for version in [r#""Version":"2012-10-17","#, r#""Version":"2008-10-17","#, "", r#""Id":"","#] {
        assert!(serde_json::from_str::<Policy>(&format!("{{{version}{statement}}}")).is_ok());
    }
}

#[test]
fn statements_that_are_not_understood_are_refused_by_number_and_sid() {
    for (elements, message) in [
        (r#""Action":"*","Resource":"*""#, ": element Effect is missing"),
        (r#""Effect":"Allow","Resource":"*""#, ": element Action or NotAction is missing"),
        (r#""Effect":"Allow","Action":"*""#, ": element Resource or NotResource is missing"),
        (
            r#""Effect":"Allow","Action":"*","NotAction":"*","Resource":"*""#,
            ": elements Action and NotAction exclude each other",
        ),
        (
            r#""Effect":"Allow","Action":"*","Resource":"*","NotResource":"*""#,
            ": elements Resource and NotResource exclude each other",
        ),
        (
            r#""Effect":"allow","Action":"*","Resource":"*""#,
            ", Effect: unknown \"allow\": Allow and Deny are known",
        ),
        (
            r#""Effect":["Allow"],"Action":"*","Resource":"*""#,
            ", Effect: a string is needed, not a list",
        ),
        (
            r#""Effect":"Deny","Effect":"Allow","Action":"*","Resource":"*""#,
            ": element Effect stands twice",
        ),
        (r#""Effect":"Allow","Action":[],"Resource":"*""#, ", Action: the list is empty"),
        (
            r#""Effect":"Allow","Action":{},"Resource":"*""#,
            ", Action: a string is needed, not a map",
        ),
        (
            r#""Effect":"Allow","Action":["swf:*",1],"Resource":"*""#,
            ", Action: a string is needed, not a number",
        ),
        (
            r#""Effect":"Allow","Action":[["swf:*"]],"Resource":"*""#,
            ", Action: a string is needed, not a list",
        ),
        (
            r#""Effect":"Allow","NotAction":null,"Resource":"*""#,
            ", NotAction: a string is needed, not null",
        ),
        (
            r#""Effect":"Allow","Action":"*","Resource":1.5"#,
            ", Resource: a string is needed, not a number",
        ),
        (r#""Effect":"Allow","Action":"*","NotResource":[]"#, ", NotResource: the list is empty"),
        (
            r#""Effect":"Allow","Action":"*","Resource":"*","Sid":1"#,
            ", Sid: a string is needed, not a number",
        ),
    ] {
        assert_eq!(
            statement(elements),
            format!("policy refused: statement 1{message}"),
            "{elements}"
        );
    }
    // The statement is the one that is wrong, and has its name, wherever it stands.
    let good = r#"{"Effect":"Allow","Action":"*","Resource":"*","Sid":"One"}"#;
    for (bad, message) in [
        (r#"{"Effect":"Maybe","Action":"*","Resource":"*","Sid":"Two"}"#, "statement 2 (Sid \"Two\"), Effect: unknown \"Maybe\": Allow and Deny are known"),
        (r#"{"Effect":"Allow","Action":"*","Resource":"*","Sid":"One"}"#, "statement 2 (Sid \"One\"), Sid: an earlier statement has the same"),
        (r#"{"Effect":"Allow","Action":"*","Resource":"*","Sid":"T-o"}"#, "statement 2 (Sid \"T-o\"), Sid: only the letters A to Z, a to z and digits are allowed"),
    ] {
        let document = format!(r#"{{"Statement":[{good},{bad}]}}"#);
        assert_eq!(refusal(&document), format!("policy refused: {message}"), "{bad}");
    }
}

#[test]
fn elements_of_policies_that_are_attached_to_resources_are_refused() {
    for name in ["Principal", "NotPrincipal", "action", "Conditions", "AddPerm"] {
        let elements = format!(r#""{name}":"*","Effect":"Allow","Action":"*","Resource":"*""#);
        assert_eq!(
            statement(&elements),
            format!(
                "policy refused: statement 1: unknown element {name:?}: Sid, Effect, Action, NotAction, \
                 Resource, NotResource, Condition are known"
            )
        );
    }
}

#[test]
fn patterns_that_could_only_be_guessed_at_are_refused() {
    for pattern in ["", "PollForActivityTask", ":Poll", "swf:", "swf:a:b"] {
        let message =
            statement(&format!(r#""Effect":"Deny","Action":["swf:*","{pattern}"],"Resource":"*""#));
        let wanted = format!("policy refused: statement 1, Action: {pattern:?} is no action");
        assert!(message.starts_with(&wanted), "{message}");
    }
    for pattern in [
        "",
        "media",
        "arn:aws:swf",
        "arn:aws:swf:*",
        "arn:aws:swf:*:/domain/media",
        "ARN:a:b:c:d:e",
        "**",
    ] {
        let message =
            statement(&format!(r#""Effect":"Deny","Action":"*","NotResource":["*","{pattern}"]"#));
        let wanted =
            format!("policy refused: statement 1, NotResource: {pattern:?} is no resource");
        assert!(message.starts_with(&wanted), "{message}");
    }
}

#[test]
fn policy_variables_are_refused_in_either_version() {
    for version in ["2012-10-17", "2008-10-17"] {
        for (elements, place) in [
            (r#""Action":"swf:${aws:x}","Resource":"*""#, "Action"),
            (r#""Action":"*","Resource":"arn:aws:swf:*:*:/domain/${aws:username}""#, "Resource"),
            (r#""Action":"*","NotResource":"arn:aws:swf:*:*:/domain/${*}""#, "NotResource"),
            (
                r#""Action":"*","Resource":"*","Condition":{"StringLike":{"swf:name":["a","${?}"]}}"#,
                "Condition, StringLike, \"swf:name\"",
            ),
        ] {
            let message = refusal(&format!(
                r#"{{"Version":"{version}","Statement":{{"Effect":"Deny",{elements}}}}}"#
            ));
            assert!(
                message.starts_with(&format!("policy refused: statement 1, {place}: ")),
                "{message}"
            );
            assert!(message.ends_with("has a policy variable: none is supported"), "{message}");
        }
    }
}

#[test]
fn conditions_that_are_not_understood_are_refused_with_their_place() {
    for (written, message) in [
        ("{}", "Condition: the map is empty"),
        ("[]", "Condition: a map is needed, not a list"),
        ("null", "Condition: a map is needed, not null"),
        (r#"{"StringEquals":{}}"#, "Condition, StringEquals: the map is empty"),
        (r#"{"StringEquals":"x"}"#, "Condition, StringEquals: a map is needed, not a string"),
        (
            r#"{"StringEquals":{"swf:name":[]}}"#,
            "Condition, StringEquals, \"swf:name\": the list is empty",
        ),
        (
            r#"{"StringEquals":{"swf:name":1}}"#,
            "Condition, StringEquals, \"swf:name\": a string is needed, not a number",
        ),
        (
            r#"{"StringEquals":{"swf:name":["a",true]}}"#,
            "Condition, StringEquals, \"swf:name\": a string is needed, not a boolean",
        ),
        (
            r#"{"StringEquals":{"swf:name":{"a":"b"}}}"#,
            "Condition, StringEquals, \"swf:name\": a string is needed, not a map",
        ),
        (
            r#"{"StringEquals":{"swf:name":"a","SWF:Name":"b"}}"#,
            "Condition, StringEquals: \"SWF:Name\" stands twice",
        ),
        (
            r#"{"StringEquals":{"swf:name":"a"},"StringEquals":{"swf:version":"b"}}"#,
            "Condition: \"StringEquals\" stands twice",
        ),
    ] {
        let message = format!("policy refused: statement 1 (Sid \"Polls\"), {message}");
        assert_eq!(condition(written), message, "{written}");
    }
}

#[test]
fn unknown_operators_are_never_passed_over() {
    for operator in [
        "StringMatches",
        "stringequals",
        "StringEquals ",
        "StringEqualsIfExistsIfExists",
        "IfExists",
        "",
        "Null",
        "Bool",
        "NumericEquals",
        "DateLessThan",
        "ArnLike",
        "ArnEquals",
        "IpAddress",
        "BinaryEquals",
        "ForAllValues:StringEquals",
        "ForAnyValue:StringLike",
    ] {
        assert_eq!(
            condition(&format!(r#"{{"StringLike":{{"swf:name":"a"}},"{operator}":{{}}}}"#)),
            format!(
                "policy refused: statement 1 (Sid \"Polls\"), Condition: unknown operator {operator:?}: \
                 StringEquals, StringNotEquals, StringEqualsIgnoreCase, StringNotEqualsIgnoreCase, \
                 StringLike or StringNotLike, also with IfExists are known"
            )
        );
    }
}

#[test]
fn keys_that_no_request_carries_are_never_passed_over() {
    for key in ["aws:username", "swf:tagList.member.0", "swf:typeFilter.name", "taskList.name", ""]
    {
        let message = condition(&format!(r#"{{"StringNotLike":{{"{key}":"a"}}}}"#));
        let wanted = format!(
            "policy refused: statement 1 (Sid \"Polls\"), Condition, StringNotLike, {key:?}: unknown key: "
        );
        assert!(message.starts_with(&wanted), "{message}");
        assert!(message.contains("swf:taskList.name"), "the known ones are listed: {message}");
    }
}
