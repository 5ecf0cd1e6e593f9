//! An edge of a CDN: nginx in front of a service, which keeps what it has sent, and says so.

use std::fs;
use std::net::{SocketAddr, TcpListener};
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

use super::rig::until;

/// How an edge cuts what it keeps.
#[derive(Clone, Copy, Debug)]
pub enum Cut {
    /// Into slices of 1 MiB, whatever is asked for.
    Slices,
    /// As it is asked for: each range is kept for itself.
    Ranges,
}

/// An edge of its own, until it is dropped.
pub struct Edge {
    pub address: SocketAddr,
    child: Child,
    _folder: TempDir,
}

impl Edge {
    /// Starts one in front of `origin`, cold, and waits until it listens.
    pub async fn start(origin: SocketAddr, cut: Cut) -> Self {
        let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let folder = tempfile::tempdir().unwrap();
        let (slice, range) = match cut {
            Cut::Slices => ("slice 1m;", "$slice_range"),
            Cut::Ranges => ("", "$http_range"),
        };
        // In one process: it is the child's alone, runs as whoever started it, and is gone when it is killed.
        let config = format!(
            "master_process off; daemon off; pid nginx.pid; error_log stderr crit;
            events {{ worker_connections 256; }}
            http {{
                access_log off; client_body_temp_path body; proxy_temp_path proxy;
                fastcgi_temp_path fastcgi; uwsgi_temp_path uwsgi; scgi_temp_path scgi;
                proxy_cache_path cache keys_zone=edge:1m inactive=1h use_temp_path=off;
                server {{
                    listen {address};
                    location / {{
                        {slice}
                        proxy_pass http://{origin};
                        proxy_http_version 1.1;
                        proxy_set_header Range {range};
                        proxy_cache edge;
                        proxy_cache_key $uri$is_args$args{range};
                        proxy_cache_valid 200 206 1h;
                        add_header X-Cache-Status $upstream_cache_status always;
                    }}
                }}
            }}"
        );
        fs::write(folder.path().join("nginx.conf"), config).unwrap();
        let mut nginx = Command::new(if fs::exists("/usr/sbin/nginx").unwrap() { "/usr/sbin/nginx" } else { "nginx" });
        nginx.arg("-p").arg(folder.path()).args(["-e", "stderr", "-c", "nginx.conf"]);
        let child = nginx.stdin(Stdio::null()).stdout(Stdio::null()).spawn().expect("nginx is installed");
        let edge = Self { address, child, _folder: folder };
        until("nginx listens", async || tokio::net::TcpStream::connect(address).await.is_ok()).await;
        edge
    }

    pub fn url(&self) -> String {
        format!("http://{}/", self.address)
    }
}

impl Drop for Edge {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
