//! A bucket that checks signatures, a signer that counts and fails when it is told to, a clock that is moved by hand.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use axum::Router;
use axum::error_handling::HandleError;
use axum::http::StatusCode;
use flickreel::server::presign::{Clock, Credentials, Later, Place, S3, SignError, Signed, Signer, Style};
use s3s::auth::SimpleAuth;
use s3s::service::S3ServiceBuilder;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::task::AbortHandle;

pub const KEY: &str = "AKIATEST";
pub const SECRET: &str = "not-much-of-a-secret";
pub const BUCKET: &str = "clips";

/// A bucket that is there until it is dropped.
pub struct Bucket {
    pub address: SocketAddr,
    pub root: TempDir,
    task: AbortHandle,
}

impl Bucket {
    pub async fn start() -> Self {
        let root = tempfile::tempdir().unwrap();
        std::fs::create_dir(root.path().join(BUCKET)).unwrap();
        let mut builder = S3ServiceBuilder::new(s3s_fs::FileSystem::new(root.path()).unwrap());
        builder.set_auth(SimpleAuth::from_single(KEY, SECRET));
        let failed = async |_| StatusCode::INTERNAL_SERVER_ERROR;
        let router = Router::new().fallback_service(HandleError::new(builder.build(), failed));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let task = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { address, root, task: task.abort_handle() }
    }

    pub fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    pub fn s3(&self) -> S3 {
        self.s3_with(KEY, SECRET)
    }

    pub fn s3_with(&self, key: &str, secret: &str) -> S3 {
        S3::new(&self.endpoint(), BUCKET, "eu-west-1", "reel", Style::Path, Credentials::new(key, secret)).unwrap()
    }

    /// Puts a file into it without asking it.
    pub fn put(&self, path: &str, bytes: &[u8]) {
        let file = self.root.path().join(BUCKET).join("reel").join(path);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, bytes).unwrap();
    }

    pub fn holds(&self, path: &str) -> bool {
        Path::exists(&self.root.path().join(BUCKET).join("reel").join(path))
    }
}

impl Drop for Bucket {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// A clock that stands still until it is moved, or somebody sleeps.
pub struct HandClock {
    ms: AtomicU64,
    slept: Mutex<Vec<u128>>,
}

impl HandClock {
    pub fn new() -> Arc<Self> {
        Arc::new(Self { ms: AtomicU64::new(1_700_000_000_000), slept: Mutex::default() })
    }

    pub fn advance(&self, by: Duration) {
        self.ms.fetch_add(u64::try_from(by.as_millis()).unwrap(), Ordering::SeqCst);
    }

    /// How long was slept each time, in milliseconds.
    pub fn slept(&self) -> Vec<u128> {
        self.slept.lock().unwrap().clone()
    }
}

impl Clock for HandClock {
    fn now(&self) -> SystemTime {
        UNIX_EPOCH + Duration::from_millis(self.ms.load(Ordering::SeqCst))
    }

    fn sleep(&self, duration: Duration) -> Later<'_, ()> {
        self.slept.lock().unwrap().push(duration.as_millis());
        self.advance(duration);
        // Others get their turn, as they do while somebody really sleeps.
        Box::pin(tokio::task::yield_now())
    }
}

/// What a [`Counting`] signer has done and will do.
#[derive(Default)]
pub struct Told {
    pub calls: AtomicU64,
    /// The answers to come; after them all is well.
    pub answers: Mutex<Vec<SignError>>,
}

/// Signs `https://s3.example/PATH?created=MS&n=CALL`.
pub struct Counting(pub Arc<Told>, Place, &'static str);

impl Counting {
    pub fn new() -> (Self, Arc<Told>) {
        Self::by("one")
    }

    /// With credentials of another name.
    pub fn by(fingerprint: &'static str) -> (Self, Arc<Told>) {
        let told = Arc::<Told>::default();
        let place = Place { storage_type: "s3", auth_type: "sigv4", region: Some("eu-west-1".into()), service: None };
        (Self(Arc::clone(&told), place, fingerprint), told)
    }
}

impl Signer for Counting {
    fn place(&self) -> &Place {
        &self.1
    }

    fn fingerprint(&self) -> &str {
        self.2
    }

    fn sign<'a>(&'a self, path: &'a str, now: SystemTime, _: Duration) -> Later<'a, Result<Signed, SignError>> {
        Box::pin(async move {
            let call = self.0.calls.fetch_add(1, Ordering::SeqCst);
            // Whoever asks meanwhile has to be let wait.
            tokio::task::yield_now().await;
            if let Some(err) = self.0.answers.lock().unwrap().pop() {
                return Err(err);
            }
            let original_url = format!("https://s3.example/{path}");
            let ms = now.duration_since(UNIX_EPOCH).unwrap().as_millis();
            Ok(Signed { url: format!("{original_url}?created={ms}&n={call}&by={}", self.2), original_url })
        })
    }
}

/// When an address of [`Counting`] was signed, in milliseconds since 1970.
pub fn created(url: &str) -> u64 {
    let (_, rest) = url.split_once("created=").unwrap();
    rest.split('&').next().unwrap().parse().unwrap()
}
