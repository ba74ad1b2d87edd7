//! What happened, for people: kept only where somebody wants to read it.

use std::collections::VecDeque;

/// Lines of the end of a tale: enough to see the life of what went wrong.
const TAIL: usize = 80;

#[derive(Debug, Default)]
pub(crate) struct Tale {
    lines: Option<VecDeque<String>>,
}

impl Tale {
    pub(crate) fn told() -> Self {
        Self { lines: Some(VecDeque::new()) }
    }

    pub(crate) fn tell(&mut self, true_time: u64, line: impl FnOnce() -> String) {
        let Some(lines) = &mut self.lines else { return };
        if lines.len() == TAIL {
            lines.pop_front();
        }
        lines.push_back(format!("{true_time:>16}  {}", line()));
    }

    pub(crate) fn tail(&self) -> String {
        let lines = self.lines.iter().flatten();
        lines.map(|line| format!("{line}\n")).collect()
    }
}
