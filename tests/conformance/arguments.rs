//! No public argument of the kit makes it panic.

use heartwheel::conformance::{
    check, Action, Heartwheel, Limits, Model, Observation, Operation, Plan, Profile, Subject, When,
};
use heartwheel::Config;

use crate::naive::{profile, Naive};

#[test]
fn a_unit_of_zero_counts_as_one() {
    let mut zero = profile();
    (zero.instant_unit, zero.timeout_unit) = (0, 0);
    let plan = Plan::new(crate::SEED).with_cases(50);
    let report = check(&mut Naive::new(None), &zero, &plan);
    assert!(report.is_conformant(), "{report}");
    assert_eq!(
        report.operations,
        check(&mut Naive::new(None), &profile(), &plan).operations,
        "the cases are those of one"
    );
    // A departure is shortened in units too.
    let mut wrong = Naive::new(Some(crate::Fault::DueTooLate));
    assert!(!check(&mut wrong, &zero, &plan).is_conformant());
}

#[test]
fn the_boundary_of_more_bits_than_time_has_is_the_end_of_time() {
    let model = Model::new(&Profile::full());
    let resolve = |bits, offset| When::Boundary(bits, offset).resolve(&model, None);
    assert_eq!((resolve(0, 0), resolve(63, -1)), (1, (1 << 63) - 1));
    assert_eq!((resolve(64, 0), resolve(u8::MAX, -1)), (u64::MAX, u64::MAX - 1));
}

#[test]
fn an_activity_may_have_any_number() {
    let mut engine = Heartwheel::new(Config::DEFAULT);
    let activity = u32::MAX;
    let schedule = Action::Schedule { activity, limits: Limits::default() };
    for (action, told) in
        [(schedule, Observation::Scheduled), (Action::Start { activity }, Observation::Started)]
    {
        assert_eq!(engine.apply(&Operation { at: 0, action }), Ok(vec![told]));
    }
}
