//! From the command line to the window: what is started, in which order, and how it ends.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::{Arc, PoisonError};
use std::time::{Duration, SystemTime};

use anyhow::{Context as _, Result};
use eframe::egui;
use eframe::egui_wgpu::{WgpuSetup, wgpu};
use tokio::runtime::Runtime;
use tokio::sync::watch;

use super::around::Around;
use super::backends::VulkanAlone;
use super::captions;
use super::client::{Client, Parts, SharedPlan};
use super::desk::Desk;
use super::events::{self, Clock, Waker};
use super::flags::{self, FlagFile, Trial};
use super::handover::{Begin, Window};
use super::keeper::{Files, Keeper};
use super::kept::Kept;
use super::measure::{Outcome, OutcomePlace, Replay};
use super::posters::PosterBoard;
use super::record::GestureRecorder;
use super::renewal::Renewals;
use super::shelf::DiskShelf;
use super::sources::{Memory, Sources};
use super::state::{State, StateFile};
use super::stills::Stills;
use super::trace::{self, Tracer};
use super::{
    Folders, cache_command, doctor, ending, handover, keys, line, logging, marks, place, preferences, range_maps, report, telemetry_command,
};
use crate::app::{Event, Flag, Flags, Knob, Model, Options, Preloading, SourceName};
use crate::cache::{CacheOptions, Opener, control};
use crate::cli::{Cli, Command, CommonOptions, ReplayOptions};
use crate::config::{Config, Settings, printed};
use crate::export::segment::UsageStore;
use crate::export::{Exporters, Pace};
use crate::metrics::Counters;
use crate::metrics::trace::TRACE;
use crate::player::gst::{self, AudioChoice, GstOptions, GstPlayer};
use crate::player::watch::Patience;
use crate::player::{FrameBoard, budget_for};
use crate::preload::stock::{self, Stock};
use crate::preload::worker;
use crate::replay::Script;
use crate::replay::compare::{Comparison, Told};
use crate::replay::table::Table;
use crate::source::{Gate, SAMPLE_CLIPS, Source, SourceContext, TrustedHosts, client};

/// Threads of the runtime that fetches and stores.
const RUNTIME_THREADS: usize = 2;
/// Before the window comes up, the first page is waited for this long: a folder answers in a few milliseconds,
/// and its first clip prerolls while the window is being made.
const FIRST_PAGE_WITHIN: Duration = Duration::from_millis(60);
/// The runtime gets this long to end.
const SHUTDOWN_WITHIN: Duration = Duration::from_millis(500);
/// The exporters get this long for the last figures and events.
const LAST_WORDS_WITHIN: Duration = Duration::from_millis(300);
/// Status of a command that could not run.
const COULD_NOT_RUN: u8 = 2;
/// Window size on the first launch, in points: 9 : 16.
const FIRST_SIZE: (u32, u32) = (450, 800);

/// Runs what the command line asks for.
#[must_use]
pub fn run(cli: Cli) -> ExitCode {
    let clock = Clock::start();
    let folders = Folders::find();
    let (config, warnings) = match Config::load(cli.common.config.as_deref()) {
        Ok(loaded) => loaded,
        Err(err) => {
            return match &cli.command {
                Command::Cache(words) => cache_command::refuse(&err.to_string(), words.json),
                _ => refuse(&err.to_string()),
            };
        }
    };
    let _log = logging::start(cli.common.verbose, Some(&folders.log_file()));
    for warning in &warnings {
        tracing::warn!("{warning}");
    }
    let filter = config.filter.clone();
    let settings = Settings::merge(&cli.common, config);
    if cli.common.print_config {
        print!("{}", printed(&settings, &filter));
        return ExitCode::SUCCESS;
    }
    let result = match cli.command {
        Command::Cache(words) => return cache_command::run(&settings, &folders, &words),
        Command::Telemetry(words) => return telemetry_command::run(&settings, &folders, words.question),
        Command::Doctor => return doctor::run(&settings, &folders),
        Command::Compare { before, after, bound_percent } => compare(&before, &after, bound_percent),
        Command::Table(reports) => table(&reports),
        Command::Watch { source_words } => watch(clock, &settings, &folders, &source_words, &cli.common),
        Command::Replay(options) => replay(clock, settings, &folders, &options, cli.common.record.as_deref()),
        Command::Flags => return flags::run(&settings, &folders),
        Command::Report { file } => report::run(&settings, &folders, file.as_deref()),
    };
    result.unwrap_or_else(|err| refuse(&format!("{err:#}")))
}

fn refuse(sentence: &str) -> ExitCode {
    eprintln!("flickreel: {sentence}");
    ExitCode::from(COULD_NOT_RUN)
}

fn watch(clock: Clock, settings: &Settings, folders: &Folders, words: &[String], asked: &CommonOptions) -> Result<ExitCode> {
    let named = if words.is_empty() { None } else { Some(Source::parse(words)?) };
    let window = match handover::begin(folders.window_socket().as_deref(), named.as_ref(), asked) {
        Begin::HandedOver => return Ok(ExitCode::SUCCESS),
        Begin::Window(window) => window,
    };
    let file = StateFile::new(folders.state_file());
    let state = file.load();
    let kept = Arc::new(Kept::open(&folders.kept_file()));
    let last = kept.last_source().unwrap_or_else(|| state.source.clone());
    let mut hint = false;
    let source = if let Some(source) = named {
        source
    } else if last.is_empty() {
        hint = true;
        Source::Sample
    } else {
        // A folder that is gone since the last time must not keep the program from starting.
        Source::parse(&last).unwrap_or_else(|err| {
            tracing::warn!("the last source cannot be opened: {err}");
            Source::Sample
        })
    };
    let recorder = recorder(asked.record.as_deref(), &source)?;
    let trial = Trial::begin(settings, folders);
    let files = Files { state: file, figures: folders.figures_file(), flags: FlagFile::new(folders.flags_file()), kept };
    let keeper = Some(Keeper::start(files).context("a thread could not be started")?);
    let (flags, notices) = (trial.flags.clone(), trial.notices.clone());
    let from_start = asked.start.from_start;
    let replay = None;
    let launch = Launch { clock, settings, folders, state, source, from_start, hint, flags, notices, keeper, replay, recorder, window };
    let ended = open_window(launch);
    // A window that could not be opened is an end, too: somebody was told why.
    trial.end();
    ended.map(|()| ExitCode::SUCCESS)
}

fn recorder(file: Option<&Path>, source: &Source) -> Result<Option<GestureRecorder>> {
    let Some(file) = file else { return Ok(None) };
    let recorder = GestureRecorder::start(file, source.to_words());
    recorder.map(Some).with_context(|| format!("what is done could not be recorded in {}", file.display()))
}

/// Ends with 1 when a figure is worse.
fn compare(before: &Path, after: &Path, bound_percent: u32) -> Result<ExitCode> {
    let comparison = Comparison::new(&Told::read(before)?, &Told::read(after)?, bound_percent)?;
    println!("{comparison}");
    Ok(if comparison.worse().is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn table(reports: &[PathBuf]) -> Result<ExitCode> {
    let reports = reports.iter().map(|report| Told::read(report)).collect::<Result<Vec<_>, _>>()?;
    println!("{}", Table(reports));
    Ok(ExitCode::SUCCESS)
}

fn replay(clock: Clock, mut settings: Settings, folders: &Folders, options: &ReplayOptions, record: Option<&Path>) -> Result<ExitCode> {
    let script = Script::find(&options.script)?;
    let words = if options.source_words.is_empty() { &script.source } else { &options.source_words };
    let source = if words.is_empty() { Source::Sample } else { Source::parse(words)? };
    settings.window = settings.window.or(script.window);
    let recorder = recorder(record, &source)?;
    if options.trace.is_some() {
        TRACE.start(clock.began(), None);
    }
    let place = OutcomePlace::default();
    let replay = Replay::new(script, source.label(), options.seed, Arc::clone(&place));
    let flags = flags::of_measuring_run(&settings, folders);
    let (state, replay) = (State::default(), Some(replay));
    let launch = Launch {
        clock,
        settings: &settings,
        folders,
        state,
        source,
        from_start: true,
        hint: false,
        flags,
        notices: Vec::new(),
        keeper: None,
        replay,
        recorder,
        window: None,
    };
    open_window(launch)?;
    if let Some(file) = &options.trace {
        trace::write_all(file).with_context(|| format!("the trace could not be written to {}", file.display()))?;
    }
    let outcome = place.lock().unwrap_or_else(PoisonError::into_inner).take();
    match outcome {
        None => anyhow::bail!("the window was closed before the script was over"),
        Some(Outcome::NothingShown) => anyhow::bail!("no picture was shown: the source has no playable video, or cannot be reached"),
        Some(Outcome::Measured(report)) => {
            if let Some(file) = &options.report {
                report.write(file).with_context(|| format!("the report could not be written to {}", file.display()))?;
            }
            eprintln!("{report}");
            Ok(if report.violations.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
        }
    }
}

/// What a window is opened with.
struct Launch<'a> {
    clock: Clock,
    settings: &'a Settings,
    folders: &'a Folders,
    state: State,
    source: Source,
    /// Not where its viewer left.
    from_start: bool,
    /// It is the first launch, and somebody should be told what can be opened.
    hint: bool,
    flags: Flags,
    notices: Vec<String>,
    keeper: Option<Keeper>,
    replay: Option<Replay>,
    recorder: Option<GestureRecorder>,
    /// Where later starts are heard.
    window: Option<Window>,
}

fn open_window(mut launch: Launch<'_>) -> Result<()> {
    let (settings, folders) = (launch.settings, launch.folders);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(RUNTIME_THREADS)
        .thread_name("io")
        .enable_all()
        .build()
        .context("the input/output threads could not be started")?;
    let mut export = settings.export.clone();
    if launch.replay.is_some() {
        // Nobody watches: there is no usage to count.
        export.segment = None;
    }
    let (exporters, exporting) = Exporters::start(&export, Pace::default(), &folders.telemetry(), runtime.handle());
    let heard = launch.window.take();
    let position = launch.state.position;
    let (parts, window) = start_parts(launch, exporters, &runtime)?;
    ending::spawn(runtime.handle(), parts.events.clone());
    let hearing = heard.and_then(|heard| heard.serve(runtime.handle(), parts.sources.opener(), parts.waker.clone()));
    let opener = Arc::clone(&parts.opener);
    let serving = control::serve(runtime.handle(), &opener, folders.sockets.clone(), settings.cache_dir.clone());
    let vulkan_alone = runtime.block_on(VulkanAlone::find());
    let mut options = native_options(window, vulkan_alone.is_some());
    options.viewport.position = position.map(place::position);
    let result = eframe::run_native("Flickreel", options, Box::new(|creation| Ok(Box::new(Client::new(creation, parts)?))));
    // Who starts from now on gets a window of its own.
    drop(hearing);
    opener.flush();
    // Before the cache's lock is free, so that the next owner finds no socket of ours.
    drop(serving);
    exporting.finish(runtime.handle(), LAST_WORDS_WITHIN);
    runtime.shutdown_timeout(SHUTDOWN_WITHIN);
    result.map_err(|err| anyhow::anyhow!("the window could not be opened: {err}. `flickreel doctor` tells what is missing"))
}

#[expect(clippy::too_many_lines, reason = "everything there is, one after the other")]
fn start_parts(launch: Launch<'_>, exporters: Exporters, runtime: &Runtime) -> Result<(Parts, (u32, u32))> {
    let Launch { clock, settings, folders, state, source, from_start, hint, flags, notices, keeper, replay, recorder, window: _ } = launch;
    let counters = Arc::new(Counters::default());
    let board = Arc::new(FrameBoard::new());
    let waker = Waker::default();
    let (events, queue) = events::queue(waker.clone());
    let more = usize::from(flags.is_on(Flag::PreloadPlusThree));
    let preloading = Preloading { profile: settings.profile.asked(), ahead: settings.ahead, behind: settings.behind, more };
    let gate = Gate::default();
    let client = client(&gate)?;
    let options = CacheOptions {
        dir: settings.cache_enabled.then(|| settings.cache_dir.clone()),
        cap_bytes: settings.cache_cap,
        max_age: settings.cache_max_age,
        now: SystemTime::now(),
        counters: Arc::clone(&counters),
        samples: SAMPLE_CLIPS.iter().map(|clip| clip.bytes).collect(),
        runtime: runtime.handle().clone(),
        client: client.clone(),
    };
    let opener = Arc::new(Opener::new(options));
    let player_events = events.clone();
    let player = GstPlayer::start(GstOptions {
        opener: Arc::clone(&opener) as Arc<dyn crate::cache::MediaOpener>,
        board: Arc::clone(&board),
        counters: Arc::clone(&counters),
        events: Arc::new(move |event| player_events.send(Event::Player(event))),
        budget: budget_for(preloading.widest().prerolled()),
        audio: AudioChoice::Auto,
        patience: Patience::default(),
    })?;
    let (plan, plans) = watch::channel::<SharedPlan>(Arc::from([]));
    marks::spawn(runtime.handle(), Arc::clone(&opener), plans.clone(), events.clone());
    line::spawn(runtime.handle(), Arc::clone(&opener), plans.clone(), events.clone());
    let (maps, maps_wanted) = watch::channel(false);
    range_maps::spawn(runtime.handle(), Arc::clone(&opener), maps_wanted, plans.clone(), events.clone());
    worker::spawn(runtime.handle(), Arc::clone(&opener), plans.clone(), Arc::clone(&counters));
    let (stock, stocked) = watch::channel(Stock::default());
    stock::spawn(runtime.handle(), Arc::clone(&opener), plans, stocked, Arc::clone(&counters));
    let around = Around::start(runtime.handle(), events.clone());
    let reporter = report::Reporter::new(runtime.handle().clone(), events.clone(), settings.clone(), folders.clone());
    let poster_board = Arc::new(PosterBoard::new(waker.clone()));
    let posters = poster_board.start(runtime.handle(), client.clone(), opener.blobs(), Arc::clone(&counters));
    let captions = captions::start(runtime.handle(), client.clone(), opener.blobs(), Arc::clone(&counters), events.clone());
    let label = source.label();
    let named = SourceName { words: source.to_words(), label: label.clone() };
    let shelf = Arc::new(DiskShelf(opener.blobs()));
    let context = SourceContext::with_client(client, gate, Arc::clone(&counters))
        .with_shelf(shelf)
        .with_trusted_hosts(TrustedHosts::new(settings.trusted_hosts.clone()))
        .with_filter(settings.filter.clone());
    opener.renew_by(Renewals(context.clone()));
    let memory = keeper.as_ref().map(|keeper| Memory { kept: keeper.kept(), resume: settings.resume });
    let remembered = memory.as_ref().map(|memory| memory.opens(&source, from_start));
    let sources = Sources::start(runtime.handle(), source, context, memory, stock.clone(), events.clone());
    let recent = remembered.as_ref().map(|remembered| remembered.recents.clone()).unwrap_or_default();
    let mut preferences = preferences::begin(settings, &state);
    let (keymaps, keys) = keys::keymaps(&settings.keys, state.preferences.keys, replay.is_some());
    preferences.keys = keys;
    let asked = if settings.fixed.iter().any(|(knob, _)| *knob == Knob::Profile) { preloading.profile } else { preferences.profile };
    let preloading = Preloading { profile: asked, ..preloading };
    let desk =
        Desk::start(runtime.handle(), Arc::clone(&opener), settings.export.clone(), UsageStore::new(&folders.telemetry()), events.clone());
    // Two clients that lost the same server are not to come back to it at the same moments.
    let drawn = || SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| u64::from(since.subsec_nanos()));
    let seed = replay.as_ref().and_then(|replay| replay.seed).unwrap_or_else(drawn);
    let model = Model::new(&Options { preloading, preferences, flags, seed, keymaps, recent, languages: captions::languages() });
    let mut parts = Parts {
        stills: Stills::new(runtime.handle().clone(), events.clone()),
        tracer: Tracer::new(clock, runtime.handle().clone(), events.clone(), folders.traces()),
        recorder,
        clock,
        model,
        events,
        queue,
        waker,
        board,
        player: Box::new(player),
        opener,
        counters,
        sources,
        plan,
        stock,
        range_maps: maps,
        posters,
        poster_board,
        captions,
        keeper,
        surroundings: preferences::surroundings(settings, folders, program()),
        desk,
        replay,
        exporters,
        around,
        reporter,
    };
    if let Some(remembered) = remembered {
        parts.prepare(Event::Remembered(Box::new(remembered)));
    }
    parts.prepare(Event::Source(named));
    parts.prepare(Event::Opened { label, hint });
    for notice in notices {
        parts.prepare(Event::Notice(notice));
    }
    if let Ok(event) = parts.queue.recv_timeout(FIRST_PAGE_WITHIN) {
        parts.prepare(event);
    }
    Ok((parts, settings.window.or(state.window).unwrap_or(FIRST_SIZE)))
}

fn program() -> String {
    let gstreamer =
        gst::version().map_or_else(|_| "GStreamer".to_owned(), |(major, minor, micro)| format!("GStreamer {major}.{minor}.{micro}"));
    format!("Flickreel {} · {gstreamer}", env!("CARGO_PKG_VERSION"))
}

fn native_options((width, height): (u32, u32), vulkan_alone: bool) -> eframe::NativeOptions {
    #[expect(clippy::cast_precision_loss, reason = "a window's size in points")]
    let size = [width as f32, height as f32];
    let mut viewport = egui::ViewportBuilder::default()
        .with_title("Flickreel")
        .with_app_id("org.flickreel.Flickreel")
        .with_inner_size(size)
        .with_min_inner_size(place::LEAST);
    match eframe::icon_data::from_png_bytes(include_bytes!("../../resources/icon-256.png")) {
        Ok(icon) => viewport = viewport.with_icon(icon),
        Err(err) => tracing::warn!("the icon is damaged: {err}"),
    }
    let mut wgpu_options =
        eframe::egui_wgpu::WgpuConfiguration::default().with_surface_config(eframe::egui_wgpu::SurfaceConfig::LOW_LATENCY);
    if let (true, WgpuSetup::CreateNew(setup)) = (vulkan_alone, &mut wgpu_options.wgpu_setup) {
        setup.instance_descriptor.backends = wgpu::Backends::VULKAN;
    }
    eframe::NativeOptions {
        viewport,
        renderer: eframe::Renderer::Wgpu,
        wgpu_options,
        // The gradients of scrims are dark enough to need it least, and it costs a pass over every pixel.
        dithering: false,
        ..eframe::NativeOptions::default()
    }
}
