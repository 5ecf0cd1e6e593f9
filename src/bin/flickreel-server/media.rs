//! The words that tell where media lie, and `flickreel-server upload`. Secrets come from the environment alone: words of a
//! command line are there for every program of the machine to read.

use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::{Args, ValueEnum};
use flickreel::server::ServerError;
use flickreel::server::presign::{
    BucketProblem, CdnOptions, CdnProblem, CloudFront, Credentials, PresignOptions, S3, Style, upload as send,
};

#[derive(Args)]
pub(crate) struct MediaWords {
    #[command(flatten)]
    bucket: BucketWords,
    /// What is read from while the first place does not answer; the same credentials hold there
    #[arg(long, value_name = "https://ENDPOINT/BUCKET", requires = "endpoint")]
    s3_fallback: Option<String>,
    /// The CDN of AWS that media are read through, under the same paths
    #[arg(long, value_name = "https://HOST", env = "FEED_CDN_BASE_URL", requires_all = ["cdn_key_pair", "cdn_key"])]
    cdn: Option<String>,
    /// The id of the public key there
    #[arg(long, value_name = "ID")]
    cdn_key_pair: Option<String>,
    /// The file of the private key, PKCS#8 in PEM, RSA or ECDSA on P-256
    #[arg(long, value_name = "FILE")]
    cdn_key: Option<PathBuf>,
    /// Also set signed cookies on answers of the feed
    #[arg(long, requires = "cdn")]
    cdn_cookies: bool,
    /// The domain that feed and CDN share, for the cookies
    #[arg(long, value_name = "DOMAIN", requires = "cdn_cookies")]
    cdn_cookie_domain: Option<String>,
    /// For how many seconds a signature is good
    #[arg(long, value_name = "SECONDS", default_value_t = 3600, value_parser = clap::value_parser!(u64).range(1..=604_800))]
    presign_lifetime: u64,
}

// Credentials are AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN. No doc comment: it would be the help of
// the command.
#[derive(Args)]
struct BucketWords {
    /// The S3-compatible service whose bucket holds the media, under the paths that they have in the folder
    #[arg(id = "endpoint", long = "s3", value_name = "https://ENDPOINT")]
    endpoint: Option<String>,
    /// The bucket
    #[arg(long, value_name = "NAME", env = "FEED_S3_BUCKET", default_value = "", hide_default_value = true)]
    s3_bucket: String,
    /// What stands before the paths in the bucket
    #[arg(long, value_name = "PREFIX", default_value = "", hide_default_value = true)]
    s3_prefix: String,
    /// The bucket's region
    #[arg(long, value_name = "REGION", env = "AWS_REGION", default_value = "us-east-1")]
    s3_region: String,
    /// Whether the bucket stands in the path of addresses or in their host
    #[arg(long, value_name = "STYLE", default_value = "path")]
    s3_style: StyleWord,
}

#[derive(Clone, Copy, ValueEnum)]
enum StyleWord {
    Path,
    Virtual,
}

impl BucketWords {
    fn at(&self, endpoint: &str, name: &str) -> Result<S3, ServerError> {
        let credentials = Credentials::from_env().ok_or(BucketProblem::Credentials)?;
        let style = match self.s3_style {
            StyleWord::Path => Style::Path,
            StyleWord::Virtual => Style::Virtual,
        };
        Ok(S3::new(endpoint, name, &self.s3_region, &self.s3_prefix, style, credentials)?)
    }

    fn bucket(&self) -> Result<Option<S3>, ServerError> {
        self.endpoint.as_deref().map(|endpoint| self.at(endpoint, &self.s3_bucket)).transpose()
    }
}

impl MediaWords {
    /// What a service is told of where media lie.
    pub(crate) fn options(&self) -> Result<PresignOptions, ServerError> {
        let fallback = self.s3_fallback.as_deref().map(|place| {
            let (endpoint, name) = place.trim_end_matches('/').rsplit_once('/').ok_or(BucketProblem::Name)?;
            self.bucket.at(endpoint, name)
        });
        let cdn = match (&self.cdn, &self.cdn_key_pair, &self.cdn_key) {
            (Some(base), Some(key_pair), Some(key)) => {
                let pem = fs::read(key).map_err(|_| CdnProblem::Pem)?;
                Some(CdnOptions {
                    cloudfront: CloudFront::new(base, key_pair, &pem)?,
                    cookies: self.cdn_cookies,
                    cookie_domain: self.cdn_cookie_domain.clone(),
                })
            }
            _ => None,
        };
        Ok(PresignOptions {
            bucket: self.bucket.bucket()?,
            fallback: fallback.transpose()?,
            cdn,
            lifetime: Duration::from_secs(self.presign_lifetime),
            ..PresignOptions::default()
        })
    }
}

#[derive(Args)]
pub(crate) struct UploadWords {
    /// The folder
    dir: PathBuf,
    #[command(flatten)]
    bucket: BucketWords,
}

/// Sends a folder to a bucket; fails when a video could not be sent.
pub(crate) fn upload(words: &UploadWords) -> ExitCode {
    let bucket = words.bucket.bucket().and_then(|bucket| Ok(bucket.ok_or(BucketProblem::Address("--s3 tells it".to_owned()))?));
    let uploaded = bucket.and_then(|bucket| wait_for(send(&words.dir, &bucket)));
    finish(uploaded.map(|done| {
        println!("{} sent, {} there already, {} failed", done.sent, done.there, done.failed);
        done.failed == 0
    }))
}

/// Waits for something that has no service around it.
pub(crate) fn wait_for<T>(what: impl Future<Output = Result<T, ServerError>>) -> Result<T, ServerError> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.map_err(ServerError::Stopped)?.block_on(what)
}

/// The status of a command, and the reason on stderr.
pub(crate) fn finish(result: Result<bool, ServerError>) -> ExitCode {
    match result {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(err) => {
            eprintln!("flickreel-server: {err}");
            ExitCode::FAILURE
        }
    }
}
