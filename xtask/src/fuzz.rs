//! `cargo xtask fuzz`: compiles the fuzz targets with coverage counters, on the ordinary toolchain, and runs them.
//!
//! What a target is, `fuzz/Cargo.toml` says. Everything that is built or found goes below the target directory.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context as _, Result, bail};
use cargo_metadata::{MetadataCommand, TargetKind};

use crate::setup;
use crate::steps::Steps;
use crate::workspace::{Workspace, run as run_command, shown};

/// The workspace of the targets, below the root.
const FOLDER: &str = "fuzz";
/// Stands before the compiler and adds the counters.
const INSTRUMENT: &str = "instrument.sh";
/// What a target gets if nobody says otherwise, and in `cargo xtask test`.
const SECONDS: u64 = 60;
const SECONDS_QUICK: u64 = 6;
/// Targets that take modules as they are: the hostile corpus belongs to their seeds.
const TAKE_MODULES: [&str; 3] = ["debug", "inspect", "load_and_call"];
const HOSTILE: &str = "guests/hostile";

/// Reads the words behind `fuzz` and does what they say.
pub(crate) fn run(workspace: &Workspace, words: &[&str]) -> Result<()> {
    let asked = Asked::read(words)?;
    setup::cxx()?;
    let known = targets(workspace)?;
    let chosen: Vec<&String> = known
        .iter()
        .filter(|name| asked.target.is_none_or(|target| target == name.as_str()))
        .collect();
    if chosen.is_empty() {
        bail!("there is no such fuzz target: {}", known.join(", "));
    }
    build(workspace)?;
    for name in chosen {
        let fuzzer = Fuzzer::new(workspace, name);
        match asked.input {
            Some(input) => fuzzer.again(input)?,
            None => fuzzer.search(asked.seconds)?,
        }
    }
    Ok(())
}

/// A few seconds of each target, from the seeds alone: what earlier runs found must not make this one slow.
pub(crate) fn quick(workspace: &Workspace, steps: &mut Steps) -> Result<()> {
    build(workspace)?;
    for name in targets(workspace)? {
        Fuzzer::new(workspace, &name).quick()?;
        steps.count_passed();
    }
    Ok(())
}

/// Clippy for the targets; their oracles are judged with the host.
pub(crate) fn clippy(workspace: &Workspace) -> Result<()> {
    run_command(&mut cargo(workspace, "clippy --all-targets -- -D warnings"))
}

/// What the words ask for.
#[derive(Debug, PartialEq)]
struct Asked<'a> {
    target: Option<&'a str>,
    seconds: u64,
    input: Option<&'a Path>,
}

impl<'a> Asked<'a> {
    fn read(mut words: &[&'a str]) -> Result<Self> {
        let mut asked = Asked {
            target: None,
            seconds: SECONDS,
            input: None,
        };
        loop {
            words = match words {
                [] => break,
                ["--seconds", number, rest @ ..] => {
                    asked.seconds = number
                        .parse()
                        .with_context(|| format!("`{number}` is no number of seconds"))?;
                    rest
                }
                ["--input", path, rest @ ..] => {
                    asked.input = Some(Path::new(*path));
                    rest
                }
                [name, rest @ ..] if asked.target.is_none() && !name.starts_with('-') => {
                    asked.target = Some(*name);
                    rest
                }
                [word, ..] => bail!("`{word}` is not understood: {USAGE}"),
            };
        }
        if asked.input.is_some() && asked.target.is_none() {
            bail!("an input is for one target: {USAGE}");
        }
        Ok(asked)
    }
}

const USAGE: &str =
    "cargo xtask fuzz [TARGET] [--seconds N], or cargo xtask fuzz TARGET --input FILE";

/// The names of the targets, from the manifest: one that is added is run.
fn targets(workspace: &Workspace) -> Result<Vec<String>> {
    let metadata = MetadataCommand::new()
        .current_dir(workspace.root.join(FOLDER))
        .no_deps()
        .exec()
        .context("cargo metadata failed in fuzz")?;
    let packages = metadata.workspace_packages().into_iter();
    let targets = packages.flat_map(|package| &package.targets);
    Ok(targets
        .filter(|target| target.kind.contains(&TargetKind::Bin))
        .map(|target| target.name.clone())
        .collect())
}

fn cargo(workspace: &Workspace, line: &str) -> Command {
    let mut command = workspace.cargo(line);
    command
        .current_dir(workspace.root.join(FOLDER))
        .env("CARGO_TARGET_DIR", workspace.target.join(FOLDER))
        .env("CARGO_INCREMENTAL", "0");
    command
}

fn build(workspace: &Workspace) -> Result<()> {
    let wrapper = workspace.root.join(FOLDER).join(INSTRUMENT);
    run_command(cargo(workspace, "build").env("RUSTC_WRAPPER", wrapper))
}

/// One target and its places.
struct Fuzzer<'a> {
    workspace: &'a Workspace,
    name: &'a str,
}

impl<'a> Fuzzer<'a> {
    fn new(workspace: &'a Workspace, name: &'a str) -> Self {
        Self { workspace, name }
    }

    /// Runs it as long as asked, with what earlier runs found, all of its output shown.
    fn search(&self, seconds: u64) -> Result<()> {
        println!("fuzz {}: {seconds} s", self.name);
        let corpus = folder(self.place("corpus"))?;
        let mut command = self.command(seconds)?;
        command.arg(corpus).args(self.seeds()?);
        match command.status() {
            Ok(status) if status.success() => Ok(()),
            Ok(_) => Err(self.broken()),
            Err(error) => Err(error).with_context(|| format!("cannot start {}", shown(&command))),
        }
    }

    /// Runs it for a few seconds, from the seeds, and says in one line what was done.
    fn quick(&self) -> Result<()> {
        let begun = Instant::now();
        let corpus = self.place("quick");
        if corpus.is_dir() {
            std::fs::remove_dir_all(&corpus)
                .with_context(|| format!("cannot clear {}", corpus.display()))?;
        }
        let mut command = self.command(SECONDS_QUICK)?;
        command.arg(folder(corpus)?).args(self.seeds()?);
        let output = command
            .stdin(Stdio::null())
            .output()
            .with_context(|| format!("cannot start {}", shown(&command)))?;
        let said = String::from_utf8_lossy(&output.stderr);
        if !output.status.success() {
            eprint!("{said}");
            return Err(self.broken());
        }
        let inputs = executed(&said)
            .with_context(|| format!("{} does not say what it did:\n{said}", self.name))?;
        let seconds = begun.elapsed().as_secs_f64();
        println!("fuzz {}: {inputs} inputs in {seconds:.1} s", self.name);
        Ok(())
    }

    /// Runs it on one input.
    fn again(&self, input: &Path) -> Result<()> {
        run_command(Command::new(self.program()).arg(input))
    }

    fn command(&self, seconds: u64) -> Result<Command> {
        let mut found = folder(self.place("found"))?.into_os_string();
        // The names of the files are appended as they are.
        found.push("/");
        let mut prefix = std::ffi::OsString::from("-artifact_prefix=");
        prefix.push(found);
        let mut command = Command::new(self.program());
        command.arg(prefix).args([
            format!("-max_total_time={seconds}"),
            "-timeout=30".to_owned(),
            "-rss_limit_mb=1024".to_owned(),
            "-print_final_stats=1".to_owned(),
        ]);
        Ok(command)
    }

    fn program(&self) -> PathBuf {
        let built = self.workspace.target.join(FOLDER).join("debug");
        built.join(self.name)
    }

    fn place(&self, what: &str) -> PathBuf {
        let all = self.workspace.target.join(FOLDER).join(what);
        all.join(self.name)
    }

    /// The folders of its seeds, none of them empty.
    fn seeds(&self) -> Result<Vec<PathBuf>> {
        let own = self.workspace.root.join(FOLDER).join("seeds");
        let own = own.join(self.name);
        let first = std::fs::read_dir(&own).ok().and_then(|mut dir| dir.next());
        if first.is_none() {
            bail!("{} has no seeds: {} is empty", self.name, own.display());
        }
        let mut all = vec![own];
        if TAKE_MODULES.contains(&self.name) {
            all.push(hostile(self.workspace)?);
        }
        Ok(all)
    }

    /// What was found last, and how to see it again.
    fn broken(&self) -> anyhow::Error {
        let (name, found) = (self.name, self.place("found"));
        let files = std::fs::read_dir(&found).into_iter().flatten().flatten();
        let last = files.max_by_key(|file| file.metadata().and_then(|data| data.modified()).ok());
        match last.map(|file| file.path()) {
            Some(input) => anyhow::anyhow!(
                "fuzz target {name} found something: run `cargo xtask fuzz {name} --input {}` to see it again",
                input.display()
            ),
            None => anyhow::anyhow!("fuzz target {name} failed and left no input"),
        }
    }
}

/// The folder, made if need be.
fn folder(path: PathBuf) -> Result<PathBuf> {
    std::fs::create_dir_all(&path).with_context(|| format!("cannot make {}", path.display()))?;
    Ok(path)
}

/// The hostile corpus in the binary format.
fn hostile(workspace: &Workspace) -> Result<PathBuf> {
    let folder = folder(workspace.target.join(FOLDER).join("hostile"))?;
    let sources = workspace.root.join(HOSTILE);
    let listed = std::fs::read_dir(&sources)
        .with_context(|| format!("cannot read {}", sources.display()))?;
    for file in listed {
        let path = file?.path();
        let Some(name) = path
            .file_stem()
            .filter(|_| path.extension() == Some("wat".as_ref()))
        else {
            continue;
        };
        let wasm = wat::parse_file(&path)?;
        let to = folder.join(name);
        std::fs::write(&to, wasm).with_context(|| format!("cannot write {}", to.display()))?;
    }
    Ok(folder)
}

/// How many inputs were run, if the program has counters: a fuzzer without them only looks like one.
fn executed(said: &str) -> Option<u64> {
    let counters = said
        .lines()
        .any(|line| line.contains("inline 8-bit counters"));
    let line = said
        .lines()
        .find_map(|line| line.strip_prefix("stat::number_of_executed_units:"))?;
    line.trim().parse().ok().filter(|_| counters)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_read_in_any_order() {
        let asked = |words: &[&'static str]| Asked::read(words).ok();
        let all = Asked {
            target: None,
            seconds: SECONDS,
            input: None,
        };
        assert_eq!(asked(&[]), Some(all));
        let one = Asked {
            target: Some("abi"),
            seconds: 5,
            input: None,
        };
        assert_eq!(asked(&["--seconds", "5", "abi"]).as_ref(), Some(&one));
        assert_eq!(asked(&["abi", "--seconds", "5"]), Some(one));
        for wrong in [
            &["--seconds"][..],
            &["--seconds", "soon"],
            &["abi", "text"],
            &["--input", "file"],
            &["--quick"],
        ] {
            assert_eq!(asked(wrong), None, "{wrong:?}");
        }
    }

    #[test]
    fn a_fuzzer_without_counters_did_nothing() {
        let with = "INFO: Loaded 1 modules   (21 inline 8-bit counters): 21 [0x1, 0x2), \nstat::number_of_executed_units: 1234\n";
        assert_eq!(executed(with), Some(1234));
        assert_eq!(executed("stat::number_of_executed_units: 1234\n"), None);
        assert_eq!(
            executed("INFO: Loaded 1 modules (2 inline 8-bit counters)\n"),
            None
        );
    }
}
