//! The engine as the host holds it. In tests of the test a wrapper that is wrong in one thing.

use std::collections::HashSet;

use heartwheel::{ActivityId, Config, Engine, Recovery};

use crate::answering::apply;
use crate::record::{Answer, Command, Entry, Policy, Recovering};

/// What is wrong with the engine's wrapper, or with the host.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Fault {
    None,
    DropsAnEvent,
    DeliversAnEventTwice,
    DelaysEventsByAMillisecond,
    FiresAMillisecondEarly,
    SwapsTwoEvents,
    LosesATimer,
    WakesUpLate,
    AcceptsALateHeartbeat,
    AnswersToADeadId,
    SaysCancelOnce,
    ForgetsDetailsOnRestore,
    RestoresWithMoreTime,
    ExtendsGrace,
    // The host's own:
    SkipsACommandOnReplay,
    WritesTheJournalAfterwards,
    RecoversAfterPolling,
    NeverRecovers,
}

impl Fault {
    pub(crate) const ALL: [Self; 17] = [
        Self::DropsAnEvent,
        Self::DeliversAnEventTwice,
        Self::DelaysEventsByAMillisecond,
        Self::FiresAMillisecondEarly,
        Self::SwapsTwoEvents,
        Self::LosesATimer,
        Self::WakesUpLate,
        Self::AcceptsALateHeartbeat,
        Self::AnswersToADeadId,
        Self::SaysCancelOnce,
        Self::ForgetsDetailsOnRestore,
        Self::RestoresWithMoreTime,
        Self::ExtendsGrace,
        Self::SkipsACommandOnReplay,
        Self::WritesTheJournalAfterwards,
        Self::RecoversAfterPolling,
        Self::NeverRecovers,
    ];
}

pub(crate) type Machine = Engine<u32, u64>;

#[derive(Debug)]
pub(crate) struct Subject {
    pub(crate) engine: Machine,
    fault: Fault,
    /// What a faulty wrapper remembers: a count, an answer kept back, activities concerned.
    count: u64,
    kept: Option<Answer>,
    marked: HashSet<ActivityId>,
}

impl Subject {
    pub(crate) fn new(config: Config, fault: Fault) -> Self {
        Self::holding(Engine::new(config), fault)
    }

    fn holding(engine: Machine, fault: Fault) -> Self {
        Self { engine, fault, count: 0, kept: None, marked: HashSet::new() }
    }

    pub(crate) fn snapshot(&self) -> Vec<u8> {
        postcard::to_stdvec(&self.engine).unwrap()
    }

    pub(crate) fn restore(snapshot: &[u8], fault: Fault) -> Result<Self, String> {
        let engine = postcard::from_bytes(snapshot).map_err(|error| error.to_string())?;
        let mut subject = Self::holding(engine, fault);
        if fault == Fault::RestoresWithMoreTime {
            subject.engine.recover(subject.engine.now(), Recovery::REARM);
        }
        if fault == Fault::ForgetsDetailsOnRestore {
            let views = subject.engine.activities();
            let detailed = views.filter(|view| view.evidence.details.is_some());
            subject.marked = detailed.map(|view| view.evidence.id).collect();
        }
        Ok(subject)
    }

    pub(crate) fn next_wakeup(&self) -> Option<u64> {
        let late = u64::from(self.fault == Fault::WakesUpLate);
        self.engine.next_wakeup().map(|wakeup| wakeup.as_millis() + late)
    }

    /// Carries a command out, with whatever is wrong about it.
    pub(crate) fn apply(&mut self, entry: &Entry) -> Answer {
        if matches!(entry.command, Command::Poll) {
            return self.apply_poll(entry.now);
        }
        let mut answer = apply(&mut self.engine, entry.now, &entry.command);
        match (self.fault, &entry.command) {
            (Fault::LosesATimer, Command::Start { id }) if answer == Answer::Started => {
                self.count += 1;
                if self.count % 10 == 0 {
                    let _ = self.engine.suspend(self.engine.now(), *id);
                }
            }
            (Fault::AcceptsALateHeartbeat, Command::Heartbeat { id, .. }) if self.is_due(*id) => {
                answer = Answer::Beat { cancel_requested: false, next: None };
            }
            (Fault::AnswersToADeadId, Command::Heartbeat { id, details })
                if self.engine.activity(*id).is_none() =>
            {
                // Its slot's new tenant, or whoever is there.
                let tenant = self.engine.activities().next().map(|view| view.evidence.id);
                if let Some(id) = tenant {
                    let command = Command::Heartbeat { id, details: *details };
                    answer = apply(&mut self.engine, entry.now, &command);
                }
            }
            (Fault::SaysCancelOnce, Command::Heartbeat { id, .. }) => {
                if let Answer::Beat { cancel_requested, .. } = &mut answer {
                    *cancel_requested &= self.marked.insert(*id);
                }
            }
            (Fault::ForgetsDetailsOnRestore, Command::Heartbeat { id, details: Some(_) }) => {
                self.marked.remove(id);
            }
            (Fault::ForgetsDetailsOnRestore, _) => self.forget(&mut answer),
            (
                Fault::ExtendsGrace,
                Command::Recover(Recovering { policy: Policy::Grace(_), .. }),
            ) => {
                let policy = Policy::Rearm;
                let command = Command::Recover(Recovering { policy, spread: 0 });
                let _ = apply(&mut self.engine, entry.now, &command);
            }
            _ => {}
        }
        answer
    }

    fn apply_poll(&mut self, now: u64) -> Answer {
        let late = u64::from(self.fault == Fault::DelaysEventsByAMillisecond);
        let early = u64::from(self.fault == Fault::FiresAMillisecondEarly);
        let now = now.saturating_sub(late) + early;
        let mut poll = || apply(&mut self.engine, now, &Command::Poll);
        if let Some(kept) = self.kept.take() {
            return kept;
        }
        let mut answer = poll();
        if matches!(answer, Answer::TimedOut { .. }) {
            self.count += 1;
            let is_tenth = self.count % 10 == 0;
            if self.fault == Fault::DropsAnEvent && is_tenth {
                answer = poll();
            } else if self.fault == Fault::DeliversAnEventTwice && is_tenth {
                self.kept = Some(answer.clone());
            } else if self.fault == Fault::SwapsTwoEvents {
                let second = poll();
                if matches!(second, Answer::TimedOut { .. }) {
                    self.kept = Some(core::mem::replace(&mut answer, second));
                }
            }
        }
        if self.fault == Fault::ForgetsDetailsOnRestore {
            self.forget(&mut answer);
        }
        answer
    }

    fn is_due(&self, id: ActivityId) -> bool {
        let deadline = self.engine.activity(id).and_then(|view| view.deadline);
        deadline.is_some_and(|deadline| deadline.at <= self.engine.now())
    }

    fn forget(&self, answer: &mut Answer) {
        if let Answer::TimedOut { story, .. } | Answer::Closed(story) = answer {
            if self.marked.contains(&story.id) {
                story.details = None;
            }
        }
    }
}
