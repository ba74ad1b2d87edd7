//! A picture of the replay: a lane for each activity, time from left to right.

use std::collections::HashMap;
use std::io::{self, Write};

use heartwheel::Timestamp;

use super::record::{Event, Record, Run, What};
use super::seconds::Seconds;
use super::story::label;

/// Fits beside its labels into a terminal of 120 columns.
const COLUMNS: usize = 72;
/// More lanes nobody reads; the rest is counted.
const MAX_LANES: usize = 200;
/// A lane with this many marks is thinned: more than four a column of the three kinds that can repeat.
const MAX_MARKS: usize = 1_024;

const LEGEND: &str = "  S scheduled  > started  • heartbeat  ? cancel requested  x call refused
  C completed  F failed  X canceled  ! timed out   (.. waiting  -- running)";

#[derive(Debug, Default)]
pub(crate) struct Timeline {
    lanes: Vec<Lane>,
    /// Where to find the lane of a run: by activityId, then by number. As many entries as lanes.
    lanes_by_id: HashMap<Box<str>, Vec<(u64, usize)>>,
    lanes_left_out: u64,
}

#[derive(Debug)]
struct Lane {
    label: String,
    marks: Vec<(u64, Mark)>,
    ending: &'static str,
}

/// What stands in a lane; where several meet in one column, the greatest is shown.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
enum Mark {
    Heartbeat,
    Refused,
    Scheduled,
    Started,
    CancelRequested,
    Completed,
    Failed,
    Canceled,
    TimedOut,
}

impl Timeline {
    pub(crate) fn note(&mut self, record: &Record<'_>) {
        match &record.what {
            What::Event { run, event } => match event {
                Event::Scheduled(_) => self.open_lane(run, record.at),
                Event::Started => self.mark(run, record.at, Mark::Started, None),
                Event::CancelRequested => self.mark(run, record.at, Mark::CancelRequested, None),
                Event::Completed { .. } => {
                    self.mark(run, record.at, Mark::Completed, Some("completed"));
                }
                Event::Failed { .. } => self.mark(run, record.at, Mark::Failed, Some("failed")),
                Event::Canceled { .. } => {
                    self.mark(run, record.at, Mark::Canceled, Some("canceled"))
                }
                Event::TimedOut(timed_out) => {
                    let ending = timed_out.timeout_type.as_str();
                    self.mark(run, record.at, Mark::TimedOut, Some(ending));
                }
                Event::ScheduleFailed { .. } | Event::RequestCancelFailed { .. } => {
                    self.mark(run, record.at, Mark::Refused, None);
                }
            },
            What::Heartbeat { run, .. } => self.mark(run, record.at, Mark::Heartbeat, None),
            What::Fault { run, .. } => self.mark(run, record.at, Mark::Refused, None),
            What::TimeoutsUpdated { .. }
            | What::Suspended { .. }
            | What::Resumed { .. }
            | What::Advanced
            | What::Recovered { .. }
            | What::Snapshot
            | What::Synced
            | What::Reset => {}
        }
    }

    /// Draws what was noted, up to `newest`.
    pub(crate) fn draw(&self, out: &mut impl Write, newest: Timestamp) -> io::Result<()> {
        let instants = || self.lanes.iter().flat_map(|lane| &lane.marks).map(|(at, _)| *at);
        let Some(first) = instants().min() else {
            return Ok(());
        };
        let scale = Scale { first, last: newest.as_millis() };
        let width = self.lanes.iter().map(|lane| lane.label.chars().count()).max().unwrap_or(0);
        writeln!(
            out,
            "\nTimeline from {} to {} s, {} s a column",
            Seconds(scale.first),
            Seconds(scale.last),
            Seconds(scale.last.saturating_sub(scale.first) / COLUMNS as u64)
        )?;
        for lane in &self.lanes {
            let row = format!("  {:<width$}  {}  {}", lane.label, lane.draw(&scale), lane.ending);
            writeln!(out, "{}", row.trim_end())?;
        }
        if self.lanes_left_out > 0 {
            writeln!(out, "  and {} more activities", self.lanes_left_out)?;
        }
        writeln!(out, "{LEGEND}")
    }

    fn open_lane(&mut self, run: &Run<'_>, at: Timestamp) {
        if self.lanes.len() == MAX_LANES {
            self.lanes_left_out = self.lanes_left_out.saturating_add(1);
            return;
        }
        let lane = (run.number, self.lanes.len());
        self.lanes_by_id.entry(Box::from(run.activity_id)).or_default().push(lane);
        let marks = vec![(at.as_millis(), Mark::Scheduled)];
        self.lanes.push(Lane { label: label(run), marks, ending: "open" });
    }

    fn mark(&mut self, run: &Run<'_>, at: Timestamp, mark: Mark, ending: Option<&'static str>) {
        let lanes = self.lanes_by_id.get(run.activity_id).map_or(&[][..], Vec::as_slice);
        let lane = lanes.iter().rev().find(|(number, _)| *number == run.number);
        if let Some(lane) = lane.and_then(|(_, lane)| self.lanes.get_mut(*lane)) {
            lane.marks.push((at.as_millis(), mark));
            lane.ending = ending.unwrap_or(lane.ending);
            lane.thin();
        }
    }
}

impl Lane {
    /// Drops marks within a quarter of a column of one of their kind that stays. The picture only ever
    /// spans more time than the lane does now, and those that stay are never as far apart as half a
    /// column where they were dense before, so no column goes empty.
    fn thin(&mut self) {
        if self.marks.len() < MAX_MARKS {
            return;
        }
        let instants = || self.marks.iter().map(|(at, _)| *at);
        let span = instants().max().unwrap_or(0) - instants().min().unwrap_or(0);
        let gap = span / (4 * COLUMNS as u64);
        let mut shown: HashMap<u8, u64> = HashMap::new();
        self.marks.retain(|(at, mark)| {
            let near = shown.get(&(*mark as u8)).is_some_and(|shown| at.abs_diff(*shown) <= gap);
            if !near {
                shown.insert(*mark as u8, *at);
            }
            !near
        });
    }

    fn draw(&self, scale: &Scale) -> String {
        let column_of = |wanted: &dyn Fn(Mark) -> bool| {
            self.marks.iter().find(|(_, mark)| wanted(*mark)).map(|(at, _)| scale.column(*at))
        };
        let scheduled = column_of(&|mark| mark == Mark::Scheduled).unwrap_or(0);
        let started = column_of(&|mark| mark == Mark::Started);
        let closed = column_of(&|mark| mark >= Mark::Completed).unwrap_or(COLUMNS);
        let mut cells: Vec<(char, Option<Mark>)> = (0..COLUMNS)
            .map(|column| match started {
                _ if column < scheduled || column >= closed => (' ', None),
                Some(started) if column >= started => ('-', None),
                Some(_) | None => ('.', None),
            })
            .collect();
        for (at, mark) in &self.marks {
            if let Some(cell) = cells.get_mut(scale.column(*at)) {
                // None is less than any mark.
                if cell.1 < Some(*mark) {
                    *cell = (mark.symbol(), Some(*mark));
                }
            }
        }
        cells.into_iter().map(|(symbol, _)| symbol).collect()
    }
}

impl Mark {
    const fn symbol(self) -> char {
        match self {
            Self::Heartbeat => '•',
            Self::Refused => 'x',
            Self::Scheduled => 'S',
            Self::Started => '>',
            Self::CancelRequested => '?',
            Self::Completed => 'C',
            Self::Failed => 'F',
            Self::Canceled => 'X',
            Self::TimedOut => '!',
        }
    }
}

struct Scale {
    first: u64,
    last: u64,
}

impl Scale {
    fn column(&self, at: u64) -> usize {
        // Wide enough for a span of u64::MAX times the columns.
        let span = u128::from(self.last.saturating_sub(self.first)).max(1);
        let offset = u128::from(at.saturating_sub(self.first));
        let column = offset * COLUMNS as u128 / span;
        usize::try_from(column).unwrap_or(COLUMNS).min(COLUMNS - 1)
    }
}
