//! Keeps the screen bright while somebody watches without touching anything: it neither dims nor locks meanwhile.

use std::io;
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::sync::watch;
use tokio::time::{sleep, timeout};
use zbus::proxy::{CacheProperties, MethodFlags};

use super::bus::{connect, drive};

/// The name that screen savers of all desktops answer to.
const SAVER: &str = "org.freedesktop.ScreenSaver";
const SAVER_PATH: &str = "/org/freedesktop/ScreenSaver";
/// By whom a desktop says that the screen is kept bright.
const PROGRAM: &str = "Flickreel";
/// A screen saver that does not answer within this is none.
const ANSWER_WITHIN: Duration = Duration::from_secs(10);
/// One that was not there, or has gone, is asked again after this.
const ASK_AGAIN: Duration = Duration::from_secs(30);

/// Starts a task on `runtime` that asks the screen saver on the bus at `address` to keep the screen bright while
/// `wanted` holds a reason, which the desktop may show to people, and takes that back afterwards. However the program
/// ends, its connection ends with it, and the desktop takes it back by itself. The task ends with the sender.
pub fn keep_bright(runtime: &Handle, address: Option<String>, mut wanted: watch::Receiver<Option<&'static str>>) {
    let Some(address) = address else { return };
    runtime.spawn(async move {
        // A channel whose sender is gone may still hold a reason.
        while wanted.has_changed().is_ok() {
            let Some(reason) = wanted.wait_for(Option::is_some).await.ok().and_then(|reason| *reason) else { return };
            if let Err(err) = hold(&address, reason, &mut wanted).await {
                tracing::debug!("the screen may go dark: {err}");
                tokio::select! {
                    () = sleep(ASK_AGAIN) => {}
                    over = wanted.wait_for(Option::is_none) => if over.is_err() { return },
                }
            }
        }
    });
}

/// Asks once, and takes it back when it is no longer wanted.
async fn hold(address: &str, reason: &str, wanted: &mut watch::Receiver<Option<&'static str>>) -> zbus::Result<()> {
    let connection = connect(address).await?;
    let held = async {
        let builder = zbus::proxy::Builder::<zbus::Proxy<'_>>::new(&connection).destination(SAVER)?.path(SAVER_PATH)?.interface(SAVER)?;
        let proxy = builder.cache_properties(CacheProperties::No).build().await?;
        let words = (PROGRAM, reason);
        let asked = proxy.call_with_flags("Inhibit", MethodFlags::NoAutoStart.into(), &words);
        let cookie: Option<u32> = timeout(ANSWER_WITHIN, asked).await.map_err(|_| io::Error::from(io::ErrorKind::TimedOut))??;
        // An error says that the sender is gone, and the program with it.
        let _ = wanted.wait_for(Option::is_none).await;
        proxy.call::<_, _, ()>("UnInhibit", &cookie.unwrap_or_default()).await
    };
    tokio::select! {
        held = held => held,
        // Nothing is left to be done on a connection that is at its end.
        () = drive(&connection) => Err(io::Error::from(io::ErrorKind::ConnectionAborted).into()),
    }
}
