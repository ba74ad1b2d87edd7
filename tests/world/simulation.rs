//! A world: one host, its workers, the network between them, and what befalls them. It goes from event to event,
//! so that quiet years cost nothing.

mod calm;
mod traffic;
mod trouble;

use core::any::Any;
use core::panic::AssertUnwindSafe;
use std::collections::{BTreeMap, HashSet, VecDeque};
use std::panic::catch_unwind;

use heartwheel::ActivityId;

use crate::dice::Dice;
use crate::host::{Death, Fuse, Host, Stop};
use crate::judge::Belief;
use crate::network::{Call, Message};
use crate::record::{Answer, Command};
use crate::subject::{Fault, Machine};
use crate::tale::Tale;
use crate::tally::{Seen, Tally};
use crate::weather::{Weather, YEAR};
use crate::worker::Worker;

/// A wake-up further off is not waited for: no ordinary timeout is so long.
const FOR_EVER: u64 = 300 * YEAR;

#[derive(Debug)]
enum Happening {
    Schedule,
    Delivery(Message),
    WorkerWakes { worker: usize, turn: u64 },
    HostWakes { turn: u64 },
    HostSuspends,
    HostResumes,
    HostReturns,
    ClockSteps { by: i64 },
    Whim,
    Calms,
    SettlesIn,
}

#[derive(Debug)]
enum State {
    Up,
    Suspended { since: u64, backlog: VecDeque<(usize, ActivityId, Call)> },
    Dead,
}

#[derive(Debug)]
pub(crate) struct World {
    weather: Weather,
    dice: Dice,
    /// True time.
    now: u64,
    queue: BTreeMap<(u64, u64), Happening>,
    queued: u64,
    host: Host,
    state: State,
    workers: Vec<Worker>,
    keys: u32,
    /// Every id that the host was given.
    ids: Vec<ActivityId>,
    /// Those whose timeouts are no longer what their workers were told.
    updated: HashSet<ActivityId>,
    is_calm: bool,
    /// Deadlines later than this, by the engine's time, find a prompt host.
    prompt_from: Option<u64>,
    /// The wake-up that the host sleeps until; only its latest alarm counts.
    alarm: Option<(u64, u64)>,
}

/// What a world leaves behind.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) tally: Tally,
    pub(crate) engine: Machine,
}

/// A world that went wrong: why, and the end of its tale.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) wrong: String,
    pub(crate) tail: String,
}

impl World {
    pub(crate) fn new(seed: u64, fault: Fault, belief: Belief, tale: Tale) -> Self {
        let mut dice = Dice::new(seed);
        let weather = Weather::new(&mut dice);
        let host = Host::new(&weather, fault, belief, tale);
        let mut world = Self {
            weather,
            dice,
            now: 0,
            queue: BTreeMap::new(),
            queued: 0,
            host,
            state: State::Up,
            workers: Vec::new(),
            keys: 0,
            ids: Vec::new(),
            updated: HashSet::new(),
            is_calm: false,
            prompt_from: None,
            alarm: None,
        };
        world.forecast();
        world
    }

    /// What comes without anybody's doing.
    fn forecast(&mut self) {
        let storm_ends = self.weather.storm_ends;
        // Evenly, or crowded at the beginning with a long quiet after it.
        let is_even = self.dice.one_in(2);
        for _ in 0..self.weather.activities {
            let at =
                if is_even { self.dice.below(storm_ends) } else { self.dice.up_to(storm_ends) };
            self.put(at, Happening::Schedule);
        }
        for _ in 0..self.weather.calm_activities {
            let at = storm_ends + 1 + self.dice.up_to(self.weather.scale * 20);
            self.put(at, Happening::Schedule);
        }
        self.put_after(self.weather.between_suspensions, Happening::HostSuspends);
        self.put_step();
        self.put_after(Some(self.weather.between_whims), Happening::Whim);
        self.put(storm_ends, Happening::Calms);
        self.light_fuse();
    }

    pub(crate) fn run(mut self) -> Result<Outcome, Failure> {
        let end = catch_unwind(AssertUnwindSafe(|| self.run_to_its_end()));
        // A panic of the engine is wrong like anything else.
        match end.unwrap_or_else(|panic| Err(format!("panic: {}", message(&*panic)))) {
            Ok(()) => {
                self.host.tally.worlds = 1;
                self.host.tally.simulated_ms = self.now;
                Ok(Outcome { tally: self.host.tally, engine: self.host.into_engine() })
            }
            Err(wrong) => Err(Failure { wrong, tail: self.host.tale.tail() }),
        }
    }

    fn run_to_its_end(&mut self) -> Result<(), String> {
        while let Some(((at, _), happening)) = self.queue.pop_first() {
            self.now = at;
            let happened = self.happen(happening).and_then(|()| self.host_sleeps());
            match happened {
                Ok(()) => {}
                Err(Stop::Died) => self.host_dies(),
                Err(Stop::Wrong(wrong)) => return Err(wrong),
            }
        }
        match self.end() {
            Ok(()) => Ok(()),
            Err(Stop::Wrong(wrong)) => Err(wrong),
            Err(Stop::Died) => Err("the host died in the calm".to_owned()),
        }
    }

    fn happen(&mut self, happening: Happening) -> Result<(), Stop> {
        match happening {
            Happening::Schedule => self.schedule(),
            Happening::Delivery(message) => self.deliver(message),
            Happening::WorkerWakes { worker, turn } => {
                self.worker_wakes(worker, turn);
                Ok(())
            }
            Happening::HostWakes { turn } => self.host_wakes(turn),
            Happening::HostSuspends => {
                self.host_suspends();
                Ok(())
            }
            Happening::HostResumes => self.host_resumes(),
            Happening::HostReturns => self.host_returns(),
            Happening::ClockSteps { by } => {
                self.clock_steps(by);
                Ok(())
            }
            Happening::Whim => self.whim(),
            Happening::Calms => {
                self.calms();
                Ok(())
            }
            Happening::SettlesIn => self.settles_in(),
        }
    }

    fn put(&mut self, at: u64, happening: Happening) {
        self.queued += 1;
        self.queue.insert((at, self.queued), happening);
    }

    /// After about so long, while it still storms.
    fn put_after(&mut self, about: Option<u64>, happening: Happening) {
        let Some(about) = about else { return };
        let at = self.now + self.dice.around(about);
        if at < self.weather.storm_ends {
            self.put(at, happening);
        }
    }

    fn is_up(&self) -> bool {
        matches!(self.state, State::Up)
    }

    fn schedule(&mut self) -> Result<(), Stop> {
        if !self.is_up() {
            return Ok(());
        }
        let terms = self.weather.terms(&mut self.dice);
        let key = self.keys;
        self.keys += 1;
        let answer = self.host.ask(self.now, &Command::Schedule { key, terms })?;
        if let Answer::Scheduled(id) = answer {
            self.ids.push(id);
            self.send(Message::Task { id, terms });
        }
        Ok(())
    }

    fn host_wakes(&mut self, turn: u64) -> Result<(), Stop> {
        if !self.is_up() || !self.alarm.is_some_and(|(_, latest)| latest == turn) {
            return Ok(());
        }
        self.alarm = None;
        // Sometimes it has other things to do before it goes on.
        let most =
            if !self.is_calm && self.dice.one_in(6) { 1 + self.dice.below(3) } else { u64::MAX };
        let events = self.host.wake(self.now, usize::try_from(most).unwrap_or(usize::MAX))?;
        self.look_at(&events)
    }

    /// It sets its alarm, when it has done what there was to do.
    fn host_sleeps(&mut self) -> Result<(), Stop> {
        if !self.is_up() {
            return Ok(());
        }
        self.host.snapshot_if_long_ago()?;
        let Some(wakeup) = self.host.next_wakeup() else {
            self.alarm = None;
            return Ok(());
        };
        if self.alarm.is_some_and(|(until, _)| until == wakeup) {
            return Ok(());
        }
        let at = self.host.clock.true_time_of(wakeup).max(self.now);
        // One that waits for its clock looks at it now and then.
        let waits = self.host.waits_since.map(|_| self.now + self.weather.patience / 4 + 1);
        let mut at = waits.map_or(at, |waits| waits.max(at));
        if !self.is_calm {
            let late = self.dice.up_to(self.weather.lateness);
            at = at.saturating_add(late);
            if late > 0 {
                self.host.tally.count(Seen::WokeUpLate);
            }
        }
        if at < self.now + FOR_EVER {
            let turn = self.queued;
            self.alarm = Some((wakeup, turn));
            self.put(at, Happening::HostWakes { turn });
        }
        Ok(())
    }

    fn host_dies(&mut self) {
        self.host.die(self.now);
        self.state = State::Dead;
        self.alarm = None;
        let away = self.dice.up_to(self.weather.outage);
        self.put(self.now + away, Happening::HostReturns);
    }

    fn host_returns(&mut self) -> Result<(), Stop> {
        if !matches!(self.state, State::Dead) {
            return Ok(());
        }
        self.state = State::Up;
        self.light_fuse();
        self.host.come_back(self.now)?;
        let events = self.host.drain(self.now, usize::MAX)?;
        self.look_at(&events)
    }

    fn light_fuse(&mut self) {
        let Some(about) = self.weather.calls_per_life.filter(|_| !self.is_calm) else { return };
        // Some die at once.
        let calls = if self.dice.one_in(12) { 1 } else { self.dice.around(about) };
        let death = self.dice.pick(&[Death::Unwritten, Death::Unissued, Death::Untold]);
        self.host.fuse = Some(Fuse { calls, death });
    }
}

fn message(panic: &(dyn Any + Send)) -> &str {
    let message = panic.downcast_ref::<String>().map(String::as_str);
    message.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("of an unknown kind")
}
