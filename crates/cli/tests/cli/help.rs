//! Help: every command has examples.

use crate::place::Place;
use crate::snapshot;

const COMMANDS: &[&[&str]] = &[
    &[],
    &["image"],
    &["image", "resize"],
    &["image", "thumbnail"],
    &["image", "crop"],
    &["image", "optimize"],
    &["image", "convert"],
    &["image", "info"],
    &["image", "blurhash"],
    &["pdf"],
    &["pdf", "render"],
    &["pdf", "merge"],
    &["pdf", "info"],
    &["sheet"],
    &["sheet", "list"],
    &["sheet", "parse"],
    &["call"],
    &["guard", "eval"],
    &["machine", "lint"],
    &["machine", "simulate"],
    &["machine", "render"],
    &["machine", "diff"],
    &["policy"],
    &["policy", "build"],
    &["policy", "check"],
    &["policy", "test"],
    &["policy", "inspect"],
    &["policy", "keygen"],
    &["policy", "sign"],
    &["policy", "pin"],
    &["policy", "verify"],
    &["policy", "list"],
    &["policy", "rollback"],
    &["policy", "bench"],
    &["module", "list"],
    &["module", "stats"],
    &["module", "inspect"],
    &["module", "test"],
    &["cache", "list"],
    &["cache", "warm"],
    &["cache", "clear"],
    &["demo"],
    &["doctor"],
    &["completions"],
    &["man"],
];

#[test]
fn every_command_has_examples() {
    let place = Place::new();
    for command in COMMANDS {
        let ran = place.run(command.iter().copied().chain(["--help"])).well();
        let text = ran.text();
        let of = format!("  wardian {}", command.join(" "));
        assert!(text.contains("\nExamples:\n"), "{command:?}: {text}");
        assert!(
            command.is_empty() || *command == ["image"] || text.contains(&of),
            "{command:?}: {text}"
        );
    }
}

#[test]
fn the_first_page() {
    snapshot!(Place::new().run(["--help"]).well().whole(), @r#"
    exit: 0
    --- out
    Runs untrusted WebAssembly: every call in fresh memory, within limits, with a bill

    Usage: wardian [OPTIONS] <COMMAND>

    Commands:
      image        Resize, crop, convert and look at pictures
      pdf          Make PDFs of HTML and CSS, merge PDFs, look into them
      sheet        List the sheets of workbooks, and read their cells
      call         Call a function of a module
      guard        Evaluate guards of state machines
      machine      Look at state machines, and play them
      policy       Make, ask, test, sign and pin policies
      module       List, inspect, test and count modules
      cache        List, fill or clear what is kept on disk
      demo         Work on real pictures, a few hostile guests, and what each call cost
      doctor       Say what is installed, what the machine supports, and what is slow and why
      completions  Print what a shell needs to complete this command's words
      man          Print the manual page, or write all of them

    Options:
      -h, --help     Print help
      -V, --version  Print version

    Settings:
          --cache-dir <DIR>
              Keep compiled modules and counters here instead of the user's cache directory
          --no-cache
              Neither read nor keep compiled modules and counters
          --ahead-dir <DIR>
              Use modules that `cache warm --into` compiled ahead here, before compiling any
          --compiler <helper|in-process>
              Where modules are compiled: in a process that can be killed, or in this one [default:
              helper]
          --strategy <cranelift|winch>
              Code generator: fast code, or fast compiling [default: cranelift]
          --opt <none|speed|speed-and-size>
              How hard Cranelift tries [default: speed]
          --pool <N>
              Instances at once [default: 64]
          --stack <BYTES>
              Stack for guest code [default: 512KiB]
          --compile-time <TIME>
              Time that compiling one module may take [default: 2m]
          --log <FILTER>
              Log to standard error, such as `info` or `wardian_sandbox=debug`; RUST_LOG where it is not
              given
      -q, --quiet
              Say nothing beside the result

    Examples:
      wardian demo
      wardian image resize photo.jpg --width 800 -o small.jpg
      wardian sheet parse orders.xlsx --header -o orders.json
      wardian call adder.wat add 2 40
      wardian call filter.wasm apply --arg text=@letter.txt --limit memory=16MiB,deadline=2s
      wardian module inspect filter.wasm
      wardian doctor

    Exit codes: 0 well, 1 host, 2 usage, 10 guest, 11 limit, 12 contract, 13 busy, 14 no module,
    15 the guest's own error, 130 interrupted; docs/reference/exit-codes.md says more.
    --- err
    "#);
}

#[test]
fn the_compiler_is_no_command_for_people() {
    let place = Place::new();
    assert!(!place.run(["--help"]).text().contains("compile-worker"));
    assert_eq!(
        place.run_with(["compile-worker"], b"rubbish").exit,
        Some(0),
        "it answers its parent in its own words"
    );
}

/// `docs/reference/cli.md` is what `--help` says; `WARDIAN_UPDATE=1` writes it.
#[test]
fn the_reference_is_what_help_says() {
    let place = Place::new();
    let mut wanted = String::from(
        "# The command `wardian`\n\nMade from its `--help` by `crates/cli/tests/cli/help.rs` (`WARDIAN_UPDATE=1` writes it).\n",
    );
    for command in COMMANDS {
        let text = place
            .run(command.iter().copied().chain(["--help"]))
            .well()
            .text();
        // The settings are the same everywhere; the first page has them.
        let own = if command.is_empty() {
            text.clone()
        } else {
            without_settings(&text)
        };
        let title = ["wardian"]
            .into_iter()
            .chain(command.iter().copied())
            .collect::<Vec<_>>()
            .join(" ");
        let lines: Vec<&str> = own.lines().map(str::trim_end).collect();
        wanted += &format!(
            "\n## `{title}`\n\n```text\n{}\n```\n",
            lines.join("\n").trim_end()
        );
    }
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/reference/cli.md");
    if std::env::var_os("WARDIAN_UPDATE").is_some() {
        std::fs::write(path, &wanted).expect("a file of the checkout");
    }
    let found = std::fs::read_to_string(path).expect("docs/reference/cli.md is there");
    assert!(
        found == wanted,
        "docs/reference/cli.md is not what `--help` says: run this test with WARDIAN_UPDATE=1"
    );
}

/// From the title of the settings to the examples.
fn without_settings(text: &str) -> String {
    match text.split_once("\nSettings:\n") {
        Some((before, after)) => {
            let rest = after.split_once("\n\n").map_or("", |(_, rest)| rest);
            format!("{before}\n{rest}")
        }
        None => text.to_owned(),
    }
}
