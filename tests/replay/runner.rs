//! Runs the replayer as its users do, and compares what it prints with checked-in files.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::{env, fs, thread};

/// What one run of the replayer came to.
pub(crate) struct Replayed {
    pub(crate) out: String,
    pub(crate) err: String,
    pub(crate) status: i32,
}

/// The replayer, built by cargo beside the tests: `target/debug/deps/replay-..` and
/// `target/debug/examples/replay`. `cargo test` builds it; `cargo test --test replay` alone does not.
pub(crate) fn replayer() -> Command {
    let test = env::current_exe().unwrap();
    let profile = test.parent().and_then(Path::parent).unwrap();
    let example = profile.join("examples").join(format!("replay{}", env::consts::EXE_SUFFIX));
    assert!(
        example.exists(),
        "{} is missing: run `cargo build --example replay`",
        example.display()
    );
    Command::new(example)
}

/// Feeds `input` to the replayer's standard input.
pub(crate) fn replay(flags: &[&str], input: impl Into<Vec<u8>>) -> Replayed {
    let input = input.into();
    let mut child = replayer()
        .args(flags)
        .arg("-")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    // In a thread of its own: both pipes may be full at once.
    let writer = thread::spawn(move || stdin.write_all(&input));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap().unwrap();
    Replayed::from(output)
}

impl From<Output> for Replayed {
    fn from(output: Output) -> Self {
        Self {
            out: String::from_utf8(output.stdout).expect("the output is UTF-8"),
            err: String::from_utf8(output.stderr).expect("the reports are UTF-8"),
            status: output.status.code().expect("the replayer ends by itself, not by a signal"),
        }
    }
}

/// Compares with `tests/replay/NAME`; with UPDATE_GOLDEN=1 in the environment, writes it instead.
#[track_caller]
pub(crate) fn assert_golden(name: &str, actual: &str) {
    let path = golden(name);
    if env::var_os("UPDATE_GOLDEN").is_some_and(|value| value == "1") {
        fs::write(&path, actual).unwrap();
        return;
    }
    let expected = fs::read_to_string(&path).unwrap_or_default();
    // A checkout may have changed the ends of lines.
    for (number, (expected, actual)) in (1..).zip(lines(&expected).zip(lines(actual))) {
        assert!(
            expected == actual,
            "{name}, line {number}:\n  expected {expected}\n    actual {actual}\n\
             (UPDATE_GOLDEN=1 rewrites the file)"
        );
    }
}

/// Replays `tests/replay/NAME.in.jsonl` as JSON, and compares output and reports with the files beside it.
#[track_caller]
pub(crate) fn assert_replays(name: &str, flags: &[&str]) {
    let input = fs::read(golden(&format!("{name}.in.jsonl"))).unwrap();
    let replayed = replay(&[&["--json"], flags].concat(), input);
    assert_golden(&format!("{name}.out.jsonl"), &replayed.out);
    if golden(&format!("{name}.err.txt")).exists() {
        assert_golden(&format!("{name}.err.txt"), &replayed.err);
        assert_eq!(replayed.status, 1);
    } else {
        assert_eq!((replayed.err.as_str(), replayed.status), ("", 0));
    }
}

/// The name and the text of every `tests/replay/NAME.in.jsonl`.
pub(crate) fn inputs() -> Vec<(String, String)> {
    let paths = fs::read_dir(golden("")).unwrap().map(|entry| entry.unwrap().path());
    let inputs: Vec<(String, String)> = paths
        .filter(|path| path.to_string_lossy().ends_with(".in.jsonl"))
        .map(|path| (path.display().to_string(), fs::read_to_string(path).unwrap()))
        .collect();
    assert!(!inputs.is_empty());
    inputs
}

/// The lines and then an end, so that a missing line differs from one that is there.
fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.lines().chain(["(end of file)"])
}

fn golden(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/replay").join(name)
}
