//! `peers [--only ROW]… [--quick] [--write FILE]`: the same work in Wardian, in its peers and natively.

mod engines;
mod guests;
mod machine;
mod method;
mod report;
mod rows;

use anyhow::{Context, Result, bail};
use method::Plan;
use std::path::PathBuf;

struct Args {
    only: Vec<String>,
    quick: bool,
    write: Option<PathBuf>,
}

fn main() -> Result<()> {
    let mut given: Vec<String> = std::env::args().skip(1).collect();
    if given.first().is_some_and(|a| a == "--child") {
        return rows::child(&given.split_off(1));
    }
    let args = parse(given)?;
    let plan = if args.quick {
        Plan::quick()
    } else {
        Plan::full()
    };
    let machine = machine::describe(args.quick);
    let mut sections = Vec::new();
    for (name, what, row) in rows::ROWS {
        if args.only.is_empty() || args.only.iter().any(|only| only == name) {
            eprintln!("{name}: {what}");
            sections.extend(row(plan).with_context(|| format!("row `{name}`"))?);
        }
    }
    // Some rows of a report that is there: the others stay.
    let old = match &args.write {
        Some(path) if !args.only.is_empty() => std::fs::read_to_string(path).ok(),
        _ => None,
    };
    let text = match old {
        Some(old) => report::renewed(&old, &machine::moment(), sections),
        None => report::markdown(&machine, &sections),
    };
    match args.write {
        Some(path) => {
            std::fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))
        }
        None => {
            print!("{text}");
            Ok(())
        }
    }
}

fn parse(given: Vec<String>) -> Result<Args> {
    let mut args = Args {
        only: Vec::new(),
        quick: false,
        write: None,
    };
    let mut given = given.into_iter();
    while let Some(arg) = given.next() {
        let mut value = || {
            given
                .next()
                .with_context(|| format!("`{arg}` needs a value"))
        };
        match arg.as_str() {
            "--only" => args.only.push(value()?),
            "--write" => args.write = Some(value()?.into()),
            "--quick" => args.quick = true,
            "--help" | "-h" => {
                println!("peers [--only ROW]… [--quick] [--write FILE]\n\nrows:");
                rows::ROWS
                    .iter()
                    .for_each(|(name, what, _)| println!("  {name:<10} {what}"));
                std::process::exit(0);
            }
            _ => bail!("unknown argument `{arg}`; try --help"),
        }
    }
    if let Some(unknown) = args
        .only
        .iter()
        .find(|only| !rows::ROWS.iter().any(|(name, ..)| name == only))
    {
        bail!("there is no row `{unknown}`; try --help");
    }
    Ok(args)
}
