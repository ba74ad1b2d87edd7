//! How much is checked, and how far that has come.

/// How much is checked.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Plan {
    /// The same seed gives the same cases.
    pub seed: u64,
    /// So many cases, of some 40 operations each.
    pub cases: u64,
    /// The check ends when so many different departures were found.
    pub departures: usize,
    /// So many runs at most to shorten one case. Up to seven before them find out which kinds of operations it departs
    /// without.
    pub shrink_runs: usize,
}

impl Plan {
    /// A thousand cases of this seed, ten departures, two thousand runs to shorten each.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self { seed, cases: 1_000, departures: 10, shrink_runs: 2_000 }
    }

    /// With so many cases.
    #[must_use]
    pub const fn with_cases(mut self, cases: u64) -> Self {
        self.cases = cases;
        self
    }

    /// Ends when so many different departures were found.
    #[must_use]
    pub const fn with_departures(mut self, departures: usize) -> Self {
        self.departures = departures;
        self
    }

    /// With so many runs at most to shorten one case.
    #[must_use]
    pub const fn with_shrink_runs(mut self, shrink_runs: usize) -> Self {
        self.shrink_runs = shrink_runs;
        self
    }
}

/// How far a check has come.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Progress {
    /// Cases done.
    pub cases: u64,
    /// Operations of these, shortening not counted.
    pub operations: u64,
    /// Different departures found.
    pub departures: usize,
}
