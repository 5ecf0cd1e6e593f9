//! What `packaging/cloud` and `packaging/server` say can be read, keeps its own rules, and names what the programs know.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use hcl::structure::{Body, Structure};

fn repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// The Terraform files of a folder, read.
fn bodies(folder: &str) -> Vec<Body> {
    let files = fs::read_dir(repository(folder)).unwrap().map(|entry| entry.unwrap().path());
    let files = files.filter(|path| path.extension().is_some_and(|ending| ending == "tf"));
    files.map(|path| hcl::parse(&fs::read_to_string(&path).unwrap()).unwrap_or_else(|err| panic!("{}: {err}", path.display()))).collect()
}

/// The names of the blocks of a kind, such as `variable`.
fn named(bodies: &[Body], kind: &str) -> BTreeSet<String> {
    let blocks = bodies.iter().flat_map(|body| body.blocks()).filter(|block| block.identifier() == kind);
    blocks.map(|block| block.labels().iter().map(hcl::BlockLabel::as_str).collect::<Vec<_>>().join(".")).collect()
}

/// `terraform`, where it is installed; with no settings of the user's and no network.
fn terraform(folder: &Path, words: &[&str]) -> Option<(bool, String)> {
    let settings = tempfile::NamedTempFile::new().unwrap();
    let run = Command::new("terraform").current_dir(folder).args(words).env("TF_CLI_CONFIG_FILE", settings.path()).output().ok()?;
    let said = format!("{}{}", String::from_utf8_lossy(&run.stdout), String::from_utf8_lossy(&run.stderr));
    Some((run.status.success(), said))
}

#[test]
fn the_files_of_the_cloud_can_be_read_and_use_each_variable_that_they_declare() {
    for folder in ["packaging/cloud", "packaging/cloud/rules"] {
        let bodies = bodies(folder);
        assert!(bodies.len() >= 3, "{folder}");
        let text: String = bodies.iter().map(|body| hcl::to_string(body).unwrap()).collect();
        for variable in named(&bodies, "variable") {
            assert!(text.contains(&format!("var.{variable}")), "{folder} declares {variable} in vain");
        }
        let described = |body: &Body| {
            let outputs = body.blocks().filter(|block| block.identifier() == "variable");
            outputs
                .filter(|block| !block.body().iter().any(|part| matches!(part, Structure::Attribute(a) if a.key() == "description")))
                .count()
        };
        assert_eq!(bodies.iter().map(described).sum::<usize>(), 0, "each variable of {folder} says what it is");
    }
    let cloud = bodies("packaging/cloud");
    let resources = named(&cloud, "resource");
    for resource in [
        "aws_s3_bucket.media",
        "aws_s3_bucket_public_access_block.media",
        "aws_cloudfront_distribution.feed",
        "aws_cloudfront_key_group.feed",
        "aws_elasticache_replication_group.feed",
        "aws_iam_policy.service",
    ] {
        assert!(resources.contains(resource), "{resource} is missing from {resources:?}");
    }
}

#[test]
fn the_files_of_the_cloud_are_formatted_and_their_rules_hold() {
    let cloud = repository("packaging/cloud");
    let Some((formatted, said)) = terraform(&cloud, &["fmt", "-check", "-recursive", "-no-color"]) else {
        eprintln!("terraform is not installed: the files were read, and their rules not tried");
        return;
    };
    assert!(formatted, "terraform fmt would change: {said}");
    // It writes beside what it reads.
    let copy = tempfile::tempdir().unwrap();
    let copied = Command::new("cp").arg("-r").arg(cloud.join("rules")).arg(copy.path()).status().unwrap();
    assert!(copied.success());
    let rules = copy.path().join("rules");
    let (ready, said) = terraform(&rules, &["init", "-no-color", "-input=false"]).unwrap();
    assert!(ready, "{said}");
    let (hold, said) = terraform(&rules, &["test", "-no-color"]).unwrap();
    assert!(hold && said.contains("0 failed"), "{said}");
}

/// Words that begin with `--` in a file, but for those of other programs.
fn flags(path: &str, begin: &str) -> BTreeSet<String> {
    let text = fs::read_to_string(repository(path)).unwrap();
    let lines = text.lines().filter(|line| line.starts_with(begin));
    let words = lines.flat_map(|line| line.split(|c: char| c.is_whitespace() || "\"[],".contains(c)));
    words.filter(|word| word.starts_with("--")).map(str::to_owned).collect()
}

#[test]
fn units_and_containers_start_the_programs_with_words_that_they_know() {
    let help = Command::new(env!("CARGO_BIN_EXE_flickreel-server")).args(["serve", "--help"]).output().unwrap();
    let help = String::from_utf8(help.stdout).unwrap();
    for (path, begin) in [("packaging/server/Containerfile", "CMD"), ("packaging/server/flickreel-server.service", "ExecStart")] {
        let flags = flags(path, begin);
        assert!(!flags.is_empty(), "{path}");
        for flag in flags {
            assert!(help.contains(&flag), "{path} uses {flag}, which the program does not know");
        }
    }
    let prefetch = Command::new(env!("CARGO_BIN_EXE_flickreel-server")).args(["prefetch", "--help"]).output().unwrap();
    assert!(prefetch.status.success(), "compose.yaml and flickreel-prefetch.service start it");
}

#[test]
fn the_units_are_as_systemd_wants_them() {
    for unit in ["flickreel-server.service", "flickreel-prefetch.service"] {
        let folder = tempfile::tempdir().unwrap();
        let text = fs::read_to_string(repository("packaging/server").join(unit)).unwrap();
        // The program need not be installed where the unit expects it.
        let path = folder.path().join(unit);
        fs::write(&path, text.replace("/usr/local/bin/flickreel-server", "/bin/true")).unwrap();
        let Ok(run) = Command::new("systemd-analyze").arg("verify").arg(&path).output() else {
            eprintln!("systemd-analyze is not installed");
            return;
        };
        let said = String::from_utf8_lossy(&run.stderr);
        assert!(run.status.success() && !said.contains(unit), "{said}");
    }
}
