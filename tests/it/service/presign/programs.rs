//! What `flickreel-server` says of buckets, CDNs and signed addresses on its command line.

use std::process::{Command, Output};

use super::rig::{BUCKET, Bucket, KEY, SECRET};
use crate::service::rig::{Redis, folder};

fn run(words: &[&str], variables: &[(&str, &str)]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_flickreel-server"));
    for name in ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_REGION", "FEED_S3_BUCKET", "FEED_CDN_BASE_URL"] {
        command.env_remove(name);
    }
    command.args(words).envs(variables.iter().copied()).output().unwrap()
}

fn told(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_is_uploaded_with_credentials_of_the_environment() {
    let (bucket, clips) = (Bucket::start().await, folder(&["a.mp4"]));
    let dir = clips.path().to_str().unwrap().to_owned();
    let endpoint = bucket.endpoint();
    let words = ["upload", &dir, "--s3", &endpoint, "--s3-prefix", "reel"];
    let credentials = [("AWS_ACCESS_KEY_ID", KEY), ("AWS_SECRET_ACCESS_KEY", SECRET), ("FEED_S3_BUCKET", BUCKET)];
    let output = tokio::task::block_in_place(|| run(&words, &credentials));
    assert!(output.status.success(), "{}", told(&output));
    assert_eq!(String::from_utf8_lossy(&output.stdout), "1 sent, 0 there already, 0 failed\n");
    assert!(bucket.holds("a.mp4"));
    let wrong = [("AWS_ACCESS_KEY_ID", KEY), ("AWS_SECRET_ACCESS_KEY", "wr0ng"), ("FEED_S3_BUCKET", BUCKET)];
    let output = tokio::task::block_in_place(|| run(&words, &wrong));
    assert!(!output.status.success());
    assert!(!told(&output).contains("wr0ng") && !told(&output).contains("X-Amz-"), "{}", told(&output));
}

#[test]
fn what_is_missing_for_a_bucket_or_a_cdn_is_said() {
    let clips = folder(&["a.mp4"]);
    let dir = clips.path().to_str().unwrap();
    let refused = |words: &[&str], variables: &[(&str, &str)]| {
        let output = run(&[&["serve", dir, "--listen", "127.0.0.1:0"], words].concat(), variables);
        assert!(!output.status.success());
        told(&output)
    };
    let s3 = ["--s3", "https://s3.example", "--s3-bucket", "b"];
    assert_eq!(refused(&s3, &[]), "flickreel-server: The bucket can’t be used: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not set.\n");
    let credentials = [("AWS_ACCESS_KEY_ID", KEY), ("AWS_SECRET_ACCESS_KEY", SECRET)];
    assert!(refused(&s3[..2], &credentials).contains("the bucket has no name"));
    assert!(refused(&["--cdn", "https://cdn.example"], &[]).contains("--cdn-key-pair"));
    let cdn = ["--cdn", "https://cdn.example", "--cdn-key-pair", "K", "--cdn-key", "/nowhere.pem"];
    assert!(refused(&cdn, &[]).contains("PKCS#8"));
}

#[tokio::test(flavor = "multi_thread")]
async fn one_command_flushes_what_replicas_share() {
    let redis = Redis::start().await;
    redis.ask(redis::cmd("SET").arg("presigned:s3:a.mp4:auth=sigv4").arg("{}")).await.unwrap();
    redis.ask(redis::cmd("SET").arg("feed:prefetch:1").arg("{}")).await.unwrap();
    let address = redis.address();
    let output = tokio::task::block_in_place(|| run(&["presign", "flush", "--redis", &address], &[]));
    assert!(output.status.success(), "{}", told(&output));
    assert_eq!(String::from_utf8_lossy(&output.stdout), "1 signed addresses are forgotten\n");
    let keys = format!("{:?}", redis.ask(redis::cmd("KEYS").arg("*")).await.unwrap());
    assert!(keys.contains("feed:prefetch:1") && keys.contains("presigned:version") && !keys.contains("a.mp4"), "{keys}");
}
