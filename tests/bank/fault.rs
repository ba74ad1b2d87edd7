//! The bank: bugs that timer libraries and workflow engines had, one row each.

macro_rules! bank {
    ($($entry:literal $report:literal $fault:ident $what:literal;)+) => {
        /// A historical bug, put back.
        #[derive(Clone, Copy, Debug, Eq, PartialEq)]
        pub(crate) enum Fault {
            $(#[doc = concat!($entry, ", ", $report, ": ", $what, ".")] $fault,)+
        }

        pub(crate) const BANK: &[Row] =
            &[$(Row { entry: $entry, report: $report, fault: Fault::$fault },)+];
    };
}

/// What is known of a fault.
#[derive(Debug)]
pub(crate) struct Row {
    /// Its place in the museum of this field's bugs: A placement, B extremes, C precision, D the clock, E removal,
    /// F order and batches, G storms, H heartbeats, I leases, J snapshots.
    pub(crate) entry: &'static str,
    /// Where it was reported or mended.
    pub(crate) report: &'static str,
    pub(crate) fault: Fault,
}

bank! {
    "A1" "tokio#8334" TopSearchStartsAtThePresentSlot
        "the search of the top level starts at the present slot: a far timer in it hides all nearer ones";
    "A2" "Caffeine 7cc9f1f41" OccupiedPresentSlotIsASpan
        "an occupied present slot is reported as a whole span away, though the slot after it begins sooner";
    "A4" "Caffeine a915558ec" CascadesNotConsidered
        "the first occupied slot of the lowest level is taken, though the next level brings an earlier one";
    "A5" "tokio-util#8402" CascadeReversesASlot
        "a cascade turns the order within a slot round, and nobody sorts";
    "A6" "tokio#5536" LevelByDifferingBits
        "the level goes by the highest bit in which deadline and clock differ: past the last, however near they are";
    "A8" "Linux 66e4b63624fc" RangeCheckOfTheAbsolute
        "the range is checked of the deadline itself, not of how far off it is";
    "A9" "Netty#1959" RoundsCountedTwice
        "a slot below the present one, which is of the next lap, is counted one lap more";
    "A10" "Akka#1016" AWholeLapIsNone
        "what is exactly a lap away is put into the present slot";
    "A12" "rpc-perf#180" NoRounds
        "a timer longer than the wheel goes round less than it should";
    "A13" "tokio-timer#38" BeyondTheRangeNever
        "a timer longer than the wheel is put nowhere";
    "A14" "wahern/timeout#30" OneBeyondTheRangeIsNow
        "one more than the longest timeout lands in the first slot of the lowest level";
    "A16" "Caffeine 7fa11d4bc" SignedClock
        "instants are compared as signed numbers: when the clock crosses the sign, nothing has come";
    "A18" "Caffeine b7e10e34c" ElapsedOf32Bits
        "elapsed time is narrowed to an int: a long jump is none";
    "A20" "agrona#73" OnlyTheCurrentTick
        "a poll looks at the slot of its own instant and passes over those between";
    "A22" "ratas 290f5d3" UpperWheelsSeeAnotherNow
        "while events of a jump are fetched, the level goes by another present than the slot";
    "A25" "hew#2054" CancelledHeadHidesTheRest
        "the head of the overflow list is a canceled timer, and the wake-up is none";
    "A26" "Go#47762" MovedEarlierIsNotRecorded
        "a timer that is moved earlier does not lower the cached minimum";
    "B1" "Netty#7760" LongestTimeoutWraps
        "anchor and timeout are added without a look at the end of time";
    "B2" "tokio#5183" LastInstantIsASentinel
        "a deadline at the last instant is taken for the sentinel of no deadline";
    "B4" "tokio#4494" LongestTimeoutPanics
        "a sum past the end of time panics";
    "B5" "embassy#4736" NeverTimerStaysMarked
        "a timer that never comes leaves its mark, and the next one of the slot is taken for queued already";
    "B6" "NuRaft#660" HeartbeatAgeOf32Bits
        "the age of a heartbeat is a 32-bit number of milliseconds: 24.8 days";
    "B8" "picotcp#2" ClockOf32Bits
        "instants are compared by their lower 32 bits";
    "B9" "h2o#1911" AbsoluteForRelative
        "a deadline is handed over where the time until then is expected";
    "B10" "Netty#1246" WaitInTheWrongUnit
        "the wait is divided as if it were nanoseconds: it is zero, and the host spins";
    "B12" "otp#7983" WaitOf68YearsPanics
        "a timer of more than 68 years crashes when it becomes the nearest";
    "B13" "Netty#1953" PastTimerWaitsALap
        "what is over when it is armed goes into the slot of its deadline, and waits for the next lap";
    "C1" "sozu#1354" RoundedToTheNearestTick
        "rounded to the nearest tick a timer fires early; nothing is due, and it is not armed again";
    "C2" "Temporal#765" RoundedToTheSecond
        "a deadline keeps its whole seconds only";
    "C5" "quartznet#83" TwoMillisecondsTolerance
        "what would be due within two milliseconds is due";
    "C6" "libuv#385" EarlyReturnOfTheWaitFires
        "the host is back up to 15 ms before the wake-up, and what was waited for fires unchecked";
    "C8" "quinn 019ed888" CommandsWinAtTheDeadline
        "commands and polls disagree whether the deadline itself is over";
    "C9" "RussellLuo/timingwheel" CurrentTickIsNow
        "what falls in the present tick of 4 ms fires at once";
    "C10" "Linux 1f32cab0" WakeUpIsTheDeadlineAskedFor
        "the cached wake-up is the deadline asked for, not the beginning of its slot: the cascade is passed over";
    "D1" "tokio#4044" ClockStepPanics
        "a clock that steps back panics";
    "D2" "Linux 30c66fc30e" PastTimerRewindsTheClock
        "a timer that is over when it is armed turns the wheel's clock back";
    "D5" "quartznet#1490" WaitByTheWallClock
        "the wait is a difference of wall clocks: after a step back it is longer by the step";
    "D10" "gRPC#26079" AnchoredAtACachedNow
        "a new timer is counted from a cached present";
    "E1" "tokio#849" WakeUpTakenForTheDeadline
        "the wake-up is renewed only if it is the deadline that moved; but it was the cascade before it";
    "E4" "tokio#1700" ExpiryForgetsTheWakeUp
        "an expiry empties the cached wake-up, and what is armed next stands for all the older ones";
    "E6" "tokio#2473" RemovalOfTheExpiredPanics
        "what has expired and was not fetched is looked for in the wheel: panic";
    "E9" "tokio#8274" ExpiredStackIsNotConsidered
        "what is on the expired stack does not count for the wake-up";
    "E10" "tokio#6751" LastRemovalIsNotTold
        "after the last timer is taken out the wake-up stands";
    "E14" "Netty#14959" CancelCountsTwice
        "a timer that stood in its bucket already counts twice when it is canceled";
    "E16" "bull#1416" TokenPerSlotNotPerRun
        "the token is the slot's, not the run's: an old worker reaches the new run";
    "E21" "quinn 70565815" TimerLingersAfterTheClose
        "a close leaves the timer in the wheel";
    "E22" "libevent#1727" InsertOverwritesTheWakeUp
        "what is armed overwrites the wake-up, also with a later one";
    "E24" "muduo#668" BatchCannotBeStopped
        "one of a batch that was taken out can be closed, and fires all the same";
    "E26" "urbit#2954" CancelDropsTheSameDate
        "canceling a timer drops the others of that date";
    "E28" "seastar#2318" BucketRecomputedAtCancel
        "the bucket is computed anew when a timer is taken out: the wrong one is marked empty";
    "E32" "cadence 3302bb892" RemovalReturnsTheNext
        "what was taken out of the middle is read after the others have moved up";
    "F1" "PerryTS#6287" BatchInOrderOfCreation
        "all that is due is put in order of creation, not of deadline";
    "F2" "ladybird#6260" HeapIsNotStable
        "equal deadlines come by their place in memory, not in order of scheduling";
    "F4" "Caffeine 3e66fe9de" DescheduleCutsTheChain
        "a refused removal from a batch cuts off the rest of it";
    "F5" "Caffeine 3cf6d2937" RestIsLinkedBehindTheCursor
        "the rest of a bounded batch is linked where the cursor has passed";
    "F6" "cadence#460" SmallBatchIsTakenForTheLast
        "a batch of which nothing fired is taken for the last one";
    "F8" "ATS#3078" PastTimerRunsTwice
        "what is over when it is armed runs at once, and again from the wheel";
    "F10" "Erlang#7606" RestOfTheBatchIsDropped
        "what the host did not take is lost";
    "G2" "Netty#5647" NoLimit
        "as many as come are taken on";
    "G4" "hertzbeat#4201" OverwrittenHandle
        "arming anew overwrites the handle and leaves the old timer behind";
    "G5" "cadence#55" TimerPerHeartbeat
        "every heartbeat makes a timer";
    "G6" "Temporal#11565" UpdateClearsTheMark
        "each change clears the mark that the timer was made, so that it is made again";
    "G10" "moka#524" RemovedTimeoutStaysLinked
        "the timeout is gone, its timer stays in the wheel";
    "H1" "Temporal#771" TimerCreatedElsewhere
        "the mark that the heartbeat timer was made outlives the timer";
    "H2" "cadence#732" OneTimerIsCreatedAgain
        "of several heartbeat timers that come at once, one is armed again";
    "H4" "cadence#528" TimerIsNotCreatedAgain
        "the first heartbeat timer comes while heartbeats do, and is not armed again";
    "H8" "cadence#1593" FirstInstantTakenForAHeartbeat
        "a missing heartbeat time comes back as the first instant of the record";
    "H9" "storm#8420" OncePerSecond
        "of two heartbeats within a second the later one does not count";
    "H10" "STORM-1946" NoHeartbeatYetIsTimeZero
        "before the first heartbeat the time of the last one is zero";
    "H12" "Temporal#9354" UnsetHeartbeatTimeoutIsZero
        "a heartbeat arms a timeout that was never set, with zero";
    "H13" "Temporal#8723" UnsetScheduleToCloseIsZero
        "a change that does not set schedule-to-close sets it to zero";
    "H14" "Temporal#6545" ScheduleToCloseFromStart
        "schedule-to-close is counted from the attempt";
    "H16" "Temporal#9901" CancelRequestMasksTimeout
        "with cancellation requested start-to-close no longer comes";
    "H18" "Temporal#8470" UnneededTimerRemoved
        "a change removes the timer that is no longer needed, and it was the heartbeat's";
    "H20" "Temporal#11137" LaterTypeWinsTie
        "of two deadlines at one instant the other type is named";
    "H21" "cadence#1925" DetailsOnlyOnHeartbeatTimeout
        "only a heartbeat timeout brings the last details";
    "H22" "Temporal#11417" ResumeClearsDetails
        "going on after a suspension erases the details";
    "H24" "cadence#905" HeartbeatTimeNotTold
        "the time of the last heartbeat is not in the timeout";
    "H25" "KAFKA-12890" HeartbeatExtendsStartToClose
        "a heartbeat satisfies what guards another obligation";
    "H26" "KAFKA-9752" SchedulingCountsAsHeartbeat
        "a mark left from the beginning satisfies the heartbeat timeout until the first one";
    "H29" "camunda#44018" StartToCloseFromScheduling
        "start-to-close is counted from the record's old instant";
    "H32" "conductor#1378" HeartbeatQueuesAgain
        "a heartbeat is an update, which puts the activity at the end of the queue";
    "H34" "bullmq#3579" RenewalOutlivesTheEnd
        "a heartbeat that comes after the end arms the timer again";
    "H36" "temporal-ruby#125" CancelWaitsForTheStart
        "cancelling what has not started only asks";
    "I1" "etcd#9888" FullTimeoutForANewLeader
        "a restore starts every heartbeat clock anew";
    "I2" "etcd#13491" CheckpointsStopAfterTheFirst
        "one that was restored hands on no checkpoint: the second restore starts clocks anew";
    "I4" "nomad#14474" NoCheckBeforeActing
        "a heartbeat that came since the timer was armed is not looked for before it fires";
    "I5" "consul#1172" HeartbeatTimeoutDoubled
        "the timeout is a lower bound, and doubled";
    "I8" "ZOOKEEPER-1208" LateHeartbeatRevives
        "what is over and not yet swept is touched, and lives on";
    "I10" "camunda#1800" DeadlinesFromTheRestart
        "deadlines are computed anew from the present of the restart";
    "J1" "cadence#8425" QueueEntryIsNotDerived
        "a far timer exists only in the queue of the engine that made it";
    "J2" "cadence#2706" FlagIsNotWrittenBack
        "the mark that cancellation was requested is not stored";
    "J6" "cadence#4499" ClosedComesBack
        "what was closed comes back with the record";
    "J8" "FLINK-36663" WatermarkIsNotRestored
        "the newest time seen is not stored";
    "J9" "tokio#2789" InsertAtTheEndPanics
        "when time has come to its end, arming panics";
}
