//! Brings a folder into a bucket: what is missing there, or has another length, is sent.

use std::path::Path;
use std::time::{Duration, SystemTime};

use reqwest::header::CONTENT_LENGTH;
use reqwest::{Body, Client, StatusCode};
use tokio_util::io::ReaderStream;

use super::s3::S3;
use crate::server::ServerError;
use crate::server::catalogue::Catalogue;

/// An address to which a film is sent must last longer than sending it takes.
const GOOD_FOR: Duration = Duration::from_hours(6);

/// What was done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Uploaded {
    /// Videos that were sent.
    pub sent: usize,
    /// Videos that were there already.
    pub there: usize,
    /// Videos that could not be sent; why is in the log.
    pub failed: usize,
}

/// Sends the videos below `root` that the bucket lacks, under the paths that they have there, one after the other.
///
/// # Errors
/// [`ServerError::Folder`] when the folder cannot be read.
pub async fn upload(root: &Path, bucket: &S3) -> Result<Uploaded, ServerError> {
    let unreadable = |err| ServerError::Folder { path: root.to_owned(), err };
    let real = root.canonicalize().map_err(unreadable)?;
    let videos = Catalogue::new(real, Duration::ZERO).videos().await.map_err(unreadable)?;
    let Some(client) = super::options::client() else { return Ok(Uploaded { failed: videos.len(), ..Uploaded::default() }) };
    let mut done = Uploaded::default();
    for video in videos.iter() {
        match send(&client, bucket, &video.relative, &video.path, video.bytes).await {
            Ok(true) => done.sent += 1,
            Ok(false) => done.there += 1,
            Err(why) => {
                tracing::error!(video = video.relative, why, "a video could not be sent");
                done.failed += 1;
            }
        }
    }
    Ok(done)
}

/// Sends one video unless it is there; whether it was sent. Errors are told without the address, which is signed.
async fn send(client: &Client, bucket: &S3, relative: &str, path: &Path, bytes: u64) -> Result<bool, String> {
    let told = |err: reqwest::Error| err.without_url().to_string();
    let look = bucket.look(relative, SystemTime::now(), GOOD_FOR).map_err(|err| err.to_string())?;
    let answer = client.head(look).send().await.map_err(told)?;
    let length = answer.headers().get(CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    match answer.status() {
        status if status.is_success() && length == Some(bytes) => return Ok(false),
        status if status.is_success() || status == StatusCode::NOT_FOUND => {}
        status => return Err(format!("the bucket answered {}", status.as_u16())),
    }
    let address = bucket.upload(relative, SystemTime::now(), GOOD_FOR).map_err(|err| err.to_string())?;
    let file = tokio::fs::File::open(path).await.map_err(|err| err.to_string())?;
    // Without a length it would be sent in chunks, which a bucket does not take.
    let request = client.put(address).header(CONTENT_LENGTH, bytes).body(Body::wrap_stream(ReaderStream::new(file)));
    let status = request.send().await.map_err(told)?.status();
    if status.is_success() { Ok(true) } else { Err(format!("the bucket answered {}", status.as_u16())) }
}
