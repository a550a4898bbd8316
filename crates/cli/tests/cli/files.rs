//! Files: nothing is overwritten unasked, nothing is left half-written, nothing but the result is left.

use std::process::Stdio;

use crate::place::{Place, wat};
use crate::snapshot;

fn said(place: &Place) {
    place.write("said.wat", wat::answering(b"\x81\xa2ok\xc4\x03abc"));
}

#[test]
fn a_file_is_overwritten_only_by_force() {
    let place = Place::new();
    said(&place);
    place.write("out", "precious");
    snapshot!(place.run(["call", "said.wat", "ask", "-o", "out"]).whole(), @r#"
    exit: 1
    --- out
    --- err
    error: `out` exists
    hint: use `--force` to overwrite it, or choose another name
    "#);
    assert_eq!(place.read("out"), b"precious");
    place
        .run(["call", "said.wat", "ask", "-o", "out", "--force"])
        .well();
    assert_eq!(place.read("out"), b"abc");
    assert_eq!(
        place.names(),
        ["out", "said.wat"],
        "nothing beside the result"
    );
}

#[test]
fn folders_and_places_that_are_not_there_are_refused() {
    let place = Place::new();
    said(&place);
    std::fs::create_dir(place.path("folder")).expect("a new folder");
    snapshot!(place.run(["call", "said.wat", "ask", "-o", "folder"]).whole(), @r#"
    exit: 2
    --- out
    --- err
    error: `folder` is a folder
    hint: name the file as well
    "#);
    snapshot!(place.run(["call", "said.wat", "ask", "-o", "nowhere/out", "--force"]).whole(), @r#"
    exit: 1
    --- out
    --- err
    error: cannot write `nowhere/out`: there is no folder `nowhere`
    hint: make the folder first
    "#);
}

#[cfg(unix)]
#[test]
fn links_devices_and_modes_stay_what_they_are() {
    use std::os::unix::fs::{FileTypeExt as _, PermissionsExt as _};
    let place = Place::new();
    said(&place);
    let target = place.write("target", "old");
    std::fs::set_permissions(&target, std::fs::Permissions::from_mode(0o600))
        .expect("our own file");
    std::os::unix::fs::symlink("target", place.path("link")).expect("a link");
    place
        .run(["call", "said.wat", "ask", "-o", "link", "--force"])
        .well();
    assert!(place.path("link").is_symlink());
    assert_eq!(place.read("target"), b"abc");
    let mode = std::fs::metadata(&target)
        .expect("there")
        .permissions()
        .mode()
        & 0o777;
    assert_eq!(mode, 0o600);
    place
        .run(["call", "said.wat", "ask", "-o", "/dev/null", "--force"])
        .well();
    place
        .run(["call", "said.wat", "ask", "-o", "/dev/null"])
        .well();
    let null = std::fs::metadata("/dev/null").expect("there").file_type();
    assert!(null.is_char_device());
}

#[test]
fn bytes_go_into_a_pipe_as_they_are() {
    let place = Place::new();
    said(&place);
    assert_eq!(place.run(["call", "said.wat", "ask"]).well().out, b"abc");
    assert_eq!(
        place.run(["call", "said.wat", "ask", "-o", "-"]).well().out,
        b"abc"
    );
    let both = place.run(["call", "said.wat", "ask", "-o", "-", "--json"]);
    assert_eq!(both.exit, Some(2));
}

#[test]
fn a_pipe_that_nobody_reads_is_no_error() {
    let place = Place::new();
    place.write("echo.wat", wat::ECHO);
    place.write("large", vec![b'x'; 60_000]);
    for arguments in [
        &["call", "echo.wat", "echo", "@large"][..],
        &["--help"],
        &["module", "list"],
    ] {
        let (reader, writer) = std::io::pipe().expect("a pipe");
        drop(reader);
        let mut command = place.command(arguments);
        command.stdout(Stdio::from(writer)).stderr(Stdio::piped());
        let output = command
            .spawn()
            .and_then(|child| child.wait_with_output())
            .expect("it runs");
        let ran = place.ran(output);
        assert_eq!((ran.exit, ran.err.as_str()), (Some(0), ""), "{arguments:?}");
    }
}

#[test]
fn names_that_are_no_text_work() {
    use std::os::unix::ffi::OsStrExt as _;
    let place = Place::new();
    said(&place);
    let odd = std::ffi::OsStr::from_bytes(b"o\xff\x1b[31m.bin");
    let arguments = ["call", "said.wat", "ask", "-o"].map(std::ffi::OsStr::new);
    place.run(arguments.iter().copied().chain([odd])).well();
    assert_eq!(
        std::fs::read(place.path("").join(odd)).expect("written"),
        b"abc"
    );
    let again = place.run(arguments.iter().copied().chain([odd]));
    assert_eq!(again.exit, Some(1));
    assert_eq!(
        again.err,
        "error: `o\u{fffd}\\u{1b}[31m.bin` exists\nhint: use `--force` to overwrite it, or choose another name\n"
    );
}

#[test]
fn a_cache_that_cannot_be_used_is_a_warning_unless_it_was_asked_for() {
    let place = Place::new();
    place.write("adder.wat", wat::ADDER);
    place.write("cache", "a file where a folder should be");
    let asked = place.run(["call", "adder.wat", "add", "1", "2"]);
    assert_eq!(asked.exit, Some(1), "{}", asked.err);
    assert!(asked.err.contains("--no-cache"), "{}", asked.err);
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_wardian"));
    command
        .args(["call", "adder.wat", "add", "1", "2"])
        .current_dir(place.path(""));
    let own = command
        .env("XDG_CACHE_HOME", place.write("file", ""))
        .env_remove("RUST_LOG")
        .output()
        .expect("it runs");
    let own = place.ran(own);
    assert_eq!(
        (own.exit, own.text().as_str()),
        (Some(0), "3\n"),
        "{}",
        own.err
    );
}
