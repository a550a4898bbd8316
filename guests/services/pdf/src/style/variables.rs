//! Variables: custom properties, and values that they are put into.

use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use crate::budget::{NESTING_MAX, VALUE_BYTES_MAX};
use crate::css::cursor::Cursor;
use crate::css::token::{Bracket, Spanned, Token, tokenize};

/// What an element's variables are, with nothing left in them to be put in.
#[derive(Clone, Debug, Default)]
pub(crate) struct Variables {
    values: Rc<HashMap<Rc<str>, Rc<str>>>,
}

impl Variables {
    fn get(&self, name: &str) -> Option<&Rc<str>> {
        self.values.get(name)
    }

    /// These with an element's own put over them. Those that name each other in a ring are none.
    pub(crate) fn with(&self, own: &[(Rc<str>, Rc<str>)]) -> Variables {
        if own.is_empty() {
            return self.clone();
        }
        let mut resolving = Resolving {
            // The last one of a name counts.
            own: own.iter().map(|(name, text)| (&**name, &**text)).collect(),
            inherited: self,
            open: Vec::new(),
            rings: HashSet::new(),
            done: HashMap::new(),
        };
        let mut values = HashMap::clone(&self.values);
        for (name, _) in own {
            match resolving.find(name) {
                Some(text) => values.insert(name.clone(), text),
                None => values.remove(name),
            };
        }
        Variables {
            values: Rc::new(values),
        }
    }

    /// A value with its variables put in; `None` where one is missing and there is nothing else to take.
    pub(crate) fn put_in(&self, text: &str) -> Option<String> {
        put_in(text, &mut |name| self.get(name).cloned())
    }
}

/// An element's own variables, while they are put into each other. Each is worked out once: with values to fall back
/// on, every step could ask for the one before it many times.
struct Resolving<'a> {
    own: HashMap<&'a str, &'a str>,
    inherited: &'a Variables,
    /// Those that are being worked out, the outermost first.
    open: Vec<&'a str>,
    /// Those that were asked for while they were open, and what stood between.
    rings: HashSet<&'a str>,
    done: HashMap<&'a str, Option<Rc<str>>>,
}

impl Resolving<'_> {
    fn find(&mut self, wanted: &str) -> Option<Rc<str>> {
        let Some((name, text)) = self.own.get_key_value(wanted) else {
            return self.inherited.get(wanted).cloned();
        };
        let (name, text) = (*name, *text);
        if let Some(done) = self.done.get(name) {
            return done.clone();
        }
        if let Some(at) = self.open.iter().position(|open| *open == name) {
            self.rings.extend(&self.open[at..]);
            return None;
        }
        if self.open.len() > NESTING_MAX {
            return None;
        }
        let found = match text.trim() {
            "initial" => None,
            "inherit" | "unset" | "revert" | "revert-layer" => self.inherited.get(name).cloned(),
            _ => {
                self.open.push(name);
                let found = put_in(text, &mut |wanted| self.find(wanted));
                self.open.pop();
                found.filter(|_| !self.rings.contains(name)).map(Rc::from)
            }
        };
        self.done.insert(name, found.clone());
        found
    }
}

fn put_in(text: &str, find: &mut dyn FnMut(&str) -> Option<Rc<str>>) -> Option<String> {
    let tokens = tokenize(text);
    let mut out = String::new();
    replace(text, &tokens, find, &mut out, 0)?;
    Some(out)
}

fn replace(
    source: &str,
    tokens: &[Spanned<'_>],
    find: &mut dyn FnMut(&str) -> Option<Rc<str>>,
    out: &mut String,
    depth: usize,
) -> Option<()> {
    if depth > NESTING_MAX || out.len() > VALUE_BYTES_MAX {
        return None;
    }
    let mut cursor = Cursor::new(tokens);
    while let Some(spanned) = cursor.rest().first() {
        cursor.next();
        match &spanned.token {
            Token::Function(name) if name.eq_ignore_ascii_case("var") => {
                let mut inside = cursor.inside(Bracket::Round);
                let name = inside.ident()?;
                let fallback = inside.comma().then(|| inside.rest());
                // Comments keep what stands side by side from growing together.
                out.push_str("/**/");
                match (find(name), fallback) {
                    (Some(found), _) => out.push_str(&found),
                    (None, Some(fallback)) => replace(source, fallback, find, out, depth + 1)?,
                    (None, None) => return None,
                }
                out.push_str("/**/");
            }
            _ => out.push_str(source.get(spanned.start..spanned.end)?),
        }
        if out.len() > VALUE_BYTES_MAX {
            return None;
        }
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn variables(all: &[(&str, &str)]) -> Variables {
        let own: Vec<(Rc<str>, Rc<str>)> = all
            .iter()
            .map(|(name, text)| ((*name).into(), (*text).into()))
            .collect();
        Variables::default().with(&own)
    }

    fn put(all: &[(&str, &str)], text: &str) -> Option<String> {
        variables(all)
            .put_in(text)
            .map(|text| text.replace("/**/", ""))
    }

    #[test]
    fn values_are_put_in() {
        let all = [
            ("--a", "1px"),
            ("--b", "var(--a) solid"),
            ("--c", "var(--none, red)"),
        ];
        assert_eq!(
            put(&all, "var(--b) var(--c)").as_deref(),
            Some("1px solid  red")
        );
        assert_eq!(
            put(&all, "calc(var(--a) + 2px)").as_deref(),
            Some("calc(1px + 2px)")
        );
        assert_eq!(
            put(&all, "var(--x, var(--y, 3px))").as_deref(),
            Some("  3px"),
            "white space goes along"
        );
        assert_eq!(put(&all, "var(--x)"), None);
        assert_eq!(put(&all, "var(--x,)").as_deref(), Some(""));
    }

    #[test]
    fn rings_are_none() {
        let all = [
            ("--a", "var(--b)"),
            ("--b", "var(--a)"),
            ("--c", "var(--c)"),
            ("--d", "1"),
            ("--e", "var(--f, 2)"),
            ("--f", "var(--e, 3)"),
        ];
        for name in ["--a", "--b", "--c", "--e", "--f"] {
            assert_eq!(put(&all, &format!("var({name})")), None, "{name}");
        }
        assert_eq!(put(&all, "var(--d)").as_deref(), Some("1"));
    }

    #[test]
    fn what_doubles_at_every_step_is_cut_off() {
        let mut all = vec![("--v0".to_owned(), "lol lol lol".to_owned())];
        for n in 1..40 {
            all.push((
                format!("--v{n}"),
                format!("var(--v{}) var(--v{})", n - 1, n - 1),
            ));
        }
        let all: Vec<(&str, &str)> = all.iter().map(|(n, t)| (&**n, &**t)).collect();
        assert!(put(&all, "var(--v3)").is_some());
        assert_eq!(put(&all, "var(--v39)"), None);
    }

    #[test]
    fn what_falls_back_at_every_step_is_looked_up_once() {
        let mut all = vec![("--v0".to_owned(), "lol".to_owned())];
        for n in 1..24 {
            let one = format!("var(--v{}, a)", n - 1);
            all.push((format!("--v{n}"), format!("{one} {one} {one} {one}")));
        }
        let all: Vec<(&str, &str)> = all.iter().map(|(n, t)| (&**n, &**t)).collect();
        assert!(put(&all, "var(--v23)").is_some());
    }

    #[test]
    fn children_have_them_too() {
        let outer = variables(&[("--a", "1"), ("--b", "2")]);
        let inner = outer.with(&[("--a".into(), "3".into()), ("--b".into(), "initial".into())]);
        assert_eq!(
            inner
                .put_in("var(--a)")
                .map(|t| t.replace("/**/", ""))
                .as_deref(),
            Some("3")
        );
        assert_eq!(inner.put_in("var(--b)"), None);
        assert!(outer.put_in("var(--b)").is_some());
    }
}
