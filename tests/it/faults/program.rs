//! `flickreel-server faults` as a tester starts it.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Output, Stdio};

use flickreel::server::faults::Fault;

use super::client::Connection;
use super::{clip, write};

fn command(words: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_flickreel-server"));
    command.arg("faults").args(words);
    command
}

fn refusal(words: &[&str]) -> String {
    let Output { status, stderr, .. } = command(words).output().unwrap();
    assert_eq!(status.code(), Some(2), "{words:?}");
    String::from_utf8(stderr).unwrap()
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[test]
fn help_lists_every_fault_with_what_it_does() {
    let output = command(&["--help"]).output().unwrap();
    let help = String::from_utf8(output.stdout).unwrap();
    for fault in Fault::ALL {
        assert!(help.contains(&format!("- {fault}:")), "{fault} is not in\n{help}");
    }
    for word in ["--listen", "--items", "--share", "--fault", "--seed", "answers after 3 s"] {
        assert!(help.contains(word), "{word} is not in\n{help}");
    }
}

#[test]
fn words_that_make_no_feed_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    for (words, sentence) in [
        (&["--fault", "rain"][..], "rain"),
        (&["--share", "1.5"], "a number from 0 to 1 is needed"),
        (&["--share", "NaN"], "a number from 0 to 1 is needed"),
        (&["--items", "0"], "a number from 1 to 10000 is needed"),
        (&["--listen", "127.0.0.1:0"], "There is no video in the folder"),
    ] {
        let said = refusal(&[&[text(folder.path())], words].concat());
        assert!(said.contains(sentence), "{said}");
    }
}

#[cfg(unix)]
#[tokio::test]
async fn a_tester_chooses_the_faults_and_ends_it_with_ctrl_c() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "clip.mp4", &clip());
    let words = ["--listen", "127.0.0.1:0", "--items", "4", "--share", "0.5", "--fault", "empty", "--fault", "stall", "--seed", "3"];
    let mut child = command(&[&[text(folder.path())], &words[..]].concat()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let address = line.trim_end().strip_prefix("listening on http://").unwrap().to_owned();
    let faults = Connection::to(&address).await.get("/faults", "").await;
    let told: serde_json::Value = serde_json::from_slice(&faults.body).unwrap();
    let names: Vec<_> = told.as_array().unwrap().iter().filter_map(|item| item["fault"].as_str()).collect();
    let interrupted = Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(interrupted.success());
    assert_eq!(child.wait().unwrap().code(), Some(0));
    assert_eq!((told.as_array().unwrap().len(), names), (4, vec!["empty", "stall"]));
}
