//! One bus: everybody on it is asked, and asked again whenever there is news of them. What the news says is not
//! believed: anybody may send a signal, but only who owns the name gets the question.

use std::collections::HashMap;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use futures_util::stream::{StreamExt, select};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, timeout};
use zbus::address::transport::{Transport, UnixSocket};
use zbus::connection::Builder;
use zbus::proxy::{CacheProperties, MethodFlags};
use zbus::zvariant::{self, OwnedValue};
use zbus::{Address, Connection, MatchRule, MessageStream, Proxy, message};

use super::places::{self, Buses, Place, Telling};
use super::settings;
use super::told::{Properties, Told, Value};

/// A bus that does not greet within this, and a service that does not answer, are not there for us.
const ANSWER_WITHIN: Duration = Duration::from_secs(10);
/// News come in bursts; this long after the first the service is asked once for all of them.
const SETTLE: Duration = Duration::from_millis(100);
/// Who gave no answer is asked again after this, news or none.
const ASK_AGAIN: Duration = Duration::from_mins(1);
/// A bus that is not there, or has gone, is tried again after these: the first time, and at most.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_mins(1);

/// Values as D-Bus has them, by name.
type Values = HashMap<String, OwnedValue>;

const DBUS: &str = "org.freedesktop.DBus";
const PROPERTIES: &str = "org.freedesktop.DBus.Properties";
/// The name under which it is kept what a screen saver answers.
pub(super) const ACTIVE: &str = "Active";

/// Keeps `told` up to date with what the services at `places` on the bus at `address` tell, for ever.
pub(super) async fn follow(address: String, places: &'static [Place], told: Arc<watch::Sender<Told>>) {
    let mut pause = FIRST_PAUSE;
    loop {
        let begun = Instant::now();
        match connect(&address).await {
            Ok(connection) => {
                listen(connection, places, &told).await;
                told.send_modify(|told| {
                    for place in places {
                        told.set(place.teller, None);
                    }
                });
                tracing::debug!("a message bus has gone");
            }
            // A machine without a bus is a machine like any other: said once, and then not at each attempt.
            Err(err) if pause == FIRST_PAUSE => tracing::debug!("no message bus: {err}"),
            Err(_) => {}
        }
        if begun.elapsed() > LONGEST_PAUSE {
            pause = FIRST_PAUSE;
        }
        sleep(pause).await;
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

/// Asks everybody once, one after the other; who gives no answer in ten seconds is left out.
pub async fn look(buses: Buses) -> Told {
    let mut told = Told::default();
    for (address, places) in [(buses.system, places::SYSTEM), (buses.session, places::SESSION)] {
        let Some(address) = address else { continue };
        let Ok(connection) = connect(&address).await else { continue };
        let asking = async {
            for place in places {
                if let Ok(proxy) = proxy(&connection, place).await {
                    told.set(place.teller, ask(&proxy, place, place.may_start).await.ok());
                }
            }
        };
        tokio::select! {
            () = asking => {}
            () = drive(&connection) => {}
        }
    }
    told
}

pub(super) async fn connect(address: &str) -> zbus::Result<Connection> {
    let address = Address::try_from(address.split(';').next().unwrap_or_default())?;
    let connected = timeout(ANSWER_WITHIN, async {
        // zbus connects on a thread that it starts for this; here a socket connects by itself.
        #[cfg(unix)]
        if let Transport::Unix(unix) = address.transport()
            && let UnixSocket::File(path) = unix.path()
        {
            let stream = tokio::net::UnixStream::connect(path).await?.into_std()?;
            return Builder::async_io_unix_stream(stream).internal_executor(false).build().await;
        }
        Builder::address(address)?.internal_executor(false).build().await
    });
    connected.await.map_err(|_| std::io::Error::from(std::io::ErrorKind::TimedOut))?
}

/// Does the work of a connection, which has no thread of its own, while there is any. Reading from its socket is some.
pub(super) async fn drive(connection: &Connection) {
    while !connection.executor().is_empty() {
        connection.executor().tick().await;
    }
}

/// Follows everybody until the connection is at its end.
async fn listen(connection: Connection, places: &'static [Place], told: &Arc<watch::Sender<Told>>) {
    let mut followers = JoinSet::new();
    for place in places {
        let (connection, told) = (connection.clone(), Arc::clone(told));
        followers.spawn(async move {
            if let Err(err) = follow_one(&connection, place, &told).await {
                tracing::debug!("{} is not followed: {err}", place.interface);
            }
        });
    }
    tokio::select! {
        () = connection.closed() => {}
        () = drive(&connection) => {}
    }
    followers.shutdown().await;
    // Each stream leaves a task behind that takes back what it had asked of the bus. It holds the connection, and the
    // connection it: left undone, neither would ever go.
    let _ = timeout(ANSWER_WITHIN, drive(&connection)).await;
}

/// Asks at first and after each news. Ends with the connection.
async fn follow_one(connection: &Connection, place: &Place, told: &watch::Sender<Told>) -> zbus::Result<()> {
    let owner = MessageStream::for_match_rule(owner_rule(place)?, connection, None).await?;
    let changes = MessageStream::for_match_rule(change_rule(place)?, connection, None).await?;
    let mut news = select(owner, changes);
    let proxy = proxy(connection, place).await?;
    // Once at most: a service that ends as soon as it was started would be started for ever.
    let mut may_start = place.may_start;
    let mut settle = Duration::ZERO;
    loop {
        let (answer, stale) = {
            let mut asked = pin!(async {
                sleep(settle).await;
                ask(&proxy, place, may_start).await
            });
            let mut stale = false;
            // News are taken in while the answer is on its way: left lying, they would hold up the whole connection.
            loop {
                tokio::select! {
                    one = news.next() => match one {
                        Some(Ok(_)) => stale = true,
                        Some(Err(err)) => return Err(err),
                        None => return Ok(()),
                    },
                    answer = &mut asked => break (answer, stale),
                }
            }
        };
        (may_start, settle) = (false, SETTLE);
        let silent = answer.is_err();
        if let Err(err) = &answer
            && told.borrow().by(place.teller).is_some()
        {
            tracing::debug!("{} tells nothing any more: {err}", place.interface);
        }
        told.send_if_modified(|told| told.set(place.teller, answer.ok()));
        if !stale {
            let next = news.next();
            let one = if silent { timeout(ASK_AGAIN, next).await } else { Ok(next.await) };
            match one {
                Ok(Some(Err(err))) => return Err(err),
                Ok(None) => return Ok(()),
                Ok(Some(Ok(_))) | Err(_) => {}
            }
        }
    }
}

/// The service comes or goes.
fn owner_rule(place: &Place) -> zbus::Result<MatchRule<'static>> {
    let rule = MatchRule::builder().msg_type(message::Type::Signal).sender(DBUS)?.interface(DBUS)?;
    Ok(rule.member("NameOwnerChanged")?.add_arg(place.service)?.build())
}

/// It has something new to tell.
fn change_rule(place: &Place) -> zbus::Result<MatchRule<'static>> {
    let rule = MatchRule::builder().msg_type(message::Type::Signal).sender(place.service)?;
    let rule = if let Telling::Alias(below) = place.telling { rule.path_namespace(below)? } else { rule.path(place.path)? };
    let signal = match place.telling {
        Telling::Properties | Telling::Alias(_) => {
            return Ok(rule.interface(PROPERTIES)?.member("PropertiesChanged")?.add_arg(place.interface)?.build());
        }
        Telling::Method(_) => "changed",
        Telling::PropertiesWith(signal) => signal,
        Telling::Active => "ActiveChanged",
        Telling::Settings(_) => "SettingChanged",
    };
    Ok(rule.interface(place.interface)?.member(signal)?.build())
}

async fn proxy(connection: &Connection, place: &Place) -> zbus::Result<Proxy<'static>> {
    let by_properties = matches!(place.telling, Telling::Properties | Telling::PropertiesWith(_) | Telling::Alias(_));
    let interface = if by_properties { PROPERTIES } else { place.interface };
    let proxy = zbus::proxy::Builder::new(connection).destination(place.service)?.path(place.path)?.interface(interface)?;
    proxy.cache_properties(CacheProperties::No).build().await
}

/// All that the object tells now. An answer of another shape is an error like none at all.
async fn ask(proxy: &Proxy<'_>, place: &Place, may_start: bool) -> zbus::Result<Properties> {
    let flags = (!may_start).then_some(MethodFlags::NoAutoStart).into_iter().collect();
    let answer = timeout(ANSWER_WITHIN, async {
        Ok(match place.telling {
            Telling::Properties | Telling::PropertiesWith(_) | Telling::Alias(_) => {
                one_by_one(proxy.call_with_flags("GetAll", flags, &(place.interface,)).await?)
            }
            Telling::Method(name) => one_by_one(proxy.call_with_flags(name, flags, &()).await?),
            Telling::Active => {
                let active: Option<bool> = proxy.call_with_flags("GetActive", flags, &()).await?;
                active.map(|active| (ACTIVE.to_owned(), Value::Flag(active))).into_iter().collect()
            }
            Telling::Settings(namespaces) => {
                let all: Option<HashMap<String, Values>> = proxy.call_with_flags("ReadAll", flags, &(namespaces,)).await?;
                let all = all.unwrap_or_default();
                let named = |namespace: &str, key: String, value: &OwnedValue| Some((settings::name(namespace, &key), plain(value)?));
                all.into_iter()
                    .flat_map(|(namespace, values)| values.into_iter().filter_map(move |(key, value)| named(&namespace, key, &value)))
                    .collect()
            }
        })
    });
    answer.await.map_err(|_| std::io::Error::from(std::io::ErrorKind::TimedOut))?
}

fn one_by_one(values: Option<Values>) -> Properties {
    values.unwrap_or_default().into_iter().filter_map(|(name, value)| Some((name, plain(&value)?))).collect()
}

/// A value that is of use here.
fn plain(value: &zvariant::Value<'_>) -> Option<Value> {
    Some(match value {
        zvariant::Value::Bool(flag) => Value::Flag(*flag),
        zvariant::Value::U8(number) => Value::Number(f64::from(*number)),
        zvariant::Value::I16(number) => Value::Number(f64::from(*number)),
        zvariant::Value::U16(number) => Value::Number(f64::from(*number)),
        zvariant::Value::I32(number) => Value::Number(f64::from(*number)),
        zvariant::Value::U32(number) => Value::Number(f64::from(*number)),
        zvariant::Value::F64(number) => Value::Number(*number),
        zvariant::Value::Str(text) => Value::Text(text.as_str().to_owned()),
        _ => return None,
    })
}
