//! A message bus of a test's own, services on it that are made up by python-dbusmock, and whoever listens to what the
//! client makes of them. No bus of the machine is touched.

use std::collections::HashMap;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, sync_channel};
use std::time::{Duration, Instant};

use flickreel::app::{DesktopSettings, Presence};
use flickreel::desktop::{self, Buses, News};
use flickreel::preload::plan::Conditions;
use futures_util::StreamExt;
use tempfile::TempDir;
use tokio::runtime::Runtime;
use zbus::zvariant::{OwnedValue, Value};

/// Each step takes a second at most; a busy machine may take its time.
pub const PATIENCE: Duration = Duration::from_mins(2);
/// Everybody may own every name and talk to everybody.
const CONFIG: &str = r#"<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <listen>unix:path=FOLDER/bus</listen>
  <auth>EXTERNAL</auth>
  <servicedir>FOLDER/services</servicedir>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
"#;
/// The interface by which a mock is told what to be.
const MOCK: &str = "org.freedesktop.DBus.Mock";

/// The address of a bus in `dir`, running or not.
pub fn address(dir: &Path) -> String {
    format!("unix:path={}/bus", dir.display())
}

/// A process that ends with its owner.
struct Process(Child);

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A message bus.
pub struct Bus {
    address: String,
    runtime: Runtime,
    connection: zbus::Connection,
    _daemon: Process,
}

impl Bus {
    /// Starts one with its socket in `dir`.
    pub fn start(dir: &TempDir) -> Self {
        let config = dir.path().join("bus.conf");
        fs::write(&config, CONFIG.replace("FOLDER", dir.path().to_str().unwrap())).unwrap();
        let mut daemon = Command::new("dbus-daemon")
            .args(["--nofork", "--nosyslog", "--print-address=1", "--config-file"])
            .arg(&config)
            .stdout(Stdio::piped())
            // For root it grumbles about limits that a container does not let it raise.
            .stderr(Stdio::null())
            .spawn()
            .expect("these tests need the dbus-daemon command");
        // It says its address as soon as it listens.
        let mut said = String::new();
        BufReader::new(daemon.stdout.take().unwrap()).read_line(&mut said).unwrap();
        assert!(said.starts_with("unix:"), "dbus-daemon did not start: {:?}", daemon.wait());
        let runtime = runtime();
        let address = address(dir.path());
        let connection = runtime.block_on(async { zbus::connection::Builder::address(address.as_str())?.build().await }).unwrap();
        Self { address, runtime, connection, _daemon: Process(daemon) }
    }

    /// The address that a program finds it at.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// Owns the name of a service without ever answering.
    pub fn take_name(&self, service: &'static str) {
        self.within(self.connection.request_name(service)).unwrap();
    }

    /// How many connections there are.
    pub fn connections(&self) -> usize {
        let names = self.within(async { Ok(zbus::fdo::DBusProxy::new(&self.connection).await?.list_names().await?) }).unwrap();
        names.iter().filter(|name| name.starts_with(':')).count()
    }

    /// Calls a method without arguments that ends the service, which therefore does not answer.
    pub fn end(&self, service: &str, path: &str, interface: &str, method: &str) {
        let call = self.connection.call_method(Some(service), path, Some(interface), method, &());
        assert!(self.runtime.block_on(call).is_err());
    }

    /// A service with one of python-dbusmock's templates, by its name and what its template is told.
    pub fn template(&self, service: &'static str, template: &str, parameters: &str) -> Mock<'_> {
        self.mock(service, &["--template", template, "--parameters", parameters])
    }

    /// A service with one object of one interface, which has nothing yet.
    pub fn object(&self, service: &'static str, path: &str, interface: &str) -> Mock<'_> {
        self.mock(service, &["--system", service, path, interface])
    }

    fn mock(&self, service: &'static str, words: &[&str]) -> Mock<'_> {
        // The one that the distribution's packages are for; another may come first in the search path.
        let child = Command::new("/usr/bin/python3")
            .args(["-m", "dbusmock"])
            .args(words)
            .env("DBUS_SYSTEM_BUS_ADDRESS", &self.address)
            .env("DBUS_SESSION_BUS_ADDRESS", &self.address)
            .stdout(Stdio::null())
            .spawn()
            .expect("these tests need /usr/bin/python3");
        let mut process = Process(child);
        let owned = self.within(async {
            let bus = zbus::fdo::DBusProxy::new(&self.connection).await?;
            let mut changes = bus.receive_name_owner_changed_with_args(&[(0, service)]).await?;
            while !bus.name_has_owner(service.try_into()?).await? {
                changes.next().await;
            }
            Ok(())
        });
        assert!(owned.is_some(), "{service} never came: python-dbusmock ended with {:?}", process.0.try_wait());
        Mock { bus: self, service, _process: process }
    }

    /// Waits for an answer; `None` when there is none in time.
    fn within<T>(&self, answer: impl Future<Output = zbus::Result<T>>) -> Option<T> {
        self.runtime.block_on(async { tokio::time::timeout(PATIENCE, answer).await }).ok().map(Result::unwrap)
    }
}

/// A runtime with a thread of its own.
pub fn runtime() -> Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap()
}

/// Looks again and again until `condition` holds; `false` when it never does. For what tells nobody when it changes.
pub fn until(mut condition: impl FnMut() -> bool) -> bool {
    let deadline = Instant::now() + PATIENCE;
    while Instant::now() < deadline {
        if condition() {
            return true;
        }
        #[expect(clippy::disallowed_methods, reason = "a service that is made up tells nobody when it is called")]
        std::thread::sleep(Duration::from_millis(20));
    }
    false
}

/// A service. It is killed when this is dropped, as one that crashes.
pub struct Mock<'a> {
    bus: &'a Bus,
    service: &'static str,
    _process: Process,
}

impl Mock<'_> {
    /// Sets a property; the service says that it has changed.
    pub fn set(&self, path: &str, interface: &str, name: &str, value: impl Into<Value<'static>>) {
        self.call(path, "org.freedesktop.DBus.Properties", "Set", &(interface, name, value.into()));
    }

    /// Gives an object a property that its template has not. The service says nothing.
    pub fn add(&self, path: &str, interface: &str, name: &str, value: impl Into<Value<'static>>) {
        self.call(path, MOCK, "AddProperty", &(interface, name, value.into()));
    }

    /// Gives an object a method without arguments, as a line of Python that sets `ret`; one of that name is replaced.
    pub fn method(&self, path: &str, interface: &str, name: &str, answer: &str, code: &str) {
        self.method_of(path, interface, name, ("", answer), code);
    }

    /// The same for a method that is told something: the types of that, and of its answer.
    pub fn method_of(&self, path: &str, interface: &str, name: &str, (told, answer): (&str, &str), code: &str) {
        self.call(path, MOCK, "AddMethod", &(interface, name, told, answer, code));
    }

    /// Sends a signal without arguments.
    pub fn signal(&self, path: &str, interface: &str, name: &str) {
        self.call(path, MOCK, "EmitSignal", &(interface, name, "", Vec::<OwnedValue>::new()));
    }

    /// Sends a signal with one flag.
    pub fn signal_flag(&self, path: &str, interface: &str, name: &str, flag: bool) {
        self.call(path, MOCK, "EmitSignal", &(interface, name, "b", vec![Value::from(flag)]));
    }

    /// Adds an object without anything to the service whose first one is `main`.
    pub fn add_object(&self, main: &str, path: &str, interface: &str) {
        let (properties, methods) = (HashMap::<&str, Value<'_>>::new(), Vec::<(&str, &str, &str, &str)>::new());
        self.call(main, MOCK, "AddObject", &(path, interface, properties, methods));
    }

    /// Takes an object away again. The service says nothing.
    pub fn remove_object(&self, main: &str, path: &str) {
        self.call(main, MOCK, "RemoveObject", &(path,));
    }

    /// The calls of a method that came so far, each with what it was told.
    pub fn calls(&self, path: &str, method: &str) -> Vec<Vec<OwnedValue>> {
        let words = (method,);
        let call = self.bus.connection.call_method(Some(self.service), path, Some(MOCK), "GetMethodCalls", &words);
        let answer = self.bus.within(call).expect("an answer");
        let calls: Vec<(u64, Vec<OwnedValue>)> = answer.body().deserialize().unwrap();
        calls.into_iter().map(|(_, told)| told).collect()
    }

    fn call(&self, path: &str, interface: &str, method: &str, words: &(impl serde::Serialize + zbus::zvariant::DynamicType)) {
        let call = self.bus.connection.call_method(Some(self.service), path, Some(interface), method, words);
        self.bus.within(call).unwrap_or_else(|| panic!("{method} got no answer"));
    }
}

/// What the client hears.
pub struct Listener {
    heard: Receiver<News>,
    _runtime: Runtime,
}

impl Listener {
    pub fn start(system: Option<&Bus>, session: Option<&Bus>) -> Self {
        let address = |bus: Option<&Bus>| bus.map(|bus| bus.address.clone());
        Self::at(Buses { system: address(system), session: address(session) })
    }

    pub fn at(buses: Buses) -> Self {
        let (said, heard) = sync_channel(1024);
        let runtime = runtime();
        desktop::spawn(runtime.handle(), buses, move |news| said.send(news).unwrap_or_default());
        Self { heard, _runtime: runtime }
    }

    /// The next conditions that are as `wanted`; what comes before is dropped.
    pub fn until(&self, what: &str, wanted: impl Fn(&Conditions) -> bool) -> Conditions {
        self.next(what, |news| if let News::Conditions(conditions) = news { Some(conditions).filter(&wanted) } else { None })
    }

    /// The next word on who looks that is as `wanted`.
    pub fn until_presence(&self, wanted: Presence) {
        self.next(&format!("{wanted:?}"), |news| (news == News::Presence(wanted)).then_some(()));
    }

    /// The next settings of the desktop that are as `wanted`.
    pub fn until_settings(&self, wanted: DesktopSettings) {
        self.next(&format!("{wanted:?}"), |news| (news == News::Settings(wanted)).then_some(()));
    }

    fn next<T>(&self, what: &str, wanted: impl Fn(News) -> Option<T>) -> T {
        let deadline = Instant::now() + PATIENCE;
        let mut last = None;
        while let Ok(news) = self.heard.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
            if let Some(found) = wanted(news) {
                return found;
            }
            last = Some(news);
        }
        panic!("never {what}; last {last:?}");
    }
}
