//! Python environments below cargo's target directory, each with what its `requirements.txt` names; the first test that
//! asks makes them, and those in other processes wait for it. Without Python or without a network for that first use the
//! test fails and says so.

use std::path::{Path, PathBuf};
use std::process::Command;

/// The Python of the environment for the scripts in `tests/{folder}`.
pub fn environment(folder: &str) -> PathBuf {
    let requirements = scripts(folder).join("requirements.txt");
    let wanted = std::fs::read_to_string(&requirements).unwrap();
    let environment = once(folder, &wanted, |environment| install(folder, environment));
    environment.join("bin/python")
}

/// The folder `name` below cargo's target directory, as `make` fills it; see the testkit.
pub fn once(name: &str, made_from: &str, make: impl FnOnce(&Path)) -> PathBuf {
    let below = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let make = |folder: &Path| {
        make(folder);
        Ok(())
    };
    wardian_testkit::guests::once(below, name, made_from.as_bytes(), make).unwrap()
}

fn install(folder: &str, environment: &Path) {
    let hint = "hint: install Python 3 with venv (Debian: `apt-get install python3 python3-venv`)";
    run(
        Command::new("python3")
            .args(["-m", "venv"])
            .arg(environment),
        hint,
    );
    let mut pip = Command::new(environment.join("bin/python"));
    pip.args([
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        "--requirement",
    ])
    .arg(scripts(folder).join("requirements.txt"));
    run(
        &mut pip,
        &format!("hint: this needs the network once, to fetch what {folder} wants"),
    );
}

/// Where the scripts lie.
pub fn scripts(folder: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests")
        .join(folder)
}

/// Runs to a good end, or says what was said.
pub fn run(command: &mut Command, hint: &str) {
    let output = command
        .output()
        .unwrap_or_else(|error| panic!("{command:?} cannot be run: {error}\n{hint}"));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success(),
        "{command:?} failed: {said}\n{hint}"
    );
}
