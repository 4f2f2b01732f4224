//! The program itself, as an administrator runs it: what it refuses to start with, the commands that
//! keep users, what it logs, and that it ends cleanly when told to.

use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::{Value, json};

const PASSWORD: &str = "four words of mine";

fn opbook(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_opbook"));
    command.args(arguments).current_dir(folder).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    for name in ["DATABASE_URL", "REFDATA_DIR", "OPBOOK_ADDR", "OPBOOK_DATA", "OPBOOK_CAPTCHA"] {
        command.env_remove(name);
    }
    command
}

/// Runs to the end with something on standard input.
fn run(mut command: Command, input: &str) -> Output {
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    child.wait_with_output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn a_wrong_setting_stops_the_start_with_one_line() {
    let folder = tempfile::tempdir().unwrap();
    for (name, value, part) in [
        ("OPBOOK_CAPTCHAS", "off", "did you mean OPBOOK_CAPTCHA?"),
        ("OPBOOK_SESSION_HOURS", "twelve", "expected hours, 1 to 168"),
        ("DATABASE_URL", "mysql://db/opbook", "sqlite:PATH or postgres://"),
    ] {
        let mut command = opbook(folder.path(), &["serve"]);
        command.env(name, value);
        let output = run(command, "");
        let error = text(&output.stderr);
        assert!(!output.status.success());
        assert!(error.contains(name) && error.contains(part), "{error}");
        assert_eq!(error.lines().count(), 1, "{error}");
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "nothing was made");
}

#[test]
fn a_machine_with_many_cores_can_read_workbooks() {
    // The reading process limits its own memory. Threads started before, one for each core, would leave
    // it none: every import on a large server would fail.
    let folder = tempfile::tempdir().unwrap();
    let file = std::fs::read(format!("{}/tests/fixtures/sheets/company.xlsx", env!("CARGO_MANIFEST_DIR"))).unwrap();
    let mut command = opbook(folder.path(), &["read-sheet", "--", "货物"]);
    command.env("TOKIO_WORKER_THREADS", "256");
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(&file).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{}: {}", output.status, text(&output.stderr));
    let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(answer["Ok"]["sheets"].as_array().map(Vec::len), Some(2), "{answer}");
}

#[test]
fn answers_in_quarantine_are_told_of_where_there_are_any() {
    let folder = tempfile::tempdir().unwrap();
    let listed = run(opbook(folder.path(), &["receipts", "list"]), "");
    assert!(listed.status.success(), "{}", text(&listed.stderr));
    assert_eq!(text(&listed.stdout), "");
    for action in ["show", "retry"] {
        let output = run(opbook(folder.path(), &["receipts", action, "R-1"]), "");
        let error = text(&output.stderr);
        assert!(!output.status.success() && error.contains("no answer R-1 waits"), "{error}");
    }
}

#[test]
fn users_are_kept_from_the_command_line() {
    let folder = tempfile::tempdir().unwrap();
    let ok = |arguments: &[&str], input: &str| {
        let output = run(opbook(folder.path(), arguments), input);
        assert!(output.status.success(), "{arguments:?}: {}", text(&output.stderr));
        text(&output.stdout)
    };
    let refused = |arguments: &[&str], input: &str| {
        let output = run(opbook(folder.path(), arguments), input);
        assert!(!output.status.success(), "{arguments:?}");
        text(&output.stderr)
    };
    ok(&["migrate"], "");
    let enterprise = ["enterprise", "add", "3205246018", "--uscc", "91320594MA1N7K3Q4N", "--name", "东澜"];
    ok(&enterprise, "");
    assert!(refused(&enterprise, "").contains("already"));
    ok(&["enterprise", "add", "3122980015", "--uscc", "91310115MA1K4W8D3G", "--name", "通和", "--agent"], "");
    ok(&["delegation", "add", "--agent", "3122980015", "--principal", "3205246018", "--to", "2099-12-31"], "");
    assert!(
        refused(&["delegation", "add", "--agent", "3122980015", "--principal", "3205246019", "--to", "+1y"], "")
            .contains("3205246019")
    );

    let named = ["user", "add", "Li.Ming", "--enterprise", "3205246018", "--name", "李明"];
    assert!(refused(&[&named[..], &["--password-stdin"]].concat(), &format!("{PASSWORD}\n")).contains("--role"));
    let add = [&named[..], &["--role", "admin,clerk", "--password-stdin"]].concat();
    assert!(refused(&add, "short\n").contains("至少8位"));
    ok(&add, &format!("{PASSWORD}\n"));
    assert!(refused(&add, &format!("{PASSWORD}\n")).contains("已被使用"));
    assert!(
        refused(&["user", "add", "wang", "--enterprise", "9999999999", "--role", "clerk"], PASSWORD)
            .contains("9999999999")
    );
    ok(&["user", "passwd", "li.ming"], "another password\n");
    // The only administrator is not shut out by a slip.
    assert!(refused(&["user", "disable", "li.ming"], "").contains("唯一"));
    let link = ok(&["user", "add", "wang", "--enterprise", "3205246018", "--role", "admin", "--link"], "");
    assert!(link.contains("/join#"), "{link}");
    ok(&["user", "roles", "wang", "admin,reader"], "");
    ok(&["user", "disable", "li.ming"], "");
    let list = ok(&["user", "list"], "");
    assert!(list.contains("li.ming") && list.contains("李明") && list.contains("disabled"), "{list}");
    assert!(list.contains("admin,reader"), "{list}");
    ok(&["user", "enable", "li.ming"], "");
    let delegations = ok(&["delegation", "list", "3122980015"], "");
    assert!(delegations.contains("In force") && delegations.contains("declare"), "{delegations}");
    ok(&["delegation", "end", delegations.split_whitespace().next().unwrap()], "");
    assert!(ok(&["delegation", "list", "3205246018"], "").contains("Ended"));
    ok(&["enterprise", "set", "3205246018", "--grade", "untrusted", "--open-case", "yes"], "");
    assert!(refused(&["enterprise", "set", "3205246019", "--grade", "regular"], "").contains("no enterprise"));
    assert!(!ok(&["user", "list"], "").contains("disabled"));
    assert!(refused(&["user", "passwd", "nobody"], PASSWORD).contains("没有用户nobody"));
    assert!(ok(&["settings"], "").contains("OPBOOK_ADDR="));
}

#[cfg(unix)]
#[test]
fn the_server_logs_requests_without_secrets_and_ends_when_told() {
    let folder = tempfile::tempdir().unwrap();
    for (arguments, input) in [
        (["enterprise", "add", "3205246018", "--uscc", "91320594MA1N7K3Q4N", "--name", "东澜"].as_slice(), ""),
        (&["user", "add", "li", "--enterprise", "3205246018", "--role", "clerk"], PASSWORD),
    ] {
        assert!(run(opbook(folder.path(), arguments), input).status.success());
    }
    let mut command = opbook(folder.path(), &["serve"]);
    command.env("OPBOOK_ADDR", "127.0.0.1:0").env("OPBOOK_CAPTCHA", "off");
    command.env("OPBOOK_LOG", "json").env("OPBOOK_LOG_LEVEL", "debug");
    let mut server = command.spawn().unwrap();
    let mut output = BufReader::new(server.stdout.take().unwrap());
    let mut log = Vec::new();
    let address = loop {
        let mut line = String::new();
        assert_ne!(output.read_line(&mut line).unwrap(), 0, "it ended: {log:?}");
        let entry: Value = serde_json::from_str(&line).expect("every line is JSON");
        log.push(line);
        if entry["fields"]["message"] == "listening" {
            break entry["fields"]["addr"].as_str().unwrap().to_owned();
        }
    };

    let origin = format!("http://{address}");
    let login = json!({ "form": { "login": "li", "password": PASSWORD, "captcha_id": "", "captcha": "" } });
    let post = |endpoint: &str, body: &Value| {
        ureq::post(format!("{origin}/api/account/{endpoint}"))
            .header("Origin", &origin)
            .header("Content-Type", "application/json")
            .send(body.to_string())
            .unwrap()
    };
    // Whoever typed the password at the command line knows it: the user chooses another first.
    let renew: Value = serde_json::from_str(&post("login", &login).body_mut().read_to_string().unwrap()).unwrap();
    let link = renew["renew"]["token"].as_str().unwrap().to_owned();
    let response = post("join", &json!({ "token": link, "password": "a-password-of-li" }));
    let header = |name: &str| response.headers()[name].to_str().unwrap().to_owned();
    let token = header("set-cookie").split(['=', ';']).nth(1).unwrap().to_owned();
    let request_id = header("x-request-id");

    let stopped = Command::new("kill").args(["-TERM", &server.id().to_string()]).status().unwrap();
    assert!(stopped.success());
    let mut rest = String::new();
    output.read_to_string(&mut rest).unwrap();
    assert!(server.wait().unwrap().success(), "{rest}");
    let log = log.concat() + &rest;
    assert!(log.lines().all(|line| serde_json::from_str::<Value>(line).is_ok()), "{log}");
    assert!(log.contains(&request_id) && log.contains("/api/account/join"), "{log}");
    for secret in [PASSWORD, "a-password-of-li", token.as_str(), link.as_str(), "$argon2"] {
        assert!(!log.contains(secret), "the log holds {secret}");
    }
}
