//! A directory that root installed, used by a process of somebody else. Only root can become somebody else; any other
//! user is somebody else already, and needs a directory of root's.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, ExitCode};

use wardian_sandbox::disk::{AheadConfig, DiskKey};
use wardian_sandbox::{Cpu, Source};

use crate::guests::{self, TOOLS, call, guest_on, int};

/// What this test binary is called with when it is to be the other process.
const ARGUMENT: &str = "load-as-another-user";
/// `nobody`, who owns nothing.
const NOBODY: u32 = 65_534;

/// The other process: loads and calls, without a compiler.
pub fn as_asked() -> Option<ExitCode> {
    let mut arguments = std::env::args().skip(1);
    if arguments.next()? != ARGUMENT {
        return None;
    }
    let dir = arguments.next().expect("a directory");
    let sandbox = super::without_compiler(Path::new(&dir), |_| ());
    let tools = guest_on(&sandbox, TOOLS, Cpu::default());
    assert_eq!(int(tools.call_blocking(call("seven", &[]))), 7);
    let writer = sandbox.ahead_writer(&super::ahead(Path::new(&dir)));
    assert!(writer.is_err(), "it is not ours to write to");
    Some(ExitCode::SUCCESS)
}

pub fn roots_directory_is_used() {
    let dir = tempfile::tempdir().expect("a directory");
    super::compile_ahead(dir.path(), super::runnable()[0], &[TOOLS]);
    if !rustix::process::geteuid().is_root() {
        // What root made for others to read is refused for want of a key alone; nobody but root could put one there.
        let sandbox = guests::sandbox_with(|c| {
            c.cache.ahead = Some(AheadConfig {
                dir: "/usr".into(),
                key: DiskKey::Own,
            });
        });
        let (_, told) = guests::warnings::told("/usr", || {
            sandbox.load_blocking(Source::new("test", guests::wasm(TOOLS)))
        });
        assert!(told[0].contains("it is not there, or no key"), "{told:?}");
        return;
    }
    let for_all = fs::Permissions::from_mode(0o755);
    fs::set_permissions(dir.path(), for_all.clone()).expect("ours");
    // This binary may lie where nobody else comes.
    let program = dir.path().join("program");
    fs::copy(
        std::env::current_exe().expect("this program has a path"),
        &program,
    )
    .expect("copies");
    fs::set_permissions(&program, for_all).expect("ours");
    let run = || {
        let mut command = Command::new(&program);
        command
            .arg(ARGUMENT)
            .arg(dir.path())
            .uid(NOBODY)
            .gid(NOBODY);
        command.output().expect("it starts")
    };
    let ran = run();
    assert!(ran.status.success(), "{ran:?}");
    // A key that only root may read is none for others.
    let key = dir.path().join("ahead/key");
    fs::set_permissions(&key, fs::Permissions::from_mode(0o600)).expect("ours");
    assert!(
        !run().status.success(),
        "nothing to authenticate with, and no compiler"
    );
}
