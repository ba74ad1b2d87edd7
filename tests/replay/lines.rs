//! The lines of `heartwheel::conformance` are the replayer's own.

use heartwheel::conformance::generate::case;
use heartwheel::conformance::lines::{read_observation, write_observation, write_operation};
use heartwheel::conformance::{Action, Model, Observation, Operation, Profile};

use crate::runner::replay;

/// What the replayer should tell of a case, each with the operation it answers and the newest time then.
fn expected(operations: &[Operation]) -> Vec<(Operation, u64, Observation)> {
    let mut model = Model::new(&Profile::replayer());
    let mut expected = Vec::new();
    for operation in operations {
        let told = model.apply(operation);
        expected.extend(told.into_iter().map(|told| (*operation, model.now(), told)));
    }
    // What is due is told before it is forgotten.
    let end = Operation { at: model.now(), action: Action::Advance };
    expected.extend(model.apply(&end).into_iter().map(|told| (end, end.at, told)));
    expected
}

#[test]
fn the_lines_of_the_kit_are_those_of_the_replayer() {
    let mut input = String::new();
    let mut all = Vec::new();
    for seed in 0..300 {
        let operations = case(&Profile::replayer(), seed);
        for operation in &operations {
            input += &(write_operation(operation) + "\n");
        }
        all.extend(expected(&operations));
        input += "{\"at\":0,\"action\":\"Reset\"}\n";
    }
    let replayed = replay(&["--json"], input);
    assert_eq!((replayed.err.as_str(), replayed.status), ("", 0));
    let mut told = replayed.out.lines().filter(|line| !line.contains("\"reply\":\"Reset\""));
    for (operation, newest, expected) in &all {
        let line = told.next().unwrap_or_default();
        let read = read_observation(line).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(read.answer(operation, *newest).as_ref(), Some(expected), "{line}");
        // The replayer says of what is not open whether it ever was, and the kit does not.
        if !line.contains("never scheduled") {
            assert_eq!(write_observation(expected, operation, *newest), line);
        }
    }
    assert_eq!(told.next(), None);
    assert!(all.len() > 3_000, "{}", all.len());
}
