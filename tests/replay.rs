//! The replayer from end to end: its bytes in, its bytes out.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::std_instead_of_core,
    reason = "a test fails by panicking, and a program's tests have std"
)]

#[path = "replay/lines.rs"]
mod lines;
#[path = "replay/runner.rs"]
mod runner;
#[path = "replay/snapshots.rs"]
mod snapshots;

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Output, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use rand::rngs::SmallRng;
use rand::{Rng as _, SeedableRng as _};
use runner::{assert_golden, assert_replays, inputs, replay, replayer, Replayed};
use serde_json::Value;
use snapshots::assert_snapshots_are_invisible;

const BUNDLED: &str = include_str!("../examples/replay/session.jsonl");

fn run_without_input(flags: &[&str]) -> Replayed {
    Replayed::from(replayer().args(flags).output().unwrap())
}

#[test]
fn the_bundled_session_tells_its_story_to_people() {
    let replayed = run_without_input(&[]);
    assert_golden("bundled.out.txt", &replayed.out);
    assert_eq!((replayed.err.as_str(), replayed.status), ("", 0));
}

#[test]
fn the_bundled_session_as_json_lines() {
    let replayed = run_without_input(&["--json", "--drain"]);
    assert_golden("bundled.out.jsonl", &replayed.out);
    assert_eq!((replayed.err.as_str(), replayed.status), ("", 0));
    assert_eq!(
        replay(&["--json", "--drain"], BUNDLED).out,
        replayed.out,
        "a bundled session is like any other"
    );
}

#[test]
fn every_command_in_every_state_is_answered() {
    assert_replays("commands", &[]);
}

#[test]
fn a_line_that_cannot_be_read_is_reported_and_changes_nothing() {
    assert_replays("bad", &[]);
}

#[test]
fn a_drain_observes_each_timeout_at_its_deadline() {
    assert_replays("drain", &["--drain"]);
}

#[test]
fn without_a_drain_only_what_is_due_at_the_newest_instant_is_told() {
    let input = std::fs::read_to_string(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/tests/replay/drain.in.jsonl"
    ))
    .unwrap();
    let (stayed, drained) =
        (replay(&["--json"], input.clone()), replay(&["--json", "--drain"], input));
    assert!(drained.out.starts_with(&stayed.out), "a drain only adds");
    assert!(drained.out.len() > stayed.out.len());
}

#[test]
fn a_worker_of_an_earlier_run_is_refused() {
    assert_replays("runs", &[]);
}

#[test]
fn instants_are_exact_from_zero_to_the_last_millisecond() {
    assert_replays("extremes", &["--drain"]);
}

#[test]
fn time_never_steps_back_and_reset_forgets_it() {
    assert_replays("clock", &[]);
}

#[test]
fn a_recovery_comes_before_what_fell_due_in_the_silence() {
    assert_replays("recovery", &[]);
}

#[test]
fn clocks_take_other_timeouts_and_stand_still_while_suspended() {
    assert_replays("clocks", &[]);
}

#[test]
fn a_snapshot_takes_no_time() {
    assert_replays("snapshot", &[]);
}

#[test]
fn the_story_tells_of_snapshots_recoveries_and_suspensions() {
    let replayed = replay(&[], include_str!("replay/snapshot.in.jsonl"));
    assert_golden("snapshot.out.txt", &replayed.out);
    assert_eq!((replayed.err.as_str(), replayed.status), ("", 0));
}

#[test]
fn a_snapshot_after_every_line_changes_no_other_line() {
    assert_snapshots_are_invisible("the bundled session", BUNDLED);
    for (name, input) in inputs() {
        assert_snapshots_are_invisible(&name, &input);
    }
}

#[test]
fn snapshots_in_random_sessions_change_no_other_line() {
    for seed in 0..30 {
        let mut rng = SmallRng::seed_from_u64(seed);
        let mut at = 0;
        let input: String = (0..200).map(|_| random_line(&mut rng, &mut at)).collect();
        assert_snapshots_are_invisible(&format!("seed {seed}"), &input);
    }
}

#[test]
fn the_story_draws_two_hundred_lanes_and_counts_the_rest() {
    let input: String = (0..250)
        .map(|n| {
            format!(
                "{{\"at\":{n},\"action\":\"ScheduleActivityTask\",\"activityId\":\"task-{n}\"}}\n"
            )
        })
        .collect();
    let replayed = replay(&[], input);
    assert!(replayed.out.contains("\n  and 50 more activities\n"), "{}", replayed.out);
    assert_eq!(replayed.status, 0);
}

#[test]
fn a_lane_of_very_many_heartbeats_is_thinned_without_a_gap() {
    let beats = (2..100_000).map(|at| {
        format!(
            "{{\"at\":{at},\"action\":\"RecordActivityTaskHeartbeat\",\"activityId\":\"a1\"}}\n"
        )
    });
    let input: String = ["ScheduleActivityTask", "StartActivityTask"]
        .map(|action| format!("{{\"at\":1,\"action\":\"{action}\",\"activityId\":\"a1\"}}\n"))
        .into_iter()
        .chain(beats)
        .collect();
    let story = replay(&[], input).out;
    let lane = format!("\n  a1  >{}  open\n", "•".repeat(71));
    assert!(story.contains(&lane), "{}", story.split("Timeline").last().unwrap());
}

#[test]
fn blank_lines_crlf_and_a_missing_last_newline_are_fine() {
    let unix = replay(&["--json"], BUNDLED).out;
    let windows = format!("\r\n \t\r\n{}", BUNDLED.trim_end().replace('\n', "\r\n\r\n"));
    let replayed = replay(&["--json"], windows);
    assert_eq!((replayed.out, replayed.err.as_str(), replayed.status), (unix, "", 0));
}

#[test]
fn lengths_are_counted_in_characters() {
    let line = |action: &str, id: usize, field: &str, length: usize| {
        let (id, text) = ("é".repeat(id), "𝄞".repeat(length));
        format!(
            "{{\"at\":1,\"action\":\"{action}\",\"activityId\":\"{id}\",\"{field}\":\"{text}\"}}\n"
        )
    };
    let longest = [
        ("RecordActivityTaskHeartbeat", "details", 2_048),
        ("RespondActivityTaskCompleted", "result", 32_768),
        ("RespondActivityTaskFailed", "reason", 256),
        ("RespondActivityTaskFailed", "details", 32_768),
        ("RespondActivityTaskCanceled", "details", 32_768),
    ];
    for (action, field, length) in longest {
        assert_eq!(
            replay(&["--json"], line(action, 256, field, length)).status,
            0,
            "{action} {field}"
        );
        for (id, length) in [(256, length + 1), (257, length), (0, length)] {
            let replayed = replay(&["--json"], line(action, id, field, length));
            assert_eq!((replayed.out.as_str(), replayed.status), ("", 1), "{action} {field}");
            assert!(replayed.err.starts_with("line 1: "), "{}", replayed.err);
        }
    }
}

#[test]
fn bytes_that_are_no_text_and_lines_without_end_are_reported_with_their_numbers() {
    let mut input = b"\xff\xfe{\"at\":0}\n\0\0\0\n".to_vec();
    input.extend(vec![b'['; 1_000_000]);
    input.push(b'\n');
    input.extend(b"{\"at\":".iter().chain(&[b'['; 100_000]));
    input.push(b'\n');
    input.extend(vec![b' '; 40_000_000]);
    input.extend(b"\n\n{\"at\":7,\"action\":\"Sync\"}");
    let replayed = replay(&["--json"], input);
    assert_eq!((replayed.out.as_str(), replayed.status), ("{\"reply\":\"Sync\"}\n", 1));
    let reported: Vec<&str> =
        replayed.err.lines().filter_map(|line| line.split(':').next()).collect();
    assert_eq!(reported, ["line 1", "line 2", "line 3", "line 4", "line 5"], "{}", replayed.err);
    assert!(replayed.err.len() < 2_000, "reports stay short: {}", replayed.err.len());
}

#[test]
fn sync_lets_a_program_talk_to_the_replayer() {
    let mut child = replayer()
        .args(["--json", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let stdout = BufReader::new(child.stdout.take().unwrap());
    let (sender, answers) = mpsc::channel();
    let reader =
        thread::spawn(move || stdout.lines().try_for_each(|line| sender.send(line.unwrap())));
    let mut ask = |lines: &str| {
        stdin.write_all(lines.as_bytes()).unwrap();
        let mut answer = Vec::new();
        while answer.last().map(String::as_str) != Some(r#"{"reply":"Sync"}"#) {
            answer.push(
                answers.recv_timeout(Duration::from_secs(60)).expect("Sync is answered at once"),
            );
        }
        answer
    };
    let answer = ask(
        "{\"at\":0,\"action\":\"ScheduleActivityTask\",\"activityId\":\"a1\",\"heartbeatTimeout\":\"60\"}\n\
         {\"at\":5,\"action\":\"StartActivityTask\",\"activityId\":\"a1\"}\n{\"at\":5,\"action\":\"Sync\"}\n",
    );
    assert_eq!(answer.len(), 3);
    assert_eq!(ask("{\"at\":64.999,\"action\":\"Sync\"}\n").len(), 1, "nothing is due yet");
    let answer = ask("{\"at\":65,\"action\":\"Sync\"}\n");
    assert!(answer[0].contains("HEARTBEAT"), "{answer:?}");
    drop(stdin);
    assert!(child.wait().unwrap().success());
    reader.join().unwrap().unwrap();
}

#[test]
fn a_reader_that_leaves_early_is_no_panic() {
    let mut child = replayer()
        .args(["--json", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let mut stdin = child.stdin.take().unwrap();
    for _ in 0..1_000 {
        // Fails once the replayer has noticed.
        let _ = stdin.write_all(BUNDLED.as_bytes());
    }
    drop(stdin);
    let Output { status, stderr, .. } = child.wait_with_output().unwrap();
    assert_eq!((String::from_utf8(stderr).unwrap().as_str(), status.code()), ("", Some(0)));
}

#[test]
fn a_file_that_is_not_there_is_reported() {
    let replayed = run_without_input(&["no-such-file.jsonl"]);
    assert_eq!((replayed.out.as_str(), replayed.status), ("", 1));
    assert!(replayed.err.starts_with("cannot open no-such-file.jsonl: "), "{}", replayed.err);
}

#[test]
fn any_bytes_are_survived() {
    for seed in 0..60 {
        println!("seed {seed}");
        let mut rng = SmallRng::seed_from_u64(seed);
        let mut input = Vec::new();
        for _ in 0..rng.random_range(1..200) {
            input.extend(mangled_line(&mut rng));
            input.push(b'\n');
        }
        input.extend(b"{\"at\":0,\"action\":\"Sync\"}");

        let told = replay(&["--json", "--drain"], input.clone());
        assert!(told.status == 0 || told.status == 1, "status {}", told.status);
        assert_eq!(told.status == 1, !told.err.is_empty());
        assert!(told.err.lines().all(|line| line.starts_with("line ")), "{}", told.err);
        assert!(told.out.contains("{\"reply\":\"Sync\"}\n"), "the rest is replayed");
        for line in told.out.lines() {
            serde_json::from_str::<Value>(line).expect(line);
        }

        let story = replay(&[], input);
        assert_eq!((story.status, &story.err), (told.status, &told.err));
        let is_plain = |char: char| char == '\n' || !char.is_control();
        assert!(
            story.out.chars().chain(story.err.chars()).all(is_plain),
            "nothing upsets a terminal"
        );
    }
}

/// A command about one of three activities, mostly a little later than the one before, in milliseconds.
fn random_line(rng: &mut SmallRng, at: &mut u64) -> String {
    const TIMEOUTS: [&str; 4] = [
        "scheduleToStartTimeout",
        "scheduleToCloseTimeout",
        "startToCloseTimeout",
        "heartbeatTimeout",
    ];
    const ACTIONS: [&str; 8] = [
        "ScheduleActivityTask",
        "StartActivityTask",
        "RecordActivityTaskHeartbeat",
        "RequestCancelActivityTask",
        "RespondActivityTaskCompleted",
        "UpdateTimeouts",
        "Suspend",
        "Resume",
    ];
    const OTHERS: [&str; 5] = [
        "Snapshot",
        "Reset",
        "Recover\",\"policy\":\"Absolute",
        "Recover\",\"spreadSeconds\":3,\"policy\":\"Rearm",
        "Recover\",\"graceSeconds\":2,\"policy\":\"Grace",
    ];
    *at += rng.random_range(0..3_000);
    let at = at.saturating_sub(if rng.random_ratio(1, 8) { 2_000 } else { 0 });
    let time = format!("\"at\":{}.{:03}", at / 1_000, at % 1_000);
    if rng.random_ratio(1, 10) {
        let other = OTHERS[rng.random_range(0..OTHERS.len())];
        return format!("{{{time},\"action\":\"{other}\"}}\n");
    }
    // The first three are most of a life.
    let most = if rng.random_ratio(1, 2) { 3 } else { ACTIONS.len() };
    let action = ACTIONS[rng.random_range(0..most)];
    let id = rng.random_range(0..3);
    let mut line = format!("{{{time},\"action\":\"{action}\",\"activityId\":\"a{id}\"");
    if matches!(action, "ScheduleActivityTask" | "UpdateTimeouts") {
        for name in TIMEOUTS {
            if rng.random_ratio(1, 2) {
                line += &format!(",\"{name}\":\"{}\"", rng.random_range(0..12));
            }
        }
    }
    line + "}\n"
}

/// Random bytes, or a line of the bundled session with a few bytes changed, lost or repeated.
fn mangled_line(rng: &mut SmallRng) -> Vec<u8> {
    if rng.random_ratio(1, 10) {
        return (0..rng.random_range(0..300)).map(|_| rng.random()).collect();
    }
    let lines: Vec<&str> = BUNDLED.lines().collect();
    let mut line = lines[rng.random_range(0..lines.len())].as_bytes().to_vec();
    for _ in 0..rng.random_range(0..4) {
        let place = rng.random_range(0..line.len());
        match rng.random_range(0..5) {
            0 => line[place] = rng.random(),
            1 => line[place] = b"0123456789eE+-.\"\\{}[]:, u"[rng.random_range(0..25)],
            2 => drop(line.drain(place..rng.random_range(place..line.len()))),
            3 => line.insert(place, rng.random_range(b'0'..=b'9')),
            _ => {
                let again = line[place..].to_vec();
                line.extend(again);
            }
        }
    }
    line
}
