//! The state in a file: written whole beside it and then put in its place, so that a crash leaves the old one or the
//! new one.

use std::fs::OpenOptions;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::host::Host;
use crate::state::{Boot, LoadError, Place, Snapshot, State};

/// Changes reach the file this soon, and as much later as it takes to write it; a crash loses no more.
const PERIOD: Duration = Duration::from_secs(1);

/// Why there is no state from a file.
#[derive(Debug, thiserror::Error)]
pub enum SnapshotError {
    #[error("it cannot be read: {0}")]
    Read(#[from] std::io::Error),
    #[error(transparent)]
    Load(#[from] LoadError),
}

/// The state of a file, for a new boot; `None` if there is no file yet.
///
/// # Errors
/// [`SnapshotError`]; the file is left as it is.
pub fn load(file: &Path, place: Place, boot: Boot) -> Result<Option<State>, SnapshotError> {
    match std::fs::read(file) {
        Ok(snapshot) => Ok(Some(State::from_snapshot(place, boot, &snapshot)?)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// The last one at the end and one in between must not meet in the file beside.
static WRITING: Mutex<()> = Mutex::new(());

/// Writes the state now. The file is its owner's alone: whoever reads it can make task tokens.
///
/// # Errors
/// The file system's.
pub fn write(host: &Host, file: &Path) -> std::io::Result<()> {
    put(file, || host.snapshot())
}

/// Writes the state for the last time: from here on the host refuses every call.
///
/// # Errors
/// The file system's.
pub fn write_last(host: &Host, file: &Path) -> std::io::Result<()> {
    put(file, || host.last_snapshot())
}

fn put(file: &Path, copy: impl FnOnce() -> Snapshot) -> std::io::Result<()> {
    let _writing = WRITING.lock().unwrap_or_else(PoisonError::into_inner);
    let began = Instant::now();
    let snapshot = copy();
    let copied = began.elapsed();
    let began = Instant::now();
    let snapshot = snapshot.to_json()?;
    let mut beside = file.as_os_str().to_owned();
    beside.push(".new");
    let beside = PathBuf::from(beside);
    // One that a crash left has permissions of its own.
    match std::fs::remove_file(&beside) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
        Ok(()) | Err(_) => {}
    }
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut new = options.open(&beside)?;
    new.write_all(&snapshot)?;
    new.sync_all()?;
    std::fs::rename(&beside, file)?;
    let (copied_ms, written_ms) = (copied.as_millis() as u64, began.elapsed().as_millis() as u64);
    tracing::debug!(bytes = snapshot.len(), copied_ms, written_ms, "the snapshot is written");
    Ok(())
}

/// Writes the state whenever there were calls, for ever.
pub async fn keep(host: Arc<Host>, file: PathBuf) {
    let mut written = host.changes();
    loop {
        tokio::time::sleep(PERIOD).await;
        let changes = host.changes();
        if changes == written {
            continue;
        }
        let (host, file) = (Arc::clone(&host), file.clone());
        let done = tokio::task::spawn_blocking(move || write(&host, &file)).await;
        match done {
            Ok(Ok(())) => written = changes,
            Ok(Err(error)) => tracing::error!(%error, "the snapshot is not written"),
            Err(error) => tracing::error!(%error, "the snapshot is not written"),
        }
    }
}
