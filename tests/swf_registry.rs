//! Activity types: registered, deprecated, undeprecated, deleted, described, with each fault.

#![cfg(feature = "swf")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests fail loudly")]

use heartwheel::swf::*;
use heartwheel::Timestamp;
use serde_json::{json, Value};

fn at(millis: u64) -> Timestamp {
    Timestamp::from_millis(millis)
}

fn read<T: serde::de::DeserializeOwned>(value: Value) -> T {
    serde_json::from_value(value).unwrap()
}

fn register(types: &mut TypeRegistry, domain: &str, name: &str) -> Result<(), Fault> {
    types.register(at(1_500), read(json!({"domain": domain, "name": name, "version": "1.0"})))
}

/// The request of every other call.
fn named<T: serde::de::DeserializeOwned>(name: &str) -> T {
    read(json!({"domain": "media", "activityType": {"name": name, "version": "1.0"}}))
}

fn describe(types: &TypeRegistry, name: &str) -> Result<Value, Fault> {
    types.describe(&named(name)).map(|detail| serde_json::to_value(detail).unwrap())
}

#[track_caller]
fn refused<T: core::fmt::Debug>(result: Result<T, Fault>, kind: FaultKind, message: &str) {
    let fault = result.unwrap_err();
    assert_eq!((fault.kind, fault.message.as_str()), (kind, message));
}

const ENCODE: &str = "ActivityType=[name=encode, version=1.0]";
const UNKNOWN: &str = "Unknown type: ActivityType=[name=encode, version=1.0]";

#[test]
fn a_registered_type_is_described_with_all_that_it_was_given() {
    let mut types = TypeRegistry::new();
    let defaults = json!({
        "defaultTaskStartToCloseTimeout": "600", "defaultTaskHeartbeatTimeout": "NONE",
        "defaultTaskList": {"name": "main"}, "defaultTaskPriority": "7",
        "defaultTaskScheduleToStartTimeout": "0", "defaultTaskScheduleToCloseTimeout": "900",
    });
    let mut request =
        json!({"domain": "media", "name": "encode", "version": "1.0", "description": "bits"});
    request.as_object_mut().unwrap().extend(defaults.as_object().unwrap().clone());
    types.register(at(1_420_142_405_123), read(request)).unwrap();
    assert_eq!(
        describe(&types, "encode").unwrap(),
        json!({
            "typeInfo": {
                "activityType": {"name": "encode", "version": "1.0"}, "status": "REGISTERED",
                "description": "bits", "creationDate": 1_420_142_405.123,
            },
            "configuration": defaults,
        })
    );
    register(&mut types, "media", "bare").unwrap();
    assert_eq!(describe(&types, "bare").unwrap()["configuration"], json!({}));
}

#[test]
fn a_type_exists_once_by_domain_name_and_version_deprecated_or_not() {
    let mut types = TypeRegistry::new();
    register(&mut types, "media", "encode").unwrap();
    refused(register(&mut types, "media", "encode"), FaultKind::TypeAlreadyExists, ENCODE);
    types.deprecate(at(2_000), &named("encode")).unwrap();
    refused(register(&mut types, "media", "encode"), FaultKind::TypeAlreadyExists, ENCODE);
    register(&mut types, "radio", "encode").unwrap();
    register(&mut types, "media", "Encode").unwrap();
    let newer = json!({"domain": "media", "name": "encode", "version": "1.1"});
    types.register(at(0), read(newer)).unwrap();
}

#[test]
fn deprecation_shows_and_goes() {
    let mut types = TypeRegistry::new();
    register(&mut types, "media", "encode").unwrap();
    types.deprecate(at(2_001), &named("encode")).unwrap();
    let info = describe(&types, "encode").unwrap()["typeInfo"].clone();
    assert_eq!((&info["status"], &info["deprecationDate"]), (&json!("DEPRECATED"), &json!(2.001)));
    refused(types.deprecate(at(3_000), &named("encode")), FaultKind::TypeDeprecated, ENCODE);
    types.undeprecate(&named("encode")).unwrap();
    let info = describe(&types, "encode").unwrap()["typeInfo"].clone();
    assert_eq!((&info["status"], &info["deprecationDate"]), (&json!("REGISTERED"), &Value::Null));
    refused(types.undeprecate(&named("encode")), FaultKind::TypeAlreadyExists, ENCODE);
}

#[test]
fn only_a_deprecated_type_is_deleted_and_may_then_be_registered_anew() {
    let mut types = TypeRegistry::new();
    register(&mut types, "media", "encode").unwrap();
    refused(types.delete(&named("encode")), FaultKind::TypeNotDeprecated, ENCODE);
    types.deprecate(at(2_000), &named("encode")).unwrap();
    types.delete(&named("encode")).unwrap();
    refused(describe(&types, "encode"), FaultKind::UnknownResource, UNKNOWN);
    register(&mut types, "media", "encode").unwrap();
    assert_eq!(describe(&types, "encode").unwrap()["typeInfo"]["status"], "REGISTERED");
}

#[test]
fn every_call_about_an_unknown_type_says_so() {
    let mut types = TypeRegistry::new();
    for _ in 0..2 {
        let unknown = FaultKind::UnknownResource;
        refused(types.deprecate(at(0), &named("encode")), unknown, UNKNOWN);
        refused(types.undeprecate(&named("encode")), unknown, UNKNOWN);
        refused(types.delete(&named("encode")), unknown, UNKNOWN);
        refused(describe(&types, "encode"), unknown, UNKNOWN);
        // The same name in another domain does not help.
        drop(register(&mut types, "radio", "encode"));
    }
}

#[test]
fn a_domain_has_ten_thousand_types_at_most() {
    let mut types = TypeRegistry::new();
    for number in 0..TypeRegistry::MAX_TYPES_PER_DOMAIN {
        register(&mut types, "media", &format!("n{number}")).unwrap();
    }
    let fault = register(&mut types, "media", "one more").unwrap_err();
    assert_eq!(fault.kind, FaultKind::LimitExceeded);
    refused(
        register(&mut types, "media", "n7"),
        FaultKind::TypeAlreadyExists,
        "ActivityType=[name=n7, version=1.0]",
    );
    register(&mut types, "radio", "one more").unwrap();
    types.deprecate(at(0), &named("n7")).unwrap();
    types.delete(&named("n7")).unwrap();
    register(&mut types, "media", "one more").unwrap();
}

#[test]
fn types_are_listed_by_name_and_version_and_stored_in_order() {
    let mut types = TypeRegistry::new();
    for name in ["b", "a", "c"] {
        register(&mut types, "media", name).unwrap();
        register(&mut types, "radio", name).unwrap();
    }
    types.deprecate(at(9_000), &named("b")).unwrap();
    let listed = types.types(&"media".parse().unwrap());
    let listed: Vec<_> =
        listed.map(|info| (info.activity_type.name.into_string(), info.status)).collect();
    let registered = RegistrationStatus::Registered;
    assert_eq!(
        listed,
        [
            ("a".to_owned(), registered),
            ("b".to_owned(), RegistrationStatus::Deprecated),
            ("c".to_owned(), registered)
        ]
    );
    let stored = serde_json::to_value(&types).unwrap();
    assert_eq!(serde_json::from_value::<TypeRegistry>(stored.clone()).unwrap(), types);
    let mut twice = stored.as_array().unwrap().clone();
    assert_eq!(twice.len(), 6);
    twice.push(twice[0].clone());
    assert!(serde_json::from_value::<TypeRegistry>(Value::Array(twice)).is_err());
}
