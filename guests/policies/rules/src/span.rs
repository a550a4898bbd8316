//! Memory handed out in order: the arithmetic alone, so that it is tested where addresses can be any.

/// Addresses that are still free.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// The first of them.
    pub next: usize,
    /// The first behind them.
    pub end: usize,
}

impl Span {
    /// Nothing at all.
    pub const EMPTY: Span = Span { next: 0, end: 0 };

    /// Where a block begins, `align` being a power of two, and what is free then. None if it does not fit.
    #[must_use]
    pub const fn take(self, size: usize, align: usize) -> Option<(usize, Span)> {
        let mask = align.wrapping_sub(1);
        let Some(up) = self.next.checked_add(mask) else {
            return None;
        };
        let at = up & !mask;
        match at.checked_add(size) {
            Some(next) if next <= self.end => Some((at, Span { next, ..self })),
            _ => None,
        }
    }

    /// What is free when a block of `old` bytes becomes one of `new` where it is: it must be the last, and fit.
    #[must_use]
    pub const fn resize(self, at: usize, old: usize, new: usize) -> Option<Span> {
        // A block lies in memory, so its end is no greater than the greatest address.
        if at.wrapping_add(old) != self.next {
            return None;
        }
        match at.checked_add(new) {
            Some(next) if next <= self.end => Some(Span { next, ..self }),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Span;

    const fn span(next: usize, end: usize) -> Span {
        Span { next, end }
    }

    #[test]
    fn a_block_fits_or_it_does_not() {
        for (size, fits) in [(0, true), (99, true), (100, true), (101, false)] {
            let taken = span(900, 1000).take(size, 1);
            assert_eq!(taken, fits.then_some((900, span(900 + size, 1000))));
        }
        assert_eq!(Span::EMPTY.take(1, 1), None);
    }

    #[test]
    fn a_block_begins_at_a_multiple_of_its_alignment() {
        for (next, at) in [(15, 16), (16, 16), (17, 24)] {
            assert_eq!(
                span(next, 32).take(8, 8),
                Some((at, span(at + 8, 32))),
                "{next}"
            );
        }
        assert_eq!(span(25, 32).take(1, 8), None);
    }

    #[test]
    fn addresses_do_not_wrap() {
        let last = span(usize::MAX - 4, usize::MAX);
        assert_eq!(
            last.take(4, 1),
            Some((usize::MAX - 4, span(usize::MAX, usize::MAX)))
        );
        assert_eq!(last.take(5, 1), None);
        assert_eq!(last.take(usize::MAX, 1), None);
        assert_eq!(last.take(0, 8), None);
        assert_eq!(
            span(usize::MAX, usize::MAX).resize(usize::MAX - 4, 4, 9),
            None
        );
    }

    #[test]
    fn only_the_last_block_is_resized() {
        let free = span(40, 50);
        assert_eq!(free.resize(32, 8, 18), Some(span(50, 50)));
        assert_eq!(free.resize(32, 8, 19), None);
        assert_eq!(free.resize(32, 8, 0), Some(span(32, 50)));
        assert_eq!(free.resize(24, 8, 4), None);
    }
}
