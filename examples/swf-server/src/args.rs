//! The command line.

use std::path::PathBuf;
use std::time::Duration;

use clap::Parser;

use crate::clock::ClockKind;
use crate::host::LongPoll;
use crate::state::Place;

/// A local Amazon SWF for development and tests.
///
/// It checks no signatures: whoever reaches it may call it, under any access key. Do not expose it.
#[derive(Clone, Debug, Parser)]
#[command(version)]
pub struct Args {
    /// Where to listen; port 0 takes a free one, which is printed
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:4567")]
    pub listen: String,
    /// A JSON object of IAM policy documents by access key id; without it everybody may do everything
    #[arg(long, value_name = "FILE")]
    pub policy: Option<PathBuf>,
    /// Where the state survives a restart; the file is made if there is none
    #[arg(long, value_name = "FILE")]
    pub snapshot: Option<PathBuf>,
    /// What time it is; a manual clock starts at 1700000000 and is moved by POST /control/advance
    #[arg(long, value_enum, default_value_t = ClockKind::System)]
    pub clock: ClockKind,
    /// How long a poll without a task is held [default: 60, and with a manual clock 1 in fact]
    #[arg(long, value_name = "SECONDS")]
    pub long_poll: Option<u32>,
    /// The region in the ARNs of domains
    #[arg(long, default_value = "us-east-1")]
    pub region: String,
    /// The account in the ARNs of domains
    #[arg(long, default_value = "123456789012")]
    pub account: String,
    /// What to log to stderr as JSON: error, warn, info (refused requests too), debug (all requests)
    #[arg(long, value_name = "LEVEL", default_value = "info")]
    pub log: String,
}

impl Args {
    #[must_use]
    pub fn place(&self) -> Place {
        Place { region: self.region.clone(), account: self.account.clone() }
    }

    #[must_use]
    pub fn long_poll(&self) -> LongPoll {
        self.long_poll.map_or_else(
            || LongPoll::default_of(self.clock),
            |seconds| {
                let given = Duration::from_secs(u64::from(seconds));
                LongPoll { by_clock: given, in_fact: given }
            },
        )
    }
}
