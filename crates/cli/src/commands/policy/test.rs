//! `wardian policy test`: questions whose answers are known, put to whoever answers, and compared.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::{Args, ValueEnum};
use serde_json::json;
use wardian_policy::{Decision, Fixture};

use super::checkers::{self, PolicyFile, Who};
use super::no_answer;
use crate::counted::Counted;
use crate::exit::{Failure, Interrupted, Said};
use crate::interrupt::Interrupt;
use crate::output;
use crate::progress::Bar;
use crate::settings::Settings;
use crate::show;
use crate::table::{Align, Table};

/// Ask questions whose answers are known.
#[derive(Debug, Args)]
#[command(after_help = "\
Each `.json` file of the folder is {\"input\": …, \"policy\": …, \"expected\": …}: a question, the
document that it is asked of, and the answer, such as {\"kind\": \"allow\"}. With `--policy` that
policy is asked, and those of the fixtures are ignored. Two checkers have to say the same.
A check has one second here, where a host gives it 5 ms: `wardian policy bench` shows its time.
Exit code 0 if all is as it should be, 1 if not, 3 if it cannot be told.

Examples:
  wardian policy test fixtures
  wardian policy test fixtures --checker local
  wardian policy test fixtures --policy shop.wasm --json")]
pub(super) struct TestArgs {
    /// The folder of fixtures
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// Who answers: the rules of this program, the box, or both [default: both, and an artifact in the box]
    #[arg(
        long,
        value_enum,
        hide_possible_values = true,
        value_name = "local|wasm|both"
    )]
    checker: Option<Choice>,
    /// The policy that is asked: a document or an artifact
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,
    /// As JSON
    #[arg(long)]
    pub(super) json: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Choice {
    Local,
    Wasm,
    Both,
}

/// What was said to a fixture, by each that was asked.
struct Asked<'f> {
    fixture: &'f Fixture,
    said: Vec<Decision>,
}

impl Asked<'_> {
    fn is_ok(&self) -> bool {
        self.said.iter().all(|said| *said == self.fixture.expected)
    }

    fn differs(&self) -> bool {
        self.said.iter().any(|said| Some(said) != self.said.first())
    }
}

pub(super) fn run(
    args: &TestArgs,
    settings: &Settings,
    interrupt: &Interrupt,
) -> anyhow::Result<()> {
    test(args, settings, interrupt).map_err(no_answer)
}

fn test(args: &TestArgs, settings: &Settings, interrupt: &Interrupt) -> anyhow::Result<()> {
    let fixtures = Fixture::read_folder(&args.folder)?;
    let mut asking = Asking {
        choice: args.checker,
        settings,
        interrupt,
        counted: None,
        names: Vec::new(),
    };
    let asked = match &args.policy {
        Some(path) => {
            let policy = PolicyFile::read(path)?;
            let all: Vec<&Fixture> = fixtures.iter().collect();
            let said = asking.ask(&policy, path, &all)?;
            zipped(&fixtures, said)
        }
        None => asking.ask_each_of_its_own(&fixtures)?,
    };
    let is_ok = asked.iter().all(Asked::is_ok);
    match args.json {
        true => output::print_json(&report(&asking.names, &asked, is_ok))?,
        false => output::print(&text(&asking.names, &asked))?,
    }
    match is_ok {
        true => Ok(()),
        false => Err(Said.into()),
    }
}

fn zipped(fixtures: &[Fixture], said: Vec<Vec<Decision>>) -> Vec<Asked<'_>> {
    let pairs = fixtures.iter().zip(said);
    pairs
        .map(|(fixture, said)| Asked { fixture, said })
        .collect()
}

/// Who asks.
struct Asking<'a> {
    choice: Option<Choice>,
    settings: &'a Settings,
    interrupt: &'a Interrupt,
    counted: Option<Counted>,
    /// Who was asked.
    names: Vec<&'static str>,
}

impl Asking<'_> {
    /// Asks each fixture's own policy; a policy of several is made once.
    fn ask_each_of_its_own<'f>(
        &mut self,
        fixtures: &'f [Fixture],
    ) -> anyhow::Result<Vec<Asked<'f>>> {
        let mut groups: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for (at, fixture) in fixtures.iter().enumerate() {
            let policy = fixture.policy.as_ref().ok_or_else(|| {
                Failure::new(format!("fixture `{}` has no policy", fixture.name))
                    .hint("name one by `--policy`, or write it into the fixture as `policy`")
            })?;
            groups.entry(policy.get()).or_default().push(at);
        }
        let mut bar = Bar::counting("fixtures", fixtures.len(), self.settings.quiet);
        let (mut said, mut done) = (vec![Vec::new(); fixtures.len()], 0);
        for (document, places) in &groups {
            let file = PolicyFile::Document(document.as_bytes().to_vec());
            let group: Vec<&Fixture> = places.iter().filter_map(|at| fixtures.get(*at)).collect();
            let name = group.first().map_or("", |first| &first.name);
            let answers = self.ask(&file, Path::new(name), &group);
            let answers = answers.with_context(|| format!("fixture `{name}`"))?;
            for (at, answer) in places.iter().zip(answers) {
                if let Some(place) = said.get_mut(*at) {
                    *place = answer;
                }
            }
            done += places.len();
            bar.at(done, 0);
        }
        bar.clear();
        Ok(zipped(fixtures, said))
    }

    /// What each of the checkers says of a policy's fixtures.
    fn ask(
        &mut self,
        policy: &PolicyFile,
        path: &Path,
        fixtures: &[&Fixture],
    ) -> anyhow::Result<Vec<Vec<Decision>>> {
        let who = self.open(policy, path)?;
        self.names = who.iter().map(Who::name).collect();
        let answers = |fixture: &&Fixture| {
            let said = who
                .iter()
                .map(|who| fixture.ask_blocking(who.checker()))
                .collect();
            match self.interrupt.hit() {
                true => Err(Interrupted.into()),
                false => Ok(said),
            }
        };
        fixtures.iter().map(answers).collect()
    }

    fn open(&mut self, policy: &PolicyFile, path: &Path) -> anyhow::Result<Vec<Who>> {
        match (policy, self.choice) {
            (PolicyFile::Document(document), choice) => {
                let mut who = Vec::new();
                if choice != Some(Choice::Wasm) {
                    who.push(Who::local(document)?);
                }
                if choice != Some(Choice::Local) {
                    who.push(Who::of_document(&self.counted()?.sandbox, document)?);
                }
                Ok(who)
            }
            (PolicyFile::Artifact(artifact), None | Some(Choice::Wasm)) => {
                let who = Who::of_artifact(&self.counted()?.sandbox, artifact)?;
                Ok(vec![who])
            }
            (PolicyFile::Artifact(_), Some(Choice::Local | Choice::Both)) => {
                Err(checkers::not_local(path).into())
            }
        }
    }

    fn counted(&mut self) -> anyhow::Result<&Counted> {
        Ok(match &mut self.counted {
            Some(counted) => counted,
            none => none.insert(checkers::sandbox(self.settings, self.interrupt)?),
        })
    }
}

/// `allow`, or `deny` and why.
fn short(decision: &Decision) -> String {
    match decision.reason() {
        None => "allow".into(),
        Some(reason) => format!("deny {reason}"),
    }
}

fn text(names: &[&'static str], asked: &[Asked<'_>]) -> String {
    let first = names.first().copied().unwrap_or("said");
    let second = names.get(1).copied();
    let left = |title| (title, Align::Left);
    let mut columns = vec![left("fixture"), left("expected"), left(first)];
    columns.extend(second.map(left));
    columns.push(left(""));
    let mut table = Table::new(&columns);
    for one in asked {
        let said = |at: usize| one.said.get(at).map(short).unwrap_or_default();
        let name = one.fixture.name.clone();
        let expected = short(&one.fixture.expected);
        let ok = if one.is_ok() { "ok" } else { "FAIL" };
        match second {
            Some(_) => table.row([name, expected, said(0), said(1), ok.into()]),
            None => table.row([name, expected, said(0), ok.into()]),
        }
    }
    let failed = asked.iter().filter(|one| !one.is_ok()).count();
    let differ = asked.iter().filter(|one| one.differs()).count();
    let count = |n: usize| show::count(n as u64);
    let mut out = table.render();
    out += &match failed {
        0 => format!("{} fixtures, all ok", count(asked.len())),
        _ => format!("{} fixtures, {} failed", count(asked.len()), count(failed)),
    };
    if differ > 0 {
        out += &format!(", {} answered otherwise in the box", count(differ));
    }
    out + "\n"
}

fn report(names: &[&'static str], asked: &[Asked<'_>], is_ok: bool) -> serde_json::Value {
    let fixtures = asked.iter().map(|one| {
        let said = names.iter().zip(&one.said);
        let said: BTreeMap<_, _> = said.map(|(name, said)| (*name, json_of(said))).collect();
        json!({
            "name": one.fixture.name,
            "expected": json_of(&one.fixture.expected),
            "said": said,
            "ok": one.is_ok(),
        })
    });
    let fixtures: Vec<_> = fixtures.collect();
    let failed = asked.iter().filter(|one| !one.is_ok()).count();
    json!({ "ok": is_ok, "fixtures": fixtures, "failed": failed })
}

fn json_of(decision: &Decision) -> serde_json::Value {
    match decision.reason() {
        None => json!({ "kind": "allow" }),
        Some(reason) => json!({ "kind": "deny", "reason": reason.code() }),
    }
}
