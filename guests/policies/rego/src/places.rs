//! The places in a text that a part of a pattern can end at.
//!
//! They are kept in order, each once, so that whatever is done to all of them takes as long as the text at most. Memory is
//! used again: what is freed while a question is answered is lost to it.

/// Places in a text, and those that alternatives have begun and ended at.
pub(crate) struct Places<'t> {
    text: &'t str,
    /// Where what was read so far can end: ascending, each the beginning of a character or the text's end.
    at: Vec<usize>,
    open: Vec<Alternatives>,
    unused: Vec<Vec<usize>>,
}

struct Alternatives {
    starts: Vec<usize>,
    ends: Vec<usize>,
}

impl<'t> Places<'t> {
    /// The text's beginning.
    pub(crate) fn at_the_beginning_of(text: &'t str) -> Places<'t> {
        Places {
            text,
            at: vec![0],
            open: Vec::new(),
            unused: Vec::new(),
        }
    }

    /// Past one character that fits.
    pub(crate) fn one(&mut self, fits: impl Fn(char) -> bool) {
        let text = self.text;
        let next = |at: usize| text.get(at..)?.chars().next().filter(|sign| fits(*sign));
        self.at.retain_mut(|at| match next(*at) {
            Some(sign) => {
                *at += sign.len_utf8();
                true
            }
            None => false,
        });
    }

    /// Past any number of characters that fit, none too.
    pub(crate) fn run(&mut self, fits: impl Fn(char) -> bool) {
        let starts = self.replace();
        for start in &starts {
            // A place that a run before came to is where that run went on.
            if self.at.last() >= Some(start) {
                continue;
            }
            self.at.push(*start);
            let rest = self.text.get(*start..).unwrap_or_default();
            let run = rest.chars().take_while(|sign| fits(*sign));
            self.at.extend(run.scan(*start, |at, sign| {
                *at += sign.len_utf8();
                Some(*at)
            }));
        }
        self.unused.push(starts);
    }

    /// Alternatives begin.
    pub(crate) fn open(&mut self) {
        let mut starts = self.empty();
        starts.extend_from_slice(&self.at);
        let ends = self.empty();
        self.open.push(Alternatives { starts, ends });
    }

    /// How many alternatives are open, those around others too.
    pub(crate) fn depth(&self) -> usize {
        self.open.len()
    }

    /// Back to where the alternatives began.
    pub(crate) fn or(&mut self) {
        let Some(Alternatives { starts, ends }) = self.open.pop() else {
            return;
        };
        let ends = self.joined(ends);
        self.at.clear();
        self.at.extend_from_slice(&starts);
        self.open.push(Alternatives { starts, ends });
    }

    /// Alternatives end, where any of them does.
    pub(crate) fn close(&mut self) {
        let Some(Alternatives { starts, ends }) = self.open.pop() else {
            return;
        };
        let ends = self.joined(ends);
        let last = std::mem::replace(&mut self.at, ends);
        self.unused.extend([starts, last]);
    }

    /// Whether what was read can end where the text does.
    pub(crate) fn hold_the_end(&self) -> bool {
        self.at.last() == Some(&self.text.len())
    }

    /// These ends and the places, in order.
    fn joined(&mut self, ends: Vec<usize>) -> Vec<usize> {
        let mut both = self.empty();
        let mut one = ends.iter().copied().peekable();
        let mut other = self.at.iter().copied().peekable();
        while let Some(next) = one.peek().into_iter().chain(other.peek()).min().copied() {
            both.push(next);
            one.next_if_eq(&next);
            other.next_if_eq(&next);
        }
        self.unused.push(ends);
        both
    }

    /// The places, of which none are left.
    fn replace(&mut self) -> Vec<usize> {
        let empty = self.empty();
        std::mem::replace(&mut self.at, empty)
    }

    fn empty(&mut self) -> Vec<usize> {
        let mut places = self.unused.pop().unwrap_or_default();
        places.clear();
        places
    }
}

#[cfg(test)]
mod tests {
    use super::Places;

    #[test]
    fn every_place_is_there_once_and_in_order() {
        let mut places = Places::at_the_beginning_of("aä.b");
        places.run(|sign| sign != '.');
        assert_eq!(places.at, [0, 1, 3]);
        places.run(|_| true);
        assert_eq!(places.at, [0, 1, 3, 4, 5]);
        assert!(places.hold_the_end());
        places.one(|sign| sign != '.');
        assert_eq!(places.at, [1, 3, 5]);
        places.one(|sign| sign == '.');
        assert_eq!(places.at, [4]);
        places.one(|sign| sign == '.');
        assert!(places.at.is_empty() && !places.hold_the_end());
    }

    #[test]
    fn alternatives_begin_where_they_began_and_end_where_any_does() {
        let mut places = Places::at_the_beginning_of("aab");
        places.open();
        places.one(|sign| sign == 'a');
        places.or();
        places.run(|sign| sign == 'a');
        places.or();
        places.one(|sign| sign == 'b');
        assert_eq!(places.depth(), 1);
        places.close();
        assert_eq!((places.at.as_slice(), places.depth()), (&[0, 1, 2][..], 0));
        // Ends of what is not open change nothing.
        places.or();
        places.close();
        assert_eq!(places.at, [0, 1, 2]);
    }

    #[test]
    fn memory_is_used_again() {
        let mut places = Places::at_the_beginning_of("aaaa");
        for _ in 0..1000 {
            places.open();
            places.run(|_| true);
            places.or();
            places.run(|_| true);
            places.close();
        }
        assert!(places.unused.len() < 10, "{}", places.unused.len());
    }
}
