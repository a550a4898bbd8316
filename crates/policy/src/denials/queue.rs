//! A line on its way, and a queue of lines that is bounded by number and by bytes.

use std::collections::VecDeque;
use std::sync::Arc;

/// An event as it will be written, without its line break.
#[derive(Debug)]
pub(super) struct Line {
    pub(super) json: String,
    /// What it is counted under if it is lost: an action, or nothing for what may be dropped.
    pub(super) denied: Option<Box<str>>,
}

/// The longest action that is named where losses are counted; a longer one counts as `other`.
pub(super) const ACTION_BYTES_MAX: usize = 64;

impl Line {
    pub(super) fn denied(json: String, action: &str) -> Line {
        let short = action.len() <= ACTION_BYTES_MAX;
        Line {
            json,
            denied: Some(if short { action.into() } else { "other".into() }),
        }
    }

    pub(super) fn allowed(json: String) -> Line {
        Line { json, denied: None }
    }
}

/// First in, first out, up to so many lines and bytes.
#[derive(Debug)]
pub(super) struct Queue {
    lines: VecDeque<Arc<Line>>,
    bytes: usize,
    lines_max: usize,
    bytes_max: usize,
}

impl Queue {
    pub(super) fn new(lines_max: usize, bytes_max: usize) -> Queue {
        Queue {
            lines: VecDeque::new(),
            bytes: 0,
            lines_max,
            bytes_max,
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// Whether there is room. One line always fits into an empty queue: else a long one would fit nowhere.
    pub(super) fn fits(&self, line: &Line) -> bool {
        let room = self.bytes_max.saturating_sub(self.bytes);
        self.is_empty() || (self.lines.len() < self.lines_max && line.json.len() <= room)
    }

    /// Whether there is room in the first half, which is all that allows may use.
    pub(super) fn fits_half(&self, line: &Line) -> bool {
        self.fits(line)
            && self.lines.len() <= self.lines_max / 2
            && self.bytes <= self.bytes_max / 2
    }

    /// Takes a line, room or not.
    pub(super) fn push(&mut self, line: Arc<Line>) {
        self.bytes += line.json.len();
        self.lines.push_back(line);
    }

    pub(super) fn pop(&mut self) -> Option<Arc<Line>> {
        let line = self.lines.pop_front()?;
        self.bytes -= line.json.len();
        Some(line)
    }

    pub(super) fn take_all(&mut self) -> Vec<Arc<Line>> {
        self.bytes = 0;
        std::mem::take(&mut self.lines).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_bounds_hold_and_are_free_again() {
        let line = || Arc::new(Line::denied("x".repeat(10), "env.read"));
        let mut queue = Queue::new(3, 25);
        for _ in 0..3 {
            assert!(queue.fits(&line()));
            queue.push(line());
            assert!(queue.fits(&line()) && queue.fits_half(&line()));
            queue.push(line());
            assert!(!queue.fits(&line()), "30 bytes of 25");
            assert!(queue.fits(&Line::allowed("x".repeat(5))));
            assert!(!queue.fits_half(&Line::allowed("x".repeat(5))));
            queue.push(Arc::new(Line::allowed(String::new())));
            assert!(!queue.fits(&Line::allowed(String::new())), "four of three");
            assert_eq!(queue.take_all().len(), 3);
            assert!(queue.fits(&Line::allowed("x".repeat(100))));
        }
    }
}
