//! Policy documents: sections as plain lists, as objects, or in the form of files.

use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;

use crate::action::Kind;
use crate::policy::{Allowlist, Entry, Policy, Section};
use crate::problem::{At, Flaw, Gathered, Problems};
use crate::tree::{Tree, take};

/// Bytes of a policy's document.
pub const DOCUMENT_BYTES_MAX: usize = 4 << 20;
/// Entries of a section.
pub const ENTRIES_MAX: usize = 50_000;
/// Bytes of an entry.
pub const ENTRY_BYTES_MAX: usize = 4096;

const KNOWN: [&str; 6] = ["default", "env", "cache", "sql", "hosts", "egress"];

type Members<'t> = Vec<(Cow<'t, str>, Tree<'t>)>;

pub(crate) fn read(document: &[u8]) -> Result<Policy, Problems> {
    let mut problems = Gathered::default();
    let read = Tree::read(document, DOCUMENT_BYTES_MAX, &mut problems)
        .and_then(|tree| policy(tree, &mut problems));
    problems.end(read)
}

fn policy(tree: Tree<'_>, problems: &mut Gathered) -> Option<Policy> {
    let top = At::Top;
    let mut members = tree.members(&KNOWN, &top, problems)?;
    let default = take(&mut members, "default");
    Some(Policy {
        denies_unlisted_sections: denies(default, problems),
        env: section(&mut members, Kind::EnvVar, &["allow"], problems),
        cache: section(
            &mut members,
            Kind::Namespace,
            &["allow", "allow_namespaces"],
            problems,
        ),
        sql: section(
            &mut members,
            Kind::SqlQuery,
            &["allow", "allow_queries"],
            problems,
        ),
        hosts: hosts(&mut members, problems),
    })
}

fn denies(default: Option<Tree<'_>>, problems: &mut Gathered) -> bool {
    let at = At::Member(&At::Top, "default");
    match default.and_then(|found| found.text(&at, problems)) {
        None => false,
        Some(text) if text == "allow" => false,
        Some(text) if text == "deny" => true,
        Some(text) => {
            let found = text.into_owned();
            let wanted = "allow or deny";
            problems.add(&at, Flaw::NotAllowed { found, wanted });
            true
        }
    }
}

/// Hosts are a section of their own, or what may leave.
fn hosts(members: &mut Members<'_>, problems: &mut Gathered) -> Section {
    let hosts = take(members, "hosts");
    let egress = take(members, "egress");
    if hosts.is_some() && egress.is_some() {
        problems.add(&At::Member(&At::Top, "egress"), Flaw::SaidBy("hosts"));
    }
    let at = At::Member(&At::Top, "egress");
    let leaves = egress.map(|found| listed(found, Kind::Host, &["allow_hosts"], &at, problems));
    let at = At::Member(&At::Top, "hosts");
    let own = hosts.map(|found| allowlist(found, Kind::Host, &["allow"], &at, problems));
    own.or(leaves)
}

fn section(
    members: &mut Members<'_>,
    kind: Kind,
    names: &[&'static str],
    problems: &mut Gathered,
) -> Section {
    let found = take(members, kind.section())?;
    let at = At::Member(&At::Top, kind.section());
    Some(allowlist(found, kind, names, &at, problems))
}

/// A list, or an object with one.
fn allowlist(
    tree: Tree<'_>,
    kind: Kind,
    names: &[&'static str],
    at: &At<'_>,
    problems: &mut Gathered,
) -> Allowlist {
    match tree {
        Tree::List(found) => entries(found, kind, at, problems),
        Tree::Object(_) => listed(tree, kind, names, at, problems),
        other => {
            other.is_not("a list or an object", at, problems);
            Allowlist::default()
        }
    }
}

/// An object with one list, by one of these names.
fn listed(
    tree: Tree<'_>,
    kind: Kind,
    names: &[&'static str],
    at: &At<'_>,
    problems: &mut Gathered,
) -> Allowlist {
    let Some(mut members) = tree.members(names, at, problems) else {
        return Allowlist::default();
    };
    let mut found = names
        .iter()
        .filter_map(|name| Some((*name, take(&mut members, name)?)));
    let Some((name, list)) = found.next() else {
        let wanted = names.last().copied().unwrap_or("allow");
        problems.add(at, Flaw::Missing(wanted));
        return Allowlist::default();
    };
    if let Some((second, _)) = found.next() {
        problems.add(&At::Member(at, second), Flaw::SaidBy(name));
    }
    let at = At::Member(at, name);
    match list {
        Tree::List(found) => entries(found, kind, &at, problems),
        other => {
            other.is_not("a list", &at, problems);
            Allowlist::default()
        }
    }
}

fn entries(list: Vec<Tree<'_>>, kind: Kind, at: &At<'_>, problems: &mut Gathered) -> Allowlist {
    let (count, max) = (list.len(), ENTRIES_MAX);
    if count > max {
        problems.add(at, Flaw::TooMany { count, max });
        return Allowlist::default();
    }
    let mut entries: Vec<Entry> = list
        .into_iter()
        .enumerate()
        .filter_map(|(number, tree)| entry(tree, kind, &At::Entry(at, number), problems))
        .collect();
    entries.sort_unstable_by(|a, b| a.id.cmp(&b.id));
    let pairs = entries.iter().zip(entries.iter().skip(1));
    for (one, next) in pairs.filter(|(one, next)| one.id == next.id) {
        if one.is_read_only != next.is_read_only {
            problems.add(at, Flaw::Contradiction(String::from(&*one.id)));
        }
    }
    entries.dedup();
    Allowlist(entries.into())
}

fn entry(tree: Tree<'_>, kind: Kind, at: &At<'_>, problems: &mut Gathered) -> Option<Entry> {
    let (text, is_read_only) = match tree {
        Tree::Object(_) if kind == Kind::SqlQuery => query(tree, at, problems)?,
        other => (other.text(at, problems)?, false),
    };
    let (bytes, max) = (text.len(), ENTRY_BYTES_MAX);
    if bytes > max {
        problems.add(at, Flaw::TooLong { bytes, max });
    }
    if text.is_empty() {
        problems.add(at, Flaw::Empty);
    }
    let id = match kind {
        Kind::Host => text.to_ascii_lowercase(),
        Kind::EnvVar | Kind::Namespace | Kind::SqlQuery => text.into_owned(),
    };
    Some(Entry {
        id: id.into(),
        is_read_only,
    })
}

/// `{"query": name, "read_only": true}`
fn query<'t>(tree: Tree<'t>, at: &At<'_>, problems: &mut Gathered) -> Option<(Cow<'t, str>, bool)> {
    let mut members = tree.members(&["query", "read_only"], at, problems)?;
    let is_read_only = match take(&mut members, "read_only") {
        None => false,
        Some(Tree::Bool(value)) => value,
        Some(other) => {
            other.is_not("a boolean", &At::Member(at, "read_only"), problems);
            true
        }
    };
    match take(&mut members, "query") {
        Some(found) => {
            let text = found.text(&At::Member(at, "query"), problems)?;
            Some((text, is_read_only))
        }
        None => {
            problems.add(at, Flaw::Missing("query"));
            None
        }
    }
}
