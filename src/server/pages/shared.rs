//! Pages in the Redis that replicas share. There is no copy in front of it: what one replica lets go, none hands out.
//!
//! What must not come apart is done by scripts, on one Redis (they name keys of several slots, so no cluster).

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use bytes::Bytes;
use futures_util::future::try_join_all;
use redis::{Script, ScriptInvocation};

use super::codec::{MAGIC, PACKED_MAX, epoch_text, pack, unpack};
use super::entry::Entry;
use super::key::{COMMUNITY, DISCOVER, PAGE, PageKey, Scope};
use super::random;
use super::store::{Claim, Counts, Look, PageStore, Usage};
use crate::server::redis::{Redis, Unreachable};

/// Where the epoch is counted.
const EPOCH: &str = "feed:epoch";
/// Keys that are looked at in one step of a scan, about.
const SCAN_STEP: usize = 500;
/// Whoever makes a page does so within this time, or somebody else may.
const TURN: Duration = Duration::from_secs(5);
/// Whatever takes longer is logged.
const SLOW: Duration = Duration::from_millis(10);

/// Makes sure of the epoch: nine digits that are drawn, ten that are counted, as text, since numbers of Lua end before. A Redis
/// that has lost it begins anywhere else: where it stood before, something old would be kept.
const READ_EPOCH: &str = r"
    local epoch = redis.pcall('GET', KEYS[1])
    if type(epoch) ~= 'string' or #epoch ~= 19 or not string.match(epoch, '^[1-8]%d+$') then
        epoch = ARGV[1]
        redis.pcall('SET', KEYS[1], epoch)
    end
";

/// Reads the page, if it is one and not too long.
const READ_PAGE: &str = r"
    local length = redis.pcall('STRLEN', KEYS[2])
    local page = false
    if type(length) == 'number' and length <= tonumber(ARGV[2]) then page = redis.call('GET', KEYS[2]) end
";

/// Gives the turn to make the page to the first who asks, and to who has it already: within a replica one asks at a time. Where
/// nothing can be written, everybody has it.
const TAKE_TURN: &str = r"
    local granted = 0
    if epoch == ARGV[3] then
        local set = redis.pcall('SET', KEYS[3], ARGV[4], 'NX', 'PX', ARGV[5])
        if set or redis.pcall('GET', KEYS[3]) == ARGV[4] then granted = 1 end
    end
    return {epoch, page, granted}
";

/// Keeps the page, if the epoch is still the one in which its making began.
const KEEP: &str = r"
    local kept = 0
    if redis.call('GET', KEYS[1]) == ARGV[1] then
        redis.call('SET', KEYS[2], ARGV[2], 'PX', ARGV[3])
        kept = 1
    end
";

/// Gives the turn back, if it is still this replica's. Its last argument says whose.
const END_TURN: &str = r"
    if redis.call('GET', KEYS[#KEYS]) == ARGV[#ARGV] then redis.call('UNLINK', KEYS[#KEYS]) end
";

/// Lets those of some keys go that hold no page of this epoch or one that was counted after it.
const LET_GO: &str = r"
    local gone, drawn, epoch = 0, ARGV[1] .. string.sub(ARGV[2], 1, 10), ARGV[1] .. ARGV[2]
    for _, key in ipairs(KEYS) do
        local head = redis.pcall('GETRANGE', key, 0, #epoch - 1)
        if type(head) ~= 'string' or string.sub(head, 1, #drawn) ~= drawn or head < epoch then
            gone = gone + redis.call('UNLINK', key)
        end
    end
    return gone
";

struct Scripts {
    look: Script,
    claim: Script,
    keep: Script,
    give_up: Script,
    begin: Script,
    let_go: Script,
}

/// Pages in the Redis that replicas share.
#[derive(Clone)]
pub(super) struct Shared {
    redis: Arc<Redis>,
    scripts: Arc<Scripts>,
    /// Who makes a page, when it is this replica.
    name: Arc<str>,
    slow: Arc<AtomicU64>,
}

impl Shared {
    pub fn new(redis: Arc<Redis>) -> Self {
        let scripts = Scripts {
            look: Script::new(&format!("{READ_EPOCH}{READ_PAGE} return {{epoch, page, 0}}")),
            claim: Script::new(&format!("{READ_EPOCH}{READ_PAGE}{TAKE_TURN}")),
            keep: Script::new(&format!("{KEEP}{END_TURN} return kept")),
            give_up: Script::new(&format!("{END_TURN} return 1")),
            begin: Script::new(&format!("{READ_EPOCH} redis.call('INCR', KEYS[1]) return redis.call('GET', KEYS[1])")),
            let_go: Script::new(LET_GO),
        };
        let name = format!("{:016x}", random()).into();
        Self { redis, scripts: Arc::new(scripts), name, slow: Arc::default() }
    }

    /// What took longer than 10 ms, since the start.
    pub fn slow(&self) -> u64 {
        self.slow.load(Ordering::Relaxed)
    }

    async fn run<T: redis::FromRedisValue>(&self, what: &str, script: &Script, keys: &[&str], args: &[&[u8]]) -> Result<T, Unreachable> {
        let invocation = invocation(script, keys, args);
        self.timed(what, self.redis.ask(|mut redis| async move { invocation.invoke_async(&mut redis).await })).await
    }

    /// The same beside all other questions.
    async fn run_now<T: redis::FromRedisValue>(
        &self,
        what: &str,
        script: &Script,
        keys: &[&str],
        args: &[&[u8]],
    ) -> Result<T, Unreachable> {
        let invocation = invocation(script, keys, args);
        self.timed(what, self.redis.ask_now(|mut redis| async move { invocation.invoke_async(&mut redis).await })).await
    }

    async fn timed<T>(&self, what: &str, operation: impl Future<Output = Result<T, Unreachable>>) -> Result<T, Unreachable> {
        let start = Instant::now();
        let result = operation.await;
        let elapsed = start.elapsed();
        if elapsed > SLOW && result.is_ok() {
            let before = self.slow.fetch_add(1, Ordering::Relaxed);
            // The first ones tell that there is something; all of them would be a flood just when nothing can take one.
            if before < 10 || before.is_multiple_of(1_000) {
                tracing::warn!(what, ms = elapsed.as_millis(), so_far = before + 1, "Redis is slow with pages");
            }
        }
        result
    }

    async fn read(&self, what: &str, script: &Script, key: &PageKey, more: (&[&str], &[&[u8]])) -> Result<Claim, Unreachable> {
        let (new, max) = (new_epoch(), PACKED_MAX.to_string());
        let keys = [&[EPOCH, key.as_str()], more.0].concat();
        let args = [&[new.as_bytes(), max.as_bytes()], more.1].concat();
        let (epoch, page, granted): (String, Option<Vec<u8>>, u8) = self.run(what, script, &keys, &args).await?;
        let entry = page.and_then(|page| unpack(&Bytes::from(page), key.whole()));
        Ok(Claim { look: Look { epoch: epoch.parse().map_err(|_| Unreachable)?, entry }, granted: granted == 1 })
    }

    /// Every key that begins with `prefix`, in steps. SCAN finds what is there from its beginning to its end, some of it twice.
    async fn scan<F>(&self, prefix: &str, mut each: impl FnMut(Vec<String>) -> F) -> Result<(), Unreachable>
    where
        F: Future<Output = Result<(), Unreachable>>,
    {
        let pattern = format!("{}*", escape(prefix));
        let mut cursor = 0_u64;
        loop {
            let (next, keys): (u64, Vec<Vec<u8>>) = self.ask_scan(cursor, &pattern).await?;
            // What is not even text was not put there by us, but it is not for us to trip over it either.
            let keys: Vec<_> = keys.into_iter().filter_map(|key| String::from_utf8(key).ok()).collect();
            if !keys.is_empty() {
                each(keys).await?;
            }
            if next == 0 {
                return Ok(());
            }
            cursor = next;
        }
    }

    async fn ask_scan(&self, cursor: u64, pattern: &str) -> Result<(u64, Vec<Vec<u8>>), Unreachable> {
        let mut scan = redis::cmd("SCAN");
        scan.arg(cursor).arg("MATCH").arg(pattern).arg("COUNT").arg(SCAN_STEP);
        self.timed("scan", self.redis.ask_now(|mut redis| async move { scan.query_async(&mut redis).await })).await
    }

    async fn count(&self, prefix: &str) -> Result<u64, Unreachable> {
        let mut count = 0;
        let add = |keys: Vec<String>| {
            count += keys.len() as u64;
            std::future::ready(Ok(()))
        };
        self.scan(prefix, add).await?;
        Ok(count)
    }
}

impl PageStore for Shared {
    type Gone = Unreachable;

    fn lifetime_max(&self) -> Duration {
        Duration::MAX
    }

    async fn look(&self, key: &PageKey) -> Result<Look, Unreachable> {
        Ok(self.read("look", &self.scripts.look, key, (&[], &[])).await?.look)
    }

    async fn claim(&self, key: &PageKey, epoch: u64) -> Result<Claim, Unreachable> {
        let (turn, epoch, time) = (turn(key, epoch), epoch.to_string(), TURN.as_millis().to_string());
        let args = [epoch.as_bytes(), self.name.as_bytes(), time.as_bytes()];
        self.read("claim", &self.scripts.claim, key, (&[&turn], &args)).await
    }

    async fn keep(&self, key: &PageKey, entry: &Entry, epoch: u64) -> Result<bool, Unreachable> {
        let Some(packed) = pack(entry, epoch, key.whole()) else {
            self.give_up(key, epoch).await?;
            return Ok(false);
        };
        let (turn, epoch, time) = (turn(key, epoch), epoch.to_string(), entry.kept_for().as_millis().to_string());
        let args = [epoch.as_bytes(), &packed, time.as_bytes(), self.name.as_bytes()];
        self.run("keep", &self.scripts.keep, &[EPOCH, key.as_str(), &turn], &args).await
    }

    async fn give_up(&self, key: &PageKey, epoch: u64) -> Result<(), Unreachable> {
        self.run::<u8>("give up", &self.scripts.give_up, &[&turn(key, epoch)], &[self.name.as_bytes()]).await.map(drop)
    }

    async fn delete(&self, scope: &Scope) -> Result<u64, Unreachable> {
        let epoch: String = self.run_now("begin", &self.scripts.begin, &[EPOCH], &[new_epoch().as_bytes()]).await?;
        let epoch = epoch_text(epoch.parse().map_err(|_| Unreachable)?);
        let cleared = AtomicU64::new(0);
        let let_go = |keys: Vec<String>| {
            let (epoch, cleared) = (&epoch, &cleared);
            async move {
                let keys: Vec<_> = keys.iter().map(String::as_str).collect();
                let gone = self.run_now("let go", &self.scripts.let_go, &keys, &[MAGIC.as_bytes(), epoch.as_bytes()]).await?;
                cleared.fetch_add(gone, Ordering::Relaxed);
                Ok(())
            }
        };
        let prefixes = scope.prefixes();
        try_join_all(prefixes.iter().map(|prefix| self.scan(prefix, let_go))).await?;
        Ok(cleared.into_inner())
    }

    async fn counts(&self) -> Result<Counts, Unreachable> {
        let [discover, community, other] = [DISCOVER, COMMUNITY, PAGE];
        Ok(Counts { discover: self.count(discover).await?, community: self.count(community).await?, other: self.count(other).await? })
    }

    async fn usage(&self) -> Result<Usage, Unreachable> {
        let info = |mut redis| async move { redis::cmd("INFO").arg("memory").query_async(&mut redis).await };
        let info: String = self.redis.ask(info).await?;
        let field = |name: &str| info.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':')?.trim().parse().ok());
        // 0 is Redis's word for no limit.
        Ok(Usage { bytes: field("used_memory").unwrap_or(0), bytes_max: field("maxmemory").filter(|max| *max > 0) })
    }
}

fn invocation<'a>(script: &'a Script, keys: &[&str], args: &[&[u8]]) -> ScriptInvocation<'a> {
    let mut invocation = script.prepare_invoke();
    for key in keys {
        invocation.key(*key);
    }
    for arg in args {
        invocation.arg(*arg);
    }
    invocation
}

/// Whose turn it is to make the page at `key`, is kept here.
fn turn(key: &PageKey, epoch: u64) -> String {
    format!("feed:lock:page:{epoch}:{}", key.as_str())
}

/// Where a Redis begins that has no epoch.
fn new_epoch() -> String {
    format!("{}0000000000", 100_000_000 + random() % 800_000_000)
}

/// `text` as a pattern of Redis that fits this text alone.
fn escape(text: &str) -> String {
    let mut pattern = String::with_capacity(text.len());
    for char in text.chars() {
        if matches!(char, '*' | '?' | '[' | ']' | '^' | '\\') {
            pattern.push('\\');
        }
        pattern.push(char);
    }
    pattern
}
