//! The service manager and the event log of Windows; without them, a console.

use std::{
    ffi::OsString,
    io,
    process::ExitCode,
    sync::{Mutex, OnceLock, PoisonError},
    time::Duration,
};

use tokio::sync::watch;
use tracing::Metadata;
use tracing_subscriber::{
    Layer,
    fmt::{MakeWriter, layer},
    registry::LookupSpan,
};
use windows_service::{
    define_windows_service,
    service::{
        Service, ServiceAccess, ServiceAction, ServiceActionType, ServiceControl,
        ServiceControlAccept, ServiceExitCode, ServiceFailureActions, ServiceFailureResetPeriod,
        ServiceState, ServiceStatus, ServiceType,
    },
    service_control_handler::{self, ServiceControlHandlerResult, ServiceStatusHandle},
    service_dispatcher,
    service_manager::{ServiceManager, ServiceManagerAccess},
};

use super::{NEEDS_A_PERSON, Program, moderation::Moderation};
use crate::sys::windows::{
    event_log::{Gravity, Source},
    priority,
};

/// What starts the service.
pub(crate) const START: &str = "sc start FreeholdAgent";

/// How long a start or a stop may take before the service manager takes it for stuck.
const PATIENCE: Duration = Duration::from_secs(20);
/// After a crash the service is started again, each time a little later.
const RESTARTS: [Duration; 3] = [
    Duration::from_secs(30),
    Duration::from_secs(60),
    Duration::from_secs(300),
];
const FORGET_CRASHES: Duration = Duration::from_secs(24 * 60 * 60);

type Work = Box<dyn FnOnce() -> u8 + Send>;

/// What the service manager's threads and the program's share.
#[derive(Default)]
struct Shared {
    program: OnceLock<&'static Program>,
    work: Mutex<Option<Work>>,
    code: Mutex<u8>,
    status: OnceLock<ServiceStatusHandle>,
    stop: OnceLock<watch::Sender<bool>>,
    events: OnceLock<Source>,
}

static SHARED: Shared = Shared {
    program: OnceLock::new(),
    work: Mutex::new(None),
    code: Mutex::new(0),
    status: OnceLock::new(),
    stop: OnceLock::new(),
    events: OnceLock::new(),
};

define_windows_service!(service_main, serve);

/// Runs the work as the service if the service manager started this process, else right here. Ends with
/// the exit status that the work answers.
pub fn host(program: &'static Program, work: impl FnOnce() -> u8 + Send + 'static) -> ExitCode {
    let program = SHARED.program.get_or_init(|| program);
    *lock(&SHARED.work) = Some(Box::new(work));
    if let Err(error) = service_dispatcher::start(program.service, service_main) {
        // Not started by the service manager.
        tracing::debug!(%error, "running in a console");
        return ExitCode::from(lock(&SHARED.work).take().map_or(1, |work| work()).min(1));
    }
    ExitCode::from(*lock(&SHARED.code))
}

/// The service's own thread.
fn serve(_arguments: Vec<OsString>) {
    let Some(program) = SHARED.program.get() else {
        return;
    };
    SHARED.stop.get_or_init(|| watch::Sender::new(false));
    // What the crate keeps for the handler is freed with the first stop, so the handler captures nothing.
    let Ok(status) = service_control_handler::register(program.service, control) else {
        return;
    };
    let _ = SHARED.status.set(status);
    tell(ServiceState::StartPending, ServiceExitCode::NO_ERROR);
    if let Ok(source) = Source::open(program.title) {
        let _ = SHARED.events.set(source);
    }
    configure_restarts(program);
    write_event(
        Gravity::Information,
        &format!(
            "The {} {} starts.",
            program.title,
            env!("CARGO_PKG_VERSION")
        ),
    );
    let work = lock(&SHARED.work).take();
    let code = work.map_or(1, |work| work());
    *lock(&SHARED.code) = code;
    let exit = match code {
        0 => {
            write_event(
                Gravity::Information,
                &format!("The {} stopped.", program.title),
            );
            ServiceExitCode::NO_ERROR
        }
        code => {
            restart_after_failure(program, code != NEEDS_A_PERSON);
            ServiceExitCode::ServiceSpecific(code.into())
        }
    };
    tell(ServiceState::Stopped, exit);
}

fn control(event: ServiceControl) -> ServiceControlHandlerResult {
    match event {
        ServiceControl::Interrogate => ServiceControlHandlerResult::NoError,
        ServiceControl::Stop | ServiceControl::Shutdown => {
            tell(ServiceState::StopPending, ServiceExitCode::NO_ERROR);
            if let Some(stop) = SHARED.stop.get() {
                stop.send_replace(true);
            }
            ServiceControlHandlerResult::NoError
        }
        _ => ServiceControlHandlerResult::NotImplemented,
    }
}

fn tell(state: ServiceState, exit_code: ServiceExitCode) {
    let is_pending = matches!(
        state,
        ServiceState::StartPending | ServiceState::StopPending
    );
    let status = ServiceStatus {
        service_type: ServiceType::OWN_PROCESS,
        current_state: state,
        controls_accepted: if state == ServiceState::Running {
            ServiceControlAccept::STOP | ServiceControlAccept::SHUTDOWN
        } else {
            ServiceControlAccept::empty()
        },
        exit_code,
        checkpoint: u32::from(is_pending),
        wait_hint: if is_pending { PATIENCE } else { Duration::ZERO },
        process_id: None,
    };
    if let Some(handle) = SHARED.status.get()
        && let Err(error) = handle.set_service_status(status)
    {
        tracing::warn!(%error, "the service manager was not told");
    }
}

/// Has the service manager start the service again after a crash.
fn configure_restarts(program: &Program) {
    let actions = RESTARTS.map(|delay| ServiceAction {
        action_type: ServiceActionType::Restart,
        delay,
    });
    let actions = ServiceFailureActions {
        reset_period: ServiceFailureResetPeriod::After(FORGET_CRASHES),
        reboot_msg: None,
        command: None,
        actions: Some(actions.to_vec()),
    };
    let configured =
        this_service(program).and_then(|service| service.update_failure_actions(actions));
    if let Err(error) = configured {
        tracing::debug!(%error, "a crash does not start the service again");
    }
}

/// Whether an end with an error that is about to be told starts the service again, too.
fn restart_after_failure(program: &Program, restart: bool) {
    let configured = this_service(program)
        .and_then(|service| service.set_failure_actions_on_non_crash_failures(restart));
    if let Err(error) = configured {
        tracing::debug!(%error, "an error does not start the service again");
    }
}

fn this_service(program: &Program) -> windows_service::Result<Service> {
    // Restarting something needs the right to start it.
    let access = ServiceAccess::CHANGE_CONFIG | ServiceAccess::START;
    ServiceManager::local_computer(None::<&str>, ServiceManagerAccess::CONNECT)?
        .open_service(program.service, access)
}

/// Leaves the processor and the disks to others.
pub(crate) fn step_back() {
    if let Err(error) = priority::step_back() {
        tracing::debug!(%error, "the agent runs with ordinary priority");
    }
}

/// Tells that the program is set up.
pub fn ready() {
    tell(ServiceState::Running, ServiceExitCode::NO_ERROR);
}

/// Tells that the program is about to end.
pub fn stopping() {
    tell(ServiceState::StopPending, ServiceExitCode::NO_ERROR);
}

/// The service manager of Windows asks nobody whether he is alive.
pub(crate) async fn watchdog() {
    std::future::pending().await
}

/// From now on somebody can ask the program to stop; the future waits until they do.
pub fn stop_requested() -> io::Result<impl Future<Output = ()> + Send> {
    let manager = SHARED.stop.get().map(watch::Sender::subscribe);
    let mut keys = tokio::signal::windows::ctrl_c()?;
    let mut close = tokio::signal::windows::ctrl_close()?;
    let mut shut_down = tokio::signal::windows::ctrl_shutdown()?;
    let mut break_key = tokio::signal::windows::ctrl_break()?;
    Ok(async move {
        if let Some(mut stop) = manager {
            let _ = stop.wait_for(|stop| *stop).await;
            return;
        }
        tokio::select! {
            _ = keys.recv() => {}
            _ = close.recv() => {}
            _ = shut_down.recv() => {}
            _ = break_key.recv() => {}
        }
    })
}

/// Says why a program ends, where somebody will read it.
pub fn complain(program: &Program, sentence: &str) {
    eprintln!("{}: {sentence}", program.command);
    write_event(
        Gravity::Error,
        &format!("The {} cannot go on: {sentence}.", program.title),
    );
}

/// Writes what is logged into the event log, where this is the service.
pub fn log<S>() -> Option<impl Layer<S>>
where
    S: tracing::Subscriber + for<'a> LookupSpan<'a>,
{
    SHARED.events.get()?;
    let lines = layer()
        .without_time()
        .with_level(false)
        .with_target(false)
        .with_ansi(false)
        .with_writer(Events::default());
    Some(lines)
}

fn write_event(gravity: Gravity, text: &str) {
    if let Some(source) = SHARED.events.get() {
        // Nowhere is left to say that an event could not be written.
        let _ = source.write(gravity, text);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Makes an event of each line that is logged, but not of the same one again and again.
#[derive(Default)]
struct Events(Mutex<Moderation>);

/// A line on its way; `None` when it is not worth an event.
struct Line {
    gravity: Option<Gravity>,
    text: Vec<u8>,
}

impl<'a> MakeWriter<'a> for Events {
    type Writer = Line;

    fn make_writer(&'a self) -> Line {
        Line {
            gravity: None,
            text: Vec::new(),
        }
    }

    fn make_writer_for(&'a self, metadata: &Metadata<'_>) -> Line {
        let gravity = match *metadata.level() {
            tracing::Level::ERROR => Some(Gravity::Error),
            tracing::Level::WARN => Some(Gravity::Warning),
            tracing::Level::INFO => Some(Gravity::Information),
            _ => None,
        };
        let place = (metadata.target().to_owned(), metadata.line());
        Line {
            gravity: gravity.filter(|_| lock(&self.0).lets_pass(place)),
            text: Vec::new(),
        }
    }
}

impl io::Write for Line {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.text.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        if let Some(gravity) = self.gravity {
            write_event(gravity, String::from_utf8_lossy(&self.text).trim());
        }
    }
}
