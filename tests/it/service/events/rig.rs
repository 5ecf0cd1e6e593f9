//! A replica that ends as it should, and somebody who watches its events.

use std::net::SocketAddr;

use flickreel::server::{ServerConfig, ServerError, serve};
use futures_util::{SinkExt, StreamExt};
use reqwest::{Client, StatusCode};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::{WebSocketStream, client_async};

use crate::service::rig::{DEADLINE, streams};

pub const SERVICE: &str = "service-s3cret";
pub const ADMIN: &str = "admin-s3cret";

/// A service of two clips that knows both tokens.
pub struct Replica {
    pub address: SocketAddr,
    pub client: Client,
    /// The identities of the clips, which are streams.
    pub streams: Vec<String>,
    end: oneshot::Sender<()>,
    task: JoinHandle<Result<(), ServerError>>,
    _clips: TempDir,
}

impl Replica {
    pub async fn start() -> Self {
        Self::with(|config| config).await
    }

    pub async fn with(adjust: impl FnOnce(ServerConfig) -> ServerConfig) -> Self {
        Self::at("127.0.0.1:0", adjust).await
    }

    pub async fn at(address: &str, adjust: impl FnOnce(ServerConfig) -> ServerConfig) -> Self {
        let clips = streams(&["a.mp4", "b.mp4"]);
        let config = ServerConfig::new(clips.path()).unwrap().with_rate_limit(0).with_service_token(SERVICE).with_admin_token(ADMIN);
        let listener = TcpListener::bind(address).await.unwrap();
        let address = listener.local_addr().unwrap();
        let (end, ended) = oneshot::channel();
        let task = tokio::spawn(serve(adjust(config), listener, async move {
            let _ = ended.await;
        }));
        // The process may have chosen how TLS is done already.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = Client::builder().no_proxy().build().unwrap();
        let page = client.get(format!("http://{address}/feed/videos")).send().await.unwrap();
        let page: Value = serde_json::from_slice(&page.bytes().await.unwrap()).unwrap();
        let streams = page["videos"].as_array().unwrap().iter().map(|video| video["id"].as_str().unwrap().to_owned()).collect();
        Self { address, client, streams, end, task, _clips: clips }
    }

    /// The first of the streams.
    pub fn stream(&self) -> String {
        self.streams[0].clone()
    }

    /// Asks it to end, and waits until it has.
    pub async fn end(self) {
        self.end.send(()).unwrap();
        timeout(DEADLINE, self.task).await.expect("it ends").unwrap().unwrap();
    }

    pub async fn post(&self, path: &str, token: &str) -> (StatusCode, Value) {
        let request = self.client.post(format!("http://{}{path}", self.address)).bearer_auth(token);
        let response = request.send().await.unwrap();
        let status = response.status();
        (status, serde_json::from_slice(&response.bytes().await.unwrap()).unwrap())
    }

    pub async fn go_live(&self, stream: &str) -> Value {
        let (status, answer) = self.post(&format!("/streams/{stream}/go-live"), SERVICE).await;
        assert_eq!(status, StatusCode::OK, "{answer}");
        answer
    }

    pub async fn end_stream(&self, stream: &str) -> Value {
        let (status, answer) = self.post(&format!("/streams/{stream}/end"), SERVICE).await;
        assert_eq!(status, StatusCode::OK, "{answer}");
        answer
    }

    pub async fn watch(&self) -> Watcher {
        Watcher::connect(self.address, None).await
    }

    pub async fn watch_as(&self, token: &str) -> Watcher {
        Watcher::connect(self.address, Some(token)).await
    }
}

/// Somebody who is connected.
pub struct Watcher {
    pub socket: WebSocketStream<TcpStream>,
}

impl Watcher {
    pub async fn connect(address: SocketAddr, token: Option<&str>) -> Self {
        Self::over(TcpStream::connect(address).await.unwrap(), address, token).await
    }

    pub async fn over(stream: TcpStream, address: SocketAddr, token: Option<&str>) -> Self {
        let mut request = format!("ws://{address}/ws").into_client_request().unwrap();
        if let Some(token) = token {
            request.headers_mut().insert("authorization", format!("Bearer {token}").parse().unwrap());
        }
        Self { socket: timeout(DEADLINE, client_async(request, stream)).await.unwrap().unwrap().0 }
    }

    pub async fn say(&mut self, text: impl Into<String>) {
        self.socket.send(Message::text(text.into())).await.unwrap();
    }

    pub async fn ask(&mut self, event: &str, data: Value) {
        self.say(json!({"event": event, "data": data}).to_string()).await;
    }

    /// Asks, and waits for the answer of this name; all that came before it is dropped.
    pub async fn asked(&mut self, event: &str, data: Value, answer: &str) -> Value {
        self.ask(event, data).await;
        self.until(answer).await
    }

    async fn message(&mut self) -> Message {
        timeout(DEADLINE, self.socket.next()).await.expect("it comes in time").expect("the connection stays").unwrap()
    }

    /// The next event: its name, and what it tells.
    pub async fn next(&mut self) -> (String, Value) {
        loop {
            if let Message::Text(text) = self.message().await {
                let mut event: Value = serde_json::from_str(&text).unwrap();
                return (event["event"].as_str().unwrap().to_owned(), event["data"].take());
            }
        }
    }

    /// What the next event of this name tells.
    pub async fn until(&mut self, wanted: &str) -> Value {
        loop {
            let (name, data) = self.next().await;
            if name == wanted {
                return data;
            }
        }
    }

    /// Waits for an event of this name in which `field` is `value`.
    pub async fn until_is(&mut self, wanted: &str, field: &str, value: impl Into<Value>) {
        let value = value.into();
        while self.until(wanted).await[field] != value {}
    }

    /// The statuses told by what was heard up to now: what is asked last is answered last.
    pub async fn heard(&mut self) -> Vec<String> {
        self.ask("get_unread", json!({})).await;
        let mut heard = Vec::new();
        loop {
            match self.next().await {
                (name, data) if name == "feed_refresh_required" => heard.push(data["new_status"].as_str().unwrap().to_owned()),
                (name, _) if name == "unread" => return heard,
                _ => {}
            }
        }
    }

    /// What is wrong with a message, in a word.
    pub async fn error(&mut self) -> String {
        self.until("error").await["error"].as_str().unwrap().to_owned()
    }

    /// Waits for the end of the connection; the code it is closed with.
    pub async fn closed(&mut self) -> Option<u16> {
        loop {
            match timeout(DEADLINE, self.socket.next()).await.expect("it ends in time") {
                Some(Ok(Message::Close(frame))) => return frame.map(|frame| frame.code.into()),
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return None,
            }
        }
    }
}
