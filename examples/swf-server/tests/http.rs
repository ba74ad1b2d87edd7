//! The wire: the documentation's own sample request byte for byte, AWS's common errors, access keys, the control
//! endpoint, long polls.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests fail loudly")]

use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::{json, Value};
use swf_server::clock::{Clock, ClockKind, MANUAL_START};
use swf_server::host::{Host, LongPoll};
use swf_server::http::{router, Server};
use swf_server::policy::Policies;
use swf_server::state::{Boot, Place, Seed, State};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

struct Running {
    address: String,
}

async fn run(kind: ClockKind, policies: Policies) -> Running {
    let place = Place { region: "us-east-1".to_owned(), account: "123456789012".to_owned() };
    let state = State::new(place, Seed::new([3; 32]), Boot::new(5)).unwrap();
    let host = Host::new(state, Clock::new(kind, MANUAL_START), LongPoll::default_of(kind));
    let server = Arc::new(Server::new(Arc::new(host), policies, 7));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    tokio::spawn(async move { axum::serve(listener, router(server)).await });
    Running { address }
}

struct Answer {
    head: String,
    body: String,
}

impl Answer {
    fn status(&self) -> u16 {
        self.head.split(' ').nth(1).unwrap().parse().unwrap()
    }

    fn header(&self, name: &str) -> Option<&str> {
        self.head
            .lines()
            .filter_map(|line| line.split_once(": "))
            .find_map(|(found, value)| found.eq_ignore_ascii_case(name).then_some(value))
    }

    fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or(Value::Null)
    }
}

impl Running {
    /// Sends bytes and reads one answer.
    async fn raw(&self, request: &[u8]) -> Answer {
        let mut stream = TcpStream::connect(&self.address).await.unwrap();
        stream.write_all(request).await.unwrap();
        let mut read = Vec::new();
        loop {
            let text = String::from_utf8(read.clone()).unwrap();
            if let Some((head, body)) = text.split_once("\r\n\r\n") {
                let answer = Answer { head: head.to_owned(), body: body.to_owned() };
                let length = answer.header("content-length").map_or(0, |it| it.parse().unwrap());
                if body.len() >= length {
                    return answer;
                }
            }
            let mut chunk = [0; 4096];
            let count = stream.read(&mut chunk).await.unwrap();
            assert!(count > 0, "cut off: {text}");
            read.extend_from_slice(&chunk[..count]);
        }
    }

    async fn send(&self, line: &str, headers: &[&str], body: &str) -> Answer {
        let mut request = format!("{line} HTTP/1.1\r\nHost: {}\r\n", self.address);
        for header in headers {
            request += header;
            request += "\r\n";
        }
        request += &format!("Content-Length: {}\r\n\r\n{body}", body.len());
        self.raw(request.as_bytes()).await
    }

    async fn call(&self, name: &str, body: Value) -> Answer {
        let target = format!("X-Amz-Target: SimpleWorkflowService.{name}");
        self.send("POST /", &[&target], &body.to_string()).await
    }

    /// The token of a started activity task.
    async fn token(&self) -> String {
        let workflow = json!({"name": "w", "version": "1"});
        let activity = json!({"name": "a", "version": "1"});
        let list = json!({"name": "list"});
        let schedule = json!({
            "decisionType": "ScheduleActivityTask",
            "scheduleActivityTaskDecisionAttributes": {
                "activityType": activity, "activityId": "a", "taskList": list,
                "scheduleToStartTimeout": "60", "scheduleToCloseTimeout": "60",
                "startToCloseTimeout": "60", "heartbeatTimeout": "60",
            },
        });
        self.call(
            "RegisterDomain",
            json!({"name": "d", "workflowExecutionRetentionPeriodInDays": "1"}),
        )
        .await;
        self.call("RegisterWorkflowType", json!({"domain": "d", "name": "w", "version": "1"}))
            .await;
        self.call("RegisterActivityType", json!({"domain": "d", "name": "a", "version": "1"}))
            .await;
        let start = json!({
            "domain": "d", "workflowId": "x", "workflowType": workflow, "taskList": list,
            "executionStartToCloseTimeout": "600", "taskStartToCloseTimeout": "60", "childPolicy": "TERMINATE",
        });
        assert_eq!(self.call("StartWorkflowExecution", start).await.status(), 200);
        let poll = json!({"domain": "d", "taskList": list});
        let task = self.call("PollForDecisionTask", poll.clone()).await.json();
        let decided = json!({"taskToken": task["taskToken"], "decisions": [schedule]});
        let answer = self.call("RespondDecisionTaskCompleted", decided).await;
        assert_eq!((answer.status(), answer.body.as_str()), (200, ""));
        let task = self.call("PollForActivityTask", poll).await.json();
        task["taskToken"].as_str().unwrap().to_owned()
    }
}

#[tokio::test]
async fn the_documentations_sample_request_is_answered_as_the_documentation_says() {
    let server = run(ClockKind::Manual, Policies::default()).await;
    let token = server.token().await;
    let body = format!(r#"{{"taskToken": "{token}", "details": "starting task"}}"#);
    let request = format!(
        "POST / HTTP/1.1\r\n\
         Host: swf.us-east-1.amazonaws.com\r\n\
         User-Agent: Mozilla/5.0 (Windows; U; Windows NT 6.1; en-US; rv:1.9.2.25) Gecko/20111212 Firefox/3.6.25 ( .NET CLR 3.5.30729; .NET4.0E)\r\n\
         Accept: application/json, text/javascript, */*\r\n\
         Accept-Language: en-us,en;q=0.5\r\n\
         Accept-Encoding: gzip,deflate\r\n\
         Accept-Charset: ISO-8859-1,utf-8;q=0.7,*;q=0.7\r\n\
         Keep-Alive: 115\r\n\
         Connection: keep-alive\r\n\
         Content-Type: application/json; charset=UTF-8\r\n\
         X-Requested-With: XMLHttpRequest\r\n\
         X-Amz-Date: Mon, 16 Jan 2012 03:55:06 GMT\r\n\
         X-Amz-Target: SimpleWorkflowService.RecordActivityTaskHeartbeat\r\n\
         Content-Encoding: amz-1.0\r\n\
         X-Amzn-Authorization: AWS3 AWSAccessKeyId=AKIAIOSFODNN7EXAMPLE,Signature=tzjkF55lxAxPhzp/BRGFYQRQRq6CqrM254dTDE/EncI=,Algorithm=HmacSHA256,SignedHeaders=Host;X-Amz-Date;X-Amz-Target;Content-Encoding\r\n\
         Referer: http://swf.us-east-1.amazonaws.com/explorer/index.html\r\n\
         Content-Length: {}\r\n\
         Pragma: no-cache\r\n\
         Cache-Control: no-cache\r\n\r\n{body}",
        body.len()
    );
    let answer = server.raw(request.as_bytes()).await;
    assert_eq!(answer.head.lines().next(), Some("HTTP/1.1 200 OK"));
    assert_eq!(answer.body, r#"{"cancelRequested":false}"#);
    assert_eq!(answer.header("Content-Length"), Some("25"));
    assert_eq!(answer.header("Content-Type"), Some("application/json"));
    assert!(answer.header("x-amzn-RequestId").is_some_and(|id| id.len() == 36));
}

#[tokio::test]
async fn what_is_no_call_of_swfs_gets_awss_common_errors() {
    let server = run(ClockKind::System, Policies::default()).await;
    let target = |name: &str| format!("X-Amz-Target: SimpleWorkflowService.{name}");
    let (tag, dance, heartbeat) =
        (target("TagResource"), target("Dance"), target("RecordActivityTaskHeartbeat"));
    let long = "x".repeat(2_000_000);
    for (line, headers, body, status, code) in [
        ("POST /", vec![], "{}", 400, "MissingAction"),
        ("POST /", vec![dance.as_str()], "{}", 404, "UnknownOperationException"),
        (
            "POST /",
            vec!["X-Amz-Target: DynamoDB_20120810.ListTables"],
            "{}",
            404,
            "UnknownOperationException",
        ),
        ("POST /", vec![tag.as_str()], "{}", 400, "UnsupportedOperation"),
        ("GET /", vec![heartbeat.as_str()], "", 404, "UnknownOperationException"),
        ("POST /x", vec![heartbeat.as_str()], "{}", 404, "UnknownOperationException"),
        ("GET /control/now", vec![], "", 404, "UnknownOperationException"),
        ("POST /", vec![heartbeat.as_str()], long.as_str(), 413, "RequestEntityTooLargeException"),
        // The head is looked at first.
        ("POST /", vec![], long.as_str(), 400, "MissingAction"),
    ] {
        let answer = server.send(line, &headers, body).await;
        let kind = format!("com.amazon.coral.service#{code}");
        assert_eq!((answer.status(), &answer.json()["__type"]), (status, &json!(kind)), "{line}");
        assert!(answer.header("x-amzn-requestid").is_some());
    }
    for (body, kind) in [
        ("{", "com.amazonaws.swf.base.model#SerializationException"),
        ("[]", "com.amazonaws.swf.base.model#SerializationException"),
        (r#"{"taskToken":7}"#, "com.amazonaws.swf.base.model#SerializationException"),
        ("{}", "com.amazon.coral.validate#ValidationException"),
        (r#"{"taskToken":"x"}"#, "com.amazon.coral.validate#ValidationException"),
    ] {
        let answer = server.send("POST /", &[&heartbeat], body).await;
        assert_eq!((answer.status(), &answer.json()["__type"]), (400, &json!(kind)), "{body}");
    }
}

#[tokio::test]
async fn policies_are_chosen_by_the_access_key_of_either_header() {
    let file = std::env::temp_dir().join(format!("swf-server-policy-{}.json", std::process::id()));
    let policy = json!({"AKIDFULL": {"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": "swf:*", "Resource": "*"},
    ]}});
    std::fs::write(&file, policy.to_string()).unwrap();
    let policies = Policies::load(&file);
    std::fs::remove_file(&file).unwrap();
    let server = run(ClockKind::Manual, policies.unwrap()).await;
    let target = "X-Amz-Target: SimpleWorkflowService.ListDomains";
    let body = r#"{"registrationStatus":"REGISTERED"}"#;
    let credential = |key: &str| {
        format!("Authorization: AWS4-HMAC-SHA256 Credential={key}/20261124/us-east-1/swf/aws4_request, Signature=0")
    };
    let (full, other) = (credential("AKIDFULL"), credential("AKIDOTHER"));
    let of_2012 = "X-Amzn-Authorization: AWS3 AWSAccessKeyId=AKIDFULL,Signature=0".to_owned();
    for (header, status, code) in [
        ("X-Nothing: 1".to_owned(), 403, "MissingAuthenticationToken"),
        (full, 200, ""),
        (of_2012, 200, ""),
        (other, 400, "OperationNotPermittedFault"),
    ] {
        let answer = server.send("POST /", &[target, &header], body).await;
        let kind = answer.json()["__type"].as_str().unwrap_or_default().to_owned();
        assert_eq!(answer.status(), status, "{header}: {}", answer.body);
        assert!(kind.ends_with(code), "{header}: {kind}");
    }
}

#[tokio::test]
async fn a_manual_clock_moves_when_it_is_told_to() {
    let server = run(ClockKind::Manual, Policies::default()).await;
    assert_eq!(
        server.send("GET /control/now", &[], "").await.json(),
        json!({"now": 1_700_000_000.0})
    );
    for refused in [r#"{"seconds":-1}"#, r#"{"seconds":0.0001}"#, r#"{"seconds":"1"}"#, "{}", ""] {
        assert_eq!(
            server.send("POST /control/advance", &[], refused).await.status(),
            400,
            "{refused}"
        );
    }
    let token = server.token().await;
    let advance = |seconds: &'static str| server.send("POST /control/advance", &[], seconds);
    assert_eq!(advance(r#"{"seconds": 59.999}"#).await.json(), json!({"now": 1_700_000_059.999}));
    let beat = json!({ "taskToken": token });
    assert_eq!(server.call("RecordActivityTaskHeartbeat", beat.clone()).await.status(), 200);
    advance(r#"{"seconds": 0.001}"#).await;
    let late = server.call("RecordActivityTaskHeartbeat", beat.clone()).await.json();
    assert_eq!(late["message"], "Unknown activity, scheduledEventId = 5");
    // After a reset, the tokens of before are no tokens.
    let now = server.send("POST /control/reset", &[], "").await.json();
    assert_eq!(now, json!({"now": 1_700_000_000.0}));
    let gone = server.call("RecordActivityTaskHeartbeat", beat).await.json();
    assert_eq!(gone["message"], "Invalid token");
}

#[tokio::test]
async fn a_page_in_a_browser_moves_no_clock() {
    let server = run(ClockKind::Manual, Policies::default()).await;
    for origin in ["Origin: https://example.com", "Origin: null", "origin: http://127.0.0.1"] {
        for (line, body) in
            [("POST /control/advance", r#"{"seconds":60}"#), ("POST /control/reset", "{}")]
        {
            let answer = server.send(line, &[origin, "Content-Type: text/plain"], body).await;
            let kind = "com.amazon.coral.service#AccessDeniedException";
            assert_eq!((answer.status(), &answer.json()["__type"]), (403, &json!(kind)), "{line}");
        }
    }
    let now = server.send("GET /control/now", &[], "").await.json();
    assert_eq!(now, json!({"now": 1_700_000_000.0}));
}

#[tokio::test(start_paused = true)]
async fn a_body_that_does_not_come_is_waited_for_half_a_minute() {
    let server = run(ClockKind::System, Policies::default()).await;
    let began = tokio::time::Instant::now();
    let target = "X-Amz-Target: SimpleWorkflowService.ListDomains";
    let half = format!("POST / HTTP/1.1\r\nHost: x\r\n{target}\r\nContent-Length: 100\r\n\r\n{{");
    let answer = tokio::time::timeout(Duration::from_secs(60), server.raw(half.as_bytes()));
    let answer = answer.await.unwrap();
    let kind = "com.amazon.coral.service#RequestTimeoutException";
    assert_eq!((answer.status(), &answer.json()["__type"]), (408, &json!(kind)));
    assert!(began.elapsed() >= Duration::from_secs(30));
}

#[tokio::test]
async fn a_poll_is_held_until_there_is_a_task_or_its_time_is_over() {
    let server = run(ClockKind::Manual, Policies::default()).await;
    server.token().await;
    let poll = json!({"domain": "d", "taskList": {"name": "list"}});
    let began = Instant::now();
    let none = server.call("PollForActivityTask", poll.clone()).await;
    assert_eq!(none.body, r#"{"taskToken":"","startedEventId":0}"#);
    assert!(began.elapsed() >= Duration::from_millis(900));
    // The activity's timeout is news for the decider, who is waiting.
    let began = Instant::now();
    let (task, _) = tokio::join!(server.call("PollForDecisionTask", poll.clone()), async {
        tokio::time::sleep(Duration::from_millis(50)).await;
        server.send("POST /control/advance", &[], r#"{"seconds": 60}"#).await
    });
    assert_ne!(task.json()["taskToken"], "");
    // A minute by the server's clock is over too.
    let (none, _) = tokio::join!(server.call("PollForActivityTask", poll), async {
        tokio::time::sleep(Duration::from_millis(50)).await;
        server.send("POST /control/advance", &[], r#"{"seconds": 60}"#).await
    });
    assert_eq!(none.json()["taskToken"], "");
    assert!(began.elapsed() < Duration::from_millis(900));
}
